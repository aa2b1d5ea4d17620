/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and values in an LMDB environment: read in place, written by copying into pages that LMDB
 * reserves. No WRITEMAP, though it would save that copy: a full disk is an error code here and
 * SIGBUS there. The map's size is no setting: it doubles when a batch does not fit, and the batch
 * is done again.
 *
 * A value of more than about 2 KB has pages of its own and lies 16 bytes into them; smaller ones
 * lie between others at any even address, and those that do are copied, so that every value is
 * 8-aligned.
 *
 * LMDB lets several processes in, and trusts a file that a power cut may have left half written.
 * Both are ours to refuse (owner.h). */
#include "common/store.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/owner.h"

#define MAP_FIRST ((size_t)16 << 20)
/* Values read in place stay in the process's resident memory until they are let go. Doing so every
 * 4 MiB costs 0.03 core-seconds a GB that is read again, and holds a read of 1 GB to 5 MB resident;
 * letting go rarely costs nearly as much and holds a hundred. */
#define LOOKED_LIMIT ((size_t)4 << 20)
#define COPIES_BYTES ((size_t)64 << 10)

/* Small values, copied to where they are aligned; gone at the release. */
struct copies {
    struct copies *next;
    size_t used;
    size_t room;
    uint64_t data[];
};

struct store_lmdb {
    struct store port;
    char *directory;
    enum store_care care;
    int directory_fd;
    int owner_fd; /* locked */
    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *look; /* the read transaction, renewed and reset; NULL before the first */
    int looking;
    const char *looked_low; /* the span of the map that was read in place since it was let go */
    const char *looked_high;
    size_t looked_bytes;
    struct copies *copies;
    int broken; /* the map could not be made again */
};

static struct store_lmdb *self_of(struct store *store)
{
    return (struct store_lmdb *)store;
}

static int failed(const struct store_lmdb *self, const char *what, int error)
{
    int status = error == ENOMEM || error == MDB_TXN_FULL || error == MDB_BAD_VALSIZE ? STATUS_BUG
                                                                                      : STATUS_IO;
    return log_fail(status, "cannot %s store %s: %s", what, self->directory, mdb_strerror(error));
}

/* LMDB has one type for what it reads and what it writes; it does not write through this one. */
static MDB_val borrowed(struct slice slice)
{
    return (MDB_val){slice.size, (void *)slice.data};
}

/* ---- copies ---- */

static void copies_clear(struct store_lmdb *self)
{
    while (self->copies) {
        struct copies *first = self->copies;
        self->copies = first->next;
        free(first);
    }
}

static int copies_room(struct store_lmdb *self, size_t size)
{
    if (self->copies && self->copies->room - self->copies->used >= size)
        return 0;
    size_t room = size > COPIES_BYTES ? size : COPIES_BYTES;
    struct copies *more = malloc(sizeof *more + room);
    if (!more)
        return ENOMEM;
    *more = (struct copies){.next = self->copies, .room = room};
    self->copies = more;
    return 0;
}

static void looked_put(struct store_lmdb *self, const MDB_val *seen)
{
    const char *low = seen->mv_data, *high = low + seen->mv_size;
    if (self->looked_bytes == 0 || low < self->looked_low)
        self->looked_low = low;
    if (self->looked_bytes == 0 || high > self->looked_high)
        self->looked_high = high;
    self->looked_bytes += seen->mv_size;
}

/* The value as the caller sees it; 0 or ENOMEM. */
static int aligned(struct store_lmdb *self, const MDB_val *seen, struct slice *value)
{
    *value = (struct slice){seen->mv_data, seen->mv_size};
    looked_put(self, seen);
    if ((uintptr_t)seen->mv_data % 8 == 0)
        return 0;
    size_t size = (seen->mv_size + 7) / 8 * 8;
    if (copies_room(self, size))
        return ENOMEM;
    char *to = (char *)self->copies->data + self->copies->used;
    memcpy(to, seen->mv_data, seen->mv_size);
    self->copies->used += size;
    value->data = to;
    return 0;
}

/* ---- the map ---- */

/* Gives the file the map's length, as a hole: pages that a transaction took and gave back are never
 * written, so that LMDB's own file may end before its last page and look cut off when it is not. */
