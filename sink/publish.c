/* SPDX-License-Identifier: Apache-2.0 */
/* A rename is the one step of a file system that is either done or not. What cannot be renamed as a
 * whole says that it is torn by lacking its manifest: the directory aside, inside, is then what tells
 * it from somebody else's files. */
#include "sink/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crash.h"
#include "common/log.h"

#define PATH_BYTES 4096
#define NAME_BYTES 256
#define ROOM_BYTES (PATH_BYTES + NAME_BYTES + 64)
#define MADE_MARK  "\"winnow\"" /* a key of every manifest.json, near its beginning */
#define ASIDE      ".winnow-new"
#define REPLACED   ".winnow-old"

struct publish {
    char directory[PATH_BYTES]; /* where to, without a slash at the end */
    char aside[PATH_BYTES + 32];
    int singly; /* files are renamed one by one */
};

/* Says what failed and answers whose fault it is: the disk's, or the place's. */
static int fail(const char *verb, const char *path)
{
    int disk = errno == ENOSPC || errno == EDQUOT || errno == EIO;
    return log_fail(disk ? STATUS_IO : STATUS_NO_OUTPUT, "cannot %s %s: %s", verb, path,
                    strerror(errno));
}

/* ---- paths ---- */

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static int is_dots(const char *path)
{
    const char *last = last_component(path);
    return strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

static int is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* In place: what the path leads to. */
static int resolve(char *path)
{
    char *real = realpath(path, NULL);
    if (!real)
        return log_fail(
            STATUS_NO_OUTPUT,
            "cannot create output: %s leads nowhere (%s); --out names another directory", path,
            strerror(errno));
    snprintf(path, PATH_BYTES, "%s", real);
    free(real);
    return 0;
}

/* Without slashes at the end, dots and a link followed, and the suffix behind it. */
static int clean_path(const char *directory, const char *suffix, char *out)
{
    size_t n = strlen(directory);
    while (n > 1 && directory[n - 1] == '/')
        n--;
    if (n == 0 || n + strlen(suffix) + NAME_BYTES > PATH_BYTES)
        return log_fail(STATUS_NO_OUTPUT, "cannot create output: --out '%.60s' is no usable path",
                        directory);
    snprintf(out, PATH_BYTES, "%.*s", (int)n, directory);
    int r = is_dots(out) || (is_link(out) && *suffix == '\0') ? resolve(out) : 0;
    n = strlen(out);
    if (r == 0 && n + strlen(suffix) + NAME_BYTES > PATH_BYTES)
        return log_fail(STATUS_NO_OUTPUT, "cannot create output: %.60s... is too long a path", out);
    if (r == 0)
        strcpy(out + n, suffix);
    return r == 0 && *suffix && is_link(out) ? resolve(out) : r;
}

static void parent_of(const char *path, char *out)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        strcpy(out, ".");
    else
        snprintf(out, PATH_BYTES, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* ---- what is there ---- */

static int is_there(const char *directory, const char *name)
{
    char path[ROOM_BYTES];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return lstat(path, &info) == 0;
}

static int is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Number of the mount that a directory is on, -1 where it cannot be had. A bind mount has the device of
 * what it shows; only the kernel's table of mounts tells them apart. */
static long mount_of(const char *path)
{
    char name[64], line[128];
    long id = -1;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", directory);
    FILE *file = fopen(name, "re");
    while (file && id < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "mnt_id:", 7) == 0)
            id = strtol(line + 7, NULL, 10);
    if (file)
        fclose(file);
    close(directory);
    return id;
}

/* Whether a directory has to stay where it is: a mount point, the root, or where we are. */
static int stays(const char *path)
{
    char parent[PATH_BYTES + 8];
    struct stat self, above, here;
    snprintf(parent, sizeof parent, "%s/..", path);
    if (stat(path, &self) != 0 || !S_ISDIR(self.st_mode) || stat(parent, &above) != 0)
        return 0;
    if (stat(".", &here) == 0 && here.st_dev == self.st_dev && here.st_ino == self.st_ino)
        return 1;
    long mount = mount_of(path), mount_above = mount_of(parent);
    return self.st_dev != above.st_dev || self.st_ino == above.st_ino ||
           (mount >= 0 && mount_above >= 0 && mount != mount_above);
}

static int is_ours_or_nobodys(const char *name)
{
    static const char *const names[] = {".", "..", ASIDE, "lost+found"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* Nothing is in it but what a new disk has, and what winnow was about to put there. */
static int is_empty(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int empty = directory != NULL;
    while (empty && (entry = readdir(directory)) != NULL)
        empty = is_ours_or_nobodys(entry->d_name);
    if (directory)
        closedir(directory);
    return empty;
}

/* Whether the manifest there says that winnow wrote it. */
static int is_made_here(const char *path)
{
    char manifest[ROOM_BYTES], head[4096];
    snprintf(manifest, sizeof manifest, "%s/manifest.json", path);
    int file = open(manifest, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t n = read(file, head, sizeof head - 1);
    close(file);
    head[n > 0 ? n : 0] = '\0';
    return strstr(head, MADE_MARK) != NULL;
}

/* Files were being renamed into it, and not all of them are: the manifest is the last. */
static int is_torn(const char *path)
{
    return is_there(path, ASIDE) && !is_there(path, "manifest.json") && !is_empty(path);
}

/* The first directory in a directory, which winnow never makes; 0: there is none. */
static int holds_directory(const char *path, char name[NAME_BYTES])
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char inside[ROOM_BYTES];
    int found = 0;
    while (directory && !found && (entry = readdir(directory)) != NULL) {
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        snprintf(name, NAME_BYTES, "%s", entry->d_name);
        found = !is_ours_or_nobodys(name) && !is_link(inside) && is_directory(inside);
    }
    if (directory)
        closedir(directory);
    return found;
}

static int may_replace(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return 0;
    if (!S_ISDIR(info.st_mode))
        return log_fail(STATUS_NO_OUTPUT,
                        "cannot create output: %s is not a directory; --out names another", path);
    if (is_empty(path) || is_made_here(path) || is_torn(path))
        return 0;
    return log_fail(
        STATUS_NO_OUTPUT,
        "cannot create output: %s exists and winnow did not make it (it has no manifest.json of "
        "winnow's); --out names another directory",
        path);
}

/* DIR.prev goes for good when the next DIR is moved there. */
static int may_remove(const char *path)
{
    char name[NAME_BYTES];
    int r = may_replace(path);
    if (r == 0 && holds_directory(path, name))
        r = log_fail(
            STATUS_NO_OUTPUT,
            "cannot create output: %s would be replaced, and holds the directory %s, which "
            "winnow did not make",
            path, name);
    return r;
}

static int is_writable(const char *path)
{
    if (!is_directory(path))
        errno = ENOENT;
    else if (access(path, W_OK | X_OK) == 0)
        return 0;
    return log_fail(STATUS_NO_OUTPUT, "cannot create output: %s: %s; --out names another directory",
                    path, strerror(errno));
}

int publish_check(const char *directory)
{
    char path[PATH_BYTES], parent[PATH_BYTES], previous[PATH_BYTES + 8];
    int r = clean_path(directory, "", path);
    if (r < 0)
        return r;
    int singly = stays(path);
    parent_of(path, parent);
    r = is_writable(singly ? path : parent);
    if (r == 0)
        r = may_replace(path);
    snprintf(previous, sizeof previous, "%s.prev", path);
    return r < 0 || singly ? r : may_remove(previous);
}

/* ---- aside ---- */

/* Removes the plain files of a directory. */
static int clear_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char file[ROOM_BYTES];
    if (!directory)
        return errno == ENOENT ? 0 : fail("read", path);
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file);
    }
    closedir(directory);
    return 0;
}

