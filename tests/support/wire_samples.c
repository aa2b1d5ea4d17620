/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wire_samples.h"

#include <stdio.h>
#include <string.h>

#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "common/wire_order.h"
#include "common/wire_scores.h"
#include "support/assert.h"
#include "support/put_score_rows.h"

#define DAY_LEAST    (-719162)
#define DAY_GREATEST 2932896

static void *room(struct arena *arena, size_t n, size_t size)
{
    void *out = arena_take(arena, n * size + 1);
    assert_non_null(out);
    return out;
}

/* Small, of any size, or an end of the type. */
static uint64_t some(struct chance *chance)
{
    switch (chance_below(chance, 4)) {
    case 0:
        return chance_below(chance, 2) ? UINT64_MAX : 0;
    case 1:
        return chance_below(chance, 300);
    default:
        return chance_next(chance) >> chance_below(chance, 64);
    }
}

static uint32_t *numbers(struct chance *chance, struct arena *arena, size_t n)
{
    uint32_t *out = room(arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint32_t)some(chance);
    return out;
}

static int32_t *whole(struct chance *chance, struct arena *arena, size_t n)
{
    return (int32_t *)numbers(chance, arena, n);
}

static int64_t *money(struct chance *chance, struct arena *arena, size_t n)
{
    int64_t *out = room(arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (int64_t)some(chance);
    return out;
}

static struct digest *digests(struct chance *chance, struct arena *arena, size_t n)
{
    struct digest *out = room(arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct digest){chance_next(chance), chance_next(chance)};
    return out;
}

static char *bytes(struct chance *chance, struct arena *arena, size_t n)
{
    char *out = room(arena, n, 1);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)chance_next(chance);
    return out;
}

/* 0 to most each. */
static uint16_t *lengths(struct chance *chance, struct arena *arena, size_t n, size_t most)
{
    uint16_t *out = room(arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)chance_below(chance, most + 1);
    return out;
}

