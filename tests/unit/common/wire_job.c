/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_job.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/raw_message.h"
#include "support/wire_samples.h"

struct scene {
    struct arena *arena, *own; /* for the wire; for what is sent */
    struct chance chance;
    struct parcel parcel; /* with an envelope */
};

static int begin(void **state)
{
    static struct scene scene;
    scene = (struct scene){
        .arena = arena_new((size_t)64 << 20), .own = arena_new((size_t)64 << 20), .chance = {42}};
    *state = &scene;
    return wire_letter_put(&(struct letter){.kind = LETTER_JOB}, &scene.parcel);
}

static int end(void **state)
{
    struct scene *scene = *state;
    parcel_clear(&scene->parcel);
    arena_destroy(&scene->arena);
    arena_destroy(&scene->own);
    return 0;
}

static void drop_payload(struct scene *scene)
{
    while (scene->parcel.n > 1)
        part_release(&scene->parcel.part[--scene->parcel.n]);
    arena_reset(scene->arena);
}

static void same_plan(const struct work_plan *got, const struct work_plan *want)
{
    const struct plan *a = &got->plan, *b = &want->plan;
    assert_int_equal(got->shards, want->shards);
    assert_int_equal(got->sample_per_shard, want->sample_per_shard);
    assert_int_equal(a->as_of, b->as_of);
    assert_int_equal(a->first_day, b->first_day);
    assert_int_equal(a->inactive_after_days, b->inactive_after_days);
    assert_int_equal(a->rfm_window_days, b->rfm_window_days);
    assert_int_equal(a->horizon_days, b->horizon_days);
    assert_int_equal(a->churn_horizon_days, b->churn_horizon_days);
    assert_int_equal(a->wallet_window_days, b->wallet_window_days);
    assert_memory_equal(&a->monthly_discount, &b->monthly_discount, sizeof a->monthly_discount);
    assert_int_equal(a->margin_millionths, b->margin_millionths);
    assert_int_equal(a->serve_cost, b->serve_cost);
    assert_memory_equal(&a->churn_threshold, &b->churn_threshold, sizeof a->churn_threshold);
    assert_int_equal(a->offer.asked, b->offer.asked);
    assert_int_equal(a->offer.contact_cost, b->offer.contact_cost);
    assert_int_equal(a->offer.offer_cost, b->offer.offer_cost);
    assert_int_equal(a->offer.save_rate_millionths, b->offer.save_rate_millionths);
    assert_int_equal(a->offer.take_rate_millionths, b->offer.take_rate_millionths);
    assert_int_equal(a->rfm_bins, b->rfm_bins);
    assert_memory_equal(a->rfm_cuts, b->rfm_cuts, sizeof a->rfm_cuts);
    assert_int_equal(a->segments.n, b->segments.n);
    for (int32_t i = 0; i < b->segments.n; i++) {
        assert_string_equal(a->segments.rule[i].name, b->segments.rule[i].name);
        assert_memory_equal(a->segments.rule[i].from, b->segments.rule[i].from, 3);
        assert_memory_equal(a->segments.rule[i].to, b->segments.rule[i].to, 3);
    }
    assert_int_equal(a->summary, b->summary);
    assert_int_equal(a->rfm_ties, b->rfm_ties);
    assert_int_equal(a->rfm_frequency, b->rfm_frequency);
    assert_int_equal(a->wallet_method, b->wallet_method);
    assert_int_equal(a->wallet_tau_millionths, b->wallet_tau_millionths);
    assert_int_equal(a->tier_by, b->tier_by);
    assert_int_equal(a->n_tiers, b->n_tiers);
    for (int32_t i = 0; i < b->n_tiers; i++) {
        assert_string_equal(a->tiers[i].name, b->tiers[i].name);
        assert_int_equal(a->tiers[i].share, b->tiers[i].share);
    }
    assert_int_equal(a->has_amount, b->has_amount);
    assert_int_equal(a->has_order, b->has_order);
    assert_int_equal(a->decimals, b->decimals);
}

static void plans_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 300; i++) {
        struct work_plan plan = wire_sample_plan(&scene->chance), got;
        memset(&got, 0x55, sizeof got);
        assert_int_equal(wire_plan_put(&plan, &scene->parcel), 0);
        assert_int_equal(wire_plan_read(&scene->parcel, 1, scene->arena, &got), 0);
        same_plan(&got, &plan);
        drop_payload(scene);
    }
}

