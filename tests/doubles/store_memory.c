/* SPDX-License-Identifier: Apache-2.0 */
/* A write builds the next array beside the present one and swaps them when all has succeeded: all
 * or nothing without undoing anything. Each write is linear in the keys, which are few in a test. */
#include "doubles/store_memory.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct bytes {
    size_t size;
    size_t users; /* shelves' arrays that hold it */
    uint64_t data[];
};

struct entry {
    struct bytes *key;
    struct bytes *value;
};

struct array {
    struct entry *entry;
    size_t n;
};

struct shelf {
    struct array array;
    struct array before[SHELF_KEPT]; /* the latest first */
    int taken;
};

struct copy {
    struct copy *next;
    uint64_t data[];
};

struct twin {
    struct store port;
    struct shelf *shelf;
    struct copy *copies;
};

static struct twin *twin_of(struct store *store)
{
    return (struct twin *)store;
}

/* ---- bytes ---- */

static struct bytes *bytes_new(const struct slice *part, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += part[i].size;
    struct bytes *bytes = malloc(sizeof *bytes + size);
    if (!bytes)
        return NULL;
    *bytes = (struct bytes){.size = size, .users = 1};
    char *to = (char *)bytes->data;
    for (size_t i = 0; i < n; i++) {
        if (part[i].size)
            memcpy(to, part[i].data, part[i].size);
        to += part[i].size;
    }
    return bytes;
}

static void bytes_drop(struct bytes *bytes)
{
    if (bytes && --bytes->users == 0)
        free(bytes);
}

static void entry_drop(struct entry entry)
{
    bytes_drop(entry.key);
    bytes_drop(entry.value);
}

static void array_free(struct array *array)
{
    for (size_t i = 0; i < array->n; i++)
        entry_drop(array->entry[i]);
    free(array->entry);
    *array = (struct array){0};
}

/* ---- writing ---- */

static int order(const struct bytes *a, struct slice b)
{
    size_t least = a->size < b.size ? a->size : b.size;
    int c = memcmp(a->data, b.data, least);
    return c ? c : (a->size > b.size) - (a->size < b.size);
}

