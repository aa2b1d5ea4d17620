/* SPDX-License-Identifier: Apache-2.0 */
#include "score/rfm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/quantile.h"
#include "support/assert.h"
#include "support/chance.h"

#define MOST 400

struct member {
    int64_t value[RFM_METRICS];
    char id[8];
};

struct base {
    struct member member[MOST];
    size_t n;
};

static enum rfm_metric sorting_by; /* qsort has no context */

static int worst_first(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int64_t x = a->value[sorting_by], y = b->value[sorting_by];
    if (x != y)
        return (sorting_by == RFM_RECENCY ? x > y : x < y) ? -1 : 1;
    return strcmp(a->id, b->id);
}

static void sort_worst_first(struct base *base, enum rfm_metric metric)
{
    sorting_by = metric;
    qsort(base->member, base->n, sizeof base->member[0], worst_first);
}

static struct base draw(struct chance *chance)
{
    struct base base = {.n = 1 + chance_below(chance, chance_below(chance, 4) ? 12 : MOST)};
    uint64_t spread = 1 + chance_below(chance, chance_below(chance, 2) ? 6 : 2000);
    for (size_t i = 0; i < base.n; i++) {
        for (int metric = 0; metric < RFM_METRICS; metric++)
            base.member[i].value[metric] = (int64_t)chance_below(chance, spread) - 2;
        snprintf(base.member[i].id, sizeof base.member[i].id, "%u",
                 (unsigned)(i * 7919 % 10007)); /* of unlike lengths: "10" < "9" bytewise */
    }
    return base;
}

static struct rfm_cuts cuts_together(struct base *base, int32_t bins)
{
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = bins};
    int64_t values[MOST];
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t k = 1; k < bins; k++) {
            for (size_t i = 0; i < base->n; i++)
                values[i] = base->member[i].value[metric];
            struct quantile p = {k, bins};
            quantile_of(values, base->n, &p, 1, &cuts.cut[metric][k - 1].value);
        }
    return cuts;
}

static struct rfm_cuts cuts_ntile(struct base *base, int32_t bins)
{
    struct rfm_cuts cuts = {.ties = RFM_NTILE, .bins = bins};
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        sort_worst_first(base, (enum rfm_metric)metric);
        for (int32_t k = 1; k < bins; k++) {
            size_t end = rfm_tile_end(base->n, bins, k);
            const struct member *last = &base->member[end == SIZE_MAX ? base->n - 1 : end];
            char *id = malloc(sizeof last->id); /* the base is sorted again; freed by cuts_free */
            assert_non_null(id);
            memcpy(id, last->id, sizeof last->id);
            struct rfm_cut cut = {last->value[metric], id, strlen(id)};
            cuts.cut[metric][k - 1] = cut;
        }
    }
    return cuts;
}

static void cuts_free(struct rfm_cuts *cuts)
{
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t k = 1; k < cuts->bins; k++)
            free((void *)(uintptr_t)cuts->cut[metric][k - 1].id);
}

/* One among many scores as one alone. */
static void check_among_many(const struct rfm_cuts *cuts, enum rfm_metric metric, int64_t value,
                             int32_t score)
{
    int64_t values[SPECIAL_LANES] = {INT64_MIN, INT64_MAX, value - 1}, scores[SPECIAL_LANES];
    values[SPECIAL_LANES - 1] = value;
    rfm_scores(cuts, metric, values, scores);
    assert_int_equal(scores[SPECIAL_LANES - 1], score);
}

static int32_t score_of(const struct rfm_cuts *cuts, int metric, const struct member *member)
{
    int32_t score = rfm_score(cuts, (enum rfm_metric)metric, member->value[metric], member->id,
                              strlen(member->id));
    if (cuts->ties == RFM_TOGETHER)
        check_among_many(cuts, (enum rfm_metric)metric, member->value[metric], score);
    return score;
}

static void no_base_gives_no_score(void **state)
{
    (void)state;
    struct rfm_cuts none = {.ties = RFM_TOGETHER, .bins = 0};
    assert_int_equal(rfm_score(&none, RFM_RECENCY, 5, "a", 1), 0);
    check_among_many(&none, RFM_RECENCY, 5, 0);
    check_among_many(&none, RFM_MONETARY, 5, 0);
    none.ties = RFM_NTILE;
    assert_int_equal(rfm_score(&none, RFM_MONETARY, 5, "a", 1), 0);
}

