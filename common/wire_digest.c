/* SPDX-License-Identifier: Apache-2.0 */
/* A digest of many customers is cut into parts of some ten thousand list entries, so that no frame
 * grows with a shard. Part k carries stretch k of every list. */
#include "common/wire_digest.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

typedef Winnow__Proto__Digest ProtoDigest;
typedef Winnow__Proto__Tally ProtoTally;

#define ENTRIES_PER_PART 16384
#define LOG_GAP_MOST     16.0 /* ln of the days of a calendar */

struct packed_tallies {
    ProtoTally purchases, refunds, cancelled, after_as_of;
};

static ProtoTally *tally_pack(const struct tally *tally, ProtoTally *out)
{
    winnow__proto__tally__init(out);
    out->rows = tally->rows;
    out->amount = tally->amount;
    return out;
}

static void head_pack(const struct gathered *from, struct packed_tallies *tallies, ProtoDigest *out)
{
    out->customers = from->customers;
    out->refund_only = from->refund_only;
    out->purchases = tally_pack(&from->tallies.purchases, &tallies->purchases);
    out->refunds = tally_pack(&from->tallies.refunds, &tallies->refunds);
    out->cancelled = tally_pack(&from->tallies.cancelled, &tallies->cancelled);
    out->after_as_of = tally_pack(&from->tallies.after_as_of, &tallies->after_as_of);
    out->gross = from->gross;
    out->purchase_days = from->purchase_days;
    out->unmatched = from->unmatched;
}

/* What of a list goes into the part at hand. */
struct stretch {
    size_t from, n;
    size_t bytes_from, bytes; /* of the strings that go with it */
};

/* What of every list does. */
struct stretches {
    struct stretch triples, recencies, frequencies, spenders, gaps, samples, base, groups, peers;
};

/* The next stretch of a list of n; answers whether it has an entry. */
static int stretch_on(struct stretch *stretch, size_t n, const uint16_t *lengths)
{
    stretch->from += stretch->n;
    stretch->bytes_from += stretch->bytes;
    stretch->n = pb_stretch(lengths ? lengths + stretch->from : NULL, n - stretch->from,
                            ENTRIES_PER_PART, &stretch->bytes);
    return stretch->n > 0;
}

static int stretches_on(struct stretches *s, const struct gathered *g)
{
    int more = stretch_on(&s->triples, g->n_triples, NULL);
    more |= stretch_on(&s->recencies, g->n_recencies, NULL);
    more |= stretch_on(&s->frequencies, g->n_frequencies, NULL);
    more |= stretch_on(&s->spenders, g->n_spenders, NULL);
    more |= stretch_on(&s->gaps, g->n_gaps, NULL);
    more |= stretch_on(&s->samples, g->n_samples, NULL);
    more |= stretch_on(&s->base, g->base, g->base_id_length);
    more |= stretch_on(&s->groups, g->n_groups, g->group_length);
    more |= stretch_on(&s->peers, g->n_peers, NULL);
    return more;
}

/* A column of one stretch; values may be NULL when it is empty. */
static ProtoColumn *column_of(struct arena *arena, enum packed_of type, const void *values,
                              const struct stretch *stretch)
{
    static const size_t size[] = {8, 4, 4, 2, 1};
    return stretch->n == 0
               ? NULL
               : pb_column(arena, type, (const char *)values + stretch->from * size[type],
                           stretch->n);
}

static void lists_pack(const struct gathered *g, const struct stretches *s, struct arena *arena,
                       ProtoDigest *out)
{
    out->triples = (uint32_t)s->triples.n;
    out->triple_x = column_of(arena, PACKED_U32, g->triple_x, &s->triples);
    out->triple_span = column_of(arena, PACKED_I32, g->triple_span, &s->triples);
    out->triple_age = column_of(arena, PACKED_I32, g->triple_age, &s->triples);
    out->triple_n = column_of(arena, PACKED_U32, g->triple_n, &s->triples);
    out->recencies = (uint32_t)s->recencies.n;
    out->recency = column_of(arena, PACKED_I32, g->recency, &s->recencies);
    out->recency_n = column_of(arena, PACKED_U32, g->recency_n, &s->recencies);
    out->frequencies = (uint32_t)s->frequencies.n;
    out->frequency = column_of(arena, PACKED_U32, g->frequency, &s->frequencies);
    out->frequency_n = column_of(arena, PACKED_U32, g->frequency_n, &s->frequencies);
    out->spenders = (uint32_t)s->spenders.n;
    out->spender_x = column_of(arena, PACKED_U32, g->spender_x, &s->spenders);
    out->spender_repeat_spend = column_of(arena, PACKED_I64, g->spender_repeat_spend, &s->spenders);
    out->gaps = (uint32_t)s->gaps.n;
    out->gap = column_of(arena, PACKED_I32, g->gap, &s->gaps);
    out->gap_n = column_of(arena, PACKED_U32, g->gap_n, &s->gaps);
}

