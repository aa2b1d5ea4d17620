/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/fitting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/purchase.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/dealt.h"

/* Customers, what is asked of them, and what was fitted. */
struct scene {
    struct dealt_customer *crowd;
    size_t n;
    uint32_t shards;
    size_t threads; /* beside the test's own */
    struct job job;
    struct fitted fitted;
};

/* Buys at a pace of his own and may stop after each purchase: something there is a model of. */
static void live(struct dealt_customer *c, struct chance *chance)
{
    uint64_t pace_days = 4 + chance_below(chance, 90), stops_in = 3 + chance_below(chance, 15);
    c->age_days = 60 + (int32_t)chance_below(chance, 60);
    for (int32_t day = 1; day < c->age_days && chance_below(chance, stops_in) > 0;) {
        for (; day < c->age_days && chance_below(chance, pace_days) > 0; day++)
            ;
        if (day == c->age_days)
            break;
        c->x++;
        c->span_days = day++;
    }
}

/* Frequencies and recencies with many ties, money with some; more repeaters than a fit needs. */
static struct scene a_scene(size_t n)
{
    struct scene scene = {.n = n, .shards = 4, .fitted.chosen = -1};
    struct chance chance = {n};
    scene.crowd = calloc(n + 1, sizeof *scene.crowd);
    assert_non_null(scene.crowd);
    for (size_t i = 0; i < n; i++) {
        struct dealt_customer *c = &scene.crowd[i];
        snprintf(c->id, sizeof c->id, "%u-%u", (unsigned)chance_below(&chance, 90), (unsigned)i);
        live(c, &chance);
        c->monetary = (int64_t)chance_below(&chance, 400) * 2500 - 100000;
        c->repeat_spend = (int64_t)(c->x * (50000 + chance_below(&chance, 400000)));
        c->group = chance_below(&chance, 2) ? "g\x1f" : "h\x1f";
        c->per_unit = (int64_t)chance_below(&chance, 100000);
    }
    scene.job.work.plan = (struct plan){.rfm_bins = 5,
                                        .wallet_method = WALLET_QUANTILE,
                                        .wallet_tau_millionths = 800000,
                                        .has_amount = 1};
    return scene;
}

static struct population *population_of(const struct scene *scene)
{
    struct deal deal = {scene->crowd, scene->n, scene->shards, POPULATION_SAMPLE,
                        scene->job.work.plan.rfm_ties == RFM_NTILE};
    struct population *population;
    assert_int_equal(population_new(&population), 0);
    for (uint32_t shard = 0; shard < deal.shards; shard++) {
        struct dealt dealt;
        dealt_shard(&dealt, &deal, shard);
        assert_int_equal(population_add(population, &dealt.whole, 1, NULL), 0);
        dealt_free(&dealt);
    }
    assert_int_equal(population_end(population, NULL), 0);
    return population;
}

static void fit_frozen(struct scene *scene, const struct frozen *frozen)
{
    struct population *population = population_of(scene);
    struct crew *crew;
    assert_int_equal(crew_new(scene->threads, &crew), 0);
    fitted_free(&scene->fitted);
    assert_int_equal(fitting_run(&scene->fitted, population, &scene->job, frozen, crew), 0);
    crew_destroy(&crew);
    population_destroy(&population);
}

static void fit(struct scene *scene)
{
    fit_frozen(scene, NULL);
}

static void end(struct scene *scene)
{
    fitted_free(&scene->fitted);
    free(scene->crowd);
}

/* ---- cut points ---- */

static int64_t metric_of(const struct dealt_customer *c, enum rfm_metric metric)
{
    return metric == RFM_RECENCY     ? c->age_days - c->span_days
           : metric == RFM_FREQUENCY ? c->x + 1
                                     : c->monetary;
}

