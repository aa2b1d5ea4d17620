/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "common/scrap.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define BRANCHES 8

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

static void *remove_branch(void *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return NULL;
}

/* What is in it, each thing by a thread of its own: a file of hundreds of megabytes keeps whoever removes it
 * waiting for the disk. What is left behind is seen, and said, by the walk after this one. */
static void remove_branches(const char *path)
{
    char branch[BRANCHES][SCRAP_PATH];
    pthread_t thread[BRANCHES];
    const struct dirent *entry;
    size_t n = 0;
    DIR *directory = opendir(path);
    while (directory && n < BRANCHES && (entry = readdir(directory))) {
        int size = snprintf(branch[n], SCRAP_PATH, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && size < SCRAP_PATH &&
            pthread_create(&thread[n], NULL, remove_branch, branch[n]) == 0)
            n++;
    }
    while (n > 0)
        pthread_join(thread[--n], NULL);
    if (directory)
        closedir(directory);
}

void scrap_remove(const char *path)
{
    remove_branches(path);
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        log_say(LOG_WARN, "%s is left behind: %s", path, strerror(errno));
}
