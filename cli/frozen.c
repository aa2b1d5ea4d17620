/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/frozen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "common/log.h"
#include "sink/model_json.h"

#define PATH_BYTES 4096

/* groups.csv in the directory of the model. */
static int read_groups(const char *model, struct slice *bytes)
{
    char path[PATH_BYTES];
    const char *slash = strrchr(model, '/');
    int n = slash ? snprintf(path, sizeof path, "%.*s/groups.csv", (int)(slash - model), model)
                  : snprintf(path, sizeof path, "groups.csv");
    if (n >= PATH_BYTES)
        return 0;
    int r = file_read(path, bytes);
    return r < 0 ? r : 0;
}

/* The regression of --model knows its own churn horizon only. A backtest's may not be known yet. */
static int check_stack(const struct settings *settings, const struct model_read *read)
{
    int32_t horizon = read->frozen.fitted.model.stack.horizon_days;
    int32_t wanted = settings->scoring.plan.churn_horizon_days;
    if (settings->scoring.refit & REFIT_CHURN || horizon == 0 || wanted == 0 || horizon == wanted)
        return 0;
    return log_fail(STATUS_USAGE,
                    "--churn-horizon %d: --model %s has frozen a churn_prob for %d days; --refit "
                    "churn computes it anew",
                    (int)wanted, settings->scoring.model, (int)horizon);
}

int frozen_read(struct settings *settings, struct frozen_file *file)
{
    const char *path = settings->scoring.model;
    struct model_read read;
    *file = (struct frozen_file){{NULL, 0}, {NULL, 0}};
    if (!path)
        return 0;
    int r = file_read(path, &file->model);
    if (r > 0)
        r = log_fail(STATUS_NO_INPUT,
                     "no such file: %s (--model wants a model.json of an earlier run)", path);
    if (r == 0)
        r = read_groups(path, &file->groups);
    if (r == 0)
        r = model_json_read(path, file->model, file->groups, &read);
    if (r == 0 && (r = check_stack(settings, &read)) < 0)
        model_read_free(&read);
    if (r == 0) {
        model_read_apply(&read, settings->scoring.refit, &settings->scoring.plan);
        model_read_free(&read);
    } else {
        frozen_free(file);
    }
    return r;
}

void frozen_free(struct frozen_file *file)
{
    free((void *)(uintptr_t)file->model.data);
    free((void *)(uintptr_t)file->groups.data);
    *file = (struct frozen_file){{NULL, 0}, {NULL, 0}};
}
