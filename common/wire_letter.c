/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope and the small payloads that keep the books of a job. */
#include "common/wire.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

/* An envelope is a few dozen bytes and its words; unpacking one needs no more than this. */
#define ENVELOPE_ARENA 8192

struct stack_arena {
    size_t used;
    _Alignas(16) unsigned char bytes[ENVELOPE_ARENA];
};

static void *stack_alloc(void *self, size_t size)
{
    struct stack_arena *arena = self;
    size_t whole = (size + 15) & ~(size_t)15;
    if (size > ENVELOPE_ARENA || whole > ENVELOPE_ARENA - arena->used)
        return NULL;
    void *piece = arena->bytes + arena->used;
    arena->used += whole;
    return piece;
}

static void stack_free(void *self, void *piece)
{
    (void)self;
    (void)piece;
}

static void *small_read(const ProtobufCMessageDescriptor *type, const struct parcel *parcel,
                        size_t i, struct stack_arena *arena)
{
    ProtobufCAllocator allocator = {stack_alloc, stack_free, arena};
    arena->used = 0;
    if (i >= parcel->n || parcel->part[i].size > ENVELOPE_ARENA / 2)
        return NULL;
    return protobuf_c_message_unpack(type, &allocator, parcel->part[i].size, parcel->part[i].data);
}

int wire_letter_put(const struct letter *letter, struct parcel *parcel)
{
    Winnow__Proto__Envelope envelope = WINNOW__PROTO__ENVELOPE__INIT;
    envelope.protocol = WIRE_PROTOCOL;
    envelope.kind = (uint32_t)letter->kind;
    envelope.job = pb_digest(&letter->job);
    envelope.stage = letter->stage;
    envelope.shard = letter->shard;
    envelope.attempt = letter->attempt;
    envelope.sequence = letter->sequence;
    envelope.boot = letter->boot;
    envelope.code = letter->code;
    envelope.text = (char *)(uintptr_t)letter->text;
    envelope.digest = pb_digest(&letter->digest);
    parcel->n = 0;
    return pb_put(&envelope.base, parcel);
}

static int envelope_read(const Winnow__Proto__Envelope *envelope, struct letter *letter)
{
    if (envelope->protocol != WIRE_PROTOCOL)
        return WIRE_E_VERSION;
    if (pb_digest_read(envelope->job, &letter->job) != 0 ||
        pb_digest_read(envelope->digest, &letter->digest) != 0 ||
        strlen(envelope->text) > WIRE_TEXT_LIMIT || envelope->kind > LETTER_REFUSED)
        return WIRE_E_MALFORMED;
    letter->kind = (enum letter_kind)envelope->kind;
    letter->stage = envelope->stage;
    letter->shard = envelope->shard;
    letter->attempt = envelope->attempt;
    letter->sequence = envelope->sequence;
    letter->boot = envelope->boot;
    letter->code = envelope->code;
    strcpy(letter->text, envelope->text);
    return 0;
}

int wire_letter_read(const struct parcel *parcel, struct letter *letter)
{
    struct stack_arena arena;
    Winnow__Proto__Envelope *envelope =
        small_read(&winnow__proto__envelope__descriptor, parcel, 0, &arena);
    if (!envelope)
        return WIRE_E_MALFORMED;
    return envelope_read(envelope, letter);
}

static ProtobufCBinaryData borrowed(const void *data, size_t size)
{
    ProtobufCBinaryData out = {size, (uint8_t *)(uintptr_t)data};
    return out;
}

static uint32_t *numbers(const uint32_t *values)
{
    return (uint32_t *)(uintptr_t)values;
}

int wire_hello_put(const struct hello *hello, struct parcel *parcel)
{
    Winnow__Proto__Hello out = WINNOW__PROTO__HELLO__INIT;
    size_t n_ids = 0;
    for (size_t i = 0; i < hello->n_sets; i++)
        n_ids += hello->set_sizes[i];
    out.role = hello->role;
    out.name = pb_digest(&hello->name);
    out.version = (char *)(uintptr_t)hello->version;
    out.host = (char *)(uintptr_t)hello->host;
    out.credit = hello->credit;
    out.shards = hello->shards;
    out.sets = borrowed(hello->sets, n_ids * sizeof *hello->sets);
    out.n_set_sizes = hello->n_sets;
    out.set_sizes = numbers(hello->set_sizes);
    out.n_cached_shards = out.n_cached_sets = hello->n_cached;
    out.cached_shards = numbers(hello->cached_shards);
    out.cached_sets = numbers(hello->cached_sets);
    return pb_put(&out.base, parcel);
}

