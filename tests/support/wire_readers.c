/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wire_readers.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire_digest.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "common/wire_order.h"
#include "common/wire_rows.h"
#include "common/wire_scores.h"

static void must(int what)
{
    if (!what)
        abort();
}

/* Reads them all, so that a sanitizer sees what is not there. */
static void look(const void *data, size_t size)
{
    const volatile unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        (void)bytes[i];
}

#define LOOK(array, n) look((array), (n) * sizeof *(array))

static uint64_t total(const uint16_t *lengths, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static int read_letter(const struct parcel *parcel, struct arena *arena)
{
    struct letter letter;
    (void)arena;
    int r = parcel->n > 1
                ? wire_letter_read(&(struct parcel){.part = {parcel->part[1]}, .n = 1}, &letter)
                : WIRE_E_MALFORMED;
    must(r == 0 || r == WIRE_E_MALFORMED || r == WIRE_E_VERSION);
    if (r == 0)
        must(memchr(letter.text, '\0', sizeof letter.text) != NULL && letter.kind <= LETTER_LAST);
    return r;
}

static int read_hello(const struct parcel *parcel, struct arena *arena)
{
    struct hello hello;
    uint64_t ids = 0;
    int r = wire_hello_read(parcel, 1, arena, &hello);
    if (r != 0)
        return r;
    look(hello.version, strlen(hello.version));
    look(hello.host, strlen(hello.host));
    for (size_t i = 0; i < hello.n_sets; i++)
        ids += hello.set_sizes[i];
    LOOK(hello.sets, ids);
    LOOK(hello.cached_shards, hello.n_cached);
    for (size_t i = 0; i < hello.n_cached; i++)
        must(hello.cached_sets[i] < hello.n_sets);
    return 0;
}

static int read_welcome(const struct parcel *parcel, struct arena *arena)
{
    struct welcome welcome;
    (void)arena;
    int r = wire_welcome_read(parcel, 1, &welcome);
    if (r == 0)
        look(&welcome, sizeof welcome);
    return r;
}

static int read_lease(const struct parcel *parcel, struct arena *arena)
{
    struct lease_order order;
    int r = wire_lease_read(parcel, 1, arena, &order);
    if (r != 0)
        return r;
    LOOK(order.want, order.n_want);
    LOOK(order.have, order.n_have);
    return 0;
}

static int read_beat(const struct parcel *parcel, struct arena *arena)
{
    struct beat beat;
    int r = wire_beat_read(parcel, 1, arena, &beat);
    if (r != 0)
        return r;
    LOOK(beat.stages, beat.n);
    LOOK(beat.shards, beat.n);
    LOOK(beat.attempts, beat.n);
    LOOK(beat.states, beat.n);
    LOOK(beat.progress, beat.n);
    return 0;
}

static int read_work(const struct parcel *parcel, struct arena *arena)
{
    struct work work;
    (void)arena;
    int r = wire_work_read(parcel, 1, &work);
    if (r == 0)
        look(&work.rows_folded, sizeof work.rows_folded);
    return r;
}

static int read_done_set(const struct parcel *parcel, struct arena *arena)
{
    struct done_set set;
    int r = wire_done_set_read(parcel, 1, arena, &set);
    if (r != 0)
        return r;
    LOOK(set.gathered, ((size_t)set.shards + 7) / 8);
    LOOK(set.scored, ((size_t)set.shards + 7) / 8);
    return 0;
}

static int read_keys(const struct parcel *parcel, struct arena *arena)
{
    struct shard_keys keys;
    int r = wire_keys_read(parcel, 1, arena, &keys);
    if (r != 0)
        return r;
    LOOK(keys.stages, keys.n);
    LOOK(keys.shards, keys.n);
    return 0;
}

static int read_seal(const struct parcel *parcel, struct arena *arena)
{
    struct seal seal;
    (void)arena;
    int r = wire_seal_read(parcel, 1, &seal);
    if (r == 0)
        look(&seal, sizeof seal);
    return r;
}

static void plan_must_be_possible(const struct work_plan *work)
{
    const struct plan *plan = &work->plan;
    int64_t shares = 0;
    must(work->shards >= 1 && work->shards <= SHARDS_LIMIT &&
         (work->shards & (work->shards - 1)) == 0);
    must(plan->n_tiers >= 1 && plan->n_tiers <= PLAN_TIERS_LIMIT);
    for (int32_t i = 0; i < plan->n_tiers; i++) {
        must(memchr(plan->tiers[i].name, '\0', sizeof plan->tiers[i].name) != NULL);
        shares += plan->tiers[i].share;
    }
    must(shares == PLAN_SHARE_WHOLE);
    must(plan->rfm_bins >= 2 && plan->rfm_bins <= RFM_BINS_LIMIT);
    must(plan->segments.n >= 0 && plan->segments.n <= PLAN_SEGMENTS_LIMIT);
    for (int32_t i = 0; i < plan->segments.n; i++) {
        const struct plan_segment *rule = &plan->segments.rule[i];
        must(memchr(rule->name, '\0', sizeof rule->name) != NULL && rule->name[0] != '\0');
        for (int metric = 0; metric < RFM_METRICS; metric++)
            must(rule->from[metric] >= 0 && rule->from[metric] <= rule->to[metric] &&
                 rule->to[metric] <= plan->rfm_bins);
    }
    must(plan->decimals >= 0 && plan->decimals <= 4);
    must(plan->monthly_discount >= 0 && plan->horizon_days >= 0 && plan->churn_horizon_days >= 0);
}

static int read_plan(const struct parcel *parcel, struct arena *arena)
{
    struct work_plan work;
    int r = wire_plan_read(parcel, 1, arena, &work);
    if (r == 0)
        plan_must_be_possible(&work);
    return r;
}

static int read_job(const struct parcel *parcel, struct arena *arena)
{
    struct job job;
    int r = wire_job_read(parcel, 1, arena, &job);
    if (r != 0)
        return r;
    plan_must_be_possible(&job.work);
    look(job.columns, strlen(job.columns));
    look(job.time_unit, strlen(job.time_unit));
    look(job.run_key, strlen(job.run_key));
    must(job.digits >= 1 && job.digits <= 17 && job.regularity >= 0);
    must(job.churn_choice <= CHURN_OFF && job.churn_kind <= CHURN_MBGCNBD);
    return 0;
}

static int read_model(const struct parcel *parcel, struct arena *arena)
{
    struct model model = {0};
    int r = wire_model_read(parcel, 1, arena, &model);
    if (r != 0)
        return r;
    must(model.rfm.bins == 0 || (model.rfm.bins >= 2 && model.rfm.bins <= RFM_BINS_LIMIT));
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t i = 0; i + 1 < model.rfm.bins; i++)
            look(model.rfm.cut[metric][i].id, model.rfm.cut[metric][i].id_length);
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        must(model.churn.parameter[i] >= 0 && model.churn.parameter[i] <= DBL_MAX);
    for (uint32_t i = 0; i < model.groups.n; i++)
        must(model.groups.offset[i] <= model.groups.offset[i + 1]);
    LOOK(model.groups.names, model.groups.offset[model.groups.n]);
    LOOK(model.groups.estimate, model.groups.n);
    return 0;
}

