/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in here is a sum, a maximum, a set or a list in the order of places, so threads and
 * segments may be merged in any order. */
#include "ventilator/facts.h"

#include <stdlib.h>

#include "common/log.h"
#include "score/money.h"
#include "ventilator/input.h"

int facts_new(struct facts **out)
{
    struct facts *facts = calloc(1, sizeof *facts);
    if (!facts)
        return log_fail(STATUS_BUG, "no memory for facts");
    int r = rejects_new(&facts->rejects);
    if (r) {
        facts_destroy(&facts);
        return r;
    }
    *out = facts;
    return 0;
}

void facts_destroy(struct facts **facts)
{
    if (!*facts)
        return;
    calendar_release(&(*facts)->days);
    crowd_release(&(*facts)->reject_customers);
    rejects_destroy(&(*facts)->rejects);
    free(*facts);
    *facts = NULL;
}

static void sum_add(struct facts_sum *sum, struct facts_sum more)
{
    sum->rows += more.rows;
    if (money_add(&sum->amount, more.amount))
        sum->amount = more.amount < 0 ? INT64_MIN : INT64_MAX;
}

void facts_sum_row(struct facts_sum *sum, int64_t amount)
{
    sum_add(sum, (struct facts_sum){1, amount});
}

uint64_t facts_rejects(const struct facts *facts)
{
    uint64_t n = 0;
    for (int i = 0; i < REJECT_CODES; i++)
        n += facts->rejected[i];
    return n;
}

const char *facts_left_out_name(enum left_out reason)
{
    static const char *const name[] = {"column", "customer", "sample", "currency"};
    return name[reason];
}

int32_t facts_first_day(const struct facts *facts, int32_t as_of)
{
    int32_t day = calendar_from(&facts->days, CALENDAR_FIRST);
    return as_of != DAY_NONE && day > as_of ? DAY_NONE : day;
}

int32_t facts_last_day(const struct facts *facts, int32_t as_of)
{
    return calendar_until(&facts->days, as_of == DAY_NONE ? INT32_MAX : as_of);
}

static void merge_counts(struct facts *into, const struct facts *from)
{
    into->raw_bytes += from->raw_bytes;
    into->lines += from->lines;
    into->rows_in += from->rows_in;
    into->accepted += from->accepted;
    into->rounded += from->rounded;
    into->decimals = into->decimals > from->decimals ? into->decimals : from->decimals;
    into->has_amount |= from->has_amount;
    into->has_order |= from->has_order;
    into->ended_whole = from->ended_whole;
    into->digest = (struct digest){0, 0};
    sum_add(&into->anonymous, from->anonymous);
    for (int i = 0; i < LEFT_OUT_REASONS; i++)
        sum_add(&into->left_out[i], from->left_out[i]);
    for (int i = 0; i < REJECT_CODES; i++)
        into->rejected[i] += from->rejected[i];
}

int facts_merge(struct facts *into, const struct facts *from)
{
    merge_counts(into, from);
    sightings_merge(&into->currencies, &from->currencies);
    sightings_merge(&into->signs, &from->signs);
    sightings_merge(&into->offsets, &from->offsets);
    int r = calendar_merge(&into->days, &from->days);
    if (!r)
        r = crowd_merge(&into->reject_customers, &from->reject_customers);
    if (!r)
        r = rejects_merge(into->rejects, from->rejects);
    return r;
}

void facts_renumber(struct facts *facts, uint32_t input)
{
    rejects_renumber(facts->rejects, input);
    sightings_renumber(&facts->currencies, input);
    sightings_renumber(&facts->signs, input);
    sightings_renumber(&facts->offsets, input);
}

int facts_still_hold(const struct facts *facts, int32_t as_of, int32_t today)
{
    if (facts->rejected[REJECT_FUTURE_DATE])
        return 0;
    return as_of != DAY_NONE || facts_last_day(facts, DAY_NONE) <= today;
}

static const char *input_of(const struct settings_reading *settings, uint32_t input)
{
    return input < settings->n_ledgers ? input_name(settings->ledgers[input]) : "the ledger";
}

static int refuse_two(const struct sightings *seen, const struct settings_reading *settings,
                      const char *what, const char *cure)
{
    const struct sighting *a = &seen->seen[0], *b = &seen->seen[1];
    if (seen->n < 2)
        return 0;
    return log_fail(STATUS_DATA, "%s %.*s (%s:%llu) and %.*s (%s:%llu) in one ledger; %s", what,
                    (int)a->size, a->value, input_of(settings, a->input),
                    (unsigned long long)a->line, (int)b->size, b->value,
                    input_of(settings, b->input), (unsigned long long)b->line, cure);
}

int facts_check(const struct facts *facts, const struct settings_reading *settings)
{
    int r = 0;
    if (!settings->currency)
        r = refuse_two(&facts->currencies, settings, "currencies",
                       "--currency CODE names the one to keep");
    if (!r && !settings->currency)
        r = refuse_two(&facts->signs, settings, "currency signs",
                       "--currency CODE names the one to keep");
    if (!r && !settings->timezone)
        r = refuse_two(&facts->offsets, settings, "utc offsets",
                       "--timezone ZONE says which zone's days count");
    return r;
}
