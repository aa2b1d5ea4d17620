/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define PATH_BYTES 4096
#define NAME_BYTES 256
#define MADE_MARK  "\"winnow\"" /* a key of every manifest.json, near its beginning */

struct publish {
    char directory[PATH_BYTES]; /* where to, without a slash at the end */
    char aside[PATH_BYTES + 32];
    int mount_point; /* files are renamed singly */
};

static int clean_path(const char *directory, const char *suffix, char *out)
{
    size_t n = strlen(directory);
    while (n > 1 && directory[n - 1] == '/')
        n--;
    if (n == 0 || n + strlen(suffix) + NAME_BYTES > PATH_BYTES)
        return log_fail(STATUS_NO_OUTPUT, "cannot create output: --out '%.60s' is no usable path",
                        directory);
    snprintf(out, PATH_BYTES, "%.*s%s", (int)n, directory, suffix);
    return 0;
}

static int is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A directory on another device than its parent is a mount point: it cannot be renamed away. */
static int is_mount_point(const char *path)
{
    char parent[PATH_BYTES + 8];
    struct stat self, above;
    snprintf(parent, sizeof parent, "%s/..", path);
    if (stat(path, &self) != 0 || stat(parent, &above) != 0)
        return 0;
    return self.st_dev != above.st_dev || self.st_ino == above.st_ino;
}

/* Bind mounts of one file system have its device; renaming them answers EBUSY, which is noticed then. */

