/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_IPC_H
#define COMMON_IPC_H

#include <stdint.h>

#include "common/status.h"

/* The file of a Unix domain socket: whether it may be bound, and its end. libzmq unlinks whatever
 * lies at the path before it binds, be it a living server's socket or somebody's letter, and leaves
 * its own file behind; so it is looked at first, and removed after. */

struct ipc_file {
    uint64_t device;
    uint64_t inode; /* 0: no file */
};

/* Whether path may be bound. A socket that nobody answers was left by a process that died: fine.
 * STATUS_CONFIG, said: in use, no socket, or longer than the system takes. Two processes that ask
 * in the same instant both hear yes. */
int ipc_vacant(const char *path) MUST_USE;

/* Which file is there now: after the bind, ours. */
struct ipc_file ipc_file(const char *path);

/* Removes the path if it is still that file. */
void ipc_remove(const char *path, struct ipc_file file);

#endif
