/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "common/log.h"
#include "score/churn.h"
#include "score/plan.h"

/* Everything a user can say, read once in cli/, checked there, and handed on as values. Strings
 * are borrowed from argv or the environment, or held by whoever read them, for the process's life.
 * NULL or 0 (or what the comment says) means: not said. */

enum decimal_mark { DECIMAL_DETECT, DECIMAL_POINT, DECIMAL_COMMA };

/* How to read a ledger. */
struct settings_reading {
    const char *const *ledgers; /* paths; "-" is stdin */
    size_t n_ledgers;
    const char *map;             /* --map field=Column,... */
    const char *customers;       /* --customers FILE */
    const char *customers_map;   /* --customers-map */
    const char *date_format;     /* strptime pattern */
    enum decimal_mark decimal;   /* --decimal */
    const char *const *excludes; /* --exclude 'column=value,...', each */
    size_t n_excludes;
    const char *exclude_customers; /* FILE */
    const char *null_list;         /* --null, comma separated; NULL: empty and \N */
    const char *currency;          /* --currency CODE */
    const char *timezone;          /* --timezone ZONE */
    char delimiter;                /* 0: detect */
    int no_header;
    int32_t as_of;                  /* DAY_NONE: the last date of an accepted row */
    int64_t sample_millionths;      /* of the customers, 1,000,000 = all */
    int64_t max_rejects;            /* rows; < 0: the share below counts */
    int64_t max_rejects_millionths; /* of the rows */
    int redact;
    int32_t summary_days;     /* --input-kind summary: days of its time unit, 1 or 7; 0: a ledger */
    const char *wallet_units; /* columns of --customers */
    const char *wallet_peers; /* comma separated */
    const char *wallet_declared;
    const char *wallet_rank; /* and wallet_brands, both or none */
    const char *wallet_brands;
};

/* What to freeze and what to compute anew under --model. */
enum { REFIT_RFM = 1, REFIT_CHURN = 2, REFIT_SPEND = 4, REFIT_WALLET = 8, REFIT_TIERS = 16 };

/* Whose churn_prob is published: the model's, the better of the two, the stack's. */
enum calibration_choice { CALIBRATION_OFF, CALIBRATION_AUTO, CALIBRATION_STACK };

enum churn_choice { CHURN_AUTO, CHURN_NAMED, CHURN_OFF };

/* What to compute; plan has the numbers that need no ledger, its as_of, first_day, window,
 * has_amount, has_order and decimals are filled in once the ledger has been read. */
struct settings_scoring {
    struct plan plan;
    enum churn_choice churn_choice;
    enum churn_kind churn_kind; /* for CHURN_NAMED */
    int32_t regularity;
    enum calibration_choice calibrate; /* off or auto */
    int stack;                         /* --churn-model stack */
    int32_t split;         /* backtest: the last day that is known; DAY_NONE: no backtest */
    const char *model;     /* --model FILE */
    unsigned refit;        /* REFIT_* */
    const char *segments;  /* FILE whose rules are in plan; NULL: winnow's */
    const char *columns;   /* --columns, as written; NULL: all */
    const char *time_unit; /* "day" or "week" of --columns lifetimes */
    int32_t digits;
};

/* Where and with how many. */
struct settings_running {
    const char *out;
    const char *state; /* NULL: a private one beside out, removed at the end */
    int32_t workers;   /* 0: as many as there are cores */
    uint32_t shards;   /* 0: from the input's size */
    const char *bind;  /* roles */
    const char *sink;
    const char *ventilator;
    int insecure;
    const char *keys;        /* directory of this role's keys; NULL: none */
    int32_t connect_timeout; /* seconds; 0: endless */
    const char *metrics;     /* HOST:PORT of a role's figures; NULL: none */
    const char *trace;       /* FILE; NULL: none */
    enum log_format log_format;
    int restart;   /* --restart: forget an unfinished job in the state */
    int serve;     /* --serve: stay for the next job */
    int32_t slice; /* seconds that a job works while others' wait; 0: not said */
};

/* One effective setting and where it came from, for the manifest. */
enum settings_source { SETTING_DEFAULT, SETTING_ENVIRONMENT, SETTING_FLAG };
struct settings_entry {
    const char *name;
    const char *value; /* as written; "" where the default has no text */
    enum settings_source source;
};

struct settings {
    struct settings_reading reading;
    struct settings_scoring scoring;
    struct settings_running running;
    const struct settings_entry *entries;
    size_t n_entries;
    int argc;
    const char *const *argv;
};

/* What a run assumes where nothing is said. */
struct settings settings_default(void);

#endif
