/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/recognition.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "ventilator/ahead.h"

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

/* Under way: what has been hashed, and the checkpoints that are still to come. */
struct hashing {
    const struct known *known;
    XXH3_state_t state;
    uint64_t bytes;
    struct checkpoint *next, *end;
};

static void look_at_checkpoints(struct hashing *self)
{
    for (; self->next < self->end && self->next->bytes == self->bytes; self->next++)
        self->next->same =
            digest_same(digest_now(&self->state), known_at(self->known, self->next->known)->digest);
}

static void hash_block(struct hashing *self, struct slice block)
{
    const char *at = block.data;
    for (size_t left = block.size; left > 0;) {
        uint64_t to_next = self->next < self->end ? self->next->bytes - self->bytes : left;
        size_t some = to_next < left ? (size_t)to_next : left;
        XXH3_128bits_update(&self->state, at, some);
        self->bytes += some;
        at += some;
        left -= some;
        look_at_checkpoints(self);
    }
}

/* Hashes to the end, and compares on the way. */
static int hash_file(const struct known *known, int file, struct checkpoint *list, size_t n,
                     struct recognition *found)
{
    struct hashing hashing = {.known = known, .next = list, .end = list + n};
    struct ahead *ahead;
    struct slice block;
    int r = ahead_open(file, &ahead);
    if (r < 0)
        return r;
    XXH3_128bits_reset(&hashing.state);
    look_at_checkpoints(&hashing);
    while (ahead_next(ahead, &block) == 0)
        hash_block(&hashing, block);
    ahead_close(&ahead);
    found->bytes = hashing.bytes;
    found->digest = digest_now(&hashing.state);
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

/* The known input that this file was when it was last looked at; known_size() where it was none. */
static size_t stamped(const struct recognition_order *order)
{
    size_t i = 0;
    for (; i < known_size(order->known); i++) {
        const struct known_input *known = known_at(order->known, i);
        if (digest_same(known->how, order->how) && known->bytes == order->stamp.bytes &&
            stamp_same(&known->stamp, &order->stamp))
            break;
    }
    return i;
}

static int take_stamped(const struct known_input *known, size_t i, struct recognition *found)
{
    found->match = malloc(sizeof *found->match);
    if (!found->match)
        return log_fail(STATUS_BUG, "out of memory for a known input");
    found->match[found->n++] = i;
    found->bytes = known->bytes;
    found->digest = known->digest;
    return 0;
}

int recognition_find(const struct recognition_order *order, struct recognition *found)
{
    struct stat info;
    int r = 0;
    *found = (struct recognition){0};
    if (known_size(order->known) == 0)
        return 0;
    size_t known = stamped(order);
    if (known < known_size(order->known))
        return take_stamped(known_at(order->known, known), known, found);
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
