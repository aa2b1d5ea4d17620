/* SPDX-License-Identifier: Apache-2.0 */
/* What every store shares: the way to whichever store is behind the port, and the limits, which are
 * checked here once so that the memory twin refuses what LMDB would. */
#include "common/store.h"

#include "common/log.h"

static int key_sound(struct slice key)
{
    if (key.size >= 1 && key.size <= STORE_KEY_LIMIT)
        return STATUS_DONE;
    return log_fail(STATUS_BUG, "a store's key has 1 to %d bytes, not %zu", STORE_KEY_LIMIT,
                    key.size);
}

int store_write(struct store *store, const struct store_put *puts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int rc = key_sound(puts[i].key);
        if (rc)
            return rc;
        if (puts[i].n_parts > STORE_VALUE_PARTS)
            return log_fail(STATUS_BUG, "a value has %d parts at most, not %zu", STORE_VALUE_PARTS,
                            puts[i].n_parts);
    }
    return store->ways->write(store, puts, n);
}

int store_read(struct store *store, struct slice key, struct slice *value)
{
    int rc = key_sound(key);
    return rc ? rc : store->ways->read(store, key, value);
}

void store_release(struct store *store)
{
    store->ways->release(store);
}

int store_each(struct store *store, struct slice prefix,
               int (*each)(void *context, struct slice key, struct slice value), void *context)
{
    return store->ways->each(store, prefix, each, context);
}

uint64_t store_bytes(const struct store *store)
{
    return store->ways->bytes(store);
}

void store_close(struct store **store)
{
    if (!store || !*store)
        return;
    (*store)->ways->close(*store);
    *store = NULL;
}
