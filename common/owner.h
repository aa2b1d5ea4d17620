/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OWNER_H
#define COMMON_OWNER_H

#include "common/status.h"

/* The file "owner" in a store's directory: locked by the one process that has the store open, so
 * that a second one is refused (the kernel lets go when the first one dies, however it dies), and
 * signed by a process whose writes reach the disk at some time of the system's choosing. */

enum { OWNER_E_BUSY = 1 /* another process, or another store of this one, has the lock */ };

/* Opens or makes the file and locks it. 0: *fd is the caller's to close, which unlocks. STATUS_IO:
 * said. */
int owner_lock(int directory_fd, const char *directory, int *fd) MUST_USE;

/* Whether what lies beside is whole: nobody signed, or it was signed in this boot of the machine,
 * whose page cache still has what the disk may lack. */
int owner_trusts(int fd);

/* On disk when it returns, so before any write that it warns of. */
int owner_sign(int fd, const char *directory) MUST_USE;

/* All that was written is on disk. */
int owner_clear(int fd, const char *directory) MUST_USE;

#endif
