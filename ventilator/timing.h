/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_TIMING_H
#define VENTILATOR_TIMING_H

#include <stdint.h>

#include "common/wire_hello.h"

/* How long the ventilator and its workers wait for what. Workers are told theirs in WELCOME, so a
 * test runs everything with leases of 200 ms. */
struct ventilator_timing {
    int64_t lease_ms, stall_ms, straggler_ms; /* dispatch.h */
    int64_t beat_ms;                          /* workers' */
    int64_t resend_ms;                        /* workers' probes of the sink while a result waits */
    int64_t resync_ms;                        /* with the sink, when nothing else brings one */
    int64_t probe_ms;                         /* of connections to workers */
    uint32_t credit;                          /* leases a worker may hold */
    uint32_t frame_window;                    /* DATA letters on the way to one worker */
};

struct ventilator_timing ventilator_timing_default(void);
/* What of it workers are told. */
struct welcome ventilator_timing_terms(const struct ventilator_timing *timing);

#endif