static void samples_pack(const struct gathered *g, const struct stretch *samples,
                         struct arena *arena, ProtoDigest *out)
{
    out->samples = (uint32_t)samples->n;
    if (samples->n > 0) {
        out->sample_hash =
            pb_bytes(g->sample_hash + samples->from, samples->n * sizeof *g->sample_hash);
        out->sample_log_gap =
            pb_bytes(g->sample_log_gap + samples->from, samples->n * sizeof *g->sample_log_gap);
    }
    out->sample_x = column_of(arena, PACKED_U32, g->sample_x, samples);
    out->sample_span = column_of(arena, PACKED_I32, g->sample_span, samples);
    out->sample_age = column_of(arena, PACKED_I32, g->sample_age, samples);
    out->sample_cut = g->sample_cut && samples->n > 0 && samples->from + samples->n == g->n_samples;
}

static void trials_pack(const struct gathered *g, const struct stretch *samples,
                        struct arena *arena, ProtoDigest *out)
{
    const struct trial_columns *late = &g->trial[0], *early = &g->trial[1];
    if (g->n_trials == 0)
        return;
    out->trials = (uint32_t)samples->n;
    out->trial_spent = column_of(arena, PACKED_I64, g->trial_spent, samples);
    out->late_days = column_of(arena, PACKED_U32, late->days, samples);
    out->late_span = column_of(arena, PACKED_I32, late->span, samples);
    out->late_age = column_of(arena, PACKED_I32, late->age, samples);
    out->late_spent = column_of(arena, PACKED_I64, late->spent, samples);
    out->late_came = column_of(arena, PACKED_U8, late->came, samples);
    out->early_days = column_of(arena, PACKED_U32, early->days, samples);
    out->early_span = column_of(arena, PACKED_I32, early->span, samples);
    out->early_age = column_of(arena, PACKED_I32, early->age, samples);
    out->early_spent = column_of(arena, PACKED_I64, early->spent, samples);
    out->early_came = column_of(arena, PACKED_U8, early->came, samples);
}

static void base_pack(const struct gathered *g, const struct stretch *base, struct arena *arena,
                      ProtoDigest *out)
{
    out->base_customers = (uint32_t)base->n;
    out->monetary = column_of(arena, PACKED_I64, g->monetary, base);
    if (!g->base_id_length || base->n == 0)
        return;
    out->base_id_length = column_of(arena, PACKED_U16, g->base_id_length, base);
    out->base_ids = pb_bytes(g->base_ids + base->bytes_from, base->bytes);
    out->base_recency = column_of(arena, PACKED_I32, g->base_recency, base);
    out->base_frequency = column_of(arena, PACKED_U32, g->base_frequency, base);
}

static void groups_pack(const struct gathered *g, const struct stretches *s, struct arena *arena,
                        ProtoDigest *out)
{
    out->groups = (uint32_t)s->groups.n;
    out->group_length = column_of(arena, PACKED_U16, g->group_length, &s->groups);
    if (s->groups.n > 0)
        out->group_names = pb_bytes(g->group_names + s->groups.bytes_from, s->groups.bytes);
    out->group_n = column_of(arena, PACKED_U32, g->group_n, &s->groups);
    out->peers = s->peers.n;
    out->per_unit = column_of(arena, PACKED_I64, g->per_unit, &s->peers);
    if (!g->peer_units || s->peers.n == 0)
        return;
    out->peer_units = column_of(arena, PACKED_I64, g->peer_units, &s->peers);
    out->peer_spend = column_of(arena, PACKED_I64, g->peer_spend, &s->peers);
}

