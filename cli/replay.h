/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "common/status.h"

/* A worker alone with the letters of one lease, as the ventilator kept them when workers had died of it
 * (ventilator/evidence.h): it dies of them too, or says what came of them. */
int replay_file(const char *path) MUST_USE;

#endif
