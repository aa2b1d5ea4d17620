/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ZONE_H
#define VENTILATOR_ZONE_H

#include <stdint.h>

#include "common/status.h"
#include "ventilator/date_format.h"

/* Days of a business's own time zone (--timezone), from moments that say where they are from. The
 * C library knows the zones, but only one at a time for the whole process: zone_set is called once,
 * before the first thread. */

/* Says when there is no such zone (STATUS_USAGE). Sets TZ. */
int zone_set(const char *name) MUST_USE;

/* A thread's memory of offsets. */
#define ZONE_QUARTERS 256
struct zone {
    struct {
        int64_t quarter; /* hours / 4 since 1970, plus 1; 0: nothing yet */
        int32_t offset;  /* seconds east of UTC */
    } known[ZONE_QUARTERS];
};

/* The day there. A moment without an offset keeps its day: it is local already. */
int32_t zone_day(struct zone *zone, const struct moment *moment);

#endif
