/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "cli/visit.h"
#include "common/log.h"

/* Engines ask every few seconds, in the environment of the role. */
static const char *whom(const struct options *options)
{
    const char *variable = getenv("WINNOW_METRICS");
    if (options->n_operands > 0)
        return options->operands[0];
    return variable && *variable ? variable : NULL;
}

int health_verb(const struct options *options)
{
    const char *endpoint = whom(options);
    if (!endpoint) {
        puts("no --metrics to ask");
        return 0;
    }
    struct visit *visit = malloc(sizeof *visit);
    if (!visit)
        return log_fail(STATUS_BUG, "out of memory");
    int r = visit_make(endpoint, "/healthz", visit);
    if (r == 0) {
        fputs(visit->text, stdout);
        if (visit->code != 200)
            r = log_fail(STATUS_UNREACHABLE, "%s answers %d", endpoint, visit->code);
    }
    free(visit);
    return r;
}
