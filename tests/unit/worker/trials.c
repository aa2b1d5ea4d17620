/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/trials.h"

#include <string.h>

#include "common/radix.h"
#include "support/assert.h"
#include "support/shard.h"

#define MOST 400

static struct order_line scratch[MOST];

static void add(struct shard *shard, const char *id, int32_t day, int64_t amount)
{
    shard_add(shard, id, strlen(id), (struct shard_row){.day = day, .amount = amount});
}

/* Trials of everybody, in the order of the histories. */
static void try_all(struct trials *trials, const struct histories *histories,
                    const struct plan *plan, struct gathered *out)
{
    static struct radix_item who[MOST];
    for (uint32_t i = 0; i < histories->n; i++)
        who[i] = (struct radix_item){0, i};
    *out = (struct gathered){0};
    const struct trials_order order = {histories, plan, who, histories->n, scratch};
    assert_int_equal(trials_make(trials, &order, out), 0);
    assert_int_equal(out->n_trials, histories->n);
}

/* As of 100, 90 and 80, with purchases on 70, 80, 85 and 95: at 80 two purchase days, and 85 comes within
 * 10 days; at 90 three, and 95 comes. */
static void each_trial_knows_its_own_past(void **state)
{
    (void)state;
    const struct plan plan = {.as_of = 100, .trial_days = 10, .rfm_window_days = PLAN_DAYS_ALL};
    struct shard shard = {0};
    struct trials trials = {0};
    struct gathered got;
    static const int32_t days[] = {70, 80, 85, 95, 101};
    for (int i = 0; i < 5; i++)
        add(&shard, "a", days[i], 1 << i);
    add(&shard, "a", 84, -100);
    struct histories histories = shard_histories(&shard);
    try_all(&trials, &histories, &plan, &got);
    assert_int_equal(got.trial_spent[0], 15 - 100);
    assert_int_equal(got.trial[0].days[0], 3);
    assert_int_equal(got.trial[0].span[0], 15);
    assert_int_equal(got.trial[0].age[0], 20);
    assert_int_equal(got.trial[1].age[0], 10);
    assert_int_equal(got.trial[0].spent[0], 7 - 100);
    assert_int_equal(got.trial[0].came[0], 1);
    assert_int_equal(got.trial[1].days[0], 2);
    assert_int_equal(got.trial[1].span[0], 10);
    assert_int_equal(got.trial[1].spent[0], 3);
    assert_int_equal(got.trial[1].came[0], 1);
    histories_free(&histories);
    shard_free(&shard);
    trials_free(&trials);
}

/* His first order, of day 20, was paid back on day 98: as of 100 he is a customer since 85, as of 90 and of
 * 80 he was one since 20. */
static void an_order_that_was_cancelled_since_was_a_purchase_then(void **state)
{
    (void)state;
    const struct plan plan = {.as_of = 100, .trial_days = 10, .rfm_window_days = PLAN_DAYS_ALL};
    struct shard shard = {0};
    struct trials trials = {0};
    struct gathered got;
    shard.has_order = 1;
    shard_add(&shard, "a", 1, (struct shard_row){.day = 20, .amount = 5, .order = 1});
    shard_add(&shard, "a", 1, (struct shard_row){.day = 85, .amount = 7, .order = 2});
    shard_add(&shard, "a", 1, (struct shard_row){.day = 98, .amount = -5, .order = 1});
    struct histories histories = shard_histories(&shard);
    try_all(&trials, &histories, &plan, &got);
    assert_int_equal(got.trial[0].days[0], 2);
    assert_int_equal(got.trial[0].span[0], 65);
    assert_int_equal(got.trial[0].age[0], 70);
    assert_int_equal(got.trial[1].days[0], 1);
    assert_int_equal(got.trial[1].span[0], 0);
    assert_int_equal(got.trial[1].age[0], 60);
    histories_free(&histories);
    shard_free(&shard);
    trials_free(&trials);
}

static void who_was_no_customer_yet_has_no_days(void **state)
{
    (void)state;
    const struct plan plan = {.as_of = 100, .trial_days = 10, .rfm_window_days = PLAN_DAYS_ALL};
    struct shard shard = {0};
    struct trials trials = {0};
    struct gathered got;
    add(&shard, "a", 85, -5); /* sent something back, bought later */
    add(&shard, "a", 91, 5);
    struct histories histories = shard_histories(&shard);
    try_all(&trials, &histories, &plan, &got);
    for (int t = 0; t < TRIALS; t++) {
        assert_int_equal(got.trial[t].days[0], 0);
        assert_int_equal(got.trial[t].span[0], 0);
        assert_int_equal(got.trial[t].spent[0], 0);
        assert_int_equal(got.trial[t].came[0], 0);
    }
    assert_int_equal(got.trial_spent[0], 0);
    histories_free(&histories);
    shard_free(&shard);
    trials_free(&trials);
}

/* Distinct days in (after, to] on which the customer bought. */
static uint32_t days_between(const struct shard *shard, const char *id, size_t length,
                             int32_t after, int32_t to)
{
    uint32_t n = 0;
    for (size_t i = 0; i < shard->n; i++) {
        const struct shard_row *row = &shard->row[i];
        int mine = row->id_length == length && memcmp(row->id, id, length) == 0 &&
                   row->day > after && row->day <= to && row->amount >= 0;
        for (size_t k = 0; mine && k < i; k++)
            mine =
                !(shard->row[k].day == row->day && shard->row[k].amount >= 0 &&
                  shard->row[k].id_length == length && memcmp(shard->row[k].id, id, length) == 0);
        n += (uint32_t)mine;
    }
    return n;
}

static void trials_are_what_the_rows_say(void **state)
{
    (void)state;
    struct chance chance = {8};
    struct trials trials = {0};
    for (int round = 0; round < 30; round++) {
        struct shard shard = {0};
        struct gathered got;
        shard_fill(&shard, 1 + chance_below(&chance, MOST), &chance);
        struct histories histories = shard_histories(&shard);
        struct plan plan = {.rfm_window_days = PLAN_DAYS_ALL};
        plan.as_of =
            shard.row[chance_below(&chance, shard.n)].day + (int32_t)chance_below(&chance, 9);
        plan.trial_days = 1 + (int32_t)chance_below(&chance, 60);
        try_all(&trials, &histories, &plan, &got);
        for (uint32_t i = 0; i < histories.n; i++) {
            size_t length;
            const char *id = histories_id(&histories, i, &length);
            for (int32_t t = 0; t < TRIALS; t++) {
                int32_t day = plan.as_of - (t + 1) * plan.trial_days;
                uint32_t days = days_between(&shard, id, length, INT32_MIN, day);
                int came = days_between(&shard, id, length, day, day + plan.trial_days) > 0;
                assert_int_equal(got.trial[t].days[i], days);
                assert_int_equal(got.trial[t].came[i], days > 0 && came);
            }
        }
        histories_free(&histories);
        shard_free(&shard);
    }
    trials_free(&trials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_trial_knows_its_own_past),
        cmocka_unit_test(an_order_that_was_cancelled_since_was_a_purchase_then),
        cmocka_unit_test(who_was_no_customer_yet_has_no_days),
        cmocka_unit_test(trials_are_what_the_rows_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
