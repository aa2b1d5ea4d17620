/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_RESIDENT_H
#define COMMON_RESIDENT_H

#include <stdint.h>

/* The most memory that this process ever held at once, in KiB; 0 where the system does not say. */
uint64_t resident_peak_kib(void);

#endif
