/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever can be is counted in integers: pairs, money, customers. The caller sorts, because he has
 * the memory for it; sorting here would want a heap or a slower sort. */
#include "score/verdict.h"

#include <math.h>

#include "score/special.h"

__extension__ typedef __int128 wide;

static size_t ties_from(const uint64_t *key, size_t from, size_t n)
{
    size_t to = from + 1;
    while (to < n && key[to] == key[from])
        to++;
    return to;
}

double verdict_auc(const uint64_t *key, const uint8_t *came, size_t n)
{
    uint64_t losers = 0, winners = 0,
             twice = 0; /* twice the pairs won; 2^64 is for 4e9 customers */
    for (size_t from = 0, to; from < n; from = to) {
        uint64_t here = 0;
        to = ties_from(key, from, n);
        for (size_t i = from; i < to; i++)
            here += came[i] != 0;
        uint64_t lost = to - from - here;
        twice += here * (2 * losers + lost);
        winners += here;
        losers += lost;
    }
    if (winners == 0 || losers == 0)
        return -1.0;
    return (double)twice / (2.0 * (double)winners * (double)losers);
}

double verdict_brier(const double *p, const uint8_t *came, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double error = p[i] - (came[i] != 0);
        sum += error * error;
    }
    return n > 0 ? sum / (double)n : 0.0;
}

#define TIED_AT 1.96 /* standard errors */

static double surprise(double p, int came)
{
    double given = came ? p : 1.0 - p;
    return -special_log(given > VERDICT_P_LEAST ? given : VERDICT_P_LEAST);
}

void verdict_contest(const double *one, const double *other, const uint8_t *came, size_t n,
                     struct verdict_contest *out)
{
    double gap = 0, squares = 0;
    *out = (struct verdict_contest){.standard_error = 0};
    if (n == 0)
        return;
    out->brier[0] = verdict_brier(one, came, n);
    out->brier[1] = verdict_brier(other, came, n);
    for (size_t i = 0; i < n; i++) {
        out->log_loss[0] += surprise(one[i], came[i]);
        out->log_loss[1] += surprise(other[i], came[i]);
        double a = one[i] - (came[i] != 0), b = other[i] - (came[i] != 0);
        double off = a * a - b * b - (out->brier[0] - out->brier[1]);
        gap += off;
        squares += off * off;
    }
    out->log_loss[0] /= (double)n;
    out->log_loss[1] /= (double)n;
    double variance = (squares - gap * gap / (double)n) / (double)n;
    out->standard_error = variance > 0 ? sqrt(variance / (double)n) : 0.0;
}

int verdict_tied(const struct verdict_contest *contest)
{
    return fabs(contest->brier[0] - contest->brier[1]) <= TIED_AT * contest->standard_error;
}

int verdict_better(const struct verdict_contest *contest)
{
    return verdict_tied(contest) ? contest->log_loss[1] < contest->log_loss[0]
                                 : contest->brier[1] < contest->brier[0];
}

double verdict_mean_error(const double *expected, const uint32_t *actual, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(expected[i] - (double)actual[i]);
    return n > 0 ? sum / (double)n : 0.0;
}

/* The compiler would call its library for it. */
static double double_of(wide sum)
{
    wide size = sum < 0 ? -sum : sum;
    double value = (double)(uint64_t)(size >> 64) * 0x1p64 + (double)(uint64_t)size;
    return sum < 0 ? -value : value;
}

double verdict_captured(const uint64_t *key, const int64_t *worth, size_t n, size_t top)
{
    wide whole = 0, tied = 0;
    if (top == 0)
        return 0.0;
    uint64_t border = key[n - top];
    size_t above = n, from;
    while (above > 0 && key[above - 1] > border)
        whole += worth[--above];
    for (from = above; from > 0 && key[from - 1] == border; from--)
        tied += worth[from - 1];
    double share = (double)(top - (n - above)) / (double)(above - from);
    return double_of(whole) + share * double_of(tied);
}

void verdict_deciles(const double *p, const uint8_t *came, size_t n,
                     struct verdict_decile decile[VERDICT_DECILES])
{
    for (size_t j = 0; j < VERDICT_DECILES; j++) {
        size_t from = n * j / VERDICT_DECILES, to = n * (j + 1) / VERDICT_DECILES, here = 0;
        double sum = 0;
        for (size_t i = from; i < to; i++) {
            sum += p[i];
            here += came[i] != 0;
        }
        decile[j] = (struct verdict_decile){to - from, 0, 0};
        if (to == from)
            continue;
        decile[j].predicted = sum / (double)(to - from);
        decile[j].observed = (double)here / (double)(to - from);
    }
}

void verdict_frequencies(const uint32_t *x, const uint32_t *actual, const double *expected,
                         size_t n, struct verdict_frequency group[VERDICT_FREQUENCIES])
{
    for (size_t j = 0; j < VERDICT_FREQUENCIES; j++)
        group[j] = (struct verdict_frequency){0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        size_t j = x[i] < VERDICT_FREQUENCIES ? x[i] : VERDICT_FREQUENCIES - 1;
        group[j].customers++;
        group[j].actual += (double)actual[i];
        group[j].expected += expected[i];
    }
    for (size_t j = 0; j < VERDICT_FREQUENCIES; j++) {
        double whole = group[j].customers > 0 ? (double)group[j].customers : 1.0;
        group[j].actual /= whole;
        group[j].expected /= whole;
    }
}