static int is_empty(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int empty = directory != NULL;
    while (empty && (entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            empty = 0;
    if (directory)
        closedir(directory);
    return empty;
}

/* Whether the manifest there says that winnow wrote it. */
static int is_made_here(const char *path)
{
    char manifest[PATH_BYTES + 32], head[4096];
    snprintf(manifest, sizeof manifest, "%s/manifest.json", path);
    int file = open(manifest, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t n = read(file, head, sizeof head - 1);
    close(file);
    head[n > 0 ? n : 0] = '\0';
    return strstr(head, MADE_MARK) != NULL;
}

static int parent_of(const char *path, char *out)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        strcpy(out, ".");
    else
        snprintf(out, PATH_BYTES, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return 0;
}

static int may_replace(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return 0;
    if (!is_directory(path))
        return log_fail(STATUS_NO_OUTPUT,
                        "cannot create output: %s is not a directory; --out names another", path);
    if (!is_empty(path) && !is_made_here(path))
        return log_fail(
            STATUS_NO_OUTPUT,
            "cannot create output: %s exists and winnow did not make it (it has no manifest.json "
            "of winnow's); --out names another directory",
            path);
    return 0;
}

int publish_check(const char *directory)
{
    char path[PATH_BYTES], parent[PATH_BYTES], previous[PATH_BYTES];
    int r = clean_path(directory, "", path);
    if (r == 0)
        r = clean_path(directory, ".prev", previous);
    if (r == 0)
        r = parent_of(path, parent);
    if (r < 0)
        return r;
    int mounted = is_directory(path) && is_mount_point(path);
    if (!mounted && (!is_directory(parent) || access(parent, W_OK | X_OK) != 0))
        return log_fail(STATUS_NO_OUTPUT,
                        "cannot create output: %s: %s; --out names another directory", parent,
                        is_directory(parent) ? strerror(errno) : "no such directory");
    if (mounted && access(path, W_OK | X_OK) != 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot create output: %s: %s", path, strerror(errno));
    r = may_replace(path);
    return r < 0 || mounted ? r : may_replace(previous);
}

/* Removes a directory of plain files. */
static int remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char file[PATH_BYTES + NAME_BYTES + 64];
    if (!directory)
        return errno == ENOENT
                   ? 0
                   : log_fail(STATUS_NO_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file);
    }
    closedir(directory);
    if (rmdir(path) != 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot remove %s: %s", path, strerror(errno));
    return 0;
}

int publish_begin(const char *directory, const char *suffix, struct publish **out)
{
    struct publish *publish = calloc(1, sizeof *publish);
    int r = publish ? clean_path(directory, suffix, publish->directory)
                    : log_fail(STATUS_BUG, "out of memory for the output directory");
    if (r == 0) {
        publish->mount_point =
            is_directory(publish->directory) && is_mount_point(publish->directory);
        snprintf(publish->aside, sizeof publish->aside,
                 publish->mount_point ? "%s/.winnow-new" : "%s.winnow-new", publish->directory);
        r = remove_directory(publish->aside);
    }
    if (r == 0 && mkdir(publish->aside, 0700) != 0)
        r = log_fail(errno == ENOSPC ? STATUS_IO : STATUS_NO_OUTPUT, "cannot create output %s: %s",
                     publish->aside, strerror(errno));
    if (r < 0) {
        free(publish);
        return r;
    }
    *out = publish;
    return 0;
}

const char *publish_aside(const struct publish *publish)
{
    return publish->aside;
}

static void sync_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return;
    fsync(directory);
    close(directory);
}

static int move(const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot rename %s to %s: %s", from, to, strerror(errno));
    return 0;
}

static int move_file(const struct publish *publish, const char *name)
{
    char from[PATH_BYTES + NAME_BYTES + 64], to[PATH_BYTES + NAME_BYTES];
    snprintf(from, sizeof from, "%s/%s", publish->aside, name);
    snprintf(to, sizeof to, "%s/%s", publish->directory, name);
    return move(from, to);
}

/* File by file: without manifest.json the directory says that it is not whole. */
static int move_files(const struct publish *publish)
{
    static const char *const marks[] = {"_SUCCESS", "manifest.json"};
    struct dirent *entry;
    char path[PATH_BYTES + NAME_BYTES];
    int r = 0;
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", publish->directory, marks[i]);
        unlink(path);
    }
    sync_directory(publish->directory);
    DIR *directory = opendir(publish->aside);
    while (r == 0 && directory && (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "manifest.json") != 0)
            r = move_file(publish, entry->d_name);
    if (directory)
        closedir(directory);
    sync_directory(publish->directory);
    if (r == 0)
        r = move_file(publish, "manifest.json");
    return r < 0 ? r : remove_directory(publish->aside);
}

/* The directory as a whole; what was there goes to DIR.prev. */
static int move_whole(struct publish *publish)
{
    char previous[PATH_BYTES + 8];
    int r = may_replace(publish->directory);
    if (r < 0)
        return r;
    snprintf(previous, sizeof previous, "%s.prev", publish->directory);
    if (is_directory(publish->directory) && is_empty(publish->directory)) {
        if (rename(publish->aside, publish->directory) == 0)
            return 0;
    } else if (is_directory(publish->directory)) {
        r = may_replace(previous);
        if (r == 0)
            r = remove_directory(previous);
        if (r < 0)
            return r;
        if (rename(publish->directory, previous) != 0 && errno != EBUSY)
            return log_fail(STATUS_NO_OUTPUT, "cannot move %s aside: %s", publish->directory,
                            strerror(errno));
    }
    if (is_directory(publish->directory)) /* a bind mount: it answered EBUSY */
        return move_files(publish);
    return move(publish->aside, publish->directory);
}

static int mark_success(const struct publish *publish)
{
    char path[PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/_SUCCESS", publish->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    close(file);
    sync_directory(publish->directory);
    return 0;
}

int publish_commit(struct publish **publish, enum publish_end end)
{
    char parent[PATH_BYTES];
    sync_directory((*publish)->aside);
    int r = (*publish)->mount_point ? move_files(*publish) : move_whole(*publish);
    if (r == 0)
        r = parent_of((*publish)->directory, parent);
    if (r == 0)
        sync_directory(parent);
    if (r == 0 && end == PUBLISH_SUCCESS)
        r = mark_success(*publish);
    free(*publish);
    *publish = NULL;
    return r;
}

void publish_abandon(struct publish **publish)
{
    if (!*publish)
        return;
    if (is_directory((*publish)->aside) && remove_directory((*publish)->aside) < 0)
        log_say(LOG_WARN, "%s is left behind", (*publish)->aside);
    free(*publish);
    *publish = NULL;
}

void publish_sweep(const char *directory)
{
    static const char *const suffixes[] = {"", ".rejects"};
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_BYTES], aside[PATH_BYTES + 32];
        if (clean_path(directory, suffixes[i], path) != 0)
            return;
        snprintf(aside, sizeof aside, "%s.winnow-new", path);
        if (is_directory(aside) && remove_directory(aside) < 0)
            log_say(LOG_WARN, "%s is left behind", aside);
    }
}
