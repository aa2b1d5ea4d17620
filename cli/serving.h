/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SERVING_H
#define CLI_SERVING_H

#include "cli/roles.h"

/* The two servers as processes that stay for the next job: --serve. */

int serving_ventilator(const struct settings *settings, const struct roles_place *place) MUST_USE;
int serving_sink(const struct roles_place *place) MUST_USE;

#endif