/* Where the key is, or would be. */
static size_t place(const struct array *array, struct slice key)
{
    size_t low = 0, high = array->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order(array->entry[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int found(const struct array *array, size_t at, struct slice key)
{
    return at < array->n && order(array->entry[at].key, key) == 0;
}

static int array_copy(const struct array *from, size_t room, struct array *to)
{
    to->entry = malloc((from->n + room + 1) * sizeof to->entry[0]);
    to->n = 0;
    if (!to->entry)
        return STATUS_BUG;
    for (; to->n < from->n; to->n++) {
        to->entry[to->n] = from->entry[to->n];
        to->entry[to->n].key->users++;
        to->entry[to->n].value->users++;
    }
    return STATUS_DONE;
}

static void take_out(struct array *array, size_t at)
{
    entry_drop(array->entry[at]);
    array->n--;
    memmove(&array->entry[at], &array->entry[at + 1], (array->n - at) * sizeof array->entry[0]);
}

static int put_in(struct array *array, size_t at, const struct store_put *put)
{
    struct entry entry = {bytes_new(&put->key, 1), bytes_new(put->part, put->n_parts)};
    if (!entry.key || !entry.value) {
        entry_drop(entry);
        return STATUS_BUG;
    }
    memmove(&array->entry[at + 1], &array->entry[at], (array->n - at) * sizeof array->entry[0]);
    array->entry[at] = entry;
    array->n++;
    return STATUS_DONE;
}

static int change(struct array *array, const struct store_put *put)
{
    size_t at = place(array, put->key);
    if (found(array, at, put->key))
        take_out(array, at);
    return put->n_parts ? put_in(array, at, put) : STATUS_DONE;
}

static void twin_release(struct store *store)
{
    struct twin *twin = twin_of(store);
    while (twin->copies) {
        struct copy *first = twin->copies;
        twin->copies = first->next;
        free(first);
    }
}

/* What was there is kept behind what is there now. */
static void shelf_turn(struct shelf *shelf, struct array next)
{
    array_free(&shelf->before[SHELF_KEPT - 1]);
    memmove(&shelf->before[1], &shelf->before[0], (SHELF_KEPT - 1) * sizeof shelf->before[0]);
    shelf->before[0] = shelf->array;
    shelf->array = next;
}

static int twin_write(struct store *store, const struct store_put *puts, size_t n)
{
    struct twin *twin = twin_of(store);
    struct array next = {0};
    twin_release(store);
    int rc = array_copy(&twin->shelf->array, n, &next);
    for (size_t i = 0; i < n && !rc; i++)
        rc = change(&next, &puts[i]);
    if (rc) {
        array_free(&next);
        return log_fail(rc, "out of memory");
    }
    shelf_turn(twin->shelf, next);
    return STATUS_DONE;
}

/* ---- reading ---- */

static int lend(struct twin *twin, const struct bytes *bytes, struct slice *slice)
{
    struct copy *copy = malloc(sizeof *copy + bytes->size);
    if (!copy)
        return log_fail(STATUS_BUG, "out of memory");
    memcpy(copy->data, bytes->data, bytes->size);
    copy->next = twin->copies;
    twin->copies = copy;
    *slice = (struct slice){copy->data, bytes->size};
    return STATUS_DONE;
}

static int twin_read(struct store *store, struct slice key, struct slice *value)
{
    struct twin *twin = twin_of(store);
    const struct array *array = &twin->shelf->array;
    size_t at = place(array, key);
    if (!found(array, at, key))
        return STORE_E_ABSENT;
    return lend(twin, array->entry[at].value, value);
}

static int begins(const struct bytes *key, struct slice prefix)
{
    return key->size >= prefix.size &&
           (prefix.size == 0 || !memcmp(key->data, prefix.data, prefix.size));
}

static int twin_each(struct store *store, struct slice prefix,
                     int (*each)(void *, struct slice, struct slice), void *context)
{
    struct twin *twin = twin_of(store);
    const struct array *array = &twin->shelf->array;
    int rc = STATUS_DONE;
    for (size_t at = 0; at < array->n && !rc; at++) {
        struct slice key = {0}, value = {0};
        if (!begins(array->entry[at].key, prefix))
            continue;
        rc = lend(twin, array->entry[at].key, &key);
        if (!rc)
            rc = lend(twin, array->entry[at].value, &value);
        if (!rc)
            rc = each(context, key, value);
    }
    return rc;
}

static uint64_t twin_bytes(const struct store *store)
{
    const struct array *array = &((const struct twin *)store)->shelf->array;
    uint64_t size = 0;
    for (size_t i = 0; i < array->n; i++)
        size += array->entry[i].key->size + array->entry[i].value->size;
    return size;
}

static void twin_close(struct store *store)
{
    struct twin *twin = twin_of(store);
    twin_release(store);
    twin->shelf->taken = 0;
    free(twin);
}

/* ---- the shelf ---- */

int store_memory_shelf_new(struct shelf **shelf)
{
    *shelf = calloc(1, sizeof **shelf);
    return *shelf ? STATUS_DONE : log_fail(STATUS_BUG, "out of memory");
}

int store_memory_open(struct shelf *shelf, struct store **store)
{
    static const struct store_ways ways = {
        .write = twin_write,
        .read = twin_read,
        .release = twin_release,
        .each = twin_each,
        .bytes = twin_bytes,
        .close = twin_close,
    };
    if (shelf->taken)
        return STORE_E_BUSY;
    struct twin *twin = calloc(1, sizeof *twin);
    if (!twin)
        return log_fail(STATUS_BUG, "out of memory");
    *twin = (struct twin){.port.ways = &ways, .shelf = shelf};
    shelf->taken = 1;
    *store = &twin->port;
    return STATUS_DONE;
}

void store_memory_shelf_destroy(struct shelf **shelf)
{
    if (!shelf || !*shelf)
        return;
    array_free(&(*shelf)->array);
    for (size_t i = 0; i < SHELF_KEPT; i++)
        array_free(&(*shelf)->before[i]);
    free(*shelf);
    *shelf = NULL;
}

int store_memory_shelf_has(const struct shelf *shelf, struct slice key)
{
    return found(&shelf->array, place(&shelf->array, key), key);
}

void store_memory_shelf_rewind(struct shelf *shelf, size_t n)
{
    while (!shelf->taken && n-- > 0) {
        array_free(&shelf->array);
        shelf->array = shelf->before[0];
        memmove(&shelf->before[0], &shelf->before[1], (SHELF_KEPT - 1) * sizeof shelf->before[0]);
        shelf->before[SHELF_KEPT - 1] = (struct array){0};
    }
}