/* Every index points at a set, every set at ids that are there. */
static int hello_consistent(const struct hello *hello, size_t n_ids)
{
    size_t ids = 0;
    for (size_t i = 0; i < hello->n_sets; i++)
        ids += hello->set_sizes[i];
    for (size_t i = 0; i < hello->n_cached; i++)
        if (hello->cached_sets[i] >= hello->n_sets)
            return 0;
    return ids == n_ids;
}

int wire_hello_read(const struct parcel *parcel, size_t i, struct arena *arena, struct hello *hello)
{
    size_t n_ids;
    Winnow__Proto__Hello *in = pb_read(&winnow__proto__hello__descriptor, parcel, i, arena);
    if (!in || in->n_cached_shards != in->n_cached_sets ||
        pb_digest_read(in->name, &hello->name) != 0 ||
        pb_digests_read(in->sets, arena, &hello->sets, &n_ids) != 0)
        return WIRE_E_MALFORMED;
    hello->role = in->role;
    hello->version = in->version;
    hello->host = in->host;
    hello->credit = in->credit;
    hello->shards = in->shards;
    hello->set_sizes = in->set_sizes;
    hello->n_sets = in->n_set_sizes;
    hello->cached_shards = in->cached_shards;
    hello->cached_sets = in->cached_sets;
    hello->n_cached = in->n_cached_shards;
    return hello_consistent(hello, n_ids) ? 0 : WIRE_E_MALFORMED;
}

int wire_welcome_put(const struct welcome *welcome, struct parcel *parcel)
{
    Winnow__Proto__Welcome out = WINNOW__PROTO__WELCOME__INIT;
    out.beat_ms = welcome->beat_ms;
    out.resend_ms = welcome->resend_ms;
    out.frame_window = welcome->frame_window;
    out.credit = welcome->credit;
    return pb_put(&out.base, parcel);
}

int wire_welcome_read(const struct parcel *parcel, size_t i, struct welcome *out)
{
    struct stack_arena arena;
    Winnow__Proto__Welcome *welcome =
        small_read(&winnow__proto__welcome__descriptor, parcel, i, &arena);
    if (!welcome)
        return WIRE_E_MALFORMED;
    out->beat_ms = welcome->beat_ms;
    out->resend_ms = welcome->resend_ms;
    out->frame_window = welcome->frame_window;
    out->credit = welcome->credit;
    return 0;
}

int wire_lease_put(const struct lease_order *order, struct parcel *parcel)
{
    Winnow__Proto__Lease out = WINNOW__PROTO__LEASE__INIT;
    out.want = borrowed(order->want, order->n_want * sizeof *order->want);
    out.have = borrowed(order->have, order->n_have * sizeof *order->have);
    out.frames = order->frames;
    out.attributes = pb_digest(&order->attributes);
    out.attributes_follow = order->attributes_follow;
    out.model = pb_digest(&order->model);
    return pb_put(&out.base, parcel);
}

int wire_lease_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct lease_order *order)
{
    Winnow__Proto__Lease *in = pb_read(&winnow__proto__lease__descriptor, parcel, i, arena);
    if (!in || pb_digests_read(in->want, arena, &order->want, &order->n_want) != 0 ||
        pb_digests_read(in->have, arena, &order->have, &order->n_have) != 0 ||
        pb_digest_read(in->attributes, &order->attributes) != 0 ||
        pb_digest_read(in->model, &order->model) != 0)
        return WIRE_E_MALFORMED;
    order->frames = in->frames;
    order->attributes_follow = in->attributes_follow;
    return 0;
}

int wire_beat_put(const struct beat *beat, struct parcel *parcel)
{
    Winnow__Proto__Beat out = WINNOW__PROTO__BEAT__INIT;
    out.n_stages = out.n_shards = out.n_attempts = out.n_states = out.n_progress = beat->n;
    out.states = numbers(beat->states);
    out.stages = numbers(beat->stages);
    out.shards = numbers(beat->shards);
    out.attempts = numbers(beat->attempts);
    out.progress = (uint64_t *)(uintptr_t)beat->progress;
    out.frames_taken = beat->frames_taken;
    out.resident_kib = beat->resident_kib;
    return pb_put(&out.base, parcel);
}

