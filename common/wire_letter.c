/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope, and what is said of parts whatever they hold. */
#include "common/wire.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

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
        strlen(envelope->text) > WIRE_TEXT_LIMIT || envelope->kind > LETTER_LAST)
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
    struct pb_small room;
    Winnow__Proto__Envelope *envelope =
        pb_small_read(&winnow__proto__envelope__descriptor, parcel, 0, &room);
    if (!envelope)
        return WIRE_E_MALFORMED;
    return envelope_read(envelope, letter);
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
