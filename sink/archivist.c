/* SPDX-License-Identifier: Apache-2.0 */
/* The ventilator says each second which job it is at, so nothing is remembered here of whose turn it is: after a
 * crash the next OPEN opens the same store, and the sink goes on from it. What fails at a job is said to the
 * ventilator, and the sink stays for the next. */
#include "sink/archivist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/scrap.h"
#include "common/wire.h"
#include "common/wire_order.h"
#include "sink/publish.h"

#define ARENA_LIMIT ((size_t)16 << 20)
#define PATH_BYTES  4096

struct archivist {
    struct archivist_settings settings;
    struct arena *arena;
    /* The job at hand; sink is NULL where there is none. */
    struct sink *sink;
    struct role role;
    char id[ORDER_NAME_LIMIT + 1], name[ORDER_NAME_LIMIT + 1];
    char out[PATH_BYTES];
    struct log_first first;
    uint64_t sinks;         /* that there were */
    struct peer ventilator; /* who said OPEN last */
};

/* ---- directories ---- */

static int path_of(char path[PATH_BYTES], const char *directory, const char *what, const char *name)
{
    if (snprintf(path, PATH_BYTES, "%s/%s%s%s", directory, what, *name ? "/" : "", name) >=
        PATH_BYTES)
        return log_fail(STATUS_NO_OUTPUT, "%s: a directory with a name that is too long",
                        directory);
    return 0;
}

static int make_directory(const char *directory, const char *what)
{
    char path[PATH_BYTES];
    int r = path_of(path, directory, what, "");
    if (r == 0 && mkdir(path, 0700) != 0 && errno != EEXIST)
        return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s", path, strerror(errno));
    return r;
}

static int is_published(const struct archivist *a, const char *id)
{
    char path[PATH_BYTES];
    return path_of(path, a->settings.out, id, "_SUCCESS") == 0 && access(path, F_OK) == 0;
}

/* ---- birth and death ---- */

int archivist_new(const struct archivist_settings *settings, struct archivist **out)
{
    struct archivist *a = calloc(1, sizeof *a);
    if (a)
        a->arena = arena_new(ARENA_LIMIT);
    if (!a || !a->arena) {
        free(a);
        return log_fail(STATUS_BUG, "out of memory for a sink");
    }
    a->settings = *settings;
    int r = make_directory(settings->state, "names");
    if (r == 0)
        r = make_directory(settings->state, "jobs");
    if (r < 0)
        archivist_destroy(&a);
    *out = a;
    return r;
}

/* Closes the store with the sink, and takes away what was written beside OUT/ID and is of no use. */
static void put_away(struct archivist *a)
{
    if (a->sink && !is_published(a, a->id))
        publish_sweep(a->out);
    sink_destroy(&a->sink);
    log_keep(NULL);
    a->id[0] = '\0';
}

void archivist_destroy(struct archivist **archivist)
{
    if (!*archivist)
        return;
    put_away(*archivist);
    arena_destroy(&(*archivist)->arena);
    free(*archivist);
    *archivist = NULL;
}

/* ---- saying ---- */

static int say(struct archivist *a, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    if (r == 0)
        r = line_post(a->settings.role.line, to, &parcel);
    return r < 0 ? r : 0;
}

static int say_opened(struct archivist *a, const char *id, enum opened_code code)
{
    struct letter letter = {.kind = LETTER_OPENED, .code = (int32_t)code};
    snprintf(letter.text, sizeof letter.text, "%s", id);
    return say(a, a->ventilator, &letter);
}

/* The job at hand; its digest tells it from one that the ventilator was at before. */
static int refuse(struct archivist *a, int status, const char *words)
{
    struct letter letter = {.kind = LETTER_REFUSED,
                            .code = status_exit_code(status),
                            .digest = digest_of(a->id, strlen(a->id))};
    snprintf(letter.text, sizeof letter.text, "%s", words);
    return say(a, a->ventilator, &letter);
}

/* ---- the job at hand ---- */

