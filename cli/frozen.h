/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FROZEN_H
#define CLI_FROZEN_H

#include "common/settings.h"
#include "common/status.h"

/* --model FILE: its bytes, those of groups.csv beside it, and what it freezes of the plan. */
struct frozen_file {
    struct slice model, groups; /* heap; empty where there is none */
};

/* Reads the file and puts what it freezes into settings->scoring.plan. Nothing to do without --model.
 * STATUS_NO_INPUT, STATUS_DATA with words. */
int frozen_read(struct settings *settings, struct frozen_file *file) MUST_USE;
void frozen_free(struct frozen_file *file);

#endif
