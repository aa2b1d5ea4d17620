/* SPDX-License-Identifier: Apache-2.0 */
/* What is to go is found by looking, not remembered: so nothing stays for ever because somebody died between
 * the end of a job and the end of its state. */
#include "ventilator/premises.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"
#include "common/scrap.h"

static int path_below(const char *state, const char *what, const char *name,
                      char path[PREMISES_PATH])
{
    if (snprintf(path, PREMISES_PATH, "%s/%s%s%s", state, what, *name ? "/" : "", name) >=
        PREMISES_PATH)
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name that is too long");
    return 0;
}

int premises_make(const char *state)
{
    static const char *const places[] = {"names", "jobs"};
    char path[PREMISES_PATH];
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int r = path_below(state, places[i], "", path);
        if (r < 0)
            return r;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s", path, strerror(errno));
    }
    return 0;
}

int premises_of(const char *state, const struct docket_job *job, char path[PREMISES_PATH])
{
    return *job->name ? path_below(state, "names", job->name, path)
                      : path_below(state, "jobs", job->id, path);
}

static int is_wanted(const struct docket_job *job)
{
    return job && (docket_begun(job) || job->code == status_exit_code(STATUS_BUG));
}

void premises_sweep(const char *state, struct docket *docket)
{
    char path[PREMISES_PATH];
    struct dirent *entry;
    DIR *dir = path_below(state, "jobs", "", path) == 0 ? opendir(path) : NULL;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !is_wanted(docket_find(docket, entry->d_name)) &&
            path_below(state, "jobs", entry->d_name, path) == 0)
            scrap_remove(path);
    if (dir)
        closedir(dir);
}