/* A plan with one thing changed, after the round. */
static int answer_to(struct scene *scene, const struct work_plan *plan)
{
    struct work_plan got;
    drop_payload(scene);
    assert_int_equal(wire_plan_put(plan, &scene->parcel), 0);
    return wire_plan_read(&scene->parcel, 1, scene->arena, &got);
}

#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        struct work_plan one = wire_sample_plan(&scene->chance);                                   \
        one.field = (value);                                                                       \
        assert_int_equal(answer_to(scene, &one), WIRE_E_MALFORMED);                                \
    } while (0)

static void a_plan_of_numbers_that_cannot_be_is_malformed(void **state)
{
    struct scene *scene = *state;
    REFUSED(shards, 0);
    REFUSED(shards, 3);
    REFUSED(shards, 2 * SHARDS_LIMIT);
    REFUSED(plan.rfm_bins, 1);
    REFUSED(plan.rfm_bins, RFM_BINS_LIMIT + 1);
    REFUSED(plan.rfm_ties, (enum rfm_ties)(RFM_NTILE + 1));
    REFUSED(plan.rfm_frequency, (enum rfm_frequency)(RFM_ORDERS + 1));
    REFUSED(plan.wallet_method, (enum wallet_method)(WALLET_WAR + 1));
    REFUSED(plan.wallet_tau_millionths, -1);
    REFUSED(plan.wallet_tau_millionths, PLAN_MILLION + 1);
    REFUSED(plan.tier_by, (enum tier_by)(TIER_BY_PROFIT + 1));
    REFUSED(plan.decimals, 5);
    REFUSED(plan.decimals, -1);
    REFUSED(plan.n_tiers, 0);
    REFUSED(plan.tiers[0].share, -1);
    REFUSED(plan.tiers[0].share, PLAN_SHARE_WHOLE + 1);
}

static void a_plan_of_days_that_cannot_be_is_malformed(void **state)
{
    struct scene *scene = *state;
    REFUSED(plan.horizon_days, -1);
    REFUSED(plan.churn_horizon_days, -1);
    REFUSED(plan.inactive_after_days, -1);
    REFUSED(plan.rfm_window_days, INT32_MIN);
    REFUSED(plan.wallet_window_days, -1);
    REFUSED(plan.as_of, INT32_MAX);
    REFUSED(plan.as_of, 2932897);
    REFUSED(plan.as_of, INT32_MIN);
    REFUSED(plan.first_day, INT32_MIN);
    REFUSED(plan.first_day, -719163);
    REFUSED(plan.first_day, 2932897);
}

static void a_plan_of_no_number_is_malformed(void **state)
{
    struct scene *scene = *state;
    REFUSED(plan.monthly_discount, -DBL_MIN);
    REFUSED(plan.monthly_discount, (double)NAN);
    REFUSED(plan.monthly_discount, (double)INFINITY);
    REFUSED(plan.churn_threshold, -1.5);
    REFUSED(plan.churn_threshold, 1.5);
    REFUSED(plan.churn_threshold, (double)NAN);
}

static void shares_that_are_not_the_whole_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct work_plan plan = wire_sample_plan(&scene->chance);
    plan.plan.n_tiers = 2;
    plan.plan.tiers[0].share = PLAN_SHARE_WHOLE / 2;
    for (int64_t off = -1; off <= 1; off++) {
        plan.plan.tiers[1].share = PLAN_SHARE_WHOLE / 2 + off;
        assert_int_equal(answer_to(scene, &plan), off ? WIRE_E_MALFORMED : 0);
    }
}

/* To protobuf a repeated field goes on wherever it stands, so a tier can be added to a whole plan. */
static int answer_to_another_tier(struct scene *scene, const char *name)
{
    struct work_plan got;
    struct raw_message tier = {.size = 0}, raw = {.size = 0};
    const struct part *plan = &scene->parcel.part[1];
    memcpy(raw.bytes, plan->data, plan->size);
    raw.size = plan->size;
    raw_bytes(&tier, 1, name, strlen(name));
    raw_inner(&raw, 18, &tier);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    return wire_plan_read(&parcel, 1, scene->arena, &got);
}

