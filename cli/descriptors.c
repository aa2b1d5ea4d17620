/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/descriptors.h"

#include <sys/resource.h>

#include "common/log.h"

int descriptors_raise(unsigned long needed)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    if (limit.rlim_cur >= needed)
        return 0;
    return log_fail(STATUS_CONFIG,
                    "only %lu files may be open in a process and %lu are needed; ulimit -n, or "
                    "whoever started this, sets the limit",
                    (unsigned long)limit.rlim_cur, needed);
}