static void a_value_on_an_edge_stays_below_it(void **state)
{
    (void)state;
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = 5};
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++)
            cuts.cut[metric][k].value = 10 * (k + 1);
    assert_int_equal(rfm_score(&cuts, RFM_MONETARY, 10, "", 0), 1);
    assert_int_equal(rfm_score(&cuts, RFM_MONETARY, 11, "", 0), 2);
    assert_int_equal(rfm_score(&cuts, RFM_MONETARY, 41, "", 0), 5);
    assert_int_equal(rfm_score(&cuts, RFM_MONETARY, INT64_MIN, "", 0), 1);
    assert_int_equal(rfm_score(&cuts, RFM_MONETARY, INT64_MAX, "", 0), 5);
    assert_int_equal(rfm_score(&cuts, RFM_RECENCY, 10, "", 0), 5);
    assert_int_equal(rfm_score(&cuts, RFM_RECENCY, 11, "", 0), 4);
    assert_int_equal(rfm_score(&cuts, RFM_RECENCY, 41, "", 0), 1);
}

/* Half the base has one purchase day, as in CDNOW. Edges at h = 9 k / 5, by hand: 1.8 and 3.6 lie
 * among the ones, 5.4 between 2 and 2, 7.2 between 3 and 5: 1, 1, 2, 3.4. Nobody scores 2. */
static void a_crowded_value_makes_scores_skip(void **state)
{
    (void)state;
    struct base base = {.n = 10};
    static const int64_t days[] = {1, 1, 1, 1, 1, 2, 2, 3, 5, 9};
    for (size_t i = 0; i < base.n; i++)
        base.member[i].value[RFM_FREQUENCY] = days[i];
    struct rfm_cuts cuts = cuts_together(&base, 5);
    static const int32_t want[] = {1, 1, 1, 1, 1, 3, 3, 4, 5, 5};
    assert_int_equal(cuts.cut[RFM_FREQUENCY][1].value, 1);
    assert_int_equal(cuts.cut[RFM_FREQUENCY][2].value, 2);
    assert_int_equal(cuts.cut[RFM_FREQUENCY][3].value, 3);
    for (size_t i = 0; i < base.n; i++)
        assert_int_equal(score_of(&cuts, RFM_FREQUENCY, &base.member[i]), want[i]);
}

static void equal_values_have_equal_scores_together(void **state)
{
    (void)state;
    struct chance chance = {61};
    for (int round = 0; round < 2000; round++) {
        struct base base = draw(&chance);
        struct rfm_cuts cuts = cuts_together(&base, (int32_t)(2 + chance_below(&chance, 8)));
        for (int metric = 0; metric < RFM_METRICS; metric++)
            for (size_t i = 1; i < base.n; i++)
                if (base.member[i].value[metric] == base.member[0].value[metric])
                    assert_int_equal(score_of(&cuts, metric, &base.member[i]),
                                     score_of(&cuts, metric, &base.member[0]));
    }
}

static void better_never_scores_lower(void **state)
{
    (void)state;
    struct chance chance = {67};
    for (int round = 0; round < 2000; round++) {
        struct base base = draw(&chance);
        int32_t bins = (int32_t)(2 + chance_below(&chance, 8));
        int ntile = round % 2;
        struct rfm_cuts cuts = ntile ? cuts_ntile(&base, bins) : cuts_together(&base, bins);
        for (int metric = 0; metric < RFM_METRICS; metric++) {
            sort_worst_first(&base, (enum rfm_metric)metric);
            int32_t last = 1;
            for (size_t i = 0; i < base.n; i++) {
                int32_t score = score_of(&cuts, metric, &base.member[i]);
                assert_in_range(score, last, bins);
                last = score;
            }
        }
        if (ntile)
            cuts_free(&cuts);
    }
}

/* The score by the definition in rationals: edges strictly below, no floor anywhere. */
static int32_t slow_together(const struct base *sorted, int metric, int64_t value, int32_t bins)
{
    int32_t below = 0;
    for (int32_t k = 1; k < bins; k++) {
        size_t top = (sorted->n - 1) * (size_t)k, lo = top / (size_t)bins;
        int64_t part = (int64_t)(top % (size_t)bins);
        int64_t a = sorted->member[lo].value[metric];
        int64_t b = part ? sorted->member[lo + 1].value[metric] : a;
        below += a * bins + part * (b - a) < value * bins;
    }
    return metric == RFM_RECENCY ? bins + 1 - (1 + below) : 1 + below;
}