static size_t total(const uint16_t *values, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

static void put_letter(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct letter letter = {.kind = (enum letter_kind)(1 + chance_below(chance, LETTER_LAST)),
                            .job = digests(chance, arena, 1)[0],
                            .stage = (uint32_t)some(chance),
                            .shard = (uint32_t)some(chance),
                            .attempt = (uint32_t)some(chance),
                            .sequence = some(chance),
                            .boot = some(chance),
                            .code = (int32_t)some(chance),
                            .digest = digests(chance, arena, 1)[0]};
    struct parcel one;
    snprintf(letter.text, sizeof letter.text, "shard %u is %s", letter.shard, "late");
    assert_int_equal(wire_letter_put(&letter, &one), 0);
    assert_int_equal(parcel_add(parcel, &one.part[0]), 0);
}

static void put_hello(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct hello hello = {.role = 2, .version = "0.1.0", .host = "host", .credit = 2, .shards = 64};
    hello.name = digests(chance, arena, 1)[0];
    hello.n_sets = chance_below(chance, 4);
    uint32_t *sizes = numbers(chance, arena, hello.n_sets);
    size_t ids = 0;
    for (size_t i = 0; i < hello.n_sets; i++)
        ids += sizes[i] = (uint32_t)chance_below(chance, 5);
    hello.set_sizes = sizes;
    hello.sets = digests(chance, arena, ids);
    hello.n_cached = hello.n_sets ? chance_below(chance, 30) : 0;
    hello.cached_shards = numbers(chance, arena, hello.n_cached);
    uint32_t *sets = numbers(chance, arena, hello.n_cached);
    for (size_t i = 0; i < hello.n_cached; i++)
        sets[i] = (uint32_t)chance_below(chance, hello.n_sets);
    hello.cached_sets = sets;
    assert_int_equal(wire_hello_put(&hello, parcel), 0);
}

static void put_welcome(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct welcome welcome = {(uint32_t)some(chance), (uint32_t)some(chance),
                              (uint32_t)some(chance), (uint32_t)some(chance)};
    (void)arena;
    assert_int_equal(wire_welcome_put(&welcome, parcel), 0);
}

static void put_lease(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct lease_order order = {.n_want = chance_below(chance, 6),
                                .n_have = chance_below(chance, 3),
                                .frames = (uint32_t)some(chance),
                                .attributes_follow = (int)chance_below(chance, 2)};
    order.want = digests(chance, arena, order.n_want);
    order.have = digests(chance, arena, order.n_have);
    if (chance_below(chance, 2))
        order.attributes = order.model = digests(chance, arena, 1)[0];
    assert_int_equal(wire_lease_put(&order, parcel), 0);
}

static void put_beat(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct beat beat = {
        .n = chance_below(chance, 17), .frames_taken = some(chance), .resident_kib = some(chance)};
    beat.stages = numbers(chance, arena, beat.n);
    beat.shards = numbers(chance, arena, beat.n);
    beat.attempts = numbers(chance, arena, beat.n);
    beat.states = numbers(chance, arena, beat.n);
    beat.progress = (uint64_t *)money(chance, arena, beat.n);
    assert_int_equal(wire_beat_put(&beat, parcel), 0);
}

static void put_work(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct work work = {some(chance), some(chance), (int)chance_below(chance, 2)};
    (void)arena;
    assert_int_equal(wire_work_put(&work, parcel), 0);
}

static void put_done_set(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct done_set set = {.shards = (uint32_t)chance_below(chance, 2000)};
    set.gathered = (uint8_t *)bytes(chance, arena, 250);
    set.scored = (uint8_t *)bytes(chance, arena, 250);
    assert_int_equal(wire_done_set_put(&set, parcel), 0);
}

static void put_keys(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct shard_keys keys = {.n = chance_below(chance, 60)};
    keys.stages = numbers(chance, arena, keys.n);
    keys.shards = numbers(chance, arena, keys.n);
    assert_int_equal(wire_keys_put(&keys, parcel), 0);
}

static void put_seal(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct seal seal = {(uint32_t)some(chance), (uint32_t)some(chance),
                        (int)chance_below(chance, 2)};
    (void)arena;
    assert_int_equal(wire_seal_put(&seal, parcel), 0);
}

static int32_t any_day(struct chance *chance)
{
    return DAY_LEAST + (int32_t)chance_below(chance, DAY_GREATEST - DAY_LEAST + 1);
}

struct work_plan wire_sample_plan(struct chance *chance)
{
    struct work_plan work = {.shards = UINT32_C(1) << chance_below(chance, 17),
                             .sample_per_shard = (uint32_t)some(chance)};
    struct plan *plan = &work.plan;
    int32_t as_of = any_day(chance);
    *plan = (struct plan){
        .as_of = as_of,
        .first_day = as_of - (int32_t)chance_below(chance, (uint64_t)(as_of - DAY_LEAST) + 1),
        .inactive_after_days = (int32_t)(some(chance) & INT32_MAX),
        .rfm_window_days = (int32_t)(some(chance) & INT32_MAX),
        .horizon_days = (int32_t)chance_below(chance, 40000),
        .churn_horizon_days = (int32_t)chance_below(chance, 40000),
        .wallet_window_days = (int32_t)chance_below(chance, 40000),
        .monthly_discount = (double)chance_below(chance, 1000) / 7,
        .margin_millionths = (int64_t)chance_below(chance, 1000001),
        .serve_cost = (int64_t)chance_below(chance, 1u << 30),
        .offer = {(int32_t)chance_below(chance, 2), (int64_t)chance_below(chance, 1u << 30),
                  (int64_t)chance_below(chance, 1u << 30),
                  (int64_t)chance_below(chance, PLAN_MILLION + 2) - 1,
                  (int64_t)chance_below(chance, PLAN_MILLION + 1)},
        .churn_threshold = (double)chance_below(chance, 3) - 1,
        .rfm_bins = 2 + (int32_t)chance_below(chance, RFM_BINS_LIMIT - 1),
        .rfm_ties = (enum rfm_ties)chance_below(chance, RFM_NTILE + 1),
        .rfm_frequency = (enum rfm_frequency)chance_below(chance, RFM_ORDERS + 1),
        .wallet_method = (enum wallet_method)chance_below(chance, WALLET_WAR + 1),
        .wallet_tau_millionths = (int64_t)chance_below(chance, PLAN_MILLION + 1),
        .tier_by = (enum tier_by)chance_below(chance, TIER_BY_PROFIT + 1),
        .n_tiers = 1 + (int32_t)chance_below(chance, PLAN_TIERS_LIMIT),
        .has_amount = (int32_t)chance_below(chance, 2),
        .has_order = (int32_t)chance_below(chance, 2),
        .decimals = (int32_t)chance_below(chance, 5),
    };
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        struct plan_cuts *cuts = &plan->rfm_cuts[metric];
        cuts->n = chance_below(chance, 2) ? plan->rfm_bins - 1 : 0;
        for (int32_t k = 0; k < cuts->n; k++)
            cuts->value[k] = (int64_t)chance_below(chance, 1000) + 1000 * k - 500;
    }
    plan->segments.n = (int32_t)chance_below(chance, 3) * PLAN_SEGMENTS_LIMIT / 2;
    for (int32_t i = 0; i < plan->segments.n; i++) {
        struct plan_segment *rule = &plan->segments.rule[i];
        memset(rule->name, 'a' + i % 26, 1 + chance_below(chance, PLAN_SEGMENT_NAME_LIMIT));
        for (int metric = 0; metric < RFM_METRICS && chance_below(chance, 2); metric++) {
            rule->to[metric] = (int8_t)(1 + chance_below(chance, (uint64_t)plan->rfm_bins));
            rule->from[metric] = (int8_t)(1 + chance_below(chance, (uint64_t)rule->to[metric]));
        }
    }
    int64_t left = PLAN_SHARE_WHOLE;
    for (int32_t i = 0; i < plan->n_tiers; i++) {
        plan->tiers[i].share =
            i + 1 == plan->n_tiers ? left : (int64_t)chance_below(chance, (uint64_t)left + 1);
        left -= plan->tiers[i].share;
        memset(plan->tiers[i].name, 'a' + i, chance_below(chance, PLAN_TIER_NAME_LIMIT + 1));
    }
    return work;
}

