/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing by the low bits of the hash (the high bits are the same in a shard), 32 others beside the
 * number, so that the hash and the length are looked at where they agree, and ids only where those do; and
 * not even then where they are short. Three slots of four are free: with every second one free a third of the
 * ids need another look, which no processor foresees.
 *
 * XXH3 of 1 to 3 bytes, and of 4 to 8, puts all of them into one word, together with their length or given
 * it, and mixes that word by steps that can each be undone: a xor with a constant, with two rotations of itself
 * or with its own upper bits, a product with an odd number. So two such ids of one length and one hash
 * are the same id, and their bytes need not be waited for. */
#include "common/roster.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/log.h"

#define SLOTS_LEAST  16384
#define SLOTS_A_NAME 4
#define TOGETHER     16 /* ids looked for side by side */
#define TOLD_APART   8  /* ids of so many bytes at most are what their hash and length are */

struct slot {
    uint32_t tag;    /* tag_of his hash */
    uint32_t number; /* + 1; 0: free */
};

struct roster {
    struct slot *slots;
    size_t n_slots; /* a power of two, SLOTS_A_NAME times n or more */
    uint32_t n;
    uint64_t *hash;      /* n */
    uint32_t *id_offset; /* n + 1 */
    char *ids;
    size_t room_customers, room_ids;
    struct radix_item *items; /* 2 n when ranked */
    size_t room_items;
};

/* Bits that a shard's hashes do not share, and that do not place them in any table that fits memory. */
static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 24);
}

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG,
                        "out of memory for %zu names of a shard; --shards makes shards smaller", n);
    *at = more;
    return 0;
}

int roster_new(struct roster **out)
{
    struct roster *roster = calloc(1, sizeof *roster);
    int r = roster ? 0 : log_fail(STATUS_BUG, "out of memory for a roster");
    if (r == 0) {
        roster->n_slots = SLOTS_LEAST;
        roster->room_customers = SLOTS_LEAST / SLOTS_A_NAME;
        roster->slots = calloc(SLOTS_LEAST, sizeof *roster->slots);
        r = roster->slots ? 0 : log_fail(STATUS_BUG, "out of memory for a roster");
    }
    if (r == 0)
        r = grow(&roster->hash, roster->room_customers, sizeof *roster->hash);
    if (r == 0)
        r = grow(&roster->id_offset, roster->room_customers, sizeof *roster->id_offset);
    if (r < 0) {
        roster_destroy(&roster);
        return r;
    }
    roster_forget(roster);
    *out = roster;
    return 0;
}

void roster_destroy(struct roster **roster)
{
    if (!*roster)
        return;
    free((*roster)->slots);
    free((*roster)->hash);
    free((*roster)->id_offset);
    free((*roster)->ids);
    free((*roster)->items);
    free(*roster);
    *roster = NULL;
}

void roster_forget(struct roster *roster)
{
    if (roster->n > 0) /* it is forgotten more often than it is used */
        memset(roster->slots, 0, roster->n_slots * sizeof *roster->slots);
    roster->n = 0;
    roster->id_offset[0] = 0;
}

static int slots_double(struct roster *roster)
{
    size_t n = roster->n_slots * 2;
    struct slot *slots = calloc(n, sizeof *slots);
    if (!slots)
        return log_fail(STATUS_BUG, "out of memory for a table of %zu names", n);
    for (size_t i = 0; i < roster->n_slots; i++) {
        if (!roster->slots[i].number)
            continue;
        size_t at = roster->hash[roster->slots[i].number - 1] & (n - 1);
        while (slots[at].number)
            at = (at + 1) & (n - 1);
        slots[at] = roster->slots[i];
    }
    free(roster->slots);
    roster->slots = slots;
    roster->n_slots = n;
    return 0;
}

static int room_for(struct roster *roster, size_t length)
{
    int r = 0;
    if ((size_t)roster->n + 1 >= roster->room_customers) {
        size_t room = roster->room_customers * 2;
        r = grow(&roster->hash, room, sizeof *roster->hash);
        if (r == 0)
            r = grow(&roster->id_offset, room, sizeof *roster->id_offset);
        if (r == 0)
            roster->room_customers = room;
    }
    if (r == 0 &&
        roster->id_offset[roster->n] + length >= roster->room_ids) { /* "" is a name too */
        size_t room = (roster->id_offset[roster->n] + length) * 2 + 65536;
        r = grow(&roster->ids, room, 1);
        if (r == 0)
            roster->room_ids = room;
    }
    return r;
}

static int customer_add(struct roster *roster, struct slot *slot, const char *id, size_t length,
                        uint64_t hash)
{
    int r = room_for(roster, length);
    if (r < 0)
        return r;
    uint32_t from = roster->id_offset[roster->n];
    if (length > 0)
        memcpy(roster->ids + from, id, length);
    roster->hash[roster->n] = hash;
    roster->id_offset[roster->n + 1] = from + (uint32_t)length;
    slot->tag = tag_of(hash);
    slot->number = ++roster->n;
    return roster->n * (size_t)SLOTS_A_NAME > roster->n_slots ? slots_double(roster) : 0;
}

/* Like memcmp of n bytes against 0; most ids are short, and a call costs more than comparing them. */
static inline int differ(const char *a, const char *b, size_t n)
{
    uint64_t x, y, last_x, last_y;
    if (n < sizeof x || n > 2 * sizeof x)
        return memcmp(a, b, n) != 0;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    memcpy(&last_x, a + n - sizeof x, sizeof x);
    memcpy(&last_y, b + n - sizeof y, sizeof y);
    return ((x ^ y) | (last_x ^ last_y)) != 0;
}