static void a_tier_s_name_beyond_the_limit_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct work_plan plan = wire_sample_plan(&scene->chance);
    plan.plan.n_tiers = 1;
    plan.plan.tiers[0].share = PLAN_SHARE_WHOLE;
    assert_int_equal(wire_plan_put(&plan, &scene->parcel), 0);
    assert_int_equal(answer_to_another_tier(scene, "1234567890123456789012345678901"), 0);
    assert_int_equal(answer_to_another_tier(scene, "12345678901234567890123456789012"),
                     WIRE_E_MALFORMED);
}

static void a_tier_too_many_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct work_plan plan = wire_sample_plan(&scene->chance);
    plan.plan.n_tiers = PLAN_TIERS_LIMIT;
    for (int i = 0; i < PLAN_TIERS_LIMIT; i++)
        plan.plan.tiers[i].share = i ? 0 : PLAN_SHARE_WHOLE;
    assert_int_equal(answer_to(scene, &plan), 0);
    assert_int_equal(answer_to_another_tier(scene, "tin"), WIRE_E_MALFORMED);
}

static void a_job_goes_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 100; i++) {
        struct job got;
        const struct job job = {.work = wire_sample_plan(&scene->chance),
                                .churn_choice = (enum churn_choice)(i % (CHURN_OFF + 1)),
                                .churn_kind = (enum churn_kind)(i % (CHURN_MBGCNBD + 1)),
                                .regularity = i % 5,
                                .refit = (unsigned)i % 32,
                                .digits = 1 + i % 17,
                                .columns = i % 2 ? "customer_id,tier" : NULL,
                                .time_unit = i % 2 ? NULL : "day",
                                .has_model = i & 1,
                                .restart = i >> 1 & 1,
                                .redact = i >> 2 & 1,
                                .run_key = "a key\nof lines"};
        assert_int_equal(wire_job_put(&job, &scene->parcel), 0);
        assert_int_equal(wire_job_read(&scene->parcel, 1, scene->arena, &got), 0);
        same_plan(&got.work, &job.work);
        assert_int_equal(got.churn_choice, job.churn_choice);
        assert_int_equal(got.churn_kind, job.churn_kind);
        assert_int_equal(got.regularity, job.regularity);
        assert_int_equal(got.refit, job.refit);
        assert_int_equal(got.digits, job.digits);
        assert_string_equal(got.columns, job.columns ? job.columns : "");
        assert_string_equal(got.time_unit, job.time_unit ? job.time_unit : "");
        assert_int_equal(got.has_model, job.has_model);
        assert_int_equal(got.restart, job.restart);
        assert_int_equal(got.redact, job.redact);
        assert_string_equal(got.run_key, job.run_key);
        drop_payload(scene);
    }
}

static void a_job_that_cannot_be_is_malformed(void **state)
{
    struct scene *scene = *state;
    static const struct {
        uint32_t field;
        uint64_t value;
    } changes[] = {{2, CHURN_OFF + 1}, {3, CHURN_MBGCNBD + 1}, {4, 101}, {6, 0}, {6, 18}};
    const struct job job = {.work = wire_sample_plan(&scene->chance), .digits = 6};
    assert_int_equal(wire_job_put(&job, &scene->parcel), 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct job got;
        struct raw_message raw = {.size = scene->parcel.part[1].size};
        memcpy(raw.bytes, scene->parcel.part[1].data, raw.size);
        raw_number(&raw, changes[i].field, changes[i].value);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_job_read(&parcel, 1, scene->arena, &got), WIRE_E_MALFORMED);
    }
}

static void a_job_without_a_plan_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct job got;
    struct raw_message raw = {.size = 0};
    raw_number(&raw, 6, 6);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    assert_int_equal(wire_job_read(&parcel, 1, scene->arena, &got), WIRE_E_MALFORMED);
}

static void same_groups(const struct model_groups *got, const struct model_groups *want)
{
    assert_int_equal(got->n, want->n);
    assert_memory_equal(got->offset, want->offset, ((size_t)want->n + 1) * sizeof *want->offset);
    if (want->n > 0)
        assert_memory_equal(got->estimate, want->estimate, want->n * sizeof *want->estimate);
    if (want->offset[want->n] > 0)
        assert_memory_equal(got->names, want->names, want->offset[want->n]);
}