static int remove_directory(const char *path)
{
    int r = clear_directory(path);
    return r == 0 && rmdir(path) != 0 && errno != ENOENT ? fail("remove", path) : r;
}

static void name_aside(const char *directory, int singly, char *out, size_t size)
{
    snprintf(out, size, singly ? "%s/" ASIDE : "%s" ASIDE, directory);
}

/* Inside DIR it is never away for a moment: it is what tells a torn DIR from somebody else's. */
static int make_aside(const struct publish *publish)
{
    int r = publish->singly ? clear_directory(publish->aside) : remove_directory(publish->aside);
    if (r < 0 || mkdir(publish->aside, 0700) == 0)
        return r;
    if (errno == EEXIST && publish->singly && is_directory(publish->aside))
        return 0;
    return fail("create output", publish->aside);
}

int publish_begin(const char *directory, const char *suffix, struct publish **out)
{
    struct publish *publish = calloc(1, sizeof *publish);
    int r = publish ? clean_path(directory, suffix, publish->directory)
                    : log_fail(STATUS_BUG, "out of memory for the output directory");
    if (r == 0)
        r = may_replace(publish->directory); /* before the directory aside says that it is ours */
    if (r == 0) {
        publish->singly = stays(publish->directory);
        name_aside(publish->directory, publish->singly, publish->aside, sizeof publish->aside);
        r = make_aside(publish);
    }
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

/* ---- renaming ---- */

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
    char verb[ROOM_BYTES + 16];
    if (rename(from, to) == 0)
        return 0;
    snprintf(verb, sizeof verb, "rename %s to", from);
    return fail(verb, to);
}

