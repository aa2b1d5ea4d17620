/* SPDX-License-Identifier: Apache-2.0 */
/* Beside the sums of tiering: those say what a tier is, these what could be done with it. Every
 * sum is of integers, so the order of customers, threads and shards does not matter. */
#include "sink/yield.h"

static int add(int64_t *sum, int64_t more)
{
    return __builtin_add_overflow(*sum, more, sum);
}

static int add_retention(struct yield *yield, const struct retention *retention)
{
    if (!retention->worth)
        return 0;
    yield->retention_customers++;
    return add(&yield->retention_gain, retention->gain);
}

static int add_profit(struct yield *yield, const struct plan *plan, int64_t spend_365d)
{
    int64_t profit = retention_profit(plan, spend_365d);
    if (profit >= 0)
        return 0;
    yield->unprofitable_customers++;
    return profit == INT64_MIN || add(&yield->unprofitable_loss, -profit);
}

static void add_wallet(struct yield *yield, int64_t size, int64_t spend)
{
    if (spend == 0)
        yield->wallet_zero++;
    else if (spend < size)
        yield->wallet_shared++;
    else
        yield->wallet_exclusive++;
}

int yield_add(struct yield *yield, const struct plan *plan, const struct retention *retention,
              const struct score_columns *columns, size_t i)
{
    uint32_t flags = columns->flags[i];
    int over = 0;
    if (flags & ROW_SPEND)
        over |= add_retention(yield, retention);
    if (plan_knows_spend(plan))
        over |= add_profit(yield, plan, columns->spend_365d[i]);
    if (flags & ROW_WALLET)
        add_wallet(yield, columns->wallet_size[i], columns->wallet_spend[i]);
    return over;
}

int yield_merge(struct yield *into, const struct yield *from)
{
    into->retention_customers += from->retention_customers;
    into->unprofitable_customers += from->unprofitable_customers;
    into->wallet_zero += from->wallet_zero;
    into->wallet_shared += from->wallet_shared;
    into->wallet_exclusive += from->wallet_exclusive;
    return add(&into->retention_gain, from->retention_gain) ||
           add(&into->unprofitable_loss, from->unprofitable_loss);
}

static char *put_count(char *out, uint64_t n)
{
    out = digits_int(out, (int64_t)n);
    *out++ = ',';
    return out;
}

char *yield_put(char *out, const struct plan *plan, const struct yield *yield)
{
    int rated = plan->has_amount && plan->offer.asked && plan->offer.save_rate_millionths >= 0;
    out = put_count(out, yield->retention_customers);
    out = rated ? digits_money(out, yield->retention_gain, 4) : out;
    *out++ = ',';
    out = put_count(out, yield->unprofitable_customers);
    out = plan_knows_spend(plan) ? digits_money(out, yield->unprofitable_loss, 4) : out;
    *out++ = ',';
    out = put_count(out, yield->wallet_zero);
    out = put_count(out, yield->wallet_shared);
    return digits_int(out, (int64_t)yield->wallet_exclusive);
}