static void same_model(const struct model *got, const struct model *want)
{
    assert_int_equal(got->rfm.ties, want->rfm.ties);
    assert_int_equal(got->rfm.bins, want->rfm.bins);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t i = 0; i + 1 < want->rfm.bins; i++) {
            const struct rfm_cut *a = &got->rfm.cut[metric][i], *b = &want->rfm.cut[metric][i];
            assert_int_equal(a->value, b->value);
            assert_int_equal(a->id_length, b->id_length);
            if (b->id_length > 0)
                assert_memory_equal(a->id, b->id, b->id_length);
        }
    assert_int_equal(got->churn.kind, want->churn.kind);
    assert_int_equal(got->churn.regularity, want->churn.regularity);
    assert_memory_equal(got->churn.parameter, want->churn.parameter, sizeof got->churn.parameter);
    assert_int_equal(got->spend.kind, want->spend.kind);
    assert_memory_equal(&got->spend.p, &want->spend.p, 4 * sizeof got->spend.p);
    assert_int_equal(got->value_by, want->value_by);
    same_groups(&got->groups, &want->groups);
}

static void model_goes_round(struct scene *scene, const struct model *model)
{
    struct model got = {0};
    assert_int_equal(wire_model_put(model, scene->arena, &scene->parcel), 0);
    for (size_t i = 1; i < scene->parcel.n; i++)
        assert_true(scene->parcel.part[i].size <= LINE_PART_LIMIT);
    arena_reset(scene->arena);
    assert_int_equal(wire_model_read(&scene->parcel, 1, scene->arena, &got), 0);
    same_model(&got, model);
}

static void models_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 200; i++) {
        arena_reset(scene->own);
        uint32_t groups = (uint32_t)chance_below(&scene->chance, 40);
        struct model model = wire_sample_model(&scene->chance, scene->own, groups);
        model_goes_round(scene, &model);
        drop_payload(scene);
    }
}

static void more_groups_than_a_part_holds_go_round(void **state)
{
    struct scene *scene = *state;
    static const uint32_t sizes[] = {16383, 16384, 16385, 32768, 50000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct model model = wire_sample_model(&scene->chance, scene->own, sizes[i]);
        model_goes_round(scene, &model);
        assert_int_equal(scene->parcel.n, 2 + (sizes[i] + 16383) / 16384);
        drop_payload(scene);
        arena_reset(scene->own);
    }
}

/* A part of a letter has a limit of bytes, and names may be as long as the columns they come from. */
static void groups_with_long_names_go_round_in_parts_that_a_line_takes(void **state)
{
    struct scene *scene = *state;
    enum { GROUPS = 300, LENGTH = 60000 };
    struct model model = wire_sample_model(&scene->chance, scene->own, 0);
    uint32_t *offset = arena_take(scene->own, (GROUPS + 1) * sizeof *offset);
    int64_t *estimate = arena_take(scene->own, GROUPS * sizeof *estimate);
    char *names = arena_take(scene->own, (size_t)GROUPS * LENGTH);
    for (uint32_t i = 0; i <= GROUPS; i++)
        offset[i] = i * LENGTH;
    for (uint32_t i = 0; i < GROUPS; i++) {
        estimate[i] = i;
        memset(names + offset[i], (int)i, LENGTH);
    }
    model.groups = (struct model_groups){GROUPS, names, offset, estimate, 1};
    model_goes_round(scene, &model);
}

static int answer_to_model(struct scene *scene)
{
    struct model got = {0};
    arena_reset(scene->arena);
    return wire_model_read(&scene->parcel, 1, scene->arena, &got);
}

#define REFUSED_MODEL(field, value)                                                                \
    do {                                                                                           \
        struct model one = wire_sample_model(&scene->chance, scene->own, 3);                       \
        one.field = (value);                                                                       \
        assert_int_equal(wire_model_put(&one, scene->arena, &scene->parcel), 0);                   \
        assert_int_equal(answer_to_model(scene), WIRE_E_MALFORMED);                                \
        drop_payload(scene);                                                                       \
    } while (0)

