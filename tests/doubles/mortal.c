/* SPDX-License-Identifier: Apache-2.0 */
/* Jumping out of a role in the middle of its turn would leave its memory behind. Here it hears failures
 * until it gives up, which is soon, and is then destroyed as any other. */
#include "doubles/mortal.h"

#include <stdlib.h>

#include "common/log.h"

struct mortal_line {
    struct line port;
    struct line *inner;
    struct mortal *mortal;
};

struct mortal_store {
    struct store port;
    struct store *inner;
    struct mortal *mortal;
};

/* Counts a deed; answers whether the world sees it. */
static int is_seen(struct mortal *mortal)
{
    if (!mortal->dead && ++mortal->done == mortal->dies_at)
        mortal->dead = 1;
    return !mortal->dead;
}

/* ---- the line ---- */

static struct mortal_line *line_of(struct line *line)
{
    return (struct mortal_line *)line;
}

static int pass_bind(struct line *line, const char *endpoint, uint32_t *gate)
{
    return line_bind(line_of(line)->inner, endpoint, gate);
}

static int pass_connect(struct line *line, const char *endpoint, uint32_t *gate)
{
    return line_connect(line_of(line)->inner, endpoint, gate);
}

static const char *pass_endpoint(struct line *line, uint32_t gate)
{
    return line_endpoint(line_of(line)->inner, gate);
}

static int mortal_send(struct line *line, struct peer to, struct parcel *parcel)
{
    if (is_seen(line_of(line)->mortal))
        return line_send(line_of(line)->inner, to, parcel);
    parcel_clear(parcel);
    return STATUS_IO;
}

static int mortal_wait(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given)
{
    if (!line_of(line)->mortal->dead)
        return line_wait(line_of(line)->inner, wait_ms, from, given);
    given->n = 0;
    return LINE_E_QUIET;
}

static uint64_t pass_refused(const struct line *line)
{
    return line_refused(((const struct mortal_line *)line)->inner);
}

static void close_line(struct line *line)
{
    line_close(&line_of(line)->inner);
    free(line);
}

int mortal_line(struct mortal *mortal, struct line **inner, struct line **line)
{
    static const struct line_ways ways = {
        .bind = pass_bind,
        .connect = pass_connect,
        .endpoint = pass_endpoint,
        .send = mortal_send,
        .wait = mortal_wait,
        .refused = pass_refused,
        .close = close_line,
    };
    struct mortal_line *own = calloc(1, sizeof *own);
    if (!own)
        return log_fail(STATUS_BUG, "out of memory");
    *own = (struct mortal_line){{&ways}, *inner, mortal};
    *inner = NULL;
    *line = &own->port;
    return 0;
}

struct line *mortal_inner(struct line *line)
{
    return line_of(line)->inner;
}

/* ---- the store ---- */

static struct mortal_store *store_of(struct store *store)
{
    return (struct mortal_store *)store;
}

static int mortal_write(struct store *store, const struct store_put *puts, size_t n)
{
    struct mortal *mortal = store_of(store)->mortal;
    if (mortal->full && !mortal->dead)
        return STORE_E_FULL;
    int was_dead = mortal->dead, seen = is_seen(mortal), r = 0;
    if (seen || (!was_dead && mortal->torn)) {
        if (mortal->watcher)
            mortal->watcher(mortal->context, puts, n);
        r = store_write(store_of(store)->inner, puts, n);
    }
    return seen ? r : STATUS_IO;
}

static int pass_read(struct store *store, struct slice key, struct slice *value)
{
    return store_read(store_of(store)->inner, key, value);
}

static void pass_release(struct store *store)
{
    store_release(store_of(store)->inner);
}

static int pass_each(struct store *store, struct slice prefix,
                     int (*each)(void *, struct slice, struct slice), void *context)
{
    return store_each(store_of(store)->inner, prefix, each, context);
}

static uint64_t pass_bytes(const struct store *store)
{
    return store_bytes(((const struct mortal_store *)store)->inner);
}

static void close_store(struct store *store)
{
    store_close(&store_of(store)->inner);
    free(store);
}

int mortal_store(struct mortal *mortal, struct store **inner, struct store **store)
{
    static const struct store_ways ways = {
        .write = mortal_write,
        .read = pass_read,
        .release = pass_release,
        .each = pass_each,
        .bytes = pass_bytes,
        .close = close_store,
    };
    struct mortal_store *own = calloc(1, sizeof *own);
    if (!own)
        return log_fail(STATUS_BUG, "out of memory");
    *own = (struct mortal_store){{&ways}, *inner, mortal};
    *inner = NULL;
    *store = &own->port;
    return 0;
}
