/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CONTRADICTION_H
#define CLI_CONTRADICTION_H

#include "common/status.h"

struct options;

/* What each flag allows and all together do not: a flag that needs another one, a flag that says
 * something else than --model has frozen, an endpoint open to strangers. STATUS_USAGE or
 * STATUS_CONFIG, said; 0 when there is nothing. A flag that has no effect is warned of. */
int contradiction_find(const struct options *options) MUST_USE;

#endif
