/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_COURIER_H
#define VENTILATOR_COURIER_H

#include "common/wire.h"
#include "ventilator/assignment.h"

/* What the ventilator says to the sink. A letter that cannot go out now is not kept: whatever it was
 * about is asked for again. */
struct courier {
    struct line *line; /* borrowed */
    struct peer sink;
    struct digest name;
    const char *version;
    struct slice model, groups; /* bytes of --model and of groups.csv */
};

int courier_hello(const struct courier *courier) MUST_USE;
int courier_job(const struct courier *courier, const struct assignment *assignment,
                const struct account *account) MUST_USE;
int courier_seal(const struct courier *courier, const struct assignment *assignment,
                 const struct account *account) MUST_USE;
/* A letter without payload: RESYNC, BYE. */
int courier_word(const struct courier *courier, enum letter_kind kind, struct digest job) MUST_USE;

#endif
