/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_ORDER_H
#define COMMON_WIRE_ORDER_H

#include "common/wire.h"

/* What is said of whole jobs: ordered, told, their results opened and fetched. Conventions as in
 * common/wire.h. */

#define ORDER_WORDS_LIMIT 4096 /* flags and ledgers of one job */
#define ORDER_NAME_LIMIT  64   /* bytes of an owner, a name, a job's id */
#define ORDER_KEY_LIMIT   128  /* of an idempotency key */

struct order {
    const char *owner;
    const char *name; /* "": none */
    const char *key;
    const char *const *words;
    size_t n_words;
};
int wire_order_put(const struct order *order, struct parcel *parcel) MUST_USE;
int wire_order_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct order *order) MUST_USE;

enum entry_state { ENTRY_QUEUED, ENTRY_RUNNING, ENTRY_DONE, ENTRY_FAILED, ENTRY_CANCELLED };
#define ENTRY_STATES (ENTRY_CANCELLED + 1)

struct entry {
    const char *id;
    struct order order;
    enum entry_state state;
    int32_t code;
    const char *text;
    int64_t submitted_ms, began_ms, ended_ms; /* wall clock; 0: not yet */
    uint64_t number, turn;
    uint32_t starts;
};

struct entries {
    const struct entry *entry;
    size_t n;
};
int wire_entries_put(const struct entries *entries, struct arena *arena,
                     struct parcel *parcel) MUST_USE;
int wire_entries_read(const struct parcel *parcel, size_t i, struct arena *arena,
                      struct entries *entries) MUST_USE;

struct opening {
    const char *id;
    const char *name;
    const char *const *kept; /* ids */
    size_t n_kept;
};
int wire_opening_put(const struct opening *opening, struct parcel *parcel) MUST_USE;
int wire_opening_read(const struct parcel *parcel, size_t i, struct arena *arena,
                      struct opening *opening) MUST_USE;

struct wish {
    const char *id;
    const char *file;
    uint64_t offset;
};
int wire_wish_put(const struct wish *wish, struct parcel *parcel) MUST_USE;
int wire_wish_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct wish *wish) MUST_USE;

#define PIECE_BYTES ((size_t)1 << 20) /* of a file, at once */

struct piece {
    uint64_t size, offset;
    struct slice data;
};
int wire_piece_put(const struct piece *piece, struct parcel *parcel) MUST_USE;
int wire_piece_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct piece *piece) MUST_USE;

/* Whether a name can be a directory's: letters, digits and . _ -, not beginning with . or -, at most
 * ORDER_NAME_LIMIT bytes. Ids and names of jobs, and names of files that are fetched (which may begin
 * with _), are. */
int wire_name_sound(const char *name);

#endif
