/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_PUBLISH_H
#define SINK_PUBLISH_H

#include "common/status.h"

/* Outputs appear whole or not at all: they are written into a directory aside, synced, and renamed.
 * What was there is moved to DIR.prev, and only if winnow made it. Where DIR is a mount point (or the
 * directory winnow was called in, which a rename would pull away from under the shell) its files are
 * renamed one by one, manifest.json taken away first and put back last. A link is followed: what it
 * points to is replaced. Each step can be repeated after a crash at any point.
 *
 * STATUS_NO_OUTPUT: cannot be created there; STATUS_IO: no space, or the disk failed. */

struct publish;

/* Whether DIR can be published to, before any work is done. STATUS_NO_OUTPUT with words: no such
 * parent, not writable, or a directory that winnow did not make. */
int publish_check(const char *directory) MUST_USE;

/* Makes the directory aside (0700), empty. suffix is "" or ".rejects". */
int publish_begin(const char *directory, const char *suffix, struct publish **publish) MUST_USE;
/* The directory to write into; borrowed. */
const char *publish_aside(const struct publish *publish);
/* Everything in it becomes DIR, then _SUCCESS is made where success is asked for. Takes publish on 0. */
enum publish_end { PUBLISH_REFUSED, PUBLISH_SUCCESS };
int publish_commit(struct publish **publish, enum publish_end end) MUST_USE;
/* Removes what was written aside; but leaves it where some of its files are in DIR already. */
void publish_abandon(struct publish **publish);

/* Removes what a process that was killed may have left aside of DIR, and what DIR.prev was before it was
 * replaced (DIR.winnow-old): after a commit, when nobody waits any more. */
void publish_sweep(const char *directory);

#endif
