/* SPDX-License-Identifier: Apache-2.0 */
#include "doubles/store_failing.h"

#include <stdlib.h>

#include "common/log.h"

struct failing {
    struct store port;
    struct store *inner;
    struct store_failing_pattern pattern;
    size_t writes;
    size_t reads;
};

static struct failing *failing_of(struct store *store)
{
    return (struct failing *)store;
}

static int next(const int *answers, size_t n, size_t *at)
{
    return *at < n ? answers[(*at)++] : STATUS_DONE;
}

static int failing_write(struct store *store, const struct store_put *puts, size_t n)
{
    struct failing *self = failing_of(store);
    int rc = next(self->pattern.writes, self->pattern.n_writes, &self->writes);
    store_release(self->inner); /* as a write ends any read */
    return rc ? rc : store_write(self->inner, puts, n);
}

static int failing_read(struct store *store, struct slice key, struct slice *value)
{
    struct failing *self = failing_of(store);
    int rc = next(self->pattern.reads, self->pattern.n_reads, &self->reads);
    return rc ? rc : store_read(self->inner, key, value);
}

static void failing_release(struct store *store)
{
    store_release(failing_of(store)->inner);
}

static int failing_each(struct store *store, struct slice prefix,
                        int (*each)(void *, struct slice, struct slice), void *context)
{
    struct failing *self = failing_of(store);
    int rc = next(self->pattern.reads, self->pattern.n_reads, &self->reads);
    return rc ? rc : store_each(self->inner, prefix, each, context);
}

static uint64_t failing_bytes(const struct store *store)
{
    return store_bytes(((const struct failing *)store)->inner);
}

static void failing_close(struct store *store)
{
    store_close(&failing_of(store)->inner);
    free(store);
}

int store_failing_open(struct store **inner, struct store_failing_pattern pattern,
                       struct store **store)
{
    static const struct store_ways ways = {
        .write = failing_write,
        .read = failing_read,
        .release = failing_release,
        .each = failing_each,
        .bytes = failing_bytes,
        .close = failing_close,
    };
    struct failing *self = calloc(1, sizeof *self);
    if (!self)
        return log_fail(STATUS_BUG, "out of memory");
    *self = (struct failing){.port.ways = &ways, .inner = *inner, .pattern = pattern};
    *inner = NULL;
    *store = &self->port;
    return STATUS_DONE;
}
