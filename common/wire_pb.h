/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_PB_H
#define COMMON_WIRE_PB_H

/* Private to wire_*.c: the only includer of the generated header, and what those files share. */

#include <winnow.pb-c.h>

#include "common/arena.h"
#include "common/hash.h"
#include "common/line.h"
#include "common/packed.h"

typedef Winnow__Proto__Column ProtoColumn;

/* Packs any message as the next part of a parcel. */
int pb_put(const ProtobufCMessage *message, struct parcel *parcel) MUST_USE;

/* Unpacks part i into the arena; NULL when it is malformed, too large for the arena, or absent. */
void *pb_read(const ProtobufCMessageDescriptor *type, const struct parcel *parcel, size_t i,
              struct arena *arena);

/* The same without copying: bytes are those of the message, which has to stay, and are not aligned. For messages
 * of numbers, bytes and submessages of these; of a field that stands there twice the last one counts. */
void *pb_borrow(const ProtobufCMessageDescriptor *type, struct slice bytes, struct arena *arena);

/* Room on the stack for what has a few fields: an envelope is a few dozen bytes and its words. A larger
 * message is malformed. */
#define PB_SMALL 8192
struct pb_small {
    size_t used;
    _Alignas(16) unsigned char bytes[PB_SMALL];
};
void *pb_small_read(const ProtobufCMessageDescriptor *type, const struct parcel *parcel, size_t i,
                    struct pb_small *room);

/* What is packed borrows: protobuf-c's fields are not const, and are not written to. */
ProtobufCBinaryData pb_bytes(const void *data, size_t size);
uint32_t *pb_numbers(const uint32_t *values);

/* A column of n values in arena memory; NULL without memory. An absent column (NULL) reads as n
 * zeros only when n is 0. */
ProtoColumn *pb_column(struct arena *arena, enum packed_of type, const void *values, size_t n);

/* How many of n strings of these lengths go into one part: at most most, and at least one but no more
 * than PB_STRINGS_LIMIT bytes, so that ids of 4,096 bytes do not make a part that no line takes. *bytes is
 * what they add up to. lengths NULL: strings without bytes. */
#define PB_STRINGS_LIMIT ((size_t)512 << 10)
size_t pb_stretch(const uint16_t *lengths, size_t n, size_t most, size_t *bytes);

/* Reads into arena memory; *values is NULL where n is 0. Non-zero: malformed. */
int pb_column_read(const ProtoColumn *from, enum packed_of type, size_t n, struct arena *arena,
                   const void **values) MUST_USE;

/* Whether pb_column_read would read it. */
int pb_column_check(const ProtoColumn *from, enum packed_of type, size_t n) MUST_USE;
/* n numbers of 8 bytes each, aligned; *values is NULL where n is 0. Non-zero: malformed. */
int pb_eights_read(ProtobufCBinaryData bytes, size_t n, struct arena *arena,
                   const void **values) MUST_USE;

/* Offsets of n strings whose lengths are given: n + 1 entries; non-zero when the lengths do not
 * add up to size. */
int pb_offsets(const uint16_t *lengths, size_t n, size_t size, struct arena *arena,
               const uint32_t **offsets) MUST_USE;

ProtobufCBinaryData pb_digest(const struct digest *digest);
int pb_digest_read(ProtobufCBinaryData bytes, struct digest *digest) MUST_USE;
/* n digests, 16 bytes each. */
int pb_digests_read(ProtobufCBinaryData bytes, struct arena *arena, const struct digest **digests,
                    size_t *n) MUST_USE;

#endif
