/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "common/settings.h"
#include "common/status.h"

/* The whole job on this machine: roles as processes, results in settings->running.out. */
int run_job(const struct settings *settings) MUST_USE;

#endif