static int rising(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Type 7: at position (n - 1) k / N between the sorted values, and its floor. */
static int64_t plain_edge(const struct scene *scene, enum rfm_metric metric, int64_t k,
                          int64_t bins)
{
    int64_t *values = calloc(scene->n, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < scene->n; i++)
        values[i] = metric_of(&scene->crowd[i], metric);
    qsort(values, scene->n, sizeof *values, rising);
    int64_t place = ((int64_t)scene->n - 1) * k, low = values[place / bins];
    int64_t high = place % bins ? values[place / bins + 1] : low;
    free(values);
    return low + (high - low) * (place % bins) / bins;
}

static void edges_are_the_floors_of_type_7_quantiles(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 7, 1000, 1001};
    for (size_t s = 0; s < 5; s++)
        for (int32_t bins = 2; bins <= RFM_BINS_LIMIT; bins++) {
            struct scene scene = a_scene(sizes[s]);
            scene.job.work.plan.rfm_bins = bins;
            scene.job.churn_choice = CHURN_OFF;
            fit(&scene);
            const struct rfm_cuts *cuts = &scene.fitted.model.rfm;
            assert_int_equal(cuts->bins, bins);
            for (int metric = 0; metric < RFM_METRICS; metric++)
                for (int32_t k = 1; k < bins; k++)
                    assert_int_equal(cuts->cut[metric][k - 1].value,
                                     plain_edge(&scene, (enum rfm_metric)metric, k, bins));
            end(&scene);
        }
}

static void an_empty_base_has_no_edges(void **state)
{
    (void)state;
    static const enum rfm_ties ties[] = {RFM_TOGETHER, RFM_NTILE};
    for (size_t i = 0; i < 2; i++) {
        struct scene scene = a_scene(3);
        scene.job.work.plan.rfm_ties = ties[i];
        for (size_t c = 0; c < 3; c++)
            scene.crowd[c].refund_only = 1;
        fit(&scene);
        assert_int_equal(scene.fitted.model.rfm.bins, 0);
        end(&scene);
    }
}

/* What ORDER BY sorts: recency from the greatest, the others from the least; equal values by id. */
struct seat {
    int64_t from_worst, value;
    const char *id;
};

static int as_order_by(const void *left, const void *right)
{
    const struct seat *a = left, *b = right;
    if (a->from_worst != b->from_worst)
        return a->from_worst < b->from_worst ? -1 : 1;
    return strcmp(a->id, b->id);
}

static struct seat *seats_of(const struct scene *scene, enum rfm_metric metric)
{
    struct seat *seats = calloc(scene->n, sizeof *seats);
    assert_non_null(seats);
    for (size_t i = 0; i < scene->n; i++) {
        int64_t value = metric_of(&scene->crowd[i], metric);
        seats[i] = (struct seat){metric == RFM_RECENCY ? -value : value, value, scene->crowd[i].id};
    }
    qsort(seats, scene->n, sizeof *seats, as_order_by);
    return seats;
}

static int32_t score_of(const struct scene *scene, enum rfm_metric metric, const struct seat *seat)
{
    return rfm_score(&scene->fitted.model.rfm, metric, seat->value, seat->id, strlen(seat->id));
}

/* SQL's NTILE(bins) of row i of n: the first n mod bins tiles have one row more. */
static int32_t ntile(size_t i, size_t n, size_t bins)
{
    size_t large = n % bins, size = n / bins;
    return (int32_t)(i < large * (size + 1) ? i / (size + 1)
                                            : large + (i - large * (size + 1)) / size) +
           1;
}

static void ntile_scores_are_those_of_sql(void **state)
{
    (void)state;
    static const size_t sizes[] = {5, 9, 100, 1003};
    for (size_t s = 0; s < 4; s++) {
        struct scene scene = a_scene(sizes[s]);
        scene.job.work.plan.rfm_ties = RFM_NTILE;
        fit(&scene);
        for (enum rfm_metric metric = RFM_RECENCY; metric < RFM_METRICS; metric++) {
            struct seat *seats = seats_of(&scene, metric);
            for (size_t i = 0; i < scene.n; i++)
                assert_int_equal(score_of(&scene, metric, &seats[i]), ntile(i, scene.n, 5));
            free(seats);
        }
        end(&scene);
    }
}

static void of_fewer_customers_than_tiles_the_last_tiles_are_empty(void **state)
{
    (void)state;
    struct scene scene = a_scene(3);
    scene.job.work.plan.rfm_ties = RFM_NTILE;
    fit(&scene);
    struct seat *seats = seats_of(&scene, RFM_MONETARY);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(score_of(&scene, RFM_MONETARY, &seats[i]), (int)i + 1);
    free(seats);
    end(&scene);
}

/* ---- the churn model ---- */

