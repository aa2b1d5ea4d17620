/* SPDX-License-Identifier: Apache-2.0 */
/* Least significant byte first; bytes in which all keys agree are skipped, so small numbers packed
 * into a wide key cost only what they use. Short lists go by insertion.
 *
 * In place it is by the eight topmost bits that differ, each item swapped to where its bits belong and
 * the items of one bucket sorted by what differs among them: the American flag of McIlroy, Bostic & McIlroy, "Engineering
 * Radix Sort" (Computing Systems 6, 1993). */
#include "common/radix.h"

#include <string.h>

#define SHORT      48
#define EVEN_MOVES 4 /* an item */

static void insertion(struct radix_item *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct radix_item item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static void scatter(const struct radix_item *from, struct radix_item *to, size_t n, int shift)
{
    size_t start[256] = {0}, at = 0;
    for (size_t i = 0; i < n; i++)
        start[(from[i].key >> shift) & 255]++;
    for (size_t b = 0; b < 256; b++) {
        size_t count = start[b];
        start[b] = at;
        at += count;
    }
    for (size_t i = 0; i < n; i++)
        to[start[(from[i].key >> shift) & 255]++] = from[i];
}

void radix_sort(struct radix_item *items, struct radix_item *scratch, size_t n)
{
    uint64_t differ = 0;
    struct radix_item *from = items, *to = scratch;
    if (n <= SHORT) {
        insertion(items, n);
        return;
    }
    for (size_t i = 1; i < n; i++)
        differ |= items[i].key ^ items[0].key;
    for (int shift = 0; shift < 64; shift += 8) {
        if (((differ >> shift) & 255) == 0)
            continue;
        scatter(from, to, n, shift);
        struct radix_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

/* Whether insertion was as cheap as n evenly spread keys make it; where it was not, the order is none. */
static int insertion_cheap(struct radix_item *items, size_t n)
{
    size_t moves = 0;
    for (size_t i = 1; i < n && moves <= EVEN_MOVES * n; i++) {
        struct radix_item item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
        moves += i - at;
    }
    return moves <= EVEN_MOVES * n;
}

/* Sorts items by `bytes` bytes from shift on. */
static void sort_by_bytes(struct radix_item *items, struct radix_item *scratch, size_t n, int shift,
                          int bytes)
{
    struct radix_item *from = items, *to = scratch;
    for (int end = shift + 8 * bytes; shift < end; shift += 8) {
        scatter(from, to, n, shift);
        struct radix_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

/* Who chooses names by their hashes must not make this quadratic: the long way is then the short one. */
void radix_sort_even(struct radix_item *items, struct radix_item *scratch, size_t n)
{
    uint64_t differ = 0;
    int bytes = 1;
    for (size_t i = 1; i < n; i++)
        differ |= items[i].key ^ items[0].key;
    while (bytes < 8 && n >> (8 * bytes - 1) > 0)
        bytes++;
    int top = differ ? 64 - __builtin_clzll(differ) : 0;
    if (n > SHORT && 8 * bytes < top) {
        sort_by_bytes(items, scratch, n, top - 8 * bytes, bytes);
        if (insertion_cheap(items, n))
            return;
    }
    radix_sort(items, scratch, n);
}

/* The shift of the eight topmost bits in which keys differ; -1 when all are equal. */
static int top_shift(const struct radix_item *items, size_t n)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= items[i].key ^ items[0].key;
    if (differ == 0)
        return -1;
    int top = 63 - __builtin_clzll(differ);
    return top > 7 ? top - 7 : 0;
}

/* Swaps every item that is not at home to where its bucket begins that is not yet filled; whether any may be
 * left. Going on with the item that was there, as an American flag does, each swap would wait for the one before. */
static int swap_home(struct radix_item *items, int shift, size_t next[RADIX_BUCKETS],
                     const size_t end[RADIX_BUCKETS])
{
    int left = 0;
    for (size_t b = 0; b < RADIX_BUCKETS; b++) {
        for (size_t i = next[b]; i < end[b]; i++) {
            struct radix_item item = items[i];
            size_t home = next[item.key >> shift & 255]++;
            items[i] = items[home];
            items[home] = item;
        }
        left |= next[b] < end[b];
    }
    return left;
}

size_t radix_split_in_place(struct radix_item *items, size_t n, size_t end[RADIX_BUCKETS])
{
    size_t next[RADIX_BUCKETS], at = 0;
    int shift = top_shift(items, n);
    if (shift < 0) {
        end[0] = n;
        return 1;
    }
    memset(end, 0, RADIX_BUCKETS * sizeof *end);
    for (size_t i = 0; i < n; i++)
        end[items[i].key >> shift & 255]++;
    for (size_t b = 0; b < RADIX_BUCKETS; b++) {
        next[b] = at;
        at += end[b];
        end[b] = at;
    }
    while (swap_home(items, shift, next, end))
        ;
    return RADIX_BUCKETS;
}

/* Each level has keys that agree above its bits, so it looks at what is left of them. */
void radix_sort_in_place(struct radix_item *items, size_t n)
{
    size_t end[RADIX_BUCKETS];
    if (n <= SHORT) {
        insertion(items, n);
        return;
    }
    size_t buckets = radix_split_in_place(items, n, end);
    for (size_t b = 0, from = 0; buckets > 1 && b < buckets; from = end[b++])
        radix_sort_in_place(items + from, end[b] - from);
}
