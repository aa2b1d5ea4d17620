/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"
#include "common/log.h"

int run_verb(const struct options *options)
{
    (void)options;
    return log_fail(STATUS_BUG, "run: not built yet");
}
