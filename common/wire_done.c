/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_done.h"

#include "common/wire_pb.h"

int wire_done_set_put(const struct done_set *set, struct parcel *parcel)
{
    Winnow__Proto__DoneSet out = WINNOW__PROTO__DONE_SET__INIT;
    size_t size = ((size_t)set->shards + 7) / 8;
    out.shards = set->shards;
    out.gathered = pb_bytes(set->gathered, size);
    out.scored = pb_bytes(set->scored, size);
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
    out.stages = pb_numbers(keys->stages);
    out.shards = pb_numbers(keys->shards);
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
    struct pb_small room;
    Winnow__Proto__Seal *seal = pb_small_read(&winnow__proto__seal__descriptor, parcel, i, &room);
    if (!seal)
        return WIRE_E_MALFORMED;
    out->csv_parts = seal->csv_parts;
    out->raw_parts = seal->raw_parts;
    out->refuse = seal->refuse;
    return 0;
}
