/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_AHEAD_H
#define VENTILATOR_AHEAD_H

#include "common/status.h"

/* A regular file from its beginning to its end, block by block; threads read the next ones while the last is looked
 * at, as copying from the page cache takes longer than hashing. */

struct ahead;

/* file stays the caller's, open until ahead_close. */
int ahead_open(int file, struct ahead **ahead) MUST_USE;

enum { AHEAD_E_END = 1 };

/* The next bytes, valid until the next call; AHEAD_E_END at the end, and where the file cannot be read on. */
int ahead_next(struct ahead *ahead, struct slice *bytes) MUST_USE;
void ahead_close(struct ahead **ahead);

#endif
