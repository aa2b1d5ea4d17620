/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_QUANTILE_H
#define SCORE_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* Type 7 quantiles (Hyndman & Fan 1996; the default of R and of pandas), exact in integers.
 * For p = numerator / denominator the position is h = (n - 1) p, lo = floor(h), and the quantile
 * lies between the order statistics v[lo] and v[lo + 1]. Kept is its floor,
 *   v_lo + j (d div N) + j (d mod N) div N,  d = v_hi - v_lo,  j / N the fraction of h,
 * because for integer values "strictly above the quantile" and "strictly above its floor" are
 * the same, and nothing overflows for N <= 10^6. */

struct quantile {
    int64_t numerator;
    int64_t denominator; /* 1..1,000,000; 0 <= numerator <= denominator */
};

/* Position of the lower order statistic among n >= 1 sorted values, and the fraction j / N. */
size_t quantile_position(size_t n, struct quantile p, int64_t *j);

/* The floor of the interpolation between two neighbours; lo <= hi, 0 <= j < n <= 10^6. */
int64_t quantile_between(int64_t lo, int64_t hi, int64_t j, int64_t n);

/* The quantile of n >= 1 sorted values. */
int64_t quantile_sorted(const int64_t *values, size_t n, struct quantile p);

/* The same from distinct sorted values with counts; the counts add up to n >= 1. */
int64_t quantile_counted(const int64_t *values, const uint64_t *counts, size_t distinct,
                         struct quantile p);

/* Rearranges values so that values[k] is the one of rank k (from 0), smaller ones before it,
 * others after. Linear whatever the values: there is no pivot to be unlucky with. */
void quantile_select(int64_t *values, size_t n, size_t k);

/* out[i] = the value of rank rank[i] (from 0, ascending, each < n), for i < m; rearranges values.
 * Linear as well, and little dearer for several ranks than for one. */
void quantile_ranked(int64_t *values, size_t n, const size_t *rank, size_t m, int64_t *out);

/* The quantiles p[0..m) (ascending) of n >= 1 unsorted values, by selection; rearranges values. */
void quantile_of(int64_t *values, size_t n, const struct quantile *p, size_t m, int64_t *out);

/* Type 7 quantile of n >= 1 doubles in [0, 1], by selection; rearranges values. */
double quantile_of_shares(double *values, size_t n, struct quantile p);

#endif
