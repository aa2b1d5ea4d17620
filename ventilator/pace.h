/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PACE_H
#define VENTILATOR_PACE_H

#include <stdint.h>

/* How long shards take from lease to commit: the last so many. */

#define PACE_KEPT 64

struct pace {
    int64_t ms[PACE_KEPT];
    uint32_t n; /* ever added */
};

void pace_add(struct pace *pace, int64_t ms);

/* The duration that percent of the kept ones do not exceed; 0 when there are none. */
int64_t pace_quantile(const struct pace *pace, uint32_t percent);

#endif
