/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* The only place that asks what time it is. Everyone else is told. */

/* Milliseconds of the monotonic clock; compared within one process only. */
int64_t clock_monotonic_ms(void);
/* Microseconds of the same; as they are the machine's, timelines of its processes can be laid side by side. */
int64_t clock_monotonic_us(void);
/* Microseconds of processor time that the calling thread has had. */
int64_t clock_thread_us(void);
/* The same of the process, all its threads. */
int64_t clock_process_us(void);
/* Milliseconds since 1970-01-01 UTC, for logs and reports. */
int64_t clock_wall_ms(void);
/* Days since 1970-01-01, UTC. */
int32_t clock_today(void);
/* "2026-01-31T09:30:00.123Z" and a NUL. */
void clock_print(int64_t wall_ms, char out[25]);

#endif