static int map_cover(struct store_lmdb *self, size_t size)
{
    int fd;
    struct stat seen;
    (void)mdb_env_get_fd(self->env, &fd);
    if (fstat(fd, &seen))
        return errno;
    if ((uint64_t)seen.st_size >= size)
        return 0;
    if (ftruncate(fd, (off_t)size))
        return errno;
    return self->care == STORE_DURABLE && fsync(fd) ? errno : 0;
}

/* No transaction may be open. 0: the size in the file. */
static int map_resize(struct store_lmdb *self, size_t size)
{
    self->looked_bytes = 0; /* those addresses are somebody else's from here on */
    int error = mdb_env_set_mapsize(self->env, size);
    self->broken = error != 0;
    return error;
}

static int map_grow(struct store_lmdb *self, size_t batch_bytes)
{
    MDB_envinfo info;
    (void)mdb_env_info(self->env, &info);
    size_t room = batch_bytes > info.me_mapsize ? batch_bytes : info.me_mapsize;
    int error = map_resize(self, info.me_mapsize + room);
    if (error)
        (void)map_resize(self, info.me_mapsize);
    return error ? error : map_cover(self, info.me_mapsize + room);
}

/* ---- writing ---- */

static size_t put_bytes(const struct store_put *put)
{
    size_t size = 0;
    for (size_t i = 0; i < put->n_parts; i++)
        size += put->part[i].size;
    return size;
}

static size_t batch_bytes(const struct store_put *puts, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += puts[i].key.size + put_bytes(&puts[i]);
    return size;
}

static int change(MDB_txn *txn, MDB_dbi dbi, const struct store_put *put)
{
    MDB_val key = borrowed(put->key), value = {put_bytes(put), NULL};
    if (put->n_parts == 0) {
        int error = mdb_del(txn, dbi, &key, NULL);
        return error == MDB_NOTFOUND ? 0 : error;
    }
    int error = mdb_put(txn, dbi, &key, &value, MDB_RESERVE);
    if (error)
        return error;
    char *to = value.mv_data;
    for (size_t i = 0; i < put->n_parts; i++) {
        if (put->part[i].size)
            memcpy(to, put->part[i].data, put->part[i].size);
        to += put->part[i].size;
    }
    return 0;
}

/* The whole batch in one transaction: 0, or what LMDB says with nothing kept. */
static int attempt(struct store_lmdb *self, const struct store_put *puts, size_t n)
{
    MDB_txn *txn;
    int error = mdb_txn_begin(self->env, NULL, 0, &txn);
    if (error)
        return error;
    for (size_t i = 0; i < n && !error; i++)
        error = change(txn, self->dbi, &puts[i]);
    if (!error) {
        if (self->care == STORE_DURABLE)
            crash_point("sink-in-commit");
        return mdb_txn_commit(txn);
    }
    mdb_txn_abort(txn);
    return error;
}

/* LMDB calls a short write EIO, and a disk that fills up in the middle of one gives just that. */
static int disk_full(const struct store_lmdb *self, int error, size_t bytes)
{
    struct statvfs disk;
    if (error == ENOSPC || error == EDQUOT)
        return 1;
    if (error != EIO || fstatvfs(self->directory_fd, &disk))
        return 0;
    return (uint64_t)disk.f_bavail * disk.f_frsize < (uint64_t)bytes + MAP_FIRST / 16;
}

static void lmdb_release(struct store *store);

static int lmdb_write(struct store *store, const struct store_put *puts, size_t n)
{
    struct store_lmdb *self = self_of(store);
    size_t bytes = batch_bytes(puts, n);
    lmdb_release(store);
    if (n == 0)
        return STATUS_DONE;
    int error = self->broken ? EIO : attempt(self, puts, n);
    while (error == MDB_MAP_FULL || error == MDB_MAP_RESIZED) {
        error = error == MDB_MAP_FULL ? map_grow(self, bytes) : map_resize(self, 0);
        if (!error)
            error = attempt(self, puts, n);
    }
    if (!error)
        return STATUS_DONE;
    return disk_full(self, error, bytes) ? STORE_E_FULL : failed(self, "write to", error);
}

/* ---- reading ---- */

/* MDB_NOTLS is set, so the transaction is this object's and not the thread's. */
static int look_begin(struct store_lmdb *self)
{
    if (self->looking)
        return 0;
    if (self->broken)
        return EIO;
    int error = self->look ? mdb_txn_renew(self->look)
                           : mdb_txn_begin(self->env, NULL, MDB_RDONLY, &self->look);
    if (error == MDB_MAP_RESIZED && !(error = map_resize(self, 0)))
        error = self->look ? mdb_txn_renew(self->look)
                           : mdb_txn_begin(self->env, NULL, MDB_RDONLY, &self->look);
    self->looking = !error;
    return error;
}

