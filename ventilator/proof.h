/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PROOF_H
#define VENTILATOR_PROOF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/status.h"

/* The row that settled a question of reading. */
#define PROOF_VALUE 48
struct proof {
    uint32_t input;
    int32_t column;  /* from 0; -1: there is no proof */
    uint64_t line;   /* 0: not counted yet, offset tells where it is */
    uint64_t offset; /* of the row in the unpacked input */
    size_t size;     /* of the value; what is longer is cut off */
    char value[PROOF_VALUE];
};

#define PROOF_NONE                                                                                 \
    (struct proof)                                                                                 \
    {                                                                                              \
        .column = -1                                                                               \
    }

static inline void proof_set(struct proof *proof, const struct proof *place, struct slice value)
{
    *proof = *place;
    proof->size = value.size < PROOF_VALUE ? value.size : PROOF_VALUE;
    memcpy(proof->value, value.data, proof->size);
}

static inline struct slice proof_value(const struct proof *proof)
{
    return (struct slice){proof->value, proof->size};
}

#endif