static void floors_of_edges_score_as_the_edges_do(void **state)
{
    (void)state;
    struct chance chance = {71};
    for (int round = 0; round < 2000; round++) {
        struct base base = draw(&chance), sorted = base;
        int32_t bins = (int32_t)(2 + chance_below(&chance, 8));
        struct rfm_cuts cuts = cuts_together(&base, bins);
        for (int metric = 0; metric < RFM_METRICS; metric++) {
            sort_worst_first(&sorted, (enum rfm_metric)metric);
            if (metric == RFM_RECENCY) /* rising, for quantiles */
                for (size_t i = 0; i < sorted.n / 2; i++) {
                    struct member swap = sorted.member[i];
                    sorted.member[i] = sorted.member[sorted.n - 1 - i];
                    sorted.member[sorted.n - 1 - i] = swap;
                }
            for (size_t i = 0; i < base.n; i++)
                assert_int_equal(
                    score_of(&cuts, metric, &base.member[i]),
                    slow_together(&sorted, metric, base.member[i].value[metric], bins));
        }
    }
}

static void money_a_hundred_times_larger_scores_the_same(void **state)
{
    (void)state;
    struct chance chance = {73};
    for (int round = 0; round < 1000; round++) {
        struct base base = draw(&chance), scaled = base;
        for (size_t i = 0; i < base.n; i++)
            scaled.member[i].value[RFM_MONETARY] *= 100;
        struct rfm_cuts cuts = cuts_together(&base, 5), cuts_scaled = cuts_together(&scaled, 5);
        for (size_t i = 0; i < base.n; i++)
            assert_int_equal(score_of(&cuts, RFM_MONETARY, &base.member[i]),
                             score_of(&cuts_scaled, RFM_MONETARY, &scaled.member[i]));
    }
}

static void tiles_are_as_large_as_in_sql(void **state)
{
    (void)state;
    assert_int_equal(rfm_tile_end(12, 5, 1), 2); /* 3 3 2 2 2 */
    assert_int_equal(rfm_tile_end(12, 5, 2), 5);
    assert_int_equal(rfm_tile_end(12, 5, 3), 7);
    assert_int_equal(rfm_tile_end(12, 5, 4), 9);
    assert_int_equal(rfm_tile_end(2, 5, 2), 1);
    assert_true(rfm_tile_end(2, 5, 3) == SIZE_MAX);
    for (size_t n = 1; n < 60; n++)
        for (int32_t bins = 2; bins <= 9; bins++) {
            size_t start = 0;
            for (int32_t k = 1; k < bins && (size_t)k <= n; k++) {
                size_t end = rfm_tile_end(n, bins, k) + 1;
                size_t size = n / (size_t)bins + ((size_t)k <= n % (size_t)bins);
                assert_int_equal(end - start, size);
                start = end;
            }
        }
}

/* Tile of each member by dealing: the way SQL defines it. */
static void ntile_scores_are_the_tiles(void **state)
{
    (void)state;
    struct chance chance = {79};
    for (int round = 0; round < 2000; round++) {
        struct base base = draw(&chance);
        int32_t bins = (int32_t)(2 + chance_below(&chance, 8));
        struct rfm_cuts cuts = cuts_ntile(&base, bins);
        for (int metric = 0; metric < RFM_METRICS; metric++) {
            sort_worst_first(&base, (enum rfm_metric)metric);
            size_t at = 0;
            for (int32_t tile = 1; tile <= bins; tile++) {
                size_t size = base.n / (size_t)bins + ((size_t)tile <= base.n % (size_t)bins);
                for (size_t i = 0; i < size; i++)
                    assert_int_equal(score_of(&cuts, metric, &base.member[at++]), tile);
            }
            assert_int_equal(at, base.n);
        }
        cuts_free(&cuts);
    }
}

static void ids_break_ties_bytewise_and_shorter_first(void **state)
{
    (void)state;
    struct rfm_cuts cuts = {.ties = RFM_NTILE, .bins = 2};
    struct rfm_cut cut = {7, "ab", 2};
    for (int metric = 0; metric < RFM_METRICS; metric++)
        cuts.cut[metric][0] = cut;
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        enum rfm_metric of = (enum rfm_metric)metric;
        assert_int_equal(rfm_score(&cuts, of, 7, "a", 1), 1);
        assert_int_equal(rfm_score(&cuts, of, 7, "ab", 2), 1);
        assert_int_equal(rfm_score(&cuts, of, 7, "ab\0", 3), 2);
        assert_int_equal(rfm_score(&cuts, of, 7, "\xc3\xa9", 2), 2); /* bytes are unsigned */
        assert_int_equal(rfm_score(&cuts, of, 7, "", 0), 1);
    }
    assert_int_equal(rfm_score(&cuts, RFM_RECENCY, 6, "", 0), 2);
    assert_int_equal(rfm_score(&cuts, RFM_FREQUENCY, 6, "z", 1), 1);
}