int wire_gathered_put(const struct gathered *gathered, struct arena *arena, struct parcel *parcel)
{
    struct stretches stretches = {0};
    for (int first = 1; stretches_on(&stretches, gathered) || first; first = 0) {
        ProtoDigest out = WINNOW__PROTO__DIGEST__INIT;
        struct packed_tallies tallies;
        arena_reset(arena);
        if (first)
            head_pack(gathered, &tallies, &out);
        lists_pack(gathered, &stretches, arena, &out);
        samples_pack(gathered, &stretches.samples, arena, &out);
        trials_pack(gathered, &stretches.samples, arena, &out);
        base_pack(gathered, &stretches.base, arena, &out);
        groups_pack(gathered, &stretches, arena, &out);
        int r = pb_put(&out.base, parcel);
        if (r < 0)
            return r;
    }
    return 0;
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static struct tally tally_read(const ProtoTally *from)
{
    struct tally out = {0, 0};
    if (from)
        out = (struct tally){from->rows, from->amount};
    return out;
}

static void head_read(const ProtoDigest *in, struct gathered *g)
{
    *g = (struct gathered){.customers = in->customers,
                           .refund_only = in->refund_only,
                           .base = in->base_customers,
                           .gross = in->gross,
                           .purchase_days = in->purchase_days,
                           .unmatched = in->unmatched,
                           .n_triples = in->triples,
                           .n_recencies = in->recencies,
                           .n_frequencies = in->frequencies,
                           .n_spenders = in->spenders,
                           .n_samples = in->samples,
                           .sample_cut = in->sample_cut,
                           .n_trials = in->trials,
                           .n_gaps = in->gaps,
                           .n_groups = in->groups,
                           .n_peers = in->peers};
    g->tallies.purchases = tally_read(in->purchases);
    g->tallies.refunds = tally_read(in->refunds);
    g->tallies.cancelled = tally_read(in->cancelled);
    g->tallies.after_as_of = tally_read(in->after_as_of);
}

/* A column to read: where from, what, how many, where to. */
struct column_slot {
    const ProtoColumn *from;
    enum packed_of type;
    size_t n;
    void *to; /* a const T ** */
};

static int slots_read(const struct column_slot *slots, size_t n, struct arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        const void *values;
        if (pb_column_read(slots[i].from, slots[i].type, slots[i].n, arena, &values) != 0)
            return WIRE_E_MALFORMED;
        memcpy(slots[i].to, &values, sizeof values);
    }
    return 0;
}

#define SLOTS(list) (list), sizeof(list) / sizeof(list)[0]

static int lists_read(const ProtoDigest *in, struct arena *arena, struct gathered *g)
{
    const struct column_slot slots[] = {
        {in->triple_x, PACKED_U32, g->n_triples, &g->triple_x},
        {in->triple_span, PACKED_I32, g->n_triples, &g->triple_span},
        {in->triple_age, PACKED_I32, g->n_triples, &g->triple_age},
        {in->triple_n, PACKED_U32, g->n_triples, &g->triple_n},
        {in->recency, PACKED_I32, g->n_recencies, &g->recency},
        {in->recency_n, PACKED_U32, g->n_recencies, &g->recency_n},
        {in->frequency, PACKED_U32, g->n_frequencies, &g->frequency},
        {in->frequency_n, PACKED_U32, g->n_frequencies, &g->frequency_n},
        {in->monetary, PACKED_I64, g->base, &g->monetary},
        {in->spender_x, PACKED_U32, g->n_spenders, &g->spender_x},
        {in->spender_repeat_spend, PACKED_I64, g->n_spenders, &g->spender_repeat_spend},
        {in->sample_x, PACKED_U32, g->n_samples, &g->sample_x},
        {in->sample_span, PACKED_I32, g->n_samples, &g->sample_span},
        {in->sample_age, PACKED_I32, g->n_samples, &g->sample_age},
        {in->gap, PACKED_I32, g->n_gaps, &g->gap},
        {in->gap_n, PACKED_U32, g->n_gaps, &g->gap_n},
        {in->group_length, PACKED_U16, g->n_groups, &g->group_length},
        {in->group_n, PACKED_U32, g->n_groups, &g->group_n},
        {in->per_unit, PACKED_I64, g->n_peers, &g->per_unit},
    };
    return slots_read(SLOTS(slots), arena);
}

static int trials_read(const ProtoDigest *in, struct arena *arena, struct gathered *g)
{
    struct trial_columns *late = &g->trial[0], *early = &g->trial[1];
    const struct column_slot slots[] = {
        {in->trial_spent, PACKED_I64, g->n_trials, &g->trial_spent},
        {in->late_days, PACKED_U32, g->n_trials, &late->days},
        {in->late_span, PACKED_I32, g->n_trials, &late->span},
        {in->late_age, PACKED_I32, g->n_trials, &late->age},
        {in->late_spent, PACKED_I64, g->n_trials, &late->spent},
        {in->late_came, PACKED_U8, g->n_trials, &late->came},
        {in->early_days, PACKED_U32, g->n_trials, &early->days},
        {in->early_span, PACKED_I32, g->n_trials, &early->span},
        {in->early_age, PACKED_I32, g->n_trials, &early->age},
        {in->early_spent, PACKED_I64, g->n_trials, &early->spent},
        {in->early_came, PACKED_U8, g->n_trials, &early->came},
    };
    return g->n_trials == g->n_samples ? slots_read(SLOTS(slots), arena) : WIRE_E_MALFORMED;
}

