/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/census.h"

struct census census_until(int32_t day)
{
    return (struct census){.until = day};
}

void census_release(struct census *census)
{
    crowd_release(&census->customers);
}

int census_row(struct census *census, const struct row *row)
{
    if (row->day > census->until) {
        facts_sum_row(&census->later, row->amount);
        return 0;
    }
    facts_sum_row(row->amount < 0 ? &census->refunds : &census->purchases, row->amount);
    return crowd_add(&census->customers, row->hash);
}

static void merge_sums(struct facts_sum *into, const struct facts_sum *from)
{
    uint64_t rows = into->rows + from->rows;
    facts_sum_row(into, from->amount);
    into->rows = rows;
}

int census_merge(struct census *into, const struct census *from)
{
    merge_sums(&into->purchases, &from->purchases);
    merge_sums(&into->refunds, &from->refunds);
    merge_sums(&into->later, &from->later);
    return crowd_merge(&into->customers, &from->customers);
}