static int read_rows(const struct parcel *parcel, struct arena *arena)
{
    const struct purchase_rows *chunks;
    size_t n;
    int r = wire_rows_read(parcel, 1, arena, &chunks, &n);
    for (size_t i = 0; r == 0 && i < n; i++) {
        must(chunks[i].n <= ROWS_PER_CHUNK_LIMIT);
        LOOK(chunks[i].ids, total(chunks[i].id_length, chunks[i].n));
        LOOK(chunks[i].day, chunks[i].n);
        LOOK(chunks[i].amount, chunks[i].n);
        if (chunks[i].order)
            LOOK(chunks[i].order, chunks[i].n);
    }
    return r;
}

static int read_attributes(const struct parcel *parcel, struct arena *arena)
{
    const struct attribute_rows *chunks;
    size_t n;
    int r = wire_attributes_read(parcel, 1, arena, &chunks, &n);
    for (size_t i = 0; r == 0 && i < n; i++) {
        must(chunks[i].n <= ROWS_PER_CHUNK_LIMIT);
        LOOK(chunks[i].ids, total(chunks[i].id_length, chunks[i].n));
        LOOK(chunks[i].known, chunks[i].n);
        LOOK(chunks[i].units, chunks[i].n);
        LOOK(chunks[i].declared, chunks[i].n);
        LOOK(chunks[i].groups, total(chunks[i].group_length, chunks[i].n));
    }
    return r;
}

static void look_at_lists(const struct gathered *g)
{
    for (size_t i = 0; i < g->n_triples; i++)
        must(g->triple_x[i] <= (uint32_t)g->triple_span[i] && g->triple_span[i] >= 0 &&
             g->triple_span[i] <= g->triple_age[i]);
    LOOK(g->triple_n, g->n_triples);
    LOOK(g->recency, g->n_recencies);
    LOOK(g->recency_n, g->n_recencies);
    LOOK(g->frequency, g->n_frequencies);
    LOOK(g->frequency_n, g->n_frequencies);
    LOOK(g->monetary, g->base);
    LOOK(g->spender_x, g->n_spenders);
    LOOK(g->spender_repeat_spend, g->n_spenders);
    for (size_t i = 0; i < g->n_gaps; i++)
        must(g->gap[i] > 0);
    LOOK(g->gap_n, g->n_gaps);
}

