/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>

#include "cli/flags.h"
#include "cli/people.h"
#include "cli/verbs.h"
#include "common/settings.h"
#include "common/status.h"

/* What a client of a serving ventilator says; NULL: not said. */
struct client {
    const char *to; /* endpoint */
    const char *owner, *name, *key;
    const char *job; /* status --job */
    int wait;
};

/* A command line and the environment, read and checked. Held in place: it points into itself, so
 * it is never copied. Strings are borrowed from argv and the environment. */
struct options {
    struct settings settings;
    struct people people;    /* generate */
    struct client client;    /* submit, status, cancel, fetch */
    const char *truth;       /* generate --truth FILE; NULL: none */
    const char *customer;    /* explain CUSTOMER */
    const char *run;         /* explain --run DIR */
    const char *replay;      /* worker --replay FILE; NULL: none */
    const char *worker_name; /* keygen --worker NAME; NULL: all roles */
    const char *client_name; /* keygen --client NAME; likewise */
    const char *topic;       /* help [VERB|segments]; NULL: the overview */
    int help;                /* --help */

    enum verb_kind verb;
    const char **operands; /* LEDGER...; settings.reading.ledgers */
    int n_operands;
    const char **excludes;                /* settings.reading.excludes */
    struct settings_entry *entries;       /* settings.entries */
    struct flag_given given[FLAGS_LIMIT]; /* by row of the table; flag NULL: the default holds */
};

enum { OPTIONS_E_HELP = 1 };

/* Reads argv[first..argc) for a verb, then the variables of flags not given. OPTIONS_E_HELP: --help
 * was among them and nothing else was looked at. STATUS_USAGE (or STATUS_CONFIG, for an endpoint
 * that would stand open to strangers) has been said. Close it in every case. */
int options_read(struct options *options, const struct verb *verb, int first, int argc,
                 char **argv) MUST_USE;

/* Likewise, and the environment is not heeded: the words of a job say all there is. */
int options_read_alone(struct options *options, const struct verb *verb, int first, int argc,
                       char **argv) MUST_USE;

/* What was said about a flag of this verb; NULL: nothing, its default holds. */
const struct flag_given *options_given(const struct options *options, const char *name);

void options_close(struct options *options);

#endif
