/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_RECOGNITION_H
#define VENTILATOR_RECOGNITION_H

#include "common/status.h"
#include "ventilator/known.h"

/* Which of the known inputs a file is, by its stamp, or else is or begins with: one pass of hashing, with a
 * digest taken at every length that a known input has. */

struct recognition_order {
    const struct known *known;
    const char *path;
    struct digest how; /* rows must have been read so */
    struct stamp stamp;
    int whole_only; /* a packed file is known whole or not at all */
};

struct recognition {
    uint64_t bytes; /* of the file; 0: its digest is not known, there was nothing to compare with */
    struct digest digest; /* of them */
    size_t *match;        /* indexes of known inputs, longest first */
    size_t n;
};

/* A file that is none, or cannot be read here, is simply not recognised. */
int recognition_find(const struct recognition_order *order, struct recognition *found) MUST_USE;
void recognition_free(struct recognition *found);

#endif
