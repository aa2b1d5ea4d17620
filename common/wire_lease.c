/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_lease.h"

#include "common/wire_pb.h"

int wire_lease_put(const struct lease_order *order, struct parcel *parcel)
{
    Winnow__Proto__Lease out = WINNOW__PROTO__LEASE__INIT;
    out.want = pb_bytes(order->want, order->n_want * sizeof *order->want);
    out.have = pb_bytes(order->have, order->n_have * sizeof *order->have);
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
    out.states = pb_numbers(beat->states);
    out.stages = pb_numbers(beat->stages);
    out.shards = pb_numbers(beat->shards);
    out.attempts = pb_numbers(beat->attempts);
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
    struct pb_small room;
    Winnow__Proto__Work *work = pb_small_read(&winnow__proto__work__descriptor, parcel, i, &room);
    if (!work)
        return WIRE_E_MALFORMED;
    out->rows_folded = work->rows_folded;
    out->rows_cached = work->rows_cached;
    out->cached = work->cached;
    return 0;
}