static void auto_takes_the_best_bic_of_those_that_converged(void **state)
{
    (void)state;
    struct scene scene = a_scene(2000);
    fit(&scene);
    const struct fitted *fitted = &scene.fitted;
    assert_true(fitted->chosen >= 0);
    const struct fit *chosen = &fitted->tried[fitted->chosen];
    assert_int_equal(chosen->stop, FIT_CONVERGED);
    assert_int_equal(fitted->model.churn.kind, chosen->model.kind);
    assert_memory_equal(fitted->model.churn.parameter, chosen->model.parameter,
                        sizeof chosen->model.parameter);
    assert_true(fitted->n_tried >= 2);
    for (size_t i = 0; i < fitted->n_tried; i++) {
        assert_int_equal(fitted->tried[i].customers, 2000);
        if (fitted->tried[i].stop == FIT_CONVERGED) /* all on the whole base, as it is small */
            assert_true(chosen->bic <= fitted->tried[i].bic);
    }
    end(&scene);
}

static void the_model_is_the_same_bits_however_the_work_is_dealt(void **state)
{
    (void)state;
    struct scene scene = a_scene(3000);
    scene.shards = 1;
    fit(&scene);
    struct churn_model churn = scene.fitted.model.churn;
    struct spend_model spend = scene.fitted.model.spend;
    scene.shards = 64;
    scene.threads = 3;
    fit(&scene);
    assert_memory_equal(&scene.fitted.model.churn, &churn, sizeof churn);
    assert_memory_equal(&scene.fitted.model.spend, &spend, sizeof spend);
    end(&scene);
}

static void the_winner_of_a_sample_is_fitted_to_everybody(void **state)
{
    (void)state;
    struct scene scene = a_scene(70000);
    struct fit alone;
    size_t n;
    fit(&scene);
    const struct fitted *fitted = &scene.fitted;
    const struct fit *chosen = &fitted->tried[fitted->chosen];
    assert_int_equal(chosen->customers, 70000);
    for (size_t i = 0; i < fitted->n_tried; i++)
        if ((int32_t)i != fitted->chosen)
            assert_int_equal(fitted->tried[i].customers, POPULATION_SAMPLE);
    struct population *population = population_of(&scene);
    const struct fit_row *rows = population_rows(population, &n);
    void *scratch = malloc(fit_churn_scratch(rows, n) + 8);
    fit_churn(chosen->model.kind, 1, rows, n, 0, NULL, scratch, NULL, &alone);
    assert_within(chosen->log_likelihood, alone.log_likelihood, 1e-6);
    free(scratch);
    population_destroy(&population);
    end(&scene);
}

static void a_named_model_is_the_only_one_tried(void **state)
{
    (void)state;
    struct scene scene = a_scene(1000);
    scene.job.churn_choice = CHURN_NAMED;
    scene.job.churn_kind = CHURN_MBGNBD;
    scene.job.regularity = 1;
    fit(&scene);
    assert_int_equal(scene.fitted.n_tried, 1);
    assert_int_equal(scene.fitted.chosen, 0);
    assert_int_equal(scene.fitted.model.churn.kind, CHURN_MBGNBD);
    end(&scene);
}

static void auto_tries_every_model(void **state)
{
    (void)state;
    static const struct churn_model want[] = {
        {.kind = CHURN_NBD, .regularity = 1},     {.kind = CHURN_BGNBD, .regularity = 1},
        {.kind = CHURN_MBGNBD, .regularity = 1},  {.kind = CHURN_PNBD, .regularity = 1},
        {.kind = CHURN_MBGCNBD, .regularity = 2}, {.kind = CHURN_MBGCNBD, .regularity = 3},
        {.kind = CHURN_MBGCNBD, .regularity = 4},
    };
    struct scene scene = a_scene(300);
    fit(&scene);
    assert_int_equal(scene.fitted.n_tried, sizeof want / sizeof *want);
    for (size_t i = 0; i < scene.fitted.n_tried; i++) {
        assert_int_equal(scene.fitted.tried[i].model.kind, want[i].kind);
        assert_int_equal(scene.fitted.tried[i].model.regularity, want[i].regularity);
    }
    end(&scene);
}

