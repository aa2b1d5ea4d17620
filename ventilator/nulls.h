/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_NULLS_H
#define VENTILATOR_NULLS_H

#include <stddef.h>

#include "common/status.h"

/* What stands for nothing (--null): whole field values. Nothing at all, or only blanks, always
 * does. */

#define NULLS_LIMIT 16

struct nulls {
    size_t n;
    struct slice word[NULLS_LIMIT]; /* borrowed from the list, without empty ones */
    unsigned char starts[256];      /* 1 where a word or a blank begins so: most values do not */
};

/* From a comma-separated list; NULL is \N. STATUS_USAGE: too many. */
int nulls_parse(const char *list, struct nulls *nulls) MUST_USE;

int nulls_slow(const struct nulls *nulls, struct slice value);

static inline int nulls_has(const struct nulls *nulls, struct slice value)
{
    return value.size == 0 ||
           (nulls->starts[*(const unsigned char *)value.data] && nulls_slow(nulls, value));
}

#endif
