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

/* Stretch k of a list of n: where it starts, and how long it is. */
static size_t stretch(size_t n, size_t k, size_t *from)
{
    *from = k * ENTRIES_PER_PART < n ? k * ENTRIES_PER_PART : n;
    return n - *from < ENTRIES_PER_PART ? n - *from : ENTRIES_PER_PART;
}

/* A column of one stretch; values may be NULL when n is 0. */
static ProtoColumn *stretch_of(struct arena *arena, enum packed_of type, const void *values,
                               size_t from, size_t n)
{
    static const size_t size[] = {8, 4, 4, 2, 1};
    return n == 0 ? NULL : pb_column(arena, type, (const char *)values + from * size[type], n);
}

static void lists_pack(const struct gathered *g, size_t k, struct arena *arena, ProtoDigest *out)
{
    size_t from, n = stretch(g->n_triples, k, &from);
    out->triples = (uint32_t)n;
    out->triple_x = stretch_of(arena, PACKED_U32, g->triple_x, from, n);
    out->triple_span = stretch_of(arena, PACKED_I32, g->triple_span, from, n);
    out->triple_age = stretch_of(arena, PACKED_I32, g->triple_age, from, n);
    out->triple_n = stretch_of(arena, PACKED_U32, g->triple_n, from, n);
    n = stretch(g->n_recencies, k, &from);
    out->recencies = (uint32_t)n;
    out->recency = stretch_of(arena, PACKED_I32, g->recency, from, n);
    out->recency_n = stretch_of(arena, PACKED_U32, g->recency_n, from, n);
    n = stretch(g->n_frequencies, k, &from);
    out->frequencies = (uint32_t)n;
    out->frequency = stretch_of(arena, PACKED_U32, g->frequency, from, n);
    out->frequency_n = stretch_of(arena, PACKED_U32, g->frequency_n, from, n);
    n = stretch(g->n_spenders, k, &from);
    out->spenders = (uint32_t)n;
    out->spender_x = stretch_of(arena, PACKED_U32, g->spender_x, from, n);
    out->spender_repeat_spend = stretch_of(arena, PACKED_I64, g->spender_repeat_spend, from, n);
    n = stretch(g->n_gaps, k, &from);
    out->gaps = (uint32_t)n;
    out->gap = stretch_of(arena, PACKED_I32, g->gap, from, n);
    out->gap_n = stretch_of(arena, PACKED_U32, g->gap_n, from, n);
}

static void samples_pack(const struct gathered *g, size_t k, struct arena *arena, ProtoDigest *out)
{
    size_t from, n = stretch(g->n_samples, k, &from);
    out->samples = (uint32_t)n;
    out->sample_hash.len = n * sizeof *g->sample_hash;
    out->sample_hash.data = n ? (uint8_t *)(uintptr_t)(g->sample_hash + from) : NULL;
    out->sample_x = stretch_of(arena, PACKED_U32, g->sample_x, from, n);
    out->sample_span = stretch_of(arena, PACKED_I32, g->sample_span, from, n);
    out->sample_age = stretch_of(arena, PACKED_I32, g->sample_age, from, n);
    out->sample_cut = g->sample_cut && n > 0 && from + n == g->n_samples;
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static void base_pack(const struct gathered *g, size_t k, struct arena *arena, ProtoDigest *out)
{
    size_t from, n = stretch(g->base, k, &from);
    out->base_customers = (uint32_t)n;
    out->monetary = stretch_of(arena, PACKED_I64, g->monetary, from, n);
    if (!g->base_id_length || n == 0)
        return;
    out->base_id_length = stretch_of(arena, PACKED_U16, g->base_id_length, from, n);
    out->base_ids.data = (uint8_t *)(uintptr_t)(g->base_ids + total(g->base_id_length, from));
    out->base_ids.len = total(g->base_id_length + from, n);
    out->base_recency = stretch_of(arena, PACKED_I32, g->base_recency, from, n);
    out->base_frequency = stretch_of(arena, PACKED_U32, g->base_frequency, from, n);
}

static void groups_pack(const struct gathered *g, size_t k, struct arena *arena, ProtoDigest *out)
{
    size_t from, n = stretch(g->n_groups, k, &from);
    out->groups = (uint32_t)n;
    out->group_length = stretch_of(arena, PACKED_U16, g->group_length, from, n);
    if (n > 0) {
        out->group_names.data =
            (uint8_t *)(uintptr_t)(g->group_names + total(g->group_length, from));
        out->group_names.len = total(g->group_length + from, n);
    }
    out->group_n = stretch_of(arena, PACKED_U32, g->group_n, from, n);
    n = stretch(g->n_peers, k, &from);
    out->peers = n;
    out->per_unit = stretch_of(arena, PACKED_I64, g->per_unit, from, n);
}

static size_t most(const size_t *values, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++)
        out = values[i] > out ? values[i] : out;
    return out;
}

