/* SPDX-License-Identifier: Apache-2.0 */
/* Least significant byte first; bytes in which all keys agree are skipped, so small numbers packed
 * into a wide key cost only what they use. Short lists go by insertion. */
#include "common/radix.h"

#include <string.h>

#define SHORT 48

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
