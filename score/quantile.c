/* SPDX-License-Identifier: Apache-2.0 */
/* Order statistics by counting: a histogram over the values' range tells which bucket holds each
 * rank, only those buckets are gathered at the front and counted again, 10 bits finer. Quickselect
 * was refused: four ranks of ten million values cost it four walks and a pivot can be unlucky;
 * here the work is bounded by the 64 bits of a value, and several ranks share one walk. Keys are
 * read as bytes, so that doubles >= 0, whose bits order as integers do, need no second copy of
 * this file. */
#include "score/quantile.h"

#include <string.h>

#define FEW          24 /* sorted by insertion */
#define MANY         8192
#define BUCKETS_MANY 1024
#define BUCKETS      128 /* for fewer than MANY: clearing the counters must not be the work */
#define BATCH        16  /* quantiles answered by one walk */

/* Keys of 8 bytes each; base: how many values rank below all of them. */
struct keys {
    unsigned char *at;
    size_t n;
    size_t base;
};

static int64_t key_of(const unsigned char *at, size_t i)
{
    int64_t key;
    memcpy(&key, at + i * sizeof key, sizeof key);
    return key;
}

static void key_put(unsigned char *at, size_t i, int64_t key)
{
    memcpy(at + i * sizeof key, &key, sizeof key);
}

static void key_swap(unsigned char *at, size_t i, size_t j)
{
    int64_t key = key_of(at, i);
    key_put(at, i, key_of(at, j));
    key_put(at, j, key);
}

static void sort_few(struct keys keys)
{
    for (size_t i = 1; i < keys.n; i++) {
        int64_t key = key_of(keys.at, i);
        size_t j = i;
        for (; j > 0 && key_of(keys.at, j - 1) > key; j--)
            key_put(keys.at, j, key_of(keys.at, j - 1));
        key_put(keys.at, j, key);
    }
}

/* How keys fall into buckets: (key - least) >> shift. */
struct ruler {
    int64_t least;
    uint64_t range; /* greatest - least */
    int shift;
};

static size_t bucket_of(const struct ruler *ruler, int64_t key)
{
    return (size_t)(((uint64_t)key - (uint64_t)ruler->least) >> ruler->shift);
}

static struct ruler ruler_over(struct keys keys, size_t buckets)
{
    int64_t least = key_of(keys.at, 0), greatest = least;
    for (size_t i = 1; i < keys.n; i++) {
        int64_t key = key_of(keys.at, i);
        least = key < least ? key : least;
        greatest = key > greatest ? key : greatest;
    }
    struct ruler ruler = {least, (uint64_t)greatest - (uint64_t)least, 0};
    while (ruler.range >> ruler.shift >= buckets)
        ruler.shift++;
    return ruler;
}

/* Moves the keys whose bucket is wanted to the front; answers how many there are. */
static size_t gather(struct keys keys, const struct ruler *ruler, const unsigned char *wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < keys.n; i++)
        if (wanted[bucket_of(ruler, key_of(keys.at, i))])
            key_swap(keys.at, n++, i);
    return n;
}

static void rank_keys(struct keys keys, const size_t *rank, size_t m, int64_t *out);

/* One bucket after the other: its keys to the front, ranked among themselves, left behind. */
static void rank_buckets(struct keys keys, const struct ruler *ruler, const size_t *count,
                         const size_t *rank, size_t m, int64_t *out)
{
    size_t bucket = 0;
    for (size_t done = 0; done < m;) {
        for (; rank[done] - keys.base >= count[bucket]; bucket++)
            keys.base += count[bucket];
        size_t last = done + 1;
        while (last < m && rank[last] - keys.base < count[bucket])
            last++;
        size_t front = 0;
        for (size_t i = 0; front < count[bucket]; i++)
            if (bucket_of(ruler, key_of(keys.at, i)) == bucket)
                key_swap(keys.at, front++, i);
        struct keys inside = {keys.at, count[bucket], keys.base};
        rank_keys(inside, rank + done, last - done, out + done);
        keys.at += count[bucket] * sizeof(int64_t);
        keys.base += count[bucket++];
        done = last;
    }
}

static void rank_many(struct keys keys, const size_t *rank, size_t m, int64_t *out)
{
    size_t count[BUCKETS_MANY], buckets = keys.n < MANY ? BUCKETS : BUCKETS_MANY;
    unsigned char wanted[BUCKETS_MANY];
    memset(count, 0, buckets * sizeof count[0]);
    memset(wanted, 0, buckets);
    struct ruler ruler = ruler_over(keys, buckets);
    if (ruler.range == 0) {
        for (size_t i = 0; i < m; i++)
            out[i] = ruler.least;
        return;
    }
    for (size_t i = 0; i < keys.n; i++)
        count[bucket_of(&ruler, key_of(keys.at, i))]++;
    size_t below = keys.base;
    for (size_t b = 0, done = 0; b < buckets; below += count[b++])
        for (; done < m && rank[done] - below < count[b]; done++)
            wanted[b] = 1;
    gather(keys, &ruler, wanted);
    rank_buckets(keys, &ruler, count, rank, m, out);
}