int wire_beat_read(const struct parcel *parcel, size_t i, struct arena *arena, struct beat *beat)
{
    Winnow__Proto__Beat *in = pb_read(&winnow__proto__beat__descriptor, parcel, i, arena);
    if (!in || in->n_stages != in->n_shards || in->n_shards != in->n_attempts ||
        in->n_attempts != in->n_progress || in->n_progress != in->n_states)
        return WIRE_E_MALFORMED;
    beat->n = in->n_stages;
    beat->states = in->states;
    beat->stages = in->stages;
    beat->shards = in->shards;
    beat->attempts = in->attempts;
    beat->progress = in->progress;
    beat->frames_taken = in->frames_taken;
    beat->resident_kib = in->resident_kib;
    return 0;
}

int wire_done_set_put(const struct done_set *set, struct parcel *parcel)
{
    Winnow__Proto__DoneSet out = WINNOW__PROTO__DONE_SET__INIT;
    size_t size = ((size_t)set->shards + 7) / 8;
    out.shards = set->shards;
    out.gathered = borrowed(set->gathered, size);
    out.scored = borrowed(set->scored, size);
    return pb_put(&out.base, parcel);
}

int wire_done_set_read(const struct parcel *parcel, size_t i, struct arena *arena,
                       struct done_set *set)
{
    Winnow__Proto__DoneSet *in = pb_read(&winnow__proto__done_set__descriptor, parcel, i, arena);
    if (!in)
        return WIRE_E_MALFORMED;
    size_t size = ((size_t)in->shards + 7) / 8;
    if (in->gathered.len != size || in->scored.len != size)
        return WIRE_E_MALFORMED;
    set->shards = in->shards;
    set->gathered = in->gathered.data;
    set->scored = in->scored.data;
    return 0;
}

int wire_keys_put(const struct shard_keys *keys, struct parcel *parcel)
{
    Winnow__Proto__Keys out = WINNOW__PROTO__KEYS__INIT;
    out.n_stages = out.n_shards = keys->n;
    out.stages = numbers(keys->stages);
    out.shards = numbers(keys->shards);
    return pb_put(&out.base, parcel);
}

int wire_keys_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct shard_keys *keys)
{
    Winnow__Proto__Keys *in = pb_read(&winnow__proto__keys__descriptor, parcel, i, arena);
    if (!in || in->n_stages != in->n_shards)
        return WIRE_E_MALFORMED;
    keys->n = in->n_stages;
    keys->stages = in->stages;
    keys->shards = in->shards;
    return 0;
}

int wire_seal_put(const struct seal *seal, struct parcel *parcel)
{
    Winnow__Proto__Seal out = WINNOW__PROTO__SEAL__INIT;
    out.csv_parts = seal->csv_parts;
    out.raw_parts = seal->raw_parts;
    out.refuse = seal->refuse;
    return pb_put(&out.base, parcel);
}

int wire_seal_read(const struct parcel *parcel, size_t i, struct seal *out)
{
    struct stack_arena arena;
    Winnow__Proto__Seal *seal = small_read(&winnow__proto__seal__descriptor, parcel, i, &arena);
    if (!seal)
        return WIRE_E_MALFORMED;
    out->csv_parts = seal->csv_parts;
    out->raw_parts = seal->raw_parts;
    out->refuse = seal->refuse;
    return 0;
}

int wire_work_put(const struct work *work, struct parcel *parcel)
{
    Winnow__Proto__Work out = WINNOW__PROTO__WORK__INIT;
    out.rows_folded = work->rows_folded;
    out.rows_cached = work->rows_cached;
    out.cached = work->cached;
    return pb_put(&out.base, parcel);
}

int wire_work_read(const struct parcel *parcel, size_t i, struct work *out)
{
    struct stack_arena arena;
    Winnow__Proto__Work *work = small_read(&winnow__proto__work__descriptor, parcel, i, &arena);
    if (!work)
        return WIRE_E_MALFORMED;
    out->rows_folded = work->rows_folded;
    out->rows_cached = work->rows_cached;
    out->cached = work->cached;
    return 0;
}

struct digest wire_digest(const struct parcel *parcel, size_t from)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (size_t i = from; i < parcel->n; i++)
        XXH3_128bits_update(&state, parcel->part[i].data, parcel->part[i].size);
    XXH128_hash_t h = XXH3_128bits_digest(&state);
    return (struct digest){h.low64, h.high64};
}

int wire_bytes_put(struct slice bytes, struct parcel *parcel)
{
    struct part part = part_new(bytes.size);
    if (!part.data)
        return log_fail(STATUS_BUG, "out of memory for %zu bytes", bytes.size);
    if (bytes.size > 0)
        memcpy(part.data, bytes.data, bytes.size);
    int r = parcel_add(parcel, &part);
    part_release(&part);
    return r;
}
