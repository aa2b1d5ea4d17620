/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DESCRIPTORS_H
#define CLI_DESCRIPTORS_H

#include "common/status.h"

/* What a role opens besides one connection a worker: sockets and their signals, the store, the spool,
 * inputs, outputs; with room to spare. */
#define DESCRIPTORS_OF_A_ROLE 64

/* Lets the process open as many files as it may be let, and refuses (78) where that is fewer than needed:
 * ZeroMQ, short of them, waits for ever without a word. */
int descriptors_raise(unsigned long needed) MUST_USE;

#endif
