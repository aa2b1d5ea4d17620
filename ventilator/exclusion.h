/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_EXCLUSION_H
#define VENTILATOR_EXCLUSION_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Rows to leave out by a column's values: --exclude 'status=cancelled,test'. Values are whole
 * fields, compared byte by byte. */

#define EXCLUSION_VALUES 64

struct exclusion {
    struct slice column; /* borrowed, as the values, from the flag */
    size_t n;
    struct slice value[EXCLUSION_VALUES];
};

/* STATUS_USAGE, with words, for anything but column=value,... */
int exclusion_parse(const char *text, struct exclusion *exclusion) MUST_USE;

int exclusion_has(const struct exclusion *exclusion, struct slice value);

#endif
