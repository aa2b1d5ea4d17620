/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMMISSION_H
#define CLI_COMMISSION_H

#include "ventilator/steward.h"

struct options;

/* A job as words, which travel and are kept: flags as --name=value, then --, then ledgers. They are what
 * `winnow run` would be told, so they are read by the same table, with the same complaints. */

struct commission_words {
    char **words; /* heap, each too */
    size_t n;
};

/* What submit was told, by flags and by the environment, with the paths of files made absolute. */
int commission_write(const struct options *options, struct commission_words *words) MUST_USE;
void commission_free(struct commission_words *words);

/* The ways of struct steward_reading. */
int commission_check(const char *const *words, size_t n) MUST_USE;
int commission_read(const struct docket_job *job, struct ventilator_settings *role,
                    void **held) MUST_USE;
void commission_release(void **held);

#endif
