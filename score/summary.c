/* SPDX-License-Identifier: Apache-2.0 */
/* The alternative was to invent a ledger that has such a history. It would pass through everything
 * unseen, and every figure made of the invented days and amounts would look like a fact. */
#include "score/summary.h"

#include "score/money.h"

#define SPAN_BITS 22
#define MARK      (UINT64_C(1) << 63) /* so that no key is 0 */
#define SPAN_MASK ((UINT64_C(1) << SPAN_BITS) - 1)

uint64_t summary_key(uint32_t x, int32_t span_days)
{
    return MARK | (uint64_t)x << SPAN_BITS | (uint64_t)span_days;
}

int summary_features(const struct lines *lines, const struct plan *plan, struct features *out,
                     struct tallies *tallies)
{
    uint64_t key = lines->order ? lines->order[0] : 0;
    uint32_t x = (uint32_t)((key & ~MARK) >> SPAN_BITS);
    if (lines->n != 1 || lines->purchases[0] != 1)
        return HISTORY_E_DOUBLED;
    if (money_add(&tallies->purchases.amount, lines->bought[0]))
        return HISTORY_E_OVERFLOW;
    tallies->purchases.rows++;
    *out = (struct features){
        .first_day = plan->as_of + lines->day[0],
        .seen = 1,
        .purchase_days = x + 1,
        .orders = x + 1,
        .monetary_total = lines->bought[0],
        .gross = lines->bought[0],
        .rfm_frequency = x + 1,
        .rfm_monetary = x > 0 ? money_divide(lines->bought[0], x) : 0,
        .repeat_spend = lines->bought[0],
    };
    out->last_day = out->first_day + (int32_t)(key & SPAN_MASK);
    return 0;
}
