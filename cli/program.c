/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the verb, reads the command line, acts, and turns the status into an exit code. */
#include "cli/program.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/caller.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/segments.h"
#include "cli/signals.h"
#include "cli/verbs.h"
#include "common/log.h"

/* The words that others use for help and version. */
static const char *plain_word(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return "help";
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return "version";
    return word;
}

/* Ctrl-C where nothing is kept to go on from ends as a shell would say it. */
static int exit_code(const struct options *options, int status)
{
    int is_lost = !options->settings.running.state && signals_interrupted();
    return status == STATUS_STOPPED && is_lost ? 128 + SIGINT : status_exit_code(status);
}

/* Answers the exit code. */
static int act(const struct verb *verb, int argc, char **argv)
{
    struct options options;
    int status = options_read(&options, verb, 2, argc, argv);
    log_open(options.settings.running.log_format, verb->role, LOG_INFO);
    if (status == OPTIONS_E_HELP) {
        help_of_verb(stdout, verb);
        status = 0;
    } else if (status == 0) {
        status = caller_become(&options);
        if (status == 0)
            status = segments_read(&options.settings);
        if (status == 0)
            status = verb->act(&options);
    }
    int code = exit_code(&options, status);
    options_close(&options);
    return code;
}

int program_main(int argc, char **argv)
{
    log_open(LOG_TEXT, "", LOG_INFO);
    if (argc < 2) {
        help_overview(stderr);
        return status_exit_code(STATUS_USAGE);
    }
    const char *word = plain_word(argv[1]);
    const struct verb *verb = verbs_find(word);
    int code = verb ? act(verb, argc, argv) : status_exit_code(verbs_refuse(word));
    if (fflush(stdout) != 0 && code == 0)
        code = status_exit_code(log_fail(STATUS_IO, "cannot write to stdout"));
    return code;
}
