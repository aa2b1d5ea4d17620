/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_STORE_H
#define COMMON_STORE_H

#include <stdint.h>

#include "common/status.h"

/* Keys and values that outlive the process: a port with two implementations, LMDB
 * (store_lmdb.c) and memory (tests/doubles), both held to tests/contract. Caveats first:
 * one process and one thread a store; not on a network file system; what a read answers is
 * borrowed and dies at store_release or at the next write. */

struct store;

enum store_care {
    STORE_DURABLE, /* a write that has returned 0 survives a power cut */
    STORE_CACHE    /* a write survives the process, not the machine; all of it may be thrown away */
};

enum {
    STORE_E_ABSENT = 1, /* no such key */
    STORE_E_FULL,       /* the disk is full; nothing of this write was kept */
    STORE_E_BUSY,       /* open: another process has it */
    STORE_E_UNREADABLE  /* open: not a store, or broken */
};

#define STORE_KEY_LIMIT   500 /* bytes, >= 1 */
#define STORE_VALUE_PARTS 4

/* One change: the value is the concatenation of its parts; n_parts 0 deletes the key (absent is
 * fine). Everything is borrowed for the call. */
struct store_put {
    struct slice key;
    struct slice part[STORE_VALUE_PARTS];
    size_t n_parts;
};

/* All of the changes or none, in one transaction. Ends any read. */
int store_write(struct store *store, const struct store_put *puts, size_t n) MUST_USE;

/* The value of a key, 8-aligned, read in place until store_release. Opens a read transaction
 * that sees one moment until it is released. */
int store_read(struct store *store, struct slice key, struct slice *value) MUST_USE;
void store_release(struct store *store);

/* Calls each(context, key, value) in bytewise key order for every key with this prefix, until it
 * answers non-zero, which is then the answer. Part of the same read transaction. */
int store_each(struct store *store, struct slice prefix,
               int (*each)(void *context, struct slice key, struct slice value),
               void *context) MUST_USE;

/* Bytes on disk. */
uint64_t store_bytes(const struct store *store);

void store_close(struct store **store);

struct store_ways {
    int (*write)(struct store *, const struct store_put *, size_t);
    int (*read)(struct store *, struct slice, struct slice *);
    void (*release)(struct store *);
    int (*each)(struct store *, struct slice, int (*)(void *, struct slice, struct slice), void *);
    uint64_t (*bytes)(const struct store *);
    void (*close)(struct store *);
};
struct store {
    const struct store_ways *ways;
};

/* Opens or makes the LMDB environment in the directory (made 0700 when absent). */
int store_lmdb_open(const char *directory, enum store_care care, struct store **store) MUST_USE;

#endif