static inline int same_id(const struct roster *roster, uint32_t number, const char *id,
                          size_t length, uint64_t hash)
{
    uint32_t from = roster->id_offset[number];
    if (roster->hash[number] != hash || roster->id_offset[number + 1] - from != length)
        return 0;
    if (length <= TOLD_APART)
        return 1; /* there is one id without bytes, too */
    return !differ(roster->ids + from, id, length);
}

/* His slot, or the free one where he belongs. */
static inline struct slot *slot_of(const struct roster *roster, const char *id, size_t length,
                                   uint64_t hash)
{
    size_t at = hash & (roster->n_slots - 1);
    for (; roster->slots[at].number; at = (at + 1) & (roster->n_slots - 1))
        if (roster->slots[at].tag == tag_of(hash) &&
            same_id(roster, roster->slots[at].number - 1, id, length, hash))
            break;
    return &roster->slots[at];
}

static inline int number_hashed(struct roster *roster, const char *id, size_t length, uint64_t hash,
                                uint32_t *number)
{
    struct slot *slot = slot_of(roster, id, length, hash);
    if (slot->number) {
        *number = slot->number - 1;
        return 0;
    }
    *number = roster->n;
    return customer_add(roster, slot, id, length, hash);
}

int roster_number(struct roster *roster, const char *id, size_t length, uint32_t *number)
{
    return number_hashed(roster, id, length, hash_customer(id, length), number);
}

/* The hashes of n ids from here on, and their slots asked for. */
static inline void expect(const struct roster *roster, const char *id, const uint16_t *length,
                          size_t n, uint64_t *hash)
{
    for (size_t i = 0; i < n; i++) {
        hash[i] = hash_customer(id, length[i]);
        __builtin_prefetch(&roster->slots[hash[i] & (roster->n_slots - 1)]);
        id += length[i];
    }
}

int roster_number_all(struct roster *roster, const char *ids, const uint16_t *length, size_t n,
                      uint32_t *numbers)
{
    uint64_t hash[TOGETHER];
    for (size_t from = 0; from < n; from += TOGETHER) {
        size_t some = n - from < TOGETHER ? n - from : TOGETHER;
        expect(roster, ids, length + from, some, hash);
        for (size_t i = 0; i < some; i++) {
            int r = number_hashed(roster, ids, length[from + i], hash[i], &numbers[from + i]);
            if (r < 0)
                return r;
            ids += length[from + i];
        }
    }
    return 0;
}

uint32_t roster_find(const struct roster *roster, const char *id, size_t length)
{
    const struct slot *slot = slot_of(roster, id, length, hash_customer(id, length));
    return slot->number ? slot->number - 1 : UINT32_MAX;
}

uint32_t roster_size(const struct roster *roster)
{
    return roster->n;
}

uint64_t roster_hash(const struct roster *roster, uint32_t number)
{
    return roster->hash[number];
}

const char *roster_id(const struct roster *roster, uint32_t number, size_t *length)
{
    uint32_t from = roster->id_offset[number];
    *length = roster->id_offset[number + 1] - from;
    return roster->ids + from;
}

size_t roster_ids_size(const struct roster *roster)
{
    return roster->id_offset[roster->n];
}

static int id_before(const struct roster *roster, uint32_t a, uint32_t b)
{
    size_t a_length, b_length;
    const char *a_id = roster_id(roster, a, &a_length), *b_id = roster_id(roster, b, &b_length);
    int order = memcmp(a_id, b_id, a_length < b_length ? a_length : b_length);
    return order != 0 ? order < 0 : a_length < b_length;
}

/* Where neighbours have one hash their ids decide. */
static void mend_equal_hashes(const struct roster *roster, struct radix_item *items)
{
    for (size_t i = 1; i < roster->n; i++)
        for (size_t k = i;
             k > 0 && items[k].key == items[k - 1].key &&
             id_before(roster, (uint32_t)items[k].value, (uint32_t)items[k - 1].value);
             k--) {
            struct radix_item swap = items[k];
            items[k] = items[k - 1];
            items[k - 1] = swap;
        }
}

int roster_ranked(struct roster *roster, const struct radix_item **ranked)
{
    if ((size_t)roster->n * 2 > roster->room_items) {
        size_t room = (size_t)roster->n * 3;
        int r = grow(&roster->items, room, sizeof *roster->items);
        if (r < 0)
            return r;
        roster->room_items = room;
    }
    for (uint32_t i = 0; i < roster->n; i++)
        roster->items[i] = (struct radix_item){roster->hash[i], i};
    if (roster->n > 0) /* of nobody there is no array to point into */
        radix_sort_even(roster->items, roster->items + roster->n, roster->n);
    mend_equal_hashes(roster, roster->items);
    *ranked = roster->items;
    return 0;
}

/* order[0..n) sorted by name, by merging halves. */
static void sort_names(const struct roster *roster, uint32_t *order, uint32_t *scratch, uint32_t n)
{
    if (n < 2)
        return;
    uint32_t half = n / 2, a = 0, b = half, at = 0;
    sort_names(roster, order, scratch, half);
    sort_names(roster, order + half, scratch, n - half);
    while (a < half || b < n)
        scratch[at++] = b == n || (a < half && !id_before(roster, order[b], order[a])) ? order[a++]
                                                                                       : order[b++];
    memcpy(order, scratch, n * sizeof *order);
}

void roster_by_name(const struct roster *roster, uint32_t *order, uint32_t *scratch)
{
    for (uint32_t i = 0; i < roster->n; i++)
        order[i] = i;
    sort_names(roster, order, scratch, roster->n);
}