static void a_model_that_cannot_be_is_malformed(void **state)
{
    struct scene *scene = *state;
    REFUSED_MODEL(rfm.ties, (enum rfm_ties)(RFM_NTILE + 1));
    REFUSED_MODEL(rfm.bins, 1);
    REFUSED_MODEL(churn.kind, (enum churn_kind)(CHURN_MBGCNBD + 1));
    REFUSED_MODEL(churn.regularity, 101);
    REFUSED_MODEL(churn.parameter[0], -1.0);
    REFUSED_MODEL(churn.parameter[3], (double)NAN);
    REFUSED_MODEL(churn.parameter[1], (double)INFINITY);
    REFUSED_MODEL(spend.kind, (enum spend_kind)(SPEND_MEAN + 1));
    REFUSED_MODEL(spend.mean, (double)NAN);
    REFUSED_MODEL(spend.q, -(double)INFINITY);
    REFUSED_MODEL(value_by, (enum model_value)(VALUE_PURCHASE_DAYS + 1));
}

static void a_regular_model_without_its_k_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct model model = wire_sample_model(&scene->chance, scene->own, 0);
    static const enum churn_kind kinds[] = {CHURN_NONE, CHURN_BGCNBD, CHURN_MBGCNBD};
    model.churn.regularity = 0;
    for (int i = 0; i < 3; i++) {
        model.churn.kind = kinds[i];
        assert_int_equal(wire_model_put(&model, scene->arena, &scene->parcel), 0);
        assert_int_equal(answer_to_model(scene), i == 0 ? 0 : WIRE_E_MALFORMED);
        drop_payload(scene);
    }
}

static void groups_that_are_too_few_or_too_many_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct model model = wire_sample_model(&scene->chance, scene->own, 20000);
    assert_int_equal(wire_model_put(&model, scene->arena, &scene->parcel), 0);
    assert_int_equal(scene->parcel.n, 4);
    scene->parcel.n = 3; /* a part is lost */
    assert_int_equal(answer_to_model(scene), WIRE_E_MALFORMED);
    scene->parcel.n = 4;
    assert_int_equal(answer_to_model(scene), 0);
    struct part twice = scene->parcel.part[3];
    twice.release = NULL;
    assert_int_equal(parcel_add(&scene->parcel, &twice), 0);
    assert_int_equal(answer_to_model(scene), WIRE_E_MALFORMED);
}

/* The count alone must not be believed: it would be an allocation of 64 GiB. */
static void a_count_of_groups_beyond_what_the_parts_can_hold_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct model model = wire_sample_model(&scene->chance, scene->own, 0), got;
    struct raw_message raw;
    model.rfm.bins = 0;
    assert_int_equal(wire_model_put(&model, scene->arena, &scene->parcel), 0);
    raw.size = scene->parcel.part[1].size;
    memcpy(raw.bytes, scene->parcel.part[1].data, raw.size);
    raw_number(&raw, 15, UINT32_MAX);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    assert_int_equal(wire_model_read(&parcel, 1, scene->arena, &got), WIRE_E_MALFORMED);
}

#define in_a_letter(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_letter(plans_go_round),
        in_a_letter(a_plan_of_numbers_that_cannot_be_is_malformed),
        in_a_letter(a_plan_of_days_that_cannot_be_is_malformed),
        in_a_letter(a_plan_of_no_number_is_malformed),
        in_a_letter(shares_that_are_not_the_whole_are_malformed),
        in_a_letter(a_tier_s_name_beyond_the_limit_is_malformed),
        in_a_letter(a_tier_too_many_is_malformed),
        in_a_letter(a_job_goes_round),
        in_a_letter(a_job_that_cannot_be_is_malformed),
        in_a_letter(a_job_without_a_plan_is_malformed),
        in_a_letter(models_go_round),
        in_a_letter(more_groups_than_a_part_holds_go_round),
        in_a_letter(groups_with_long_names_go_round_in_parts_that_a_line_takes),
        in_a_letter(a_model_that_cannot_be_is_malformed),
        in_a_letter(a_regular_model_without_its_k_is_malformed),
        in_a_letter(groups_that_are_too_few_or_too_many_are_malformed),
        in_a_letter(a_count_of_groups_beyond_what_the_parts_can_hold_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
