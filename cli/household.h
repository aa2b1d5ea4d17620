/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HOUSEHOLD_H
#define CLI_HOUSEHOLD_H

#include <signal.h>
#include <sys/types.h>

#include "common/status.h"

/* The processes of `winnow run`: started, watched, started again when one dies, ended together. */

struct household;

enum household_kind { HOUSEHOLD_SINK, HOUSEHOLD_VENTILATOR, HOUSEHOLD_WORKER };

/* What a child does; its answer is its exit status. Runs in the child; starts counts from 1. */
typedef int household_work(void *context, enum household_kind kind, int number, int starts);

int household_new(household_work *work, void *context, struct household **household) MUST_USE;
void household_destroy(struct household **household);

int household_start(struct household *household, enum household_kind kind, int number) MUST_USE;

/* Waits until the ventilator is done (0), something has failed for good (its status), or the stop flag
 * is raised (STATUS_STOPPED). A child that dies of a signal or a bug is started again, 5 times each; one
 * that leaves because it alone was told to (SIGTERM), as often as that happens. */
int household_watch(struct household *household, const volatile sig_atomic_t *stop) MUST_USE;

/* Everybody still here has grace_ms to end by himself, is then asked to (SIGTERM; the sink last, as the
 * workers have results for it), and after as long again is ended (SIGKILL; at once when the stop flag is
 * raised a second time). */
void household_end(struct household *household, int grace_ms, const volatile sig_atomic_t *stop);

#endif