/* ln L of the regular models is that of score/, gaps and all, from the shards' histograms. */
static void gaps_of_all_shards_count(void **state)
{
    (void)state;
    struct scene scene = a_scene(400);
    double log_gaps = 0;
    size_t n;
    struct fit want;
    for (size_t i = 0; i < scene.n; i++) {
        const struct dealt_customer *c = &scene.crowd[i];
        if (c->x > 0) /* all gaps but the last are of a day */
            log_gaps += log(c->span_days - (double)c->x + 1) - c->x * log(7);
    }
    scene.job.churn_choice = CHURN_NAMED;
    scene.job.churn_kind = CHURN_BGCNBD;
    scene.job.regularity = 3;
    fit(&scene);
    struct population *population = population_of(&scene);
    const struct fit_row *rows = population_rows(population, &n);
    void *scratch = malloc(fit_churn_scratch(rows, n) + 8);
    fit_churn(CHURN_BGCNBD, 3, rows, n, log_gaps, NULL, scratch, NULL, &want);
    assert_int_equal(scene.fitted.n_tried, 1);
    assert_within(scene.fitted.tried[0].log_likelihood, want.log_likelihood, 1e-7);
    assert_int_equal(scene.fitted.tried[0].model.regularity, 3);
    scene.job.regularity = 0;
    fit(&scene);
    assert_int_equal(scene.fitted.n_tried, 4);
    assert_non_null(strstr(scene.fitted.reason, "regularities 1 to 4"));
    free(scratch);
    population_destroy(&population);
    end(&scene);
}

static void no_model_is_fitted_where_none_was_asked_for(void **state)
{
    (void)state;
    struct scene scene = a_scene(1000);
    scene.job.churn_choice = CHURN_OFF;
    fit(&scene);
    assert_int_equal(scene.fitted.chosen, -1);
    assert_int_equal(scene.fitted.n_tried, 0);
    assert_int_equal(scene.fitted.model.churn.kind, CHURN_NONE);
    assert_int_equal(scene.fitted.model.value_by, VALUE_REVENUE);
    assert_string_equal(scene.fitted.reason, "none was asked for");
    end(&scene);
}

/* n repeaters among 500. */
static void leave_repeaters(struct scene *scene, size_t n)
{
    for (size_t i = 0; i < scene->n; i++) {
        struct dealt_customer *c = &scene->crowd[i];
        if (i >= n) {
            c->x = 0;
            c->span_days = 0;
            c->repeat_spend = 0;
        } else if (c->x == 0) {
            c->x = 1;
            c->span_days = 1 + (int32_t)i;
            c->age_days += c->span_days;
        }
    }
}

static void nine_repeaters_are_too_few_and_tiers_go_by_revenue(void **state)
{
    (void)state;
    static const enum churn_choice choices[] = {CHURN_AUTO, CHURN_NAMED};
    for (size_t i = 0; i < 2; i++) {
        struct scene scene = a_scene(500);
        scene.job.churn_choice = choices[i];
        scene.job.churn_kind = CHURN_BGNBD;
        leave_repeaters(&scene, 9);
        fit(&scene);
        assert_int_equal(scene.fitted.chosen, -1);
        assert_int_equal(scene.fitted.model.churn.kind, CHURN_NONE);
        assert_int_equal(scene.fitted.tried[0].stop, FIT_TOO_FEW);
        assert_int_equal(scene.fitted.model.value_by, VALUE_REVENUE);
        assert_non_null(strstr(scene.fitted.reason, "fewer than 10"));
        end(&scene);
    }
}

static void ten_repeaters_are_enough(void **state)
{
    (void)state;
    struct scene scene = a_scene(500);
    leave_repeaters(&scene, 10);
    fit(&scene);
    assert_true(scene.fitted.chosen >= 0);
    assert_int_equal(scene.fitted.model.value_by, VALUE_CLV);
    end(&scene);
}

/* ---- spend ---- */

static void the_mean_of_the_base_is_gross_by_purchase_days(void **state)
{
    (void)state;
    struct scene scene = a_scene(2);
    scene.crowd[0] = (struct dealt_customer){.id = "a", .age_days = 9, .monetary = 300000};
    scene.crowd[1] = (struct dealt_customer){.id = "b",
                                             .x = 1,
                                             .span_days = 2,
                                             .age_days = 9,
                                             .monetary = 150000,
                                             .repeat_spend = 70000};
    fit(&scene);
    assert_close(scene.fitted.base_mean, 15.0, 0); /* 30 + 15 units on 1 + 2 days */
    assert_int_equal(scene.fitted.model.spend.kind, SPEND_MEAN);
    assert_close(scene.fitted.model.spend.mean, 15.0, 0);
    end(&scene);
}