/* OUT/NAME leads to the last results of that name, in one step; what is no link is left alone. */
static void link_name(const struct archivist *a)
{
    char path[PATH_BYTES], aside[PATH_BYTES + 8];
    struct stat info;
    if (!*a->name || path_of(path, a->settings.out, a->name, "") < 0 ||
        (lstat(path, &info) == 0 && !S_ISLNK(info.st_mode)))
        return;
    snprintf(aside, sizeof aside, "%s.link", path);
    unlink(aside);
    if (symlink(a->id, aside) != 0 || rename(aside, path) != 0)
        log_say(LOG_WARN, "%s does not lead to %s: %s", path, a->id, strerror(errno));
}

static int make_sink(struct archivist *a)
{
    char state[PATH_BYTES];
    struct store *store = NULL;
    struct sink_settings role = a->settings.role;
    int r =
        path_of(state, a->settings.state, *a->name ? "names" : "jobs", *a->name ? a->name : a->id);
    if (r == 0)
        r = path_of(a->out, a->settings.out, a->id, "");
    if (r == 0)
        r = publish_check(a->out);
    if (r == 0)
        r = a->settings.open_store(state, &store);
    role.out = a->out;
    role.stop = NULL;
    role.boot += ++a->sinks;
    if (r == 0)
        r = sink_new(&role, &store, &a->sink);
    store_close(&store);
    if (r == 0)
        a->role = sink_role(a->sink);
    return r;
}

/* What a sink answers to a letter or a tick is the job's. */
static int take_answer(struct archivist *a, int r)
{
    if (r == ROLE_E_FINISHED) {
        put_away(a);
        return 0;
    }
    if (r >= 0)
        return 0;
    const char *words = log_kept(&a->first);
    r = refuse(a, r, *words ? words : "the sink failed");
    put_away(a);
    return r;
}

static int is_kept(const struct opening *opening, const char *id)
{
    for (size_t i = 0; i < opening->n_kept; i++)
        if (strcmp(opening->kept[i], id) == 0)
            return 1;
    return strcmp(opening->id, id) == 0;
}

/* States of jobs that are over without our having heard of it. */
static void sweep(const struct archivist *a, const struct opening *opening)
{
    char path[PATH_BYTES];
    struct dirent *entry;
    DIR *dir = path_of(path, a->settings.state, "jobs", "") == 0 ? opendir(path) : NULL;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !is_kept(opening, entry->d_name) &&
            path_of(path, a->settings.state, "jobs", entry->d_name) == 0)
            scrap_remove(path);
    if (dir)
        closedir(dir);
}

static int take_open(struct archivist *a, struct peer from, const struct parcel *parcel)
{
    struct opening opening;
    arena_reset(a->arena);
    if (wire_opening_read(parcel, 1, a->arena, &opening) != 0)
        return 0;
    a->ventilator = from;
    if (a->sink && strcmp(a->id, opening.id) == 0)
        return say_opened(a, a->id, OPENED_AT_IT);
    put_away(a);
    sweep(a, &opening);
    if (is_published(a, opening.id))
        return say_opened(a, opening.id, OPENED_PUBLISHED);
    snprintf(a->id, sizeof a->id, "%s", opening.id);
    snprintf(a->name, sizeof a->name, "%s", opening.name);
    memset(&a->first, 0, sizeof a->first);
    log_keep(&a->first);
    int r = make_sink(a);
    return r < 0 ? take_answer(a, r) : say_opened(a, a->id, OPENED_AT_IT);
}

static int take_shut(struct archivist *a, const struct letter *letter)
{
    char path[PATH_BYTES];
    if (!wire_name_sound(letter->text))
        return 0;
    if (a->sink && strcmp(a->id, letter->text) == 0) {
        int r = take_answer(a, ROLE_E_FINISHED);
        if (r < 0)
            return r;
    }
    if (letter->code == SHUT_FORGET && path_of(path, a->settings.state, "jobs", letter->text) == 0)
        scrap_remove(path);
    return 0;
}

