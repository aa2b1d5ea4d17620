/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch scratch_new(void)
{
    struct scratch scratch;
    const char *where = getenv("TMPDIR");
    snprintf(scratch.path, sizeof scratch.path, "%s/winnow test.XXXXXX", where ? where : "/tmp");
    if (!mkdtemp(scratch.path))
        abort();
    return scratch;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    if (nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        abort();
}

const char *scratch_at(const struct scratch *scratch, const char *name)
{
    static char path[8][SCRATCH_PATH];
    static size_t turn;
    char *at = path[turn++ % 8];
    int absolute = name[0] == '/';
    if (snprintf(at, SCRATCH_PATH, "%s%s%s", absolute ? "" : scratch->path, absolute ? "" : "/",
                 name) >= SCRATCH_PATH)
        abort();
    return at;
}

void scratch_directory(const struct scratch *scratch, const char *name)
{
    if (mkdir(scratch_at(scratch, name), 0755) != 0)
        abort();
}

void scratch_file(const struct scratch *scratch, const char *name, const char *text)
{
    FILE *file = fopen(scratch_at(scratch, name), "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

int scratch_has(const struct scratch *scratch, const char *name)
{
    struct stat info;
    return lstat(scratch_at(scratch, name), &info) == 0;
}

unsigned scratch_mode(const struct scratch *scratch, const char *name)
{
    struct stat info;
    if (lstat(scratch_at(scratch, name), &info) != 0)
        abort();
    return info.st_mode & 07777;
}

int scratch_reads(const struct scratch *scratch, const char *name, const char *text)
{
    char got[4096];
    FILE *file = fopen(scratch_at(scratch, name), "re");
    if (!file)
        return 0;
    size_t n = fread(got, 1, sizeof got - 1, file);
    got[n] = '\0';
    fclose(file);
    return strcmp(got, text) == 0;
}