static const char *segment(int32_t bins, int32_t r, int32_t f)
{
    static const struct plan_segments none = {.n = 0};
    return rfm_segment(&none, bins, (int32_t[]){r, f, 0});
}

static void every_cell_has_a_segment_and_every_rule_a_cell(void **state)
{
    (void)state;
    size_t n;
    const struct rfm_segment_rule *rules = rfm_segment_rules(&n);
    int used[16] = {0};
    assert_int_equal(n, 10);
    for (int32_t r = 1; r <= 5; r++)
        for (int32_t f = 1; f <= 5; f++) {
            const char *name = segment(5, r, f);
            assert_string_not_equal(name, "");
            for (size_t i = 0; i < n; i++)
                used[i] += strcmp(rules[i].rule.name, name) == 0;
        }
    for (size_t i = 0; i < n; i++)
        assert_true(used[i] > 0);
}

static void no_two_rules_claim_a_cell(void **state)
{
    (void)state;
    size_t n;
    const struct rfm_segment_rule *rules = rfm_segment_rules(&n);
    for (int32_t r = 1; r <= 5; r++)
        for (int32_t f = 1; f <= 5; f++) {
            int claims = 0;
            for (size_t i = 0; i < n; i++)
                claims += rfm_segment_holds(&rules[i].rule, (int32_t[]){r, f, 0});
            assert_int_equal(claims, 1);
        }
}

static void corners_have_the_names_one_expects(void **state)
{
    (void)state;
    assert_string_equal(segment(5, 5, 5), "champions");
    assert_string_equal(segment(5, 5, 1), "new");
    assert_string_equal(segment(5, 1, 5), "previously_loyal");
    assert_string_equal(segment(5, 1, 1), "dormant");
    assert_string_equal(segment(4, 1, 1), "");
    assert_string_equal(segment(9, 5, 5), "");
    assert_string_equal(segment(5, 0, 3), "");
    assert_string_equal(segment(5, 3, 0), "");
}

static void rules_of_ones_own_replace_winnows_for_any_number_of_bins(void **state)
{
    (void)state;
    const struct plan_segments own = {
        .n = 3,
        .rule = {{"best", {3, 0, 0}, {3, 0, 0}}, {"rich", {0, 0, 2}, {0, 0, 3}}, {.name = "rest"}}};
    for (int32_t bins = 3; bins <= 9; bins += 2) {
        assert_string_equal(rfm_segment(&own, bins, (int32_t[]){3, 1, 3}), "best");
        assert_string_equal(rfm_segment(&own, bins, (int32_t[]){2, 1, 3}), "rich");
        assert_string_equal(rfm_segment(&own, bins, (int32_t[]){2, 1, 1}), "rest");
        assert_string_equal(rfm_segment(&own, bins, (int32_t[]){2, 1, 0}), "rest");
        assert_string_equal(rfm_segment(&own, bins, (int32_t[]){0, 1, 1}), "");
    }
}

static void a_cell_that_no_rule_names_has_no_segment(void **state)
{
    (void)state;
    const struct plan_segments own = {.n = 1, .rule = {{"best", {5, 5, 0}, {5, 5, 0}}}};
    assert_string_equal(rfm_segment(&own, 5, (int32_t[]){5, 5, 1}), "best");
    assert_string_equal(rfm_segment(&own, 5, (int32_t[]){5, 4, 1}), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_base_gives_no_score),
        cmocka_unit_test(a_value_on_an_edge_stays_below_it),
        cmocka_unit_test(a_crowded_value_makes_scores_skip),
        cmocka_unit_test(equal_values_have_equal_scores_together),
        cmocka_unit_test(better_never_scores_lower),
        cmocka_unit_test(floors_of_edges_score_as_the_edges_do),
        cmocka_unit_test(money_a_hundred_times_larger_scores_the_same),
        cmocka_unit_test(tiles_are_as_large_as_in_sql),
        cmocka_unit_test(ntile_scores_are_the_tiles),
        cmocka_unit_test(ids_break_ties_bytewise_and_shorter_first),
        cmocka_unit_test(every_cell_has_a_segment_and_every_rule_a_cell),
        cmocka_unit_test(no_two_rules_claim_a_cell),
        cmocka_unit_test(corners_have_the_names_one_expects),
        cmocka_unit_test(rules_of_ones_own_replace_winnows_for_any_number_of_bins),
        cmocka_unit_test(a_cell_that_no_rule_names_has_no_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