static void put_plan(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct work_plan plan = wire_sample_plan(chance);
    (void)arena;
    assert_int_equal(wire_plan_put(&plan, parcel), 0);
}

static void put_job(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct job job = {.work = wire_sample_plan(chance),
                      .churn_choice = (enum churn_choice)chance_below(chance, CHURN_OFF + 1),
                      .churn_kind = (enum churn_kind)chance_below(chance, CHURN_MBGCNBD + 1),
                      .regularity = 1 + (int32_t)chance_below(chance, 4),
                      .refit = (unsigned)chance_below(chance, 32),
                      .digits = 1 + (int32_t)chance_below(chance, 17),
                      .columns = "customer_id,tier",
                      .time_unit = "week",
                      .has_model = (int)chance_below(chance, 2),
                      .restart = (int)chance_below(chance, 2),
                      .redact = (int)chance_below(chance, 2),
                      .run_key = "key"};
    (void)arena;
    assert_int_equal(wire_job_put(&job, parcel), 0);
}

/* Group names are the numbers, so that they are sorted. */
static struct model_groups groups_of(struct chance *chance, struct arena *arena, uint32_t n)
{
    uint32_t *offset = room(arena, (size_t)n + 1, sizeof *offset);
    char *names = room(arena, n, 8);
    for (uint32_t i = 0; i <= n; i++) {
        char name[16];
        offset[i] = i * 8;
        snprintf(name, sizeof name, "%08u", i);
        if (i < n)
            memcpy(names + offset[i], name, 8);
    }
    return (struct model_groups){n, names, offset, money(chance, arena, n), 0.75};
}

struct model wire_sample_model(struct chance *chance, struct arena *arena, uint32_t groups)
{
    struct model model = {
        .churn = {(enum churn_kind)chance_below(chance, CHURN_MBGCNBD + 1),
                  1 + (int32_t)chance_below(chance, 4),
                  {0.25, 4.5, (double)chance_below(chance, 1000) / 3, 1e300}},
        .stack = {(int32_t)chance_below(chance, 400), -2.5, {-.5, .25, 0, 1.5, 1e-3}},
        .spend = {(enum spend_kind)chance_below(chance, SPEND_MEAN + 1), 6.25, 3.7, 15.4, 35.5},
        .value_by = (enum model_value)chance_below(chance, VALUE_PURCHASE_DAYS + 1)};
    model.rfm.ties = (enum rfm_ties)chance_below(chance, RFM_NTILE + 1);
    model.rfm.bins = (int32_t)chance_below(chance, RFM_BINS_LIMIT + 1);
    model.rfm.bins -= model.rfm.bins == 1;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t i = 0; i + 1 < model.rfm.bins; i++) {
            size_t length = model.rfm.ties == RFM_NTILE ? chance_below(chance, 20) : 0;
            model.rfm.cut[metric][i] = (struct rfm_cut){
                (int64_t)some(chance), length ? bytes(chance, arena, length) : NULL, length};
        }
    model.groups = groups_of(chance, arena, groups);
    return model;
}

