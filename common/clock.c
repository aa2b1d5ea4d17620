/* SPDX-License-Identifier: Apache-2.0 */
#include "common/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t us_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return us_of(CLOCK_MONOTONIC);
}

int64_t clock_thread_us(void)
{
    return us_of(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_process_us(void)
{
    return us_of(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int32_t clock_today(void)
{
    return (int32_t)(clock_wall_ms() / 86400000);
}

void clock_print(int64_t wall_ms, char out[25])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t n = strftime(out, 25, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + n, 25 - n, ".%03dZ", (int)(wall_ms % 1000));
}