static int move_file(const struct publish *publish, const char *name)
{
    char from[ROOM_BYTES], to[ROOM_BYTES];
    snprintf(from, sizeof from, "%s/%s", publish->aside, name);
    snprintf(to, sizeof to, "%s/%s", publish->directory, name);
    return move(from, to);
}

static void remove_file(const struct publish *publish, const char *name)
{
    char path[ROOM_BYTES];
    snprintf(path, sizeof path, "%s/%s", publish->directory, name);
    unlink(path);
}

/* The marks of the run before, and its files that this run has not. */
static void take_away_old(const struct publish *publish)
{
    static const char *const sometimes[] = {"groups.csv", "rejects.raw", "backtest.txt",
                                            "backtest.json"};
    remove_file(publish, "_SUCCESS");
    remove_file(publish, "manifest.json");
    sync_directory(publish->directory);
    for (size_t i = 0; i < sizeof sometimes / sizeof sometimes[0]; i++)
        if (!is_there(publish->aside, sometimes[i]))
            remove_file(publish, sometimes[i]);
}

/* File by file: without manifest.json the directory says that it is not whole. */
static int move_files(const struct publish *publish)
{
    struct dirent *entry;
    int r = 0;
    take_away_old(publish);
    DIR *directory = opendir(publish->aside);
    if (!directory)
        return fail("read", publish->aside);
    while (r == 0 && (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "manifest.json") != 0)
            r = move_file(publish, entry->d_name);
    closedir(directory);
    sync_directory(publish->directory);
    if (r == 0)
        r = move_file(publish, "manifest.json");
    return r < 0 ? r : remove_directory(publish->aside);
}

/* Out of the way of what DIR.prev is to be; to free the blocks of large files takes long, and nobody waits
 * for it here (publish_sweep). */
static int replace_previous(const char *directory, const char *previous)
{
    char old[PATH_BYTES + 32];
    if (!is_directory(previous))
        return remove_directory(previous);
    snprintf(old, sizeof old, "%s" REPLACED, directory);
    int r = remove_directory(old);
    return r < 0 ? r : move(previous, old);
}

/* The directory as a whole; what was there goes to DIR.prev. */
static int move_whole(const struct publish *publish)
{
    char previous[PATH_BYTES + 8];
    int r = may_replace(publish->directory);
    if (r < 0)
        return r;
    if (is_directory(publish->directory) && !is_empty(publish->directory)) {
        snprintf(previous, sizeof previous, "%s.prev", publish->directory);
        r = may_remove(previous);
        if (r == 0)
            r = replace_previous(publish->directory, previous);
        if (r == 0)
            r = move(publish->directory, previous);
        crash_point("sink-old-away");
    }
    return r < 0 ? r : move(publish->aside, publish->directory);
}

static int mark_success(const struct publish *publish)
{
    char path[ROOM_BYTES];
    snprintf(path, sizeof path, "%s/_SUCCESS", publish->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return fail("write", path);
    close(file);
    sync_directory(publish->directory);
    return 0;
}

int publish_commit(struct publish **publish, enum publish_end end)
{
    char parent[PATH_BYTES];
    sync_directory((*publish)->aside);
    crash_point("sink-outputs-aside");
    int r = (*publish)->singly ? move_files(*publish) : move_whole(*publish);
    if (r == 0) {
        parent_of((*publish)->directory, parent);
        sync_directory(parent);
    }
    crash_point("sink-renamed");
    if (r == 0 && end == PUBLISH_SUCCESS)
        r = mark_success(*publish);
    if (r < 0)
        return r;
    free(*publish);
    *publish = NULL;
    return 0;
}

void publish_abandon(struct publish **publish)
{
    struct publish *old = *publish;
    if (!old)
        return;
    if (old->singly && is_torn(old->directory))
        log_say(LOG_WARN, "%s is not whole; the next run mends it", old->directory);
    else if (is_directory(old->aside) && remove_directory(old->aside) < 0)
        log_say(LOG_WARN, "%s is left behind", old->aside);
    free(old);
    *publish = NULL;
}

void publish_sweep(const char *directory)
{
    static const char *const suffixes[] = {"", ".rejects"};
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_BYTES], aside[PATH_BYTES + 32];
        if (clean_path(directory, suffixes[i], path) != 0)
            return;
        snprintf(aside, sizeof aside, "%s" REPLACED, path);
        if (is_directory(aside) && remove_directory(aside) < 0)
            log_say(LOG_WARN, "%s is left behind", aside);
        name_aside(path, stays(path), aside, sizeof aside);
        if (is_directory(aside) && !(stays(path) && is_torn(path)) && remove_directory(aside) < 0)
            log_say(LOG_WARN, "%s is left behind", aside);
    }
}
