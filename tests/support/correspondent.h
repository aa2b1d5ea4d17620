/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_CORRESPONDENT_H
#define SUPPORT_CORRESPONDENT_H

#include "common/line.h"
#include "common/wire.h"

/* Somebody at the other end of a role's line, whose letters a test writes by hand. */

struct correspondent {
    struct line *line;
    struct peer peer; /* whom he writes to: the gate he is connected to, or who wrote last */
};

/* Sends a letter with the payload parts of `parts` (NULL: none), which are taken. */
void correspondent_says(struct correspondent *self, const struct letter *letter,
                        struct parcel *parts);

/* The next letter of a kind, others before it being let pass: 1 with its envelope, and its whole
 * parcel where one is wanted, which is the caller's to clear; 0: none has come. */
int correspondent_hears(struct correspondent *self, enum letter_kind kind, struct letter *letter,
                        struct parcel *parcel);
/* Lets everything pass. */
void correspondent_rests(struct correspondent *self);

#endif