static void put_model(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct model model = wire_sample_model(chance, arena, (uint32_t)chance_below(chance, 20));
    assert_int_equal(wire_model_put(&model, arena, parcel), 0);
}

struct purchase_rows wire_sample_rows(struct chance *chance, struct arena *arena, size_t n)
{
    uint16_t *id_length = lengths(chance, arena, n, 12);
    struct purchase_rows rows = {.n = n,
                                 .id_length = id_length,
                                 .ids = bytes(chance, arena, total(id_length, n)),
                                 .day = whole(chance, arena, n),
                                 .amount = money(chance, arena, n)};
    if (chance_below(chance, 2))
        rows.order = (uint64_t *)money(chance, arena, n);
    return rows;
}

static void put_slice(struct slice slice, struct parcel *parcel)
{
    assert_int_equal(wire_bytes_put(slice, parcel), 0);
}

static void put_rows(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    char frame[8192];
    size_t size = 0;
    for (uint64_t chunks = chance_below(chance, 4); chunks > 0; chunks--) {
        struct slice chunk;
        struct purchase_rows rows = wire_sample_rows(chance, arena, chance_below(chance, 50));
        assert_int_equal(wire_rows_chunk(&rows, arena, &chunk), 0);
        assert_true(chunk.size < sizeof frame - size);
        memcpy(frame + size, chunk.data, chunk.size);
        size += chunk.size;
    }
    put_slice((struct slice){frame, size}, parcel);
}

struct attribute_rows wire_sample_attributes(struct chance *chance, struct arena *arena, size_t n)
{
    uint16_t *id_length = lengths(chance, arena, n, 12);
    uint16_t *group_length = lengths(chance, arena, n, 9);
    uint32_t *rank = arena_take(arena, n * sizeof *rank);
    for (size_t i = 0; i < n; i++)
        rank[i] = (uint32_t)some(chance);
    struct attribute_rows rows = {.n = n,
                                  .id_length = id_length,
                                  .ids = bytes(chance, arena, total(id_length, n)),
                                  .known = (uint8_t *)bytes(chance, arena, n),
                                  .units = money(chance, arena, n),
                                  .declared = money(chance, arena, n),
                                  .group_length = group_length,
                                  .groups = bytes(chance, arena, total(group_length, n)),
                                  .rank = chance_below(chance, 2) ? rank : NULL};
    return rows;
}

static void put_attributes(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct slice chunk;
    struct attribute_rows rows = wire_sample_attributes(chance, arena, chance_below(chance, 50));
    assert_int_equal(wire_attributes_chunk(&rows, arena, &chunk), 0);
    put_slice(chunk, parcel);
}

/* Days that a calendar allows: x <= span <= age. */
static void triples(struct chance *chance, struct arena *arena, size_t n, uint32_t **x,
                    int32_t **span, int32_t **age)
{
    *x = numbers(chance, arena, n);
    *span = whole(chance, arena, n);
    *age = whole(chance, arena, n);
    for (size_t i = 0; i < n; i++) {
        (*age)[i] = (int32_t)chance_below(chance, 3652060);
        (*span)[i] = (int32_t)chance_below(chance, (uint64_t)(*age)[i] + 1);
        (*x)[i] = (uint32_t)chance_below(chance, (uint64_t)(*span)[i] + 1);
    }
}

/* At most 16 a gap. */
static double *log_gaps(struct chance *chance, struct arena *arena, size_t n, const uint32_t *x)
{
    double *out = arena_take(arena, n * sizeof *out + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] * ((double)chance_below(chance, 1000) / 62.5);
    return out;
}

