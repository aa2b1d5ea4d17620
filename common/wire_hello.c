/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_hello.h"

#include "common/wire_pb.h"

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
    out.sets = pb_bytes(hello->sets, n_ids * sizeof *hello->sets);
    out.n_set_sizes = hello->n_sets;
    out.set_sizes = pb_numbers(hello->set_sizes);
    out.n_cached_shards = out.n_cached_sets = hello->n_cached;
    out.cached_shards = pb_numbers(hello->cached_shards);
    out.cached_sets = pb_numbers(hello->cached_sets);
    out.turns = hello->turns != 0;
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
    hello->turns = in->turns;
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
    struct pb_small room;
    Winnow__Proto__Welcome *welcome =
        pb_small_read(&winnow__proto__welcome__descriptor, parcel, i, &room);
    if (!welcome)
        return WIRE_E_MALFORMED;
    out->beat_ms = welcome->beat_ms;
    out->resend_ms = welcome->resend_ms;
    out->frame_window = welcome->frame_window;
    out->credit = welcome->credit;
    return 0;
}