static void without_amounts_there_is_no_spend_model(void **state)
{
    (void)state;
    struct scene scene = a_scene(1000);
    scene.job.work.plan.has_amount = 0;
    fit(&scene);
    assert_int_equal(scene.fitted.model.spend.kind, SPEND_NONE);
    assert_int_equal(scene.fitted.spend.stop, FIT_SKIPPED);
    end(&scene);
}

/* ---- what tiers go by ---- */

static void value_is_what_was_asked_for_as_far_as_there_is_such(void **state)
{
    (void)state;
    static const struct {
        int has_amount;
        enum churn_choice churn;
        enum tier_by by;
        enum model_value want;
    } row[] = {
        {1, CHURN_AUTO, TIER_BY_CLV, VALUE_CLV},
        {1, CHURN_AUTO, TIER_BY_REVENUE, VALUE_REVENUE},
        {1, CHURN_AUTO, TIER_BY_PROFIT, VALUE_PROFIT},
        {1, CHURN_OFF, TIER_BY_CLV, VALUE_REVENUE},
        {1, CHURN_OFF, TIER_BY_REVENUE, VALUE_REVENUE},
        {1, CHURN_OFF, TIER_BY_PROFIT, VALUE_PROFIT},
        {0, CHURN_AUTO, TIER_BY_CLV, VALUE_EXPECTED_PURCHASES},
        {0, CHURN_AUTO, TIER_BY_REVENUE, VALUE_EXPECTED_PURCHASES},
        {0, CHURN_AUTO, TIER_BY_PROFIT, VALUE_EXPECTED_PURCHASES},
        {0, CHURN_OFF, TIER_BY_CLV, VALUE_PURCHASE_DAYS},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct scene scene = a_scene(200);
        scene.job.work.plan.has_amount = row[i].has_amount;
        scene.job.work.plan.tier_by = row[i].by;
        scene.job.churn_choice = row[i].churn;
        fit(&scene);
        assert_int_equal(scene.fitted.model.value_by, row[i].want);
        end(&scene);
    }
}

/* ---- an earlier model ---- */

/* A model of other customers, with everything that can be frozen. */
static struct frozen an_earlier_model(struct scene *earlier, enum rfm_ties ties)
{
    *earlier = a_scene(900);
    earlier->job.work.plan.rfm_ties = ties;
    fit(earlier);
    struct frozen frozen = {.fitted = earlier->fitted};
    frozen.fitted.has_cutoffs = frozen.fitted.has_thresholds = 1;
    frozen.fitted.cutoffs.n = 2;
    frozen.fitted.cutoffs.cutoff[0].present = 1;
    frozen.fitted.cutoffs.cutoff[0].value = 123;
    frozen.fitted.churn_threshold[0] = 0.25;
    return frozen;
}

static int same_cuts(const struct rfm_cuts *a, const struct rfm_cuts *b)
{
    int same = a->bins == b->bins && a->ties == b->ties;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t k = 0; same && k + 1 < a->bins; k++) {
            const struct rfm_cut *left = &a->cut[metric][k], *right = &b->cut[metric][k];
            same = left->value == right->value && left->id_length == right->id_length &&
                   (left->id_length == 0 || memcmp(left->id, right->id, left->id_length) == 0);
        }
    return same;
}

static int same_groups(const struct peers *a, const struct peers *b)
{
    int same = a->groups.n == b->groups.n;
    for (uint32_t i = 0; same && i < a->groups.n; i++)
        same = a->estimate[i] == b->estimate[i] && a->n[i] == b->n[i];
    return same;
}

/* Which parts of the fit are those of the earlier model, as REFIT_*. */
static unsigned parts_of(const struct fitted *fitted, const struct fitted *earlier)
{
    unsigned parts = 0;
    if (same_cuts(&fitted->model.rfm, &earlier->model.rfm))
        parts |= REFIT_RFM;
    if (memcmp(&fitted->model.churn, &earlier->model.churn, sizeof earlier->model.churn) == 0)
        parts |= REFIT_CHURN;
    if (memcmp(&fitted->model.spend, &earlier->model.spend, sizeof earlier->model.spend) == 0)
        parts |= REFIT_SPEND;
    if (same_groups(&fitted->peers, &earlier->peers))
        parts |= REFIT_WALLET;
    if (fitted->has_cutoffs && fitted->has_thresholds && fitted->cutoffs.n == 2 &&
        fitted->cutoffs.cutoff[0].value == 123 && fitted->churn_threshold[0] == 0.25)
        parts |= REFIT_TIERS;
    return parts;
}

