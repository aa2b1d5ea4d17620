/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/recognition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define HASH_BLOCK ((size_t)1 << 20)

/* A length at which the digest so far is wanted, and whether it was that of the known input. */
struct checkpoint {
    size_t known; /* index */
    uint64_t bytes;
    int same;
};

static int by_bytes(const void *left, const void *right)
{
    const struct checkpoint *a = left, *b = right;
    return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

static size_t checkpoints(const struct recognition_order *order, uint64_t size,
                          struct checkpoint *list)
{
    size_t n = 0;
    for (size_t i = 0; i < known_size(order->known); i++) {
        const struct known_input *known = known_at(order->known, i);
        if (digest_same(known->how, order->how) &&
            (order->whole_only ? known->bytes == size : known->bytes <= size))
            list[n++] = (struct checkpoint){i, known->bytes, 0};
    }
    qsort(list, n, sizeof *list, by_bytes);
    return n;
}

static struct digest digest_now(const XXH3_state_t *state)
{
    XXH128_hash_t h = XXH3_128bits_digest(state);
    return (struct digest){h.low64, h.high64};
}

/* Hashes to the end, and compares on the way. */
static int hash_file(const struct known *known, int file, struct checkpoint *list, size_t n,
                     struct recognition *found)
{
    XXH3_state_t state;
    size_t at = 0;
    char *block = malloc(HASH_BLOCK);
    if (!block)
        return log_fail(STATUS_BUG, "out of memory to hash an input");
    XXH3_128bits_reset(&state);
    for (;;) {
        for (; at < n && list[at].bytes == found->bytes; at++)
            list[at].same =
                digest_same(digest_now(&state), known_at(known, list[at].known)->digest);
        uint64_t left = at < n ? list[at].bytes - found->bytes : HASH_BLOCK;
        ssize_t got = read(file, block, left < HASH_BLOCK ? (size_t)left : HASH_BLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        XXH3_128bits_update(&state, block, (size_t)got);
        found->bytes += (uint64_t)got;
    }
    free(block);
    found->digest = digest_now(&state);
    return 0;
}

static int compare(const struct recognition_order *order, int file, uint64_t size,
                   struct recognition *found)
{
    size_t room = known_size(order->known) + 1;
    struct checkpoint *list = malloc(room * sizeof *list);
    found->match = malloc(room * sizeof *found->match);
    if (!list || !found->match) {
        free(list);
        return log_fail(STATUS_BUG, "out of memory for %zu known inputs", room);
    }
    size_t n = checkpoints(order, size, list);
    int r = n > 0 ? hash_file(order->known, file, list, n, found) : 0;
    for (size_t i = n; r == 0 && i-- > 0;)
        if (list[i].same)
            found->match[found->n++] = list[i].known;
    free(list);
    return r;
}

int recognition_find(const struct recognition_order *order, struct recognition *found)
{
    struct stat info;
    int r = 0;
    *found = (struct recognition){0};
    if (known_size(order->known) == 0)
        return 0;
    int file = open(order->path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode))
        r = compare(order, file, (uint64_t)info.st_size, found);
    close(file);
    if (r < 0)
        recognition_free(found);
    return r;
}

void recognition_free(struct recognition *found)
{
    free(found->match);
    found->match = NULL;
    found->n = 0;
}