static int read_gathered(const struct parcel *parcel, struct arena *arena)
{
    struct gathered g;
    int r = wire_gathered_read(parcel, 1, arena, &g);
    if (r != 0)
        return r;
    look_at_lists(&g);
    LOOK(g.sample_hash, g.n_samples);
    for (size_t i = 0; i < g.n_samples; i++)
        must(g.sample_x[i] <= (uint32_t)g.sample_span[i] && g.sample_span[i] >= 0 &&
             g.sample_span[i] <= g.sample_age[i] && g.sample_log_gap[i] >= 0);
    LOOK(g.group_names, total(g.group_length, g.n_groups));
    LOOK(g.group_n, g.n_groups);
    LOOK(g.per_unit, g.n_peers);
    if (!g.base_id_length)
        return 0;
    must(total(g.base_id_length, g.base) == g.base_ids_size);
    LOOK(g.base_ids, g.base_ids_size);
    LOOK(g.base_recency, g.base);
    LOOK(g.base_frequency, g.base);
    return 0;
}

static int read_scores(const struct parcel *parcel, struct arena *arena)
{
    struct score_columns c;
    struct slice part = {NULL, 0};
    if (parcel->n > 1)
        part = (struct slice){parcel->part[1].data, parcel->part[1].size};
    int checked = wire_scores_check(part, arena), r = wire_scores_read(part, arena, &c);
    must((checked == 0) == (r == 0));
    if (r != 0)
        return r;
    must(c.n <= SCORES_PER_PART);
    LOOK(c.ids, total(c.id_length, c.n));
    for (size_t i = 0; i < c.n; i++)
        must(c.p_alive[i] >= 0 && c.p_alive[i] <= 1 && c.churn_prob[i] >= 0 &&
             c.churn_prob[i] <= 1 && c.expected_purchases[i] >= 0);
    const void *columns[] = {c.flags,        c.score[0],       c.score[1],  c.score[2],
                             c.wallet_basis, c.first_day,      c.last_day,  c.purchase_days,
                             c.orders,       c.wallet_group,   c.clv,       c.clv_if_alive,
                             c.repeat_spend, c.expected_spend, c.value,     c.wallet_size,
                             c.wallet_spend, c.monetary_total, c.spend_365d};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        look(columns[i], c.n * (i < 5 ? 1 : i < 10 ? 4 : 8));
    return 0;
}

static void look_at_order(const struct order *order)
{
    must(wire_name_sound(order->owner) && (!*order->name || wire_name_sound(order->name)));
    must(strlen(order->key) <= ORDER_KEY_LIMIT && order->n_words <= ORDER_WORDS_LIMIT);
    for (size_t i = 0; i < order->n_words; i++)
        look(order->words[i], strlen(order->words[i]));
}

static int read_order(const struct parcel *parcel, struct arena *arena)
{
    struct order order;
    int r = wire_order_read(parcel, 1, arena, &order);
    if (r == 0)
        look_at_order(&order);
    return r;
}

static int read_entries(const struct parcel *parcel, struct arena *arena)
{
    struct entries entries;
    int r = wire_entries_read(parcel, 1, arena, &entries);
    for (size_t i = 0; r == 0 && i < entries.n; i++) {
        must(wire_name_sound(entries.entry[i].id) && entries.entry[i].state < ENTRY_STATES);
        must(strlen(entries.entry[i].text) <= WIRE_TEXT_LIMIT);
        look_at_order(&entries.entry[i].order);
    }
    return r;
}

static int read_opening(const struct parcel *parcel, struct arena *arena)
{
    struct opening opening;
    int r = wire_opening_read(parcel, 1, arena, &opening);
    if (r != 0)
        return r;
    must(wire_name_sound(opening.id) && (!*opening.name || wire_name_sound(opening.name)));
    for (size_t i = 0; i < opening.n_kept; i++)
        look(opening.kept[i], strlen(opening.kept[i]));
    return 0;
}

static int read_wish(const struct parcel *parcel, struct arena *arena)
{
    struct wish wish;
    int r = wire_wish_read(parcel, 1, arena, &wish);
    if (r == 0)
        must(wire_name_sound(wish.id) && wire_name_sound(wish.file));
    return r;
}

static int read_piece(const struct parcel *parcel, struct arena *arena)
{
    struct piece piece;
    int r = wire_piece_read(parcel, 1, arena, &piece);
    if (r != 0)
        return r;
    must(piece.data.size <= PIECE_BYTES && piece.data.size <= piece.size - piece.offset);
    look(piece.data.data, piece.data.size);
    return 0;
}

const struct wire_reader *wire_readers(size_t *n)
{
    static const struct wire_reader readers[] = {
        {"letter", read_letter},     {"hello", read_hello},
        {"welcome", read_welcome},   {"lease", read_lease},
        {"beat", read_beat},         {"work", read_work},
        {"done_set", read_done_set}, {"keys", read_keys},
        {"seal", read_seal},         {"plan", read_plan},
        {"job", read_job},           {"model", read_model},
        {"rows", read_rows},         {"attributes", read_attributes},
        {"gathered", read_gathered}, {"scores", read_scores},
        {"order", read_order},       {"entries", read_entries},
        {"opening", read_opening},   {"wish", read_wish},
        {"piece", read_piece},
    };
    *n = sizeof readers / sizeof readers[0];
    return readers;
}
