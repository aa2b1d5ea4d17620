/* SPDX-License-Identifier: Apache-2.0 */
#include "support/correspondent.h"

#include "support/assert.h"

void correspondent_says(struct correspondent *self, const struct letter *letter,
                        struct parcel *parts)
{
    struct parcel parcel;
    assert_int_equal(wire_letter_put(letter, &parcel), 0);
    for (size_t i = 0; parts && i < parts->n; i++)
        assert_int_equal(parcel_add(&parcel, &parts->part[i]), 0);
    if (parts)
        parts->n = 0;
    assert_int_equal(line_send(self->line, self->peer, &parcel), 0);
}

int correspondent_hears(struct correspondent *self, enum letter_kind kind, struct letter *letter,
                        struct parcel *parcel)
{
    struct parcel heard;
    while (line_wait(self->line, 0, &self->peer, &heard) == 0) {
        assert_int_equal(wire_letter_read(&heard, letter), 0);
        int is_it = letter->kind == kind;
        if (is_it && parcel)
            *parcel = heard;
        else
            parcel_clear(&heard);
        if (is_it)
            return 1;
    }
    return 0;
}

void correspondent_rests(struct correspondent *self)
{
    struct parcel heard;
    while (line_wait(self->line, 0, &self->peer, &heard) == 0)
        parcel_clear(&heard);
}
