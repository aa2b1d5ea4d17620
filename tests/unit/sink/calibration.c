/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/calibration.h"

#include <stdlib.h>
#include <string.h>

#include "sink/fitting.h"
#include "sink/population.h"
#include "support/assert.h"
#include "support/chance.h"

#define TRIAL_DAYS 60
#define MOST       2000

/* Customers as a digest has them, in columns of their own. */
struct told {
    size_t n;
    uint64_t hash[MOST];
    uint32_t x[MOST], days[TRIALS][MOST];
    int32_t span[MOST], age[MOST], past_span[TRIALS][MOST], past_age[TRIALS][MOST];
    int64_t spent[MOST], past_spent[TRIALS][MOST];
    uint8_t came[TRIALS][MOST];
};

static double uniform(struct chance *chance)
{
    return (double)(chance_next(chance) >> 11) * 0x1p-53;
}

/* Everybody has been here for 400 days and buys every 20th day, until he leaves; who left is silent for
 * good. Habits alike make recency all there is to know. */
static void draw(struct told *told, size_t n, struct chance *chance)
{
    told->n = n;
    for (size_t i = 0; i < n; i++) {
        int32_t left = 1 + (int32_t)chance_below(chance, 600);
        told->hash[i] = chance_next(chance);
        told->age[i] = 400;
        for (int32_t when = 0; when <= TRIALS; when++) {
            int32_t day = 400 - when * TRIAL_DAYS, last = left < day ? left : day;
            uint32_t visits = (uint32_t)(last / 20);
            int32_t span = (int32_t)visits * 20;
            if (when == 0) {
                told->x[i] = visits;
                told->span[i] = span;
                told->spent[i] = (int64_t)visits * 100000;
                continue;
            }
            told->days[when - 1][i] = visits + 1;
            told->past_span[when - 1][i] = span;
            told->past_age[when - 1][i] = day;
            told->past_spent[when - 1][i] = (int64_t)visits * 100000;
            told->came[when - 1][i] = left >= day + 20 || uniform(chance) < 0.02;
        }
    }
}

static struct gathered part_of(const struct told *told, size_t from, size_t n)
{
    struct gathered part = {.n_samples = n,
                            .n_trials = n,
                            .sample_hash = told->hash + from,
                            .sample_x = told->x + from,
                            .sample_span = told->span + from,
                            .sample_age = told->age + from,
                            .trial_spent = told->spent + from};
    for (int t = 0; t < TRIALS; t++)
        part.trial[t] = (struct trial_columns){told->days[t] + from, told->past_span[t] + from,
                                               told->past_age[t] + from, told->past_spent[t] + from,
                                               told->came[t] + from};
    return part;
}

static struct calibration calibrate(const struct told *told, size_t cut,
                                    enum calibration_choice asked, struct fitted *fitted)
{
    struct rehearsal *rehearsal;
    struct crew *crew;
    struct job job = {.calibration = asked};
    job.work.plan = (struct plan){.trial_days = TRIAL_DAYS, .churn_horizon_days = 90};
    *fitted = (struct fitted){.model.churn = {CHURN_BGNBD, 1, {1.0, 3.0, 0.5, 9.0}}};
    assert_int_equal(rehearsal_new(&rehearsal), 0);
    assert_int_equal(crew_new(0, &crew), 0);
    struct gathered late = part_of(told, cut, told->n - cut), early = part_of(told, 0, cut);
    assert_int_equal(rehearsal_add(rehearsal, &late), 0);
    assert_int_equal(rehearsal_add(rehearsal, &early), 0);
    assert_int_equal(rehearsal_end(rehearsal), 0);
    assert_int_equal(calibration_run(fitted, rehearsal, &job, crew), 0);
    crew_destroy(&crew);
    rehearsal_destroy(&rehearsal);
    return fitted->calibration;
}

static struct told told;

static void a_stack_that_sees_more_is_published(void **state)
{
    (void)state;
    struct chance chance = {1};
    struct fitted fitted;
    draw(&told, MOST, &chance);
    struct calibration c = calibrate(&told, MOST / 3, CALIBRATION_AUTO, &fitted);
    assert_true(c.has_brier && c.contest.brier[1] < c.contest.brier[0]);
    assert_int_equal(c.published, 1);
    assert_int_equal(c.customers, MOST);
    assert_int_equal(fitted.model.stack.horizon_days, 90);
    assert_memory_equal(&fitted.model.stack, &c.stack, sizeof c.stack);
}

static void the_order_of_shards_changes_no_bit(void **state)
{
    (void)state;
    struct chance chance = {2};
    struct fitted one, other;
    draw(&told, MOST, &chance);
    struct calibration a = calibrate(&told, 0, CALIBRATION_AUTO, &one);
    struct calibration b = calibrate(&told, 1234, CALIBRATION_AUTO, &other);
    assert_memory_equal(&a.stack, &b.stack, sizeof a.stack);
    assert_memory_equal(&a.contest, &b.contest, sizeof a.contest);
}

static void without_being_asked_it_is_not_published(void **state)
{
    (void)state;
    struct chance chance = {1};
    struct fitted fitted;
    draw(&told, MOST, &chance);
    struct calibration c = calibrate(&told, 7, CALIBRATION_OFF, &fitted);
    assert_int_equal(c.has_stack, 1);
    assert_int_equal(c.published, 0);
    assert_int_equal(fitted.model.stack.horizon_days, 0);
}

static void who_asks_for_the_stack_gets_it(void **state)
{
    (void)state;
    struct chance chance = {3};
    struct fitted fitted;
    draw(&told, MOST, &chance);
    for (size_t i = 0; i < MOST; i++) /* nothing can be learnt */
        told.came[0][i] = told.came[1][i] = chance_below(&chance, 2) != 0;
    struct calibration c = calibrate(&told, 7, CALIBRATION_STACK, &fitted);
    assert_int_equal(c.published, 1);
    assert_string_equal(c.reason, "asked for");
}

static void few_customers_or_one_sided_ones_make_no_stack(void **state)
{
    (void)state;
    struct chance chance = {4};
    struct fitted fitted;
    draw(&told, 49, &chance);
    struct calibration c = calibrate(&told, 9, CALIBRATION_STACK, &fitted);
    assert_int_equal(c.has_stack, 0);
    assert_int_equal(c.published, 0);
    assert_non_null(strstr(c.reason, "too few customers"));
    draw(&told, MOST, &chance);
    memset(told.came, 1, sizeof told.came);
    c = calibrate(&told, 9, CALIBRATION_AUTO, &fitted);
    assert_int_equal(c.has_stack, 0);
    assert_int_equal(fitted.model.stack.horizon_days, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_that_sees_more_is_published),
        cmocka_unit_test(the_order_of_shards_changes_no_bit),
        cmocka_unit_test(without_being_asked_it_is_not_published),
        cmocka_unit_test(who_asks_for_the_stack_gets_it),
        cmocka_unit_test(few_customers_or_one_sided_ones_make_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
