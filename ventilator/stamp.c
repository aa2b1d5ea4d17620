/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/stamp.h"

#include <sys/stat.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

static int64_t ns_of(struct timespec time)
{
    return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

struct stamp stamp_of(const char *path, int64_t now_ms)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return (struct stamp){0};
    struct stamp stamp = {(uint64_t)info.st_dev, (uint64_t)info.st_ino, (uint64_t)info.st_size,
                          ns_of(info.st_mtim), ns_of(info.st_ctim)};
    return stamp.changed_ns / NS_PER_MS < now_ms - STAMP_SETTLED_MS ? stamp : (struct stamp){0};
}

int stamp_same(const struct stamp *a, const struct stamp *b)
{
    return a->changed_ns != 0 && a->changed_ns == b->changed_ns &&
           a->modified_ns == b->modified_ns && a->device == b->device && a->inode == b->inode &&
           a->bytes == b->bytes;
}
