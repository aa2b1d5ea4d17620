/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_KEPT_H
#define SINK_KEPT_H

#include "common/status.h"
#include "common/store.h"

/* Results of an earlier job that the present one would compute again, byte by byte (provenance.h): they are
 * taken as they stand. Nothing is taken on trust: the bytes must still have the digest under which they were
 * committed. */

enum { KEPT_E_FULL = 1 };

/* What the store has of a stage becomes the present job's: its shards are marked as kept, their rows as
 * cached. Shards whose bytes are damaged go, with one line of log. KEPT_E_FULL: the disk is full, nothing
 * was changed. */
int kept_adopt(struct store *store, uint32_t stage) MUST_USE;

#endif