/* The pages stay in the system's cache; they only leave this process's resident memory. */
static void looked_let_go(struct store_lmdb *self)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const char *low = self->looked_low - (uintptr_t)self->looked_low % page;
    (void)madvise((void *)low, (size_t)(self->looked_high - low), MADV_DONTNEED);
    self->looked_bytes = 0;
}

static void lmdb_release(struct store *store)
{
    struct store_lmdb *self = self_of(store);
    if (self->looking)
        mdb_txn_reset(self->look);
    self->looking = 0;
    copies_clear(self);
    if (self->looked_bytes >= LOOKED_LIMIT)
        looked_let_go(self);
}

static int lmdb_read(struct store *store, struct slice key, struct slice *value)
{
    struct store_lmdb *self = self_of(store);
    MDB_val name = borrowed(key), seen;
    int error = look_begin(self);
    if (!error)
        error = mdb_get(self->look, self->dbi, &name, &seen);
    if (error == MDB_NOTFOUND)
        return STORE_E_ABSENT;
    if (!error)
        error = aligned(self, &seen, value);
    return error ? failed(self, "read", error) : STATUS_DONE;
}

static int within(struct slice prefix, const MDB_val *key)
{
    return key->mv_size >= prefix.size && !memcmp(key->mv_data, prefix.data, prefix.size);
}

static int lmdb_each(struct store *store, struct slice prefix,
                     int (*each)(void *, struct slice, struct slice), void *context)
{
    struct store_lmdb *self = self_of(store);
    MDB_val key = borrowed(prefix), seen;
    MDB_cursor *cursor = NULL;
    struct slice value;
    int answer = 0, error = look_begin(self);
    if (!error)
        error = mdb_cursor_open(self->look, self->dbi, &cursor);
    if (!error)
        error = mdb_cursor_get(cursor, &key, &seen, prefix.size ? MDB_SET_RANGE : MDB_FIRST);
    while (!error && !answer && (prefix.size == 0 || within(prefix, &key))) {
        error = aligned(self, &seen, &value);
        if (!error)
            answer = each(context, (struct slice){key.mv_data, key.mv_size}, value);
        if (!error && !answer)
            error = mdb_cursor_get(cursor, &key, &seen, MDB_NEXT);
    }
    if (cursor)
        mdb_cursor_close(cursor);
    if (error && error != MDB_NOTFOUND)
        return failed(self, "read", error);
    return answer;
}

static uint64_t lmdb_bytes(const struct store *store)
{
    const struct store_lmdb *self = (const struct store_lmdb *)store;
    struct stat seen;
    if (fstatat(self->directory_fd, "data.mdb", &seen, 0))
        return 0;
    return (uint64_t)seen.st_blocks * 512; /* the length has a hole in it */
}

/* ---- opening ---- */

static int unreadable(const struct store_lmdb *self, const char *why)
{
    log_say(LOG_WARN, "cannot use store %s: %s", self->directory, why);
    return STORE_E_UNREADABLE;
}

static int directory_open(struct store_lmdb *self)
{
    if (!self->directory)
        return log_fail(STATUS_BUG, "out of memory");
    if (mkdir(self->directory, 0700) && errno != EEXIST)
        return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s; --state names another place",
                        self->directory, strerror(errno));
    self->directory_fd = open(self->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->directory_fd >= 0)
        return STATUS_DONE;
    return errno == ENOTDIR ? unreadable(self, "not a directory") : failed(self, "open", errno);
}

static int environment_refused(const struct store_lmdb *self, int error)
{
    if (error == MDB_INVALID || error == MDB_VERSION_MISMATCH || error == MDB_CORRUPTED ||
        error == MDB_PAGE_NOTFOUND || error == EISDIR)
        return unreadable(self, mdb_strerror(error));
    if (error == EAGAIN || error == EBUSY)
        return STORE_E_BUSY;
    return failed(self, "open", error);
}

