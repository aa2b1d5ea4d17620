/* SPDX-License-Identifier: Apache-2.0 */
/* Counts and money spread over many powers of ten, so equal steps would put nearly everybody into the
 * first one. 1, 2, 5 are steps of about the same ratio that people read without a table. */
#include "score/histogram.h"

int64_t histogram_from(int32_t bucket)
{
    static const int64_t step[] = {1, 2, 5};
    int64_t from = step[bucket % 3];
    for (int32_t i = 0; i < bucket / 3; i++)
        from *= 10;
    return from;
}

int32_t histogram_bucket(int64_t value)
{
    int32_t bucket = 0;
    while (bucket + 1 < HISTOGRAM_BUCKETS && histogram_from(bucket + 1) <= value)
        bucket++;
    return bucket;
}

void histogram_add(struct histogram *histogram, int64_t value, uint64_t customers)
{
    if (value <= 0)
        *(value < 0 ? &histogram->negative : &histogram->zero) += customers;
    else
        histogram->bucket[histogram_bucket(value)] += customers;
}
