/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"
#include "common/log.h"

int sink_verb(const struct options *options)
{
    (void)options;
    return log_fail(STATUS_BUG, "sink: not built yet");
}
