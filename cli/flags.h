/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/verbs.h"
#include "common/settings.h"
#include "common/status.h"

struct options;

/* The one table of flags. Parsing, WINNOW_* variables, --help, the manifest's list of effective
 * settings and completions are all made from its rows; a flag is added by adding a row. */

enum flag_kind {
    FLAG_SWITCH, /* no value; writes 1 to the int at place */
    FLAG_TEXT,   /* writes the text to the const char * at place; not empty */
    FLAG_WORDS,  /* the same, may be empty */
    FLAG_COUNT,  /* a whole number least..most to the int32_t at place */
    FLAG_REAL,   /* a decimal > 0, at most 10^6, to the double at place */
    FLAG_CHOICE, /* value is "word|word|..."; least + position of the word to the enum at place */
    FLAG_OWN     /* read() does it */
};

enum flag_group {
    FLAGS_PEOPLE,
    FLAGS_LEDGER,
    FLAGS_ROWS,
    FLAGS_SCORES,
    FLAGS_WALLET,
    FLAGS_TIERS,
    FLAGS_OUTPUT,
    FLAGS_RUNNING,
    FLAGS_GENERAL,
    FLAG_GROUPS
};

/* What somebody gave, for a reader and for its complaint. */
struct flag_given {
    const struct flag *flag;
    const char *text;
    enum settings_source source; /* SETTING_FLAG or SETTING_ENVIRONMENT */
};

enum flag_again { FLAG_ONCE, FLAG_REPEATS };

struct flag {
    const char *name;     /* without -- */
    const char *value;    /* what it takes, as in the synopsis; NULL: nothing */
    const char *standard; /* the default, as it would be written; "" where there is none */
    unsigned verbs;       /* 1u << enum verb_kind, each verb that takes it */
    enum flag_group group;
    const char *help; /* one line for users, with the unit */
    enum flag_kind kind;
    int32_t least;
    int32_t most;
    enum flag_again again;
    size_t place; /* offset in struct options */
    int (*read)(struct options *options, const struct flag_given *given); /* 0 or STATUS_USAGE */
};

/* For the rows' last columns. */
#define FLAG_AS(kind, least, most, field)                                                          \
    (kind), (least), (most), FLAG_ONCE, offsetof(struct options, field), NULL
#define FLAG_AS_SWITCH(field)             FLAG_AS(FLAG_SWITCH, 0, 0, field)
#define FLAG_AS_TEXT(field)               FLAG_AS(FLAG_TEXT, 0, 0, field)
#define FLAG_AS_COUNT(field, least, most) FLAG_AS(FLAG_COUNT, least, most, field)
#define FLAG_AS_REAL(field)               FLAG_AS(FLAG_REAL, 0, 0, field)
#define FLAG_AS_CHOICE(field, first)      FLAG_AS(FLAG_CHOICE, first, 0, field)
#define FLAG_AS_OWN(function)             FLAG_OWN, 0, 0, FLAG_ONCE, 0, function

#define FLAG_OF(kind) (1u << (kind))
/* Verbs that read a ledger, that are given scoring flags, that are roles, that heed the environment. */
#define FLAG_OF_READERS (FLAG_OF_SCORERS | FLAG_OF(VERB_CHECK))
#define FLAG_OF_SCORERS (FLAG_OF_RUNNERS | FLAG_OF(VERB_VENTILATOR) | FLAG_OF(VERB_SUBMIT))
#define FLAG_OF_RUNNERS (FLAG_OF(VERB_RUN) | FLAG_OF(VERB_BACKTEST))
#define FLAG_OF_ROLES   (FLAG_OF(VERB_VENTILATOR) | FLAG_OF(VERB_WORKER) | FLAG_OF(VERB_SINK))
#define FLAG_OF_CLIENTS                                                                            \
    (FLAG_OF(VERB_SUBMIT) | FLAG_OF(VERB_STATUS) | FLAG_OF(VERB_CANCEL) | FLAG_OF(VERB_FETCH))
#define FLAG_OF_JOBS (FLAG_OF_READERS | FLAG_OF(VERB_WORKER) | FLAG_OF(VERB_SINK))
#define FLAG_OF_ALL  (FLAG_OF(VERBS) - 1)

/* The i-th row of all, of fewer than FLAGS_LIMIT; NULL past the last. */
#define FLAGS_LIMIT 128
const struct flag *flags_row(size_t i);

/* The row of that name that the verb takes (verbs may mean different things by one), or NULL. */
const struct flag *flags_find(enum verb_kind verb, const char *name);

/* Whether verb takes the flag, and is to say so in its help. */
int flags_shown(const struct flag *flag, enum verb_kind verb);

#define FLAG_VARIABLE_BYTES 40
/* "WINNOW_DATE_FORMAT" of date-format; 0, and "" in out, where verb does not heed it. */
size_t flags_variable(const struct flag *flag, enum verb_kind verb, char out[FLAG_VARIABLE_BYTES]);

/* Reads what was given into options, with the row's checks. 0 or STATUS_USAGE, said. */
int flags_take(struct options *options, const struct flag_given *given) MUST_USE;

/* Says "--horizon 0: words" (or WINNOW_HORIZON=0: words) and answers STATUS_USAGE. */
int flags_refuse(const struct flag_given *given, const char *format, ...) PRINTF_LIKE(2, 3);

/* "tcp://host:port" or "ipc://path"; the rest is left to whoever binds it. */
int flags_take_endpoint(const char **place, const struct flag_given *given) MUST_USE;

/* Says that the verb has no such flag, and what was probably meant. */
int flags_refuse_unknown(enum verb_kind verb, const char *name) MUST_USE;

/* The pieces of the table, each in the file of its name. */
struct flags_piece {
    const struct flag *row;
    size_t n;
};
struct flags_piece flags_reading(void), flags_scoring(void), flags_value(void);
struct flags_piece flags_running(void), flags_people(void), flags_serving(void);

#endif
