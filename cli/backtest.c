/* SPDX-License-Identifier: Apache-2.0 */
/* A run as of the split whose workers also say what each customer did after it; what comes of that is
 * one of the results, and is shown. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/run.h"
#include "cli/verbs.h"
#include "common/log.h"

#define PATH_BYTES 4096

static int show(const char *directory)
{
    char path[PATH_BYTES], line[512];
    int n = snprintf(path, sizeof path, "%s/backtest.txt", directory);
    FILE *file = n < PATH_BYTES ? fopen(path, "re") : NULL;
    if (!file)
        return log_fail(STATUS_IO, "cannot read %s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file))
        fputs(line, stdout);
    int failed = ferror(file);
    fclose(file);
    return failed ? log_fail(STATUS_IO, "cannot read %s", path) : 0;
}

int backtest_verb(const struct options *options)
{
    struct settings settings = options->settings;
    struct plan *plan = &settings.scoring.plan;
    /* the ventilator knows where the ledger ends */
    if (!options_given(options, "horizon"))
        plan->horizon_days = 0;
    if (!options_given(options, "churn-horizon"))
        plan->churn_horizon_days = 0;
    int r = run_job(&settings);
    return r < 0 ? r : show(settings.running.out);
}
