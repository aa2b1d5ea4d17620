/* SPDX-License-Identifier: Apache-2.0 */
#include "support/small_job.h"

#include <stdlib.h>
#include <string.h>

#include "common/wire_rows.h"
#include "common/wire_scores.h"
#include "score/row.h"
#include "support/assert.h"
#include "support/put_score_rows.h"
#include "worker/gather.h"

struct work_plan small_job_plan(uint32_t shards)
{
    struct work_plan work = {.shards = shards, .sample_per_shard = 40};
    work.plan = (struct plan){.as_of = 3100,
                              .first_day = -1000,
                              .inactive_after_days = 2000,
                              .rfm_window_days = PLAN_DAYS_ALL,
                              .horizon_days = 365,
                              .churn_horizon_days = 90,
                              .wallet_window_days = 365,
                              .monthly_discount = 0.01,
                              .margin_millionths = 400000,
                              .churn_threshold = -1,
                              .rfm_bins = 5,
                              .wallet_method = WALLET_QUANTILE,
                              .wallet_tau_millionths = 800000,
                              .n_tiers = 1,
                              .tiers = {{"all", PLAN_SHARE_WHOLE}},
                              .has_amount = 1,
                              .decimals = 2};
    return work;
}

struct model small_job_model(void)
{
    static const uint32_t offset[] = {0, 2, 4};
    static const int64_t estimate[] = {5000000, 90000};
    struct model model = {
        .churn = {CHURN_BGNBD, 1, {0.243, 4.414, 0.793, 2.426}},
        .spend = {SPEND_GAMMA_GAMMA, 6.25, 3.744, 15.44, 35.1},
        .groups = {2, "nose", offset, estimate},
    };
    model.rfm.bins = 5;
    for (int i = 0; i < 4; i++) {
        model.rfm.cut[RFM_RECENCY][i].value = 500 * (i + 1);
        model.rfm.cut[RFM_FREQUENCY][i].value = i + 1;
        model.rfm.cut[RFM_MONETARY][i].value = 200000000000 * (i + 1);
    }
    return model;
}

struct part small_job_frame(const struct shard *shard, size_t from, size_t n)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct purchase_rows rows = shard_columns(shard, from, n);
    struct slice chunk;
    assert_int_equal(wire_rows_chunk(&rows, arena, &chunk), 0);
    struct part part = part_new(chunk.size);
    assert_non_null(part.data);
    memcpy(part.data, chunk.data, chunk.size);
    shard_columns_free(&rows);
    arena_destroy(&arena);
    return part;
}

/* Histories and attributes, the plain way. */
struct ground {
    struct histories histories;
    struct attribute_table attributes;
    struct arena *arena;
};

static struct ground ground_of(const struct shard *shard, struct slice attributes)
{
    struct ground ground = {.histories = shard_histories(shard),
                            .arena = arena_new((size_t)64 << 20)};
    assert_int_equal(attributes_new(&ground.attributes), 0);
    assert_int_equal(
        attributes_join(&ground.attributes, attributes, &ground.histories, ground.arena), 0);
    return ground;
}

static void ground_free(struct ground *ground)
{
    histories_free(&ground->histories);
    attributes_free(&ground->attributes);
    arena_destroy(&ground->arena);
}

void small_job_digest(const struct shard *shard, struct slice attributes,
                      const struct work_plan *work, struct parcel *parcel)
{
    struct ground ground = ground_of(shard, attributes);
    struct gather *gather;
    struct gathered gathered;
    assert_int_equal(gather_new(&gather), 0);
    assert_int_equal(gather_begin(gather, work, &ground.histories, &ground.attributes), 0);
    assert_int_equal(gather_some(gather, 0, ground.histories.n), 0);
    assert_int_equal(gather_end(gather, &gathered), 0);
    assert_int_equal(wire_gathered_put(&gathered, ground.arena, parcel), 0);
    gather_destroy(&gather);
    ground_free(&ground);
}

void small_job_scores(const struct shard *shard, struct slice attributes,
                      const struct work_plan *work, const struct model *model,
                      struct parcel *parcel)
{
    struct ground ground = ground_of(shard, attributes);
    const struct histories *h = &ground.histories;
    struct row_maker maker = {.plan = &work->plan, .model = model};
    struct tallies tallies = {0};
    struct order_line *scratch = calloc((size_t)h->n_lines + 1, sizeof *scratch);
    struct score_row *rows = calloc((size_t)h->n + 1, sizeof *rows);
    uint16_t *id_length = calloc((size_t)h->n + 1, sizeof *id_length);
    char *ids = calloc((size_t)h->id_offset[h->n] + 1, 1);
    size_t n = 0, size = 0;
    assert_int_equal(attributes_regroup(&ground.attributes, h->n, &model->groups), 0);
    for (uint32_t i = 0; i < h->n; i++) {
        struct lines lines = histories_lines(h, i);
        struct features seen;
        struct row_source source = {.seen = &seen, .attributes = &ground.attributes.of[i]};
        source.id = histories_id(h, i, &source.id_length);
        assert_int_equal(history_features(&lines, &work->plan, scratch, &seen, &tallies), 0);
        if (!seen.seen)
            continue;
        row_make(&maker, &source, 1, &rows[n]);
        memcpy(ids + size, source.id, source.id_length);
        size += source.id_length;
        id_length[n++] = (uint16_t)source.id_length;
    }
    assert_int_equal(put_score_rows(rows, ids, id_length, n, ground.arena, parcel), 0);
    free(scratch);
    free(rows);
    free(id_length);
    free(ids);
    ground_free(&ground);
}