static int32_t *gaps(struct chance *chance, struct arena *arena, size_t n)
{
    int32_t *out = arena_take(arena, n * sizeof *out + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = 1 + (int32_t)chance_below(chance, 3652059);
    return out;
}

static void sample_lists(struct chance *chance, struct arena *arena, size_t most,
                         struct gathered *g)
{
    uint32_t *x;
    int32_t *span, *age;
    g->n_triples = chance_below(chance, most + 1);
    triples(chance, arena, g->n_triples, &x, &span, &age);
    g->triple_x = x;
    g->triple_span = span;
    g->triple_age = age;
    g->triple_n = numbers(chance, arena, g->n_triples);
    g->n_samples = chance_below(chance, most + 1);
    triples(chance, arena, g->n_samples, &x, &span, &age);
    g->sample_x = x;
    g->sample_span = span;
    g->sample_age = age;
    g->sample_hash = (uint64_t *)money(chance, arena, g->n_samples);
    g->sample_log_gap = log_gaps(chance, arena, g->n_samples, x);
    g->sample_cut = (int)chance_below(chance, 2);
    g->n_recencies = chance_below(chance, most + 1);
    g->recency = whole(chance, arena, g->n_recencies);
    g->recency_n = numbers(chance, arena, g->n_recencies);
    g->n_frequencies = chance_below(chance, most + 1);
    g->frequency = numbers(chance, arena, g->n_frequencies);
    g->frequency_n = numbers(chance, arena, g->n_frequencies);
    g->n_spenders = chance_below(chance, most + 1);
    g->spender_x = numbers(chance, arena, g->n_spenders);
    g->spender_repeat_spend = money(chance, arena, g->n_spenders);
    g->n_gaps = chance_below(chance, most + 1);
    g->gap = gaps(chance, arena, g->n_gaps);
    g->gap_n = numbers(chance, arena, g->n_gaps);
}

/* Of all samples or of none. */
static void sample_trials(struct chance *chance, struct arena *arena, struct gathered *g)
{
    if (chance_below(chance, 2))
        return;
    g->n_trials = g->n_samples;
    g->trial_spent = money(chance, arena, g->n_trials);
    for (int t = 0; t < TRIALS; t++) {
        uint32_t *days = numbers(chance, arena, g->n_trials);
        int32_t *span = whole(chance, arena, g->n_trials);
        int32_t *age = whole(chance, arena, g->n_trials);
        for (size_t i = 0; i < g->n_trials; i++) {
            age[i] = (int32_t)chance_below(chance, 3652060);
            span[i] = (int32_t)chance_below(chance, (uint64_t)age[i] + 1);
            days[i] = (uint32_t)chance_below(chance, (uint64_t)span[i] + 2);
        }
        g->trial[t] = (struct trial_columns){days, span, age, money(chance, arena, g->n_trials),
                                             (uint8_t *)bytes(chance, arena, g->n_trials)};
    }
}

static void sample_base(struct chance *chance, struct arena *arena, size_t most, struct gathered *g)
{
    g->base = (uint32_t)chance_below(chance, most + 1);
    g->monetary = money(chance, arena, g->base);
    if (chance_below(chance, 2))
        return;
    g->base_id_length = lengths(chance, arena, g->base, 30);
    g->base_ids_size = total(g->base_id_length, g->base);
    g->base_ids = bytes(chance, arena, g->base_ids_size);
    g->base_recency = whole(chance, arena, g->base);
    g->base_frequency = numbers(chance, arena, g->base);
}

struct gathered wire_sample_gathered(struct chance *chance, struct arena *arena, size_t most)
{
    struct gathered g = {.customers = (uint32_t)some(chance),
                         .refund_only = (uint32_t)some(chance),
                         .gross = (int64_t)some(chance),
                         .purchase_days = some(chance)};
    struct tally *tally[] = {&g.tallies.purchases, &g.tallies.refunds, &g.tallies.cancelled,
                             &g.tallies.after_as_of};
    for (int i = 0; i < 4; i++)
        *tally[i] = (struct tally){(int64_t)some(chance), (int64_t)some(chance)};
    sample_lists(chance, arena, most, &g);
    sample_trials(chance, arena, &g);
    sample_base(chance, arena, most, &g);
    g.n_groups = chance_below(chance, most + 1);
    g.group_length = lengths(chance, arena, g.n_groups, 30);
    g.group_names = bytes(chance, arena, total(g.group_length, g.n_groups));
    g.group_n = numbers(chance, arena, g.n_groups);
    g.n_peers = chance_below(chance, most + 1);
    g.per_unit = money(chance, arena, g.n_peers);
    return g;
}

static void put_gathered(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct arena *own = arena_new((size_t)64 << 20);
    struct gathered gathered = wire_sample_gathered(chance, own, 60);
    assert_int_equal(wire_gathered_put(&gathered, arena, parcel), 0);
    arena_destroy(&own);
}

struct score_row wire_sample_score(struct chance *chance)
{
    struct score_row row = {
        .flags = (uint32_t)chance_below(chance, 256),
        .first_day = any_day(chance),
        .last_day = any_day(chance),
        .purchase_days = (uint32_t)some(chance),
        .orders = (uint32_t)some(chance),
        .monetary_total = (int64_t)some(chance),
        .spend_365d = (int64_t)some(chance),
        .score = {(int32_t)chance_below(chance, 10), (int32_t)chance_below(chance, 10),
                  (int32_t)chance_below(chance, 10)},
        .repeat_spend = (int64_t)some(chance),
        .p_alive = (double)chance_below(chance, 1001) / 1000,
        .churn_prob = (double)chance_below(chance, 1001) / 1000,
        .expected_purchases =
            chance_below(chance, 9) ? (double)chance_below(chance, 999) / 7 : 1e300,
        .expected_spend = (int64_t)some(chance),
        .clv = (int64_t)some(chance),
        .clv_if_alive = (int64_t)some(chance),
        .wallet_basis = (uint32_t)chance_below(chance, WALLET_BASIS_TOO_NEW + 1),
        .wallet_group = (uint32_t)some(chance),
        .wallet_size = (int64_t)some(chance),
        .wallet_spend = (int64_t)some(chance),
        .value = (int64_t)some(chance),
    };
    return row;
}

static void put_scores(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct arena *own = arena_new((size_t)64 << 20);
    struct score_row rows[40];
    size_t n = chance_below(chance, 41);
    for (size_t i = 0; i < n; i++)
        rows[i] = wire_sample_score(chance);
    uint16_t *id_length = lengths(chance, own, n, 12);
    const char *ids = bytes(chance, own, total(id_length, n));
    assert_int_equal(put_score_rows(rows, ids, id_length, n, arena, parcel), 0);
    arena_destroy(&own);
}

static const char *const words_of_a_job[] = {"--horizon=90", "--", "/data/orders.csv", ""};

static struct order any_order(struct chance *chance)
{
    return (struct order){"ada", chance_below(chance, 2) ? "nightly" : "", "key 1", words_of_a_job,
                          chance_below(chance, 5)};
}

static void put_order(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct order order = any_order(chance);
    (void)arena;
    assert_int_equal(wire_order_put(&order, parcel), 0);
}

static void put_entries(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct entry entry[4];
    struct entries entries = {entry, chance_below(chance, 5)};
    for (size_t i = 0; i < entries.n; i++)
        entry[i] = (struct entry){.id = "20260131-093000-1f2e",
                                  .order = any_order(chance),
                                  .state = (enum entry_state)chance_below(chance, ENTRY_STATES),
                                  .code = (int32_t)some(chance),
                                  .text = chance_below(chance, 2) ? "no such file" : "",
                                  .submitted_ms = (int64_t)some(chance),
                                  .ended_ms = (int64_t)some(chance),
                                  .number = some(chance),
                                  .starts = (uint32_t)some(chance)};
    assert_int_equal(wire_entries_put(&entries, arena, parcel), 0);
}

static void put_opening(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    static const char *const kept[] = {"20260131-093000-1f2e", "20260131-093001-0000"};
    struct opening opening = {"20260131-093002-ffff", "nightly", kept, chance_below(chance, 3)};
    (void)arena;
    assert_int_equal(wire_opening_put(&opening, parcel), 0);
}

static void put_wish(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    struct wish wish = {"20260131-093002-ffff", "scores.csv", some(chance)};
    (void)arena;
    assert_int_equal(wire_wish_put(&wish, parcel), 0);
}

static void put_piece(struct chance *chance, struct arena *arena, struct parcel *parcel)
{
    size_t size = chance_below(chance, 200);
    struct piece piece = {size + 7, chance_below(chance, 8), {bytes(chance, arena, size), size}};
    assert_int_equal(wire_piece_put(&piece, parcel), 0);
}

const struct wire_sample *wire_samples(size_t *n)
{
    static const struct wire_sample samples[] = {
        {"letter", put_letter},     {"hello", put_hello},
        {"welcome", put_welcome},   {"lease", put_lease},
        {"beat", put_beat},         {"work", put_work},
        {"done_set", put_done_set}, {"keys", put_keys},
        {"seal", put_seal},         {"plan", put_plan},
        {"job", put_job},           {"model", put_model},
        {"rows", put_rows},         {"attributes", put_attributes},
        {"gathered", put_gathered}, {"scores", put_scores},
        {"order", put_order},       {"entries", put_entries},
        {"opening", put_opening},   {"wish", put_wish},
        {"piece", put_piece},
    };
    *n = sizeof samples / sizeof samples[0];
    return samples;
}
