/* SPDX-License-Identifier: Apache-2.0 */
/* What a customer spends anywhere is not in the ledger; the best comparable customers show what
 * could be spent here (Perlich et al. 2007). A mean would call every second customer saturated,
 * a maximum follows one outlier, so the quantile leads. All of it is integers: a wallet is ranked
 * and summed, and must be the same on every host. */
#include "score/wallet.h"

#include "score/day.h"
#include "score/money.h"
#include "score/special.h"

#define UNIT INT64_C(10000) /* attributes.units of one unit */

__extension__ typedef __int128 wide;

int64_t wallet_spend(const struct features *seen)
{
    return seen->spend_window > 0 ? seen->spend_window : 0;
}

static int64_t saturated_scale(int64_t money, int64_t numerator, int64_t denominator)
{
    int64_t out;
    return money_scale(money, numerator, denominator, &out) ? INT64_MAX : out;
}

/* 0 for a customer whom his group can say something about. */
static enum wallet_basis obstacle(const struct features *seen, const struct attributes *attributes,
                                  const struct plan *plan)
{
    if (!attributes->known)
        return WALLET_BASIS_NO_ATTRIBUTES;
    if (!attributes->has_units || attributes->units <= 0)
        return WALLET_BASIS_NO_UNITS;
    if (seen->first_day == DAY_NONE || plan->as_of - seen->first_day < plan->wallet_window_days)
        return WALLET_BASIS_TOO_NEW;
    return WALLET_BASIS_NONE;
}

int wallet_spend_per_unit(const struct features *seen, const struct attributes *attributes,
                          const struct plan *plan, int64_t *per_unit)
{
    enum wallet_basis why_not = obstacle(seen, attributes, plan);
    if (why_not == WALLET_BASIS_NONE)
        *per_unit = saturated_scale(wallet_spend(seen), UNIT, attributes->units);
    return (int)why_not;
}

static int64_t divide_wide(wide numerator, wide denominator)
{
    wide quotient = numerator / denominator, rest = numerator % denominator;
    wide twice = rest < 0 ? -2 * rest : 2 * rest;
    if (twice > denominator || (twice == denominator && quotient % 2 != 0))
        quotient += numerator < 0 ? -1 : 1;
    return (int64_t)quotient;
}

int64_t wallet_mean(int64_t sum_high, uint64_t sum_low, uint64_t n)
{
    wide sum = (wide)sum_high * ((wide)1 << 64) + sum_low;
    return divide_wide(sum, n);
}

int64_t wallet_shrink(int64_t estimate, uint64_t n, int64_t parent_estimate)
{
    if (n >= WALLET_THIN_GROUP)
        return estimate;
    wide sum = (wide)estimate * n + (wide)parent_estimate * WALLET_THIN_GROUP;
    return divide_wide(sum, (wide)n + WALLET_THIN_GROUP);
}

static struct wallet sized(enum wallet_basis basis, int64_t size, int64_t spend)
{
    struct wallet wallet = {.basis = basis, .spend = spend};
    if (size <= 0 && spend == 0) {
        wallet.basis = WALLET_BASIS_NO_SPEND;
        return wallet;
    }
    wallet.has_size = 1;
    wallet.size = size;
    wallet.headroom = size > spend ? size - spend : 0;
    wallet.capped = spend >= size;
    return wallet;
}

int64_t wallet_sized_by(int64_t estimate, int64_t units, double slope)
{
    if (slope == 1)
        return saturated_scale(estimate, units, UNIT);
    double size = money_units(estimate) * special_pow((double)units / (double)UNIT, slope);
    return size < 9e14 ? money_from_units(size) : INT64_MAX;
}

#define RANK_BITS 22 /* 10,000 WALLET_BRANDS_MOST fits, and the brands fit above it */
#define RANK_MASK ((1U << RANK_BITS) - 1)

uint32_t wallet_rank(int64_t rank, int64_t brands)
{
    if (brands < 1 || brands > WALLET_BRANDS_MOST || rank < UNIT || rank > brands * UNIT)
        return 0;
    return (uint32_t)brands << RANK_BITS | (uint32_t)rank;
}

int64_t wallet_rank_place(uint32_t rank)
{
    return rank & RANK_MASK;
}

int64_t wallet_rank_brands(uint32_t rank)
{
    return rank >> RANK_BITS;
}

/* The share is upper / lower: 2 ((n + 1) 10,000 - rank) / (n (n + 1) 10,000). */
static int64_t rank_upper(uint32_t rank)
{
    return 2 * ((wallet_rank_brands(rank) + 1) * UNIT - wallet_rank_place(rank));
}

static int64_t rank_lower(uint32_t rank)
{
    int64_t brands = wallet_rank_brands(rank);
    return brands * (brands + 1) * UNIT;
}

double wallet_rank_share(uint32_t rank)
{
    return (double)rank_upper(rank) / (double)rank_lower(rank);
}

static struct wallet by_rank(uint32_t rank, int64_t spend)
{
    struct wallet none = {.basis = WALLET_BASIS_NO_ATTRIBUTES, .spend = spend};
    if (rank == 0)
        return none;
    return sized(WALLET_BASIS_RANK, saturated_scale(spend, rank_lower(rank), rank_upper(rank)),
                 spend);
}

struct wallet wallet_of_line(const struct features *seen, const struct attributes *attributes,
                             const struct plan *plan, int64_t estimate, double slope)
{
    struct wallet none = {.basis = WALLET_BASIS_NONE, .spend = wallet_spend(seen)};
    if (plan->wallet_method == WALLET_NONE)
        return none;
    if (attributes->known && attributes->has_declared)
        return sized(WALLET_BASIS_DECLARED, attributes->declared, none.spend);
    if (plan->wallet_method == WALLET_WAR)
        return by_rank(attributes->rank, none.spend);
    none.basis = plan->wallet_method == WALLET_DECLARED ? WALLET_BASIS_NO_ATTRIBUTES
                                                        : obstacle(seen, attributes, plan);
    if (none.basis != WALLET_BASIS_NONE)
        return none;
    return sized(WALLET_BASIS_GROUP, wallet_sized_by(estimate, attributes->units, slope),
                 none.spend);
}

struct wallet wallet_of(const struct features *seen, const struct attributes *attributes,
                        const struct plan *plan, int64_t estimate)
{
    return wallet_of_line(seen, attributes, plan, estimate, 1);
}

double wallet_share(int64_t spend, int64_t size)
{
    return (double)spend / (double)(size > spend ? size : spend);
}