/* ---- results ---- */

static int refuse_wish(struct archivist *a, struct peer to, const struct letter *about,
                       const struct wish *wish, int error)
{
    struct letter letter = {.kind = LETTER_REFUSED,
                            .sequence = about->sequence,
                            .boot = about->boot,
                            .code = status_exit_code(STATUS_NO_INPUT)};
    snprintf(letter.text, sizeof letter.text, "the results of %s have no %s: %s", wish->id,
             wish->file, strerror(error));
    return say(a, to, &letter);
}

/* 0, or an error number. *data is of arena memory. */
static int read_piece(struct archivist *a, const struct wish *wish, struct piece *piece)
{
    char path[PATH_BYTES];
    struct stat info;
    unsigned char *data = arena_take(a->arena, PIECE_BYTES);
    if (!data || path_of(path, a->settings.out, wish->id, wish->file) < 0)
        return ENOMEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno;
    int error = 0;
    ssize_t n = 0;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || wish->offset > (uint64_t)info.st_size)
        error = EINVAL;
    else if ((n = pread(fd, data, PIECE_BYTES, (off_t)wish->offset)) < 0)
        error = errno;
    close(fd);
    *piece = (struct piece){(uint64_t)info.st_size, wish->offset, {data, n > 0 ? (size_t)n : 0}};
    return error;
}

static int take_fetch(struct archivist *a, struct peer from, const struct letter *letter,
                      const struct parcel *parcel)
{
    struct wish wish;
    struct piece piece;
    struct letter answer = {
        .kind = LETTER_PIECE, .sequence = letter->sequence, .boot = letter->boot};
    struct parcel out;
    arena_reset(a->arena);
    if (wire_wish_read(parcel, 1, a->arena, &wish) != 0)
        return 0;
    int error = read_piece(a, &wish, &piece);
    if (error)
        return refuse_wish(a, from, letter, &wish, error);
    int r = wire_letter_put(&answer, &out);
    if (r == 0)
        r = wire_piece_put(&piece, &out);
    if (r == 0)
        r = line_post(a->settings.role.line, from, &out);
    return r < 0 ? r : 0;
}

/* ---- letters ---- */

/* What is said from here on, on whatever thread, is about the job at hand. */
static void listen(struct archivist *a)
{
    log_keep(a->sink ? &a->first : NULL);
}

static int to_sink(struct archivist *a, enum letter_kind kind, struct peer from,
                   struct parcel *parcel, int64_t now_ms)
{
    int r = take_answer(a, a->role.letter(a->role.self, from, parcel, now_ms));
    if (kind == LETTER_SEAL && a->sink && is_published(a, a->id))
        link_name(a);
    return r;
}

static int archivist_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct archivist *a = self;
    struct letter letter, rehello = {.kind = LETTER_REHELLO};
    int r = wire_letter_read(parcel, &letter);
    listen(a);
    if (r == 0 && letter.kind == LETTER_OPEN)
        return take_open(a, from, parcel);
    if (r == 0 && letter.kind == LETTER_SHUT)
        return take_shut(a, &letter);
    if (r == 0 && letter.kind == LETTER_FETCH)
        return take_fetch(a, from, &letter, parcel);
    if (a->sink)
        return to_sink(a, r == 0 ? letter.kind : LETTER_BYE, from, parcel, now_ms);
    return r == 0 && letter.kind != LETTER_HELLO ? say(a, from, &rehello) : 0;
}

static int archivist_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct archivist *a = self;
    *deadline_ms = INT64_MAX;
    listen(a);
    if (a->settings.role.stop && *a->settings.role.stop)
        return ROLE_E_FINISHED;
    return a->sink ? take_answer(a, a->role.tick(a->role.self, now_ms, deadline_ms)) : 0;
}

struct role archivist_role(struct archivist *archivist)
{
    struct role role = {archivist, archivist_letter, archivist_tick};
    return role;
}