static void what_is_not_refitted_is_the_earlier_models(void **state)
{
    (void)state;
    static const unsigned all = REFIT_RFM | REFIT_CHURN | REFIT_SPEND | REFIT_WALLET | REFIT_TIERS;
    static const enum rfm_ties ties[] = {RFM_TOGETHER, RFM_NTILE};
    for (size_t t = 0; t < 2; t++) {
        struct scene earlier, scene = a_scene(1100);
        struct frozen frozen = an_earlier_model(&earlier, ties[t]);
        scene.job.work.plan.rfm_ties = ties[t];
        for (unsigned refit = 0; refit <= all; refit++) {
            frozen.refit = refit;
            fit_frozen(&scene, &frozen);
            assert_int_equal(parts_of(&scene.fitted, &frozen.fitted), all & ~refit);
        }
        end(&scene);
        end(&earlier);
    }
}

static void totals_are_always_this_runs(void **state)
{
    (void)state;
    struct scene earlier, scene = a_scene(1100);
    struct frozen frozen = an_earlier_model(&earlier, RFM_TOGETHER);
    fit_frozen(&scene, &frozen);
    assert_int_equal(scene.fitted.totals.customers, 1100);
    assert_string_equal(scene.fitted.reason, "frozen by --model");
    end(&scene);
    end(&earlier);
}

/* The sink frees the earlier model at another time than the fit. */
static void a_frozen_fit_borrows_nothing_from_the_earlier_model(void **state)
{
    (void)state;
    struct scene earlier, scene = a_scene(1100);
    struct frozen frozen = an_earlier_model(&earlier, RFM_NTILE);
    fit_frozen(&scene, &frozen);
    struct rfm_cut cut = scene.fitted.model.rfm.cut[RFM_MONETARY][3];
    char *id = malloc(cut.id_length);
    assert_non_null(id);
    memcpy(id, cut.id, cut.id_length);
    end(&earlier);
    assert_memory_equal(scene.fitted.model.rfm.cut[RFM_MONETARY][3].id, id, cut.id_length);
    assert_true(model_group(&scene.fitted.model.groups, "g\x1f", 2) != MODEL_NO_GROUP);
    free(id);
    end(&scene);
}

static void a_frozen_model_serves_a_base_of_too_few(void **state)
{
    (void)state;
    struct scene earlier, scene = a_scene(3);
    struct frozen frozen = an_earlier_model(&earlier, RFM_TOGETHER);
    fit_frozen(&scene, &frozen);
    assert_int_equal(scene.fitted.model.churn.kind, earlier.fitted.model.churn.kind);
    assert_int_equal(scene.fitted.model.value_by, VALUE_CLV);
    end(&scene);
    end(&earlier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_the_floors_of_type_7_quantiles),
        cmocka_unit_test(an_empty_base_has_no_edges),
        cmocka_unit_test(ntile_scores_are_those_of_sql),
        cmocka_unit_test(of_fewer_customers_than_tiles_the_last_tiles_are_empty),
        cmocka_unit_test(auto_takes_the_best_bic_of_those_that_converged),
        cmocka_unit_test(the_model_is_the_same_bits_however_the_work_is_dealt),
        cmocka_unit_test(the_winner_of_a_sample_is_fitted_to_everybody),
        cmocka_unit_test(a_named_model_is_the_only_one_tried),
        cmocka_unit_test(auto_tries_every_model),
        cmocka_unit_test(gaps_of_all_shards_count),
        cmocka_unit_test(no_model_is_fitted_where_none_was_asked_for),
        cmocka_unit_test(nine_repeaters_are_too_few_and_tiers_go_by_revenue),
        cmocka_unit_test(ten_repeaters_are_enough),
        cmocka_unit_test(the_mean_of_the_base_is_gross_by_purchase_days),
        cmocka_unit_test(without_amounts_there_is_no_spend_model),
        cmocka_unit_test(value_is_what_was_asked_for_as_far_as_there_is_such),
        cmocka_unit_test(what_is_not_refitted_is_the_earlier_models),
        cmocka_unit_test(totals_are_always_this_runs),
        cmocka_unit_test(a_frozen_fit_borrows_nothing_from_the_earlier_model),
        cmocka_unit_test(a_frozen_model_serves_a_base_of_too_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
