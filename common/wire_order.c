/* SPDX-License-Identifier: Apache-2.0 */
/* A few jobs, so submessages are good enough; what strangers send is bounded by the arena, and then
 * once more by the limits of the header. Names become directories: whatever is not plain is malformed. */
#include "common/wire_order.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

int wire_name_sound(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strlen(name);
    return size > 0 && size <= ORDER_NAME_LIMIT && strspn(name, plain) == size && *name != '.' &&
           *name != '-';
}

/* ---- orders ---- */

static void order_out(const struct order *order, Winnow__Proto__Order *out)
{
    winnow__proto__order__init(out);
    out->owner = (char *)(uintptr_t)order->owner;
    out->name = (char *)(uintptr_t)order->name;
    out->key = (char *)(uintptr_t)order->key;
    out->words = (char **)(uintptr_t)order->words;
    out->n_words = order->n_words;
}

static int order_in(const Winnow__Proto__Order *in, struct order *order)
{
    if (!in || in->n_words > ORDER_WORDS_LIMIT || !wire_name_sound(in->owner) ||
        strlen(in->key) > ORDER_KEY_LIMIT || (*in->name && !wire_name_sound(in->name)))
        return WIRE_E_MALFORMED;
    *order =
        (struct order){in->owner, in->name, in->key, (const char *const *)in->words, in->n_words};
    return 0;
}

int wire_order_put(const struct order *order, struct parcel *parcel)
{
    Winnow__Proto__Order out;
    order_out(order, &out);
    return pb_put(&out.base, parcel);
}

int wire_order_read(const struct parcel *parcel, size_t i, struct arena *arena, struct order *order)
{
    return order_in(pb_read(&winnow__proto__order__descriptor, parcel, i, arena), order);
}

/* ---- entries ---- */

static void entry_out(const struct entry *entry, Winnow__Proto__Entry *out,
                      Winnow__Proto__Order *order)
{
    winnow__proto__entry__init(out);
    order_out(&entry->order, order);
    out->id = (char *)(uintptr_t)entry->id;
    out->order = order;
    out->state = (uint32_t)entry->state;
    out->code = entry->code;
    out->text = (char *)(uintptr_t)entry->text;
    out->submitted_ms = entry->submitted_ms;
    out->began_ms = entry->began_ms;
    out->ended_ms = entry->ended_ms;
    out->number = entry->number;
    out->turn = entry->turn;
    out->starts = entry->starts;
}

int wire_entries_put(const struct entries *entries, struct arena *arena, struct parcel *parcel)
{
    Winnow__Proto__Entries out = WINNOW__PROTO__ENTRIES__INIT;
    size_t n = entries->n;
    Winnow__Proto__Entry *entry = arena_take(arena, (n + 1) * sizeof *entry);
    Winnow__Proto__Order *order = arena_take(arena, (n + 1) * sizeof *order);
    out.entries = arena_take(arena, (n + 1) * sizeof(Winnow__Proto__Entry *));
    if (!entry || !order || !out.entries)
        return log_fail(STATUS_BUG, "out of memory for a list of %zu jobs", n);
    for (size_t i = 0; i < n; i++) {
        entry_out(&entries->entry[i], &entry[i], &order[i]);
        out.entries[i] = &entry[i];
    }
    out.n_entries = n;
    return pb_put(&out.base, parcel);
}

static int entry_in(const Winnow__Proto__Entry *in, struct entry *entry)
{
    if (!wire_name_sound(in->id) || in->state >= ENTRY_STATES ||
        strlen(in->text) > WIRE_TEXT_LIMIT || order_in(in->order, &entry->order) != 0)
        return WIRE_E_MALFORMED;
    entry->id = in->id;
    entry->state = (enum entry_state)in->state;
    entry->code = in->code;
    entry->text = in->text;
    entry->submitted_ms = in->submitted_ms;
    entry->began_ms = in->began_ms;
    entry->ended_ms = in->ended_ms;
    entry->number = in->number;
    entry->turn = in->turn;
    entry->starts = in->starts;
    return 0;
}

int wire_entries_read(const struct parcel *parcel, size_t i, struct arena *arena,
                      struct entries *entries)
{
    Winnow__Proto__Entries *in = pb_read(&winnow__proto__entries__descriptor, parcel, i, arena);
    struct entry *entry = in ? arena_take(arena, (in->n_entries + 1) * sizeof *entry) : NULL;
    if (!entry)
        return WIRE_E_MALFORMED;
    for (size_t k = 0; k < in->n_entries; k++)
        if (entry_in(in->entries[k], &entry[k]) != 0)
            return WIRE_E_MALFORMED;
    *entries = (struct entries){entry, in->n_entries};
    return 0;
}

/* ---- results ---- */

int wire_opening_put(const struct opening *opening, struct parcel *parcel)
{
    Winnow__Proto__Opening out = WINNOW__PROTO__OPENING__INIT;
    out.id = (char *)(uintptr_t)opening->id;
    out.name = (char *)(uintptr_t)opening->name;
    out.kept = (char **)(uintptr_t)opening->kept;
    out.n_kept = opening->n_kept;
    return pb_put(&out.base, parcel);
}

int wire_opening_read(const struct parcel *parcel, size_t i, struct arena *arena,
                      struct opening *opening)
{
    Winnow__Proto__Opening *in = pb_read(&winnow__proto__opening__descriptor, parcel, i, arena);
    if (!in || !wire_name_sound(in->id) || (*in->name && !wire_name_sound(in->name)))
        return WIRE_E_MALFORMED;
    *opening = (struct opening){in->id, in->name, (const char *const *)in->kept, in->n_kept};
    return 0;
}

int wire_wish_put(const struct wish *wish, struct parcel *parcel)
{
    Winnow__Proto__Wish out = WINNOW__PROTO__WISH__INIT;
    out.id = (char *)(uintptr_t)wish->id;
    out.file = (char *)(uintptr_t)wish->file;
    out.offset = wish->offset;
    return pb_put(&out.base, parcel);
}

int wire_wish_read(const struct parcel *parcel, size_t i, struct arena *arena, struct wish *wish)
{
    Winnow__Proto__Wish *in = pb_read(&winnow__proto__wish__descriptor, parcel, i, arena);
    if (!in || !wire_name_sound(in->id) || !wire_name_sound(in->file))
        return WIRE_E_MALFORMED;
    *wish = (struct wish){in->id, in->file, in->offset};
    return 0;
}

int wire_piece_put(const struct piece *piece, struct parcel *parcel)
{
    Winnow__Proto__Piece out = WINNOW__PROTO__PIECE__INIT;
    out.size = piece->size;
    out.offset = piece->offset;
    out.data = pb_bytes(piece->data.data, piece->data.size);
    return pb_put(&out.base, parcel);
}

int wire_piece_read(const struct parcel *parcel, size_t i, struct arena *arena, struct piece *piece)
{
    Winnow__Proto__Piece *in = pb_read(&winnow__proto__piece__descriptor, parcel, i, arena);
    if (!in || in->data.len > PIECE_BYTES || in->offset > in->size ||
        in->data.len > in->size - in->offset)
        return WIRE_E_MALFORMED;
    *piece = (struct piece){in->size, in->offset, {in->data.data, in->data.len}};
    return 0;
}