static void rank_keys(struct keys keys, const size_t *rank, size_t m, int64_t *out)
{
    if (keys.n > FEW) {
        rank_many(keys, rank, m, out);
        return;
    }
    sort_few(keys);
    for (size_t i = 0; i < m; i++)
        out[i] = key_of(keys.at, rank[i] - keys.base);
}

static struct keys keys_of(void *values, size_t n)
{
    struct keys keys = {values, n, 0};
    return keys;
}

void quantile_ranked(int64_t *values, size_t n, const size_t *rank, size_t m, int64_t *out)
{
    if (m > 0)
        rank_keys(keys_of(values, n), rank, m, out);
}

void quantile_select(int64_t *values, size_t n, size_t k)
{
    int64_t pivot;
    quantile_ranked(values, n, &k, 1, &pivot);
    size_t below = 0, at = 0, above = n; /* [0, below) < pivot, [below, at) equal, [above, n) > */
    while (at < above) {
        int64_t value = values[at];
        if (value < pivot) {
            values[at++] = values[below];
            values[below++] = value;
        } else if (value > pivot) {
            values[at] = values[--above];
            values[above] = value;
        } else {
            at++;
        }
    }
}

size_t quantile_position(size_t n, struct quantile p, int64_t *j)
{
    uint64_t top = (uint64_t)p.numerator, bottom = (uint64_t)p.denominator;
    uint64_t whole = (uint64_t)(n - 1) / bottom, rest = (uint64_t)(n - 1) % bottom * top;
    *j = (int64_t)(rest % bottom);
    return (size_t)(whole * top + rest / bottom);
}

int64_t quantile_between(int64_t lo, int64_t hi, int64_t j, int64_t n)
{
    uint64_t d = (uint64_t)hi - (uint64_t)lo, parts = (uint64_t)n, part = (uint64_t)j;
    return (int64_t)((uint64_t)lo + part * (d / parts) + part * (d % parts) / parts);
}

int64_t quantile_sorted(const int64_t *values, size_t n, struct quantile p)
{
    int64_t j;
    size_t lo = quantile_position(n, p, &j);
    return j ? quantile_between(values[lo], values[lo + 1], j, p.denominator) : values[lo];
}

int64_t quantile_counted(const int64_t *values, const uint64_t *counts, size_t distinct,
                         struct quantile p)
{
    uint64_t n = 0, upto = 0;
    for (size_t i = 0; i < distinct; i++)
        n += counts[i];
    int64_t j;
    size_t lo = quantile_position((size_t)n, p, &j), at = 0;
    while (upto + counts[at] <= lo)
        upto += counts[at++];
    size_t next = at;
    if (j && lo + 1 == upto + counts[at])
        do
            next++;
        while (counts[next] == 0);
    return quantile_between(values[at], values[next], j, p.denominator);
}

/* The ranks that n_p quantiles of n values need, each once and ascending; at[i] is where the
 * lower one of p[i] stands, the upper one, where there is one, follows it. Answers how many. */
static size_t ranks_of(const struct quantile *p, size_t n_p, size_t n, size_t *rank, size_t *at)
{
    size_t m = 0;
    for (size_t i = 0; i < n_p; i++) {
        int64_t j;
        size_t lo = quantile_position(n, p[i], &j);
        if (m == 0 || rank[m - 1] < lo)
            rank[m++] = lo;
        at[i] = rank[m - 1] == lo ? m - 1 : m - 2;
        if (j && rank[m - 1] == lo)
            rank[m++] = lo + 1;
    }
    return m;
}

void quantile_of(int64_t *values, size_t n, const struct quantile *p, size_t m, int64_t *out)
{
    for (size_t done = 0; done < m; done += BATCH) {
        size_t batch = m - done < BATCH ? m - done : BATCH;
        size_t rank[2 * BATCH] = {0}, at[BATCH];
        int64_t value[2 * BATCH] = {0};
        size_t ranks = ranks_of(p + done, batch, n, rank, at);
        quantile_ranked(values, n, rank, ranks, value);
        for (size_t i = 0; i < batch; i++) {
            int64_t j;
            quantile_position(n, p[done + i], &j);
            const int64_t *lo = value + at[i];
            out[done + i] = quantile_between(lo[0], lo[j != 0], j, p[done + i].denominator);
        }
    }
}

static double share_of(int64_t key)
{
    double share;
    memcpy(&share, &key, sizeof share);
    return share;
}

double quantile_of_shares(double *values, size_t n, struct quantile p)
{
    for (size_t i = 0; i < n; i++)
        values[i] += 0.0; /* makes -0 a 0: as an integer it would be the least of all */
    size_t rank[2] = {0}, at;
    int64_t j, key[2] = {0};
    size_t ranks = ranks_of(&p, 1, n, rank, &at);
    quantile_position(n, p, &j);
    rank_keys(keys_of(values, n), rank, ranks, key);
    if (j == 0)
        return share_of(key[0]);
    double lo = share_of(key[0]), hi = share_of(key[1]);
    return lo + (hi - lo) * ((double)j / (double)p.denominator);
}