int wire_gathered_put(const struct gathered *gathered, struct arena *arena, struct parcel *parcel)
{
    const size_t lengths[] = {gathered->n_triples,     gathered->n_recencies,
                              gathered->n_frequencies, gathered->n_spenders,
                              gathered->n_gaps,        gathered->n_samples,
                              (size_t)gathered->base,  gathered->n_groups,
                              gathered->n_peers,       1 /* the head */};
    size_t parts = (most(lengths, sizeof lengths / sizeof lengths[0]) + ENTRIES_PER_PART - 1) /
                   ENTRIES_PER_PART;
    for (size_t k = 0; k < parts; k++) {
        ProtoDigest out = WINNOW__PROTO__DIGEST__INIT;
        struct packed_tallies tallies;
        arena_reset(arena);
        if (k == 0)
            head_pack(gathered, &tallies, &out);
        lists_pack(gathered, k, arena, &out);
        samples_pack(gathered, k, arena, &out);
        base_pack(gathered, k, arena, &out);
        groups_pack(gathered, k, arena, &out);
        int r = pb_put(&out.base, parcel);
        if (r < 0)
            return r;
    }
    return 0;
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

/* Triples that a calendar allows. A group's values may lie in another part: the sink checks that sum. */
static int gathered_possible(const struct gathered *g, size_t names_size)
{
    for (size_t i = 0; i < g->n_triples; i++)
        if (g->triple_span[i] < 0 || g->triple_age[i] < g->triple_span[i] ||
            g->triple_age[i] > 3652059 || g->triple_x[i] > (uint32_t)g->triple_span[i])
            return 0;
    for (size_t i = 0; i < g->n_samples; i++)
        if (g->sample_span[i] < 0 || g->sample_age[i] < g->sample_span[i] ||
            g->sample_age[i] > 3652059 || g->sample_x[i] > (uint32_t)g->sample_span[i])
            return 0;
    return total(g->group_length, g->n_groups) == names_size;
}

int wire_gathered_read(const struct parcel *parcel, size_t i, struct arena *arena,
                       struct gathered *gathered)
{
    ProtoDigest *in = pb_read(&winnow__proto__digest__descriptor, parcel, i, arena);
    if (!in || in->peers > ENTRIES_PER_PART)
        return WIRE_E_MALFORMED;
    head_read(in, gathered);
    if (lists_read(in, arena, gathered) != 0 ||
        in->sample_hash.len != gathered->n_samples * sizeof(uint64_t))
        return WIRE_E_MALFORMED;
    gathered->sample_hash = (const uint64_t *)(const void *)in->sample_hash.data;
    gathered->group_names = (const char *)in->group_names.data;
    if (in->base_id_length && ntile_read(in, arena, gathered) != 0)
        return WIRE_E_MALFORMED;
    return gathered_possible(gathered, in->group_names.len) ? 0 : WIRE_E_MALFORMED;
}
