/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_PEOPLE_H
#define SUPPORT_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Rows of --customers for a test, and the bytes in which they travel. */

struct person {
    const char *id;
    size_t id_length; /* 0: a string */
    int has_units, has_declared;
    int64_t units, declared;
    uint32_t rank;
    const char *group;
};

/* Attributes of n people in chunks of at most per_chunk; freed with people_free. */
struct slice people_bytes(const struct person *people, size_t n, size_t per_chunk);
void people_free(struct slice *bytes);

#endif
