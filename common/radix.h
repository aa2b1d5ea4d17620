/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_RADIX_H
#define COMMON_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* A key and what goes with it. */
struct radix_item {
    uint64_t key;
    uint64_t value;
};

/* Sorts by key, stable. scratch holds n items. O(n) a byte of the keys that is not the same in all
 * of them: the histories of a shard differ in four or five. */
void radix_sort(struct radix_item *items, struct radix_item *scratch, size_t n);

/* The same for keys that are spread evenly below the bits that all have in common, as hashes of a shard
 * are: by as many bytes as tell most of n apart, and what is left by insertion. */
void radix_sort_even(struct radix_item *items, struct radix_item *scratch, size_t n);

/* radix_sort without scratch and not stable: for lists so long that their scratch would count. */
void radix_sort_in_place(struct radix_item *items, size_t n);

/* Its first step: items put into buckets whose keys rise from one to the next, bucket b ending at
 * end[b]. Returns how many; sorting each by itself sorts the whole. */
#define RADIX_BUCKETS 256
size_t radix_split_in_place(struct radix_item *items, size_t n, size_t end[RADIX_BUCKETS]);

#endif
