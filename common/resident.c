/* SPDX-License-Identifier: Apache-2.0 */
#include "common/resident.h"

#include <sys/resource.h>

uint64_t resident_peak_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss : 0;
}