static int ntile_read(const ProtoDigest *in, struct arena *arena, struct gathered *g)
{
    const struct column_slot slots[] = {
        {in->base_id_length, PACKED_U16, g->base, &g->base_id_length},
        {in->base_recency, PACKED_I32, g->base, &g->base_recency},
        {in->base_frequency, PACKED_U32, g->base, &g->base_frequency},
    };
    if (slots_read(SLOTS(slots), arena) != 0 ||
        total(g->base_id_length, g->base) != in->base_ids.len)
        return WIRE_E_MALFORMED;
    g->base_ids = (const char *)in->base_ids.data;
    g->base_ids_size = in->base_ids.len;
    return 0;
}

static int peers_read(const ProtoDigest *in, struct arena *arena, struct gathered *g)
{
    const struct column_slot slots[] = {
        {in->peer_units, PACKED_I64, g->n_peers, &g->peer_units},
        {in->peer_spend, PACKED_I64, g->n_peers, &g->peer_spend},
    };
    if (slots_read(SLOTS(slots), arena) != 0)
        return WIRE_E_MALFORMED;
    for (size_t i = 0; i < g->n_peers; i++)
        if (g->peer_units[i] <= 0 || g->peer_spend[i] < 0)
            return WIRE_E_MALFORMED;
    return 0;
}

/* Nobody has bought on more days than lie between the first and the last, nor for longer than he has
 * been a customer; which may be longer than now, where the first order was cancelled since. */
static int trial_possible(const struct gathered *g, const struct trial_columns *trial)
{
    for (size_t i = 0; i < g->n_trials; i++)
        if (trial->span[i] < 0 || trial->span[i] > trial->age[i] || trial->age[i] > 3652059 ||
            trial->days[i] > (uint32_t)trial->span[i] + 1)
            return 0;
    return 1;
}

/* Triples that a calendar allows. A group's values may lie in another part: the sink checks that sum. */
static int gathered_possible(const struct gathered *g, size_t names_size)
{
    for (size_t i = 0; i < g->n_triples; i++)
        if (g->triple_span[i] < 0 || g->triple_age[i] < g->triple_span[i] ||
            g->triple_age[i] > 3652059 || g->triple_x[i] > (uint32_t)g->triple_span[i])
            return 0;
    for (size_t i = 0; i < g->n_samples; i++)
        if (g->sample_span[i] < 0 || g->sample_age[i] < g->sample_span[i] ||
            g->sample_age[i] > 3652059 || g->sample_x[i] > (uint32_t)g->sample_span[i] ||
            !(g->sample_log_gap[i] >= 0.0 && g->sample_log_gap[i] <= LOG_GAP_MOST * g->sample_x[i]))
            return 0;
    for (size_t i = 0; i < g->n_gaps; i++)
        if (g->gap[i] < 1 || g->gap[i] > 3652059)
            return 0;
    for (size_t t = 0; t < TRIALS; t++)
        if (!trial_possible(g, &g->trial[t]))
            return 0;
    return total(g->group_length, g->n_groups) == names_size;
}

static int samples_read(const ProtoDigest *in, struct arena *arena, struct gathered *g)
{
    const void *hash, *log_gap;
    if (pb_eights_read(in->sample_hash, g->n_samples, arena, &hash) != 0 ||
        pb_eights_read(in->sample_log_gap, g->n_samples, arena, &log_gap) != 0)
        return WIRE_E_MALFORMED;
    g->sample_hash = hash;
    g->sample_log_gap = log_gap;
    return 0;
}

int wire_gathered_read(const struct parcel *parcel, size_t i, struct arena *arena,
                       struct gathered *gathered)
{
    if (i >= parcel->n)
        return WIRE_E_MALFORMED;
    struct slice part = {parcel->part[i].data, parcel->part[i].size};
    ProtoDigest *in = pb_borrow(&winnow__proto__digest__descriptor, part, arena);
    if (!in || in->peers > ENTRIES_PER_PART)
        return WIRE_E_MALFORMED;
    head_read(in, gathered);
    if (lists_read(in, arena, gathered) != 0 || samples_read(in, arena, gathered) != 0)
        return WIRE_E_MALFORMED;
    gathered->group_names = (const char *)in->group_names.data;
    if (in->trials > 0 && trials_read(in, arena, gathered) != 0)
        return WIRE_E_MALFORMED;
    if (in->base_id_length && ntile_read(in, arena, gathered) != 0)
        return WIRE_E_MALFORMED;
    if (in->peer_units && peers_read(in, arena, gathered) != 0)
        return WIRE_E_MALFORMED;
    return gathered_possible(gathered, in->group_names.len) ? 0 : WIRE_E_MALFORMED;
}
