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

/* The decade from the number of bits: 1233 / 2^12 is log10(2), and a power too high is seen. */
int32_t histogram_bucket(int64_t value)
{
    static const int64_t power[HISTOGRAM_BUCKETS / 3] = {1,
                                                         10,
                                                         100,
                                                         1000,
                                                         10000,
                                                         100000,
                                                         1000000,
                                                         10000000,
                                                         100000000,
                                                         1000000000,
                                                         10000000000,
                                                         100000000000,
                                                         1000000000000,
                                                         10000000000000,
                                                         100000000000000,
                                                         1000000000000000,
                                                         10000000000000000,
                                                         100000000000000000,
                                                         1000000000000000000};
    int bits = 64 - __builtin_clzll((unsigned long long)value);
    int32_t decade = bits * 1233 >> 12;
    decade -= value < power[decade];
    return 3 * decade + (value / 2 >= power[decade]) + (value / 5 >= power[decade]);
}

void histogram_add(struct histogram *histogram, int64_t value, uint64_t customers)
{
    if (value <= 0)
        *(value < 0 ? &histogram->negative : &histogram->zero) += customers;
    else
        histogram->bucket[histogram_bucket(value)] += customers;
}
