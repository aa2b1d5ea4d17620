/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stddef.h>

#include "common/status.h"

struct options;

/* What winnow can be told to do. One row a verb, one file of cli/ a verb. */

enum verb_kind {
    VERB_RUN,
    VERB_CHECK,
    VERB_BACKTEST,
    VERB_VENTILATOR,
    VERB_WORKER,
    VERB_SINK,
    VERB_EXPLAIN,
    VERB_GENERATE,
    VERB_KEYGEN,
    VERB_HEALTH,
    VERB_STATUS,
    VERB_TOP,
    VERB_SUBMIT,
    VERB_CANCEL,
    VERB_FETCH,
    VERB_HELP,
    VERB_VERSION,
    VERBS
};

struct verb {
    const char *name;
    const char *operands; /* "" for none */
    int operands_least;
    int operands_most;
    const char *synopsis; /* operands, and the flags that must be given */
    const char *role;     /* named in each log line; "" for none */
    const char *summary;  /* a line of `winnow help` */
    const char *detail;   /* what `winnow help VERB` says besides; lines of at most 100 bytes */
    int (*act)(const struct options *options); /* 0 or a status, said */
};

const struct verb *verbs_row(enum verb_kind kind);
/* NULL for a word that is no verb. */
const struct verb *verbs_find(const char *name);
enum verb_kind verbs_kind(const struct verb *verb);

/* Says that a word is no verb of this version, and what was probably meant. STATUS_USAGE. */
int verbs_refuse(const char *word) MUST_USE;

/* The acts. Each is in the file of its name. */
int run_verb(const struct options *options) MUST_USE;
int backtest_verb(const struct options *options) MUST_USE;
int check_verb(const struct options *options) MUST_USE;
int ventilator_verb(const struct options *options) MUST_USE;
int worker_verb(const struct options *options) MUST_USE;
int sink_verb(const struct options *options) MUST_USE;
int explain_verb(const struct options *options) MUST_USE;
int generate_verb(const struct options *options) MUST_USE;
int keygen_verb(const struct options *options) MUST_USE;
int health_verb(const struct options *options) MUST_USE;
int status_verb(const struct options *options) MUST_USE;
int top_verb(const struct options *options) MUST_USE;
int submit_verb(const struct options *options) MUST_USE;
int cancel_verb(const struct options *options) MUST_USE;
int fetch_verb(const struct options *options) MUST_USE;
int help_verb(const struct options *options) MUST_USE;
int version_verb(const struct options *options) MUST_USE;

#endif
