/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nudge.h"

#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define REACH 400 /* the plain search goes so many steps to either side */

/* Four cuts a metric, some of them equal, of an id each. */
static struct rfm_cuts cuts_of(struct chance *chance, enum rfm_ties ties)
{
    static const char *const ids[] = {"a", "b", "c"};
    struct rfm_cuts cuts = {.ties = ties, .bins = 5};
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            int falls = ties == RFM_NTILE && metric == RFM_RECENCY, before = k - 1;
            int64_t last = before >= 0 ? cuts.cut[metric][before].value : falls ? 200 : -40;
            int64_t by = (int64_t)chance_below(chance, 30);
            cuts.cut[metric][k] = (struct rfm_cut){falls ? last - by : last + by, ids[k % 3], 1};
        }
    return cuts;
}

static void assert_nearest(struct nudge got, const struct nudge_scale *scale, int64_t wanted,
                           int32_t to)
{
    int64_t far = wanted > scale->value ? wanted - scale->value : scale->value - wanted;
    int64_t was = got.value > scale->value ? got.value - scale->value : scale->value - got.value;
    assert_true(got.found);
    assert_int_equal(was, far);
    if (got.value == wanted)
        assert_int_equal(got.to, to);
}

/* Looks at every value of the grid, near ones first. */
static void check_score(const struct rfm_cuts *cuts, enum rfm_metric metric,
                        const struct nudge_scale *scale, enum nudge_way way)
{
    struct slice id = {"b", 1};
    struct nudge got = nudge_score(cuts, metric, scale, id, way);
    int32_t now = rfm_score(cuts, metric, scale->value, "b", 1);
    for (int64_t i = 1; i < REACH; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            int64_t value = scale->value + sign * i * scale->step;
            int32_t score = rfm_score(cuts, metric, value, "b", 1);
            if (value < scale->least || (way == NUDGE_BETTER ? score <= now : score >= now))
                continue;
            assert_nearest(got, scale, value, score);
            return;
        }
    assert_false(got.found);
}

static void the_nearest_value_of_another_score_is_found(void **state)
{
    (void)state;
    struct chance chance = {3};
    for (int i = 0; i < 3000; i++) {
        struct rfm_cuts cuts = cuts_of(&chance, i & 1 ? RFM_NTILE : RFM_TOGETHER);
        enum rfm_metric metric = (enum rfm_metric)(i / 2 % RFM_METRICS);
        struct nudge_scale scale = {0, i % 5 ? 1 : 10, i % 7 ? INT64_MIN : 0};
        scale.value = ((int64_t)chance_below(&chance, 25) - (scale.least ? 5 : 0)) * scale.step;
        check_score(&cuts, metric, &scale, NUDGE_BETTER);
        check_score(&cuts, metric, &scale, NUDGE_WORSE);
    }
}

static void money_moves_by_what_the_ledger_can_say(void **state)
{
    (void)state;
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = 2};
    cuts.cut[RFM_MONETARY][0].value = 1304360; /* 130.436 */
    const struct nudge_scale below = {762300, 100, INT64_MIN}, above = {1304400, 100, INT64_MIN};
    const struct slice id = {"", 0};
    struct nudge nudge = nudge_score(&cuts, RFM_MONETARY, &below, id, NUDGE_BETTER);
    assert_int_equal(nudge.value, 1304400); /* 130.44 */
    assert_int_equal(nudge.to, 2);
    nudge = nudge_score(&cuts, RFM_MONETARY, &above, id, NUDGE_WORSE);
    assert_int_equal(nudge.value, 1304300);
    assert_int_equal(nudge.to, 1);
}

static void nobody_buys_before_today(void **state)
{
    (void)state;
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = 2};
    cuts.cut[RFM_RECENCY][0].value = -1; /* no customer is better than this */
    const struct nudge_scale scale = {4, 1, 0};
    const struct slice id = {"", 0};
    assert_false(nudge_score(&cuts, RFM_RECENCY, &scale, id, NUDGE_BETTER).found);
}

static void a_tier_begins_at_its_cut_off(void **state)
{
    (void)state;
    const struct tier_cutoffs cutoffs = {3, {{1, 500}, {0, 0}, {1, -20}}};
    const struct nudge_scale scale = {70, 1, INT64_MIN};
    struct nudge up = nudge_tier(&cutoffs, &scale, NUDGE_BETTER);
    assert_true(up.found);
    assert_int_equal(up.value, 500);
    assert_int_equal(up.to, 0);
    assert_false(nudge_tier(&cutoffs, &scale, NUDGE_WORSE).found);
    const struct nudge_scale best = {500, 10, INT64_MIN};
    struct nudge down = nudge_tier(&cutoffs, &best, NUDGE_WORSE);
    assert_int_equal(down.value, 490);
    assert_int_equal(down.to, 2);
    assert_false(nudge_tier(&cutoffs, &best, NUDGE_BETTER).found);
}

static void cuts_at_the_ends_of_money_do_not_overflow(void **state)
{
    (void)state;
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = 3};
    cuts.cut[RFM_MONETARY][0].value = INT64_MIN;
    cuts.cut[RFM_MONETARY][1].value = INT64_MAX;
    const struct nudge_scale scale = {0, 10000, INT64_MIN};
    const struct slice id = {"", 0};
    assert_false(nudge_score(&cuts, RFM_MONETARY, &scale, id, NUDGE_BETTER).found);
    assert_false(nudge_score(&cuts, RFM_MONETARY, &scale, id, NUDGE_WORSE).found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_value_of_another_score_is_found),
        cmocka_unit_test(money_moves_by_what_the_ledger_can_say),
        cmocka_unit_test(nobody_buys_before_today),
        cmocka_unit_test(a_tier_begins_at_its_cut_off),
        cmocka_unit_test(cuts_at_the_ends_of_money_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
