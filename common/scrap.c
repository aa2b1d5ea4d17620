/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "common/scrap.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

int scrap_make(const char *name, char path[SCRAP_PATH])
{
    const char *where = getenv("TMPDIR");
    int n = snprintf(path, SCRAP_PATH, "%s/%s-XXXXXX", where && *where ? where : "/tmp", name);
    if (n >= SCRAP_PATH || !mkdtemp(path))
        return log_fail(STATUS_NO_OUTPUT, "cannot make a directory like %s: %s", path,
                        strerror(errno));
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void scrap_remove(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        log_say(LOG_WARN, "%s is left behind: %s", path, strerror(errno));
}