static int environment_open(struct store_lmdb *self)
{
    /* NOTLS: a reader belongs to the object, and a thread that ends takes nothing with it. Not
     * NORDAHEAD: values are read from end to end (cold, 0.6 to 0.9 GB/s with readahead on, 0.05
     * off). */
    unsigned flags = MDB_NOTLS | (self->care == STORE_CACHE ? MDB_NOSYNC : 0);
    struct stat seen = {0};
    (void)fstatat(self->directory_fd, "data.mdb", &seen, 0);
    size_t size = (size_t)seen.st_size > MAP_FIRST ? (size_t)seen.st_size : MAP_FIRST;
    int error = mdb_env_create(&self->env);
    if (!error)
        error = mdb_env_set_mapsize(self->env, size);
    if (!error)
        error = mdb_env_open(self->env, self->directory, flags, 0600);
    return error ? environment_refused(self, error) : STATUS_DONE;
}

/* A file that ends before its last page would answer with SIGBUS. */
static int environment_whole(struct store_lmdb *self)
{
    MDB_envinfo info;
    MDB_stat tree;
    struct stat seen;
    int error = mdb_env_info(self->env, &info);
    if (!error)
        error = mdb_env_stat(self->env, &tree);
    if (!error && fstatat(self->directory_fd, "data.mdb", &seen, 0))
        error = errno;
    if (error)
        return failed(self, "open", error);
    if ((uint64_t)seen.st_size < (uint64_t)(info.me_last_pgno + 1) * tree.ms_psize)
        return unreadable(self, "its file is cut off");
    error = map_cover(self, info.me_mapsize);
    return error ? failed(self, "open", error) : STATUS_DONE;
}

/* The one table there is. */
static int table_open(struct store_lmdb *self)
{
    int error = look_begin(self);
    if (!error)
        error = mdb_dbi_open(self->look, NULL, 0, &self->dbi);
    lmdb_release(&self->port);
    return error ? environment_refused(self, error) : STATUS_DONE;
}

/* The names of new files survive a power cut only when their directories have been written. */
static int directory_flush(struct store_lmdb *self)
{
    int parent = openat(self->directory_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fsync(self->directory_fd) || parent < 0 || fsync(parent) ? errno : 0;
    if (parent >= 0)
        close(parent);
    return rc ? failed(self, "flush", rc) : STATUS_DONE;
}

static int care_begin(struct store_lmdb *self)
{
    if (self->care == STORE_CACHE)
        return owner_sign(self->owner_fd, self->directory);
    int error = mdb_env_sync(self->env, 1);
    int rc = error ? failed(self, "flush", error) : owner_clear(self->owner_fd, self->directory);
    return rc ? rc : directory_flush(self);
}

static void lmdb_close(struct store *store)
{
    struct store_lmdb *self = self_of(store);
    lmdb_release(store);
    if (self->look)
        mdb_txn_abort(self->look);
    if (self->env)
        mdb_env_close(self->env);
    if (self->owner_fd >= 0)
        close(self->owner_fd); /* and unlocks */
    if (self->directory_fd >= 0)
        close(self->directory_fd);
    free(self->directory);
    free(self);
}

static int open_all(struct store_lmdb *self)
{
    int rc = directory_open(self);
    if (!rc)
        rc = owner_lock(self->directory_fd, self->directory, &self->owner_fd);
    if (rc == OWNER_E_BUSY)
        return STORE_E_BUSY;
    if (!rc && !owner_trusts(self->owner_fd))
        rc = unreadable(self, "a cache that was written when the machine went down");
    if (!rc)
        rc = environment_open(self);
    if (!rc)
        rc = environment_whole(self);
    if (!rc)
        rc = table_open(self);
    return rc ? rc : care_begin(self);
}

int store_lmdb_open(const char *directory, enum store_care care, struct store **store)
{
    static const struct store_ways ways = {
        .write = lmdb_write,
        .read = lmdb_read,
        .release = lmdb_release,
        .each = lmdb_each,
        .bytes = lmdb_bytes,
        .close = lmdb_close,
    };
    struct store_lmdb *self = calloc(1, sizeof *self);
    if (!self)
        return log_fail(STATUS_BUG, "out of memory");
    *self =
        (struct store_lmdb){.port.ways = &ways, .care = care, .directory_fd = -1, .owner_fd = -1};
    self->directory = strdup(directory);
    int rc = open_all(self);
    if (rc) {
        lmdb_close(&self->port);
        return rc;
    }
    *store = &self->port;
    return STATUS_DONE;
}
