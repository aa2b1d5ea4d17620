/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/timing.h"

struct ventilator_timing ventilator_timing_default(void)
{
    struct ventilator_timing timing = {
        .lease_ms = 10000,
        .stall_ms = 30000,
        .straggler_ms = 2000,
        .beat_ms = 1000,
        .resend_ms = 1000,
        .resync_ms = 1000,
        .probe_ms = 500,
        .credit = 8,
        .frame_window = 8,
    };
    return timing;
}

struct welcome ventilator_timing_terms(const struct ventilator_timing *timing)
{
    return (struct welcome){(uint32_t)timing->beat_ms, (uint32_t)timing->resend_ms,
                            timing->frame_window, timing->credit};
}
