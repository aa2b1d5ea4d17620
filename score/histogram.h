/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_HISTOGRAM_H
#define SCORE_HISTOGRAM_H

#include <stdint.h>

/* How many customers have about which value, on a logarithmic scale: buckets begin at 1, 2, 5, 10, 20,
 * 50 and so on. Counts add up exactly in any order. */

#define HISTOGRAM_BUCKETS 57 /* 1 .. 5 * 10^18 */

struct histogram {
    uint64_t negative, zero;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, int64_t value, uint64_t customers);

/* The least value of a bucket; the bucket of a value >= 1. */
int64_t histogram_from(int32_t bucket);
int32_t histogram_bucket(int64_t value);

#endif
