/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_HISTORY_PLAIN_H
#define SCORE_HISTORY_PLAIN_H

#include "score/history.h"

/* A short way for the histories that nearly all are, used by history.c alone: purchases of moderate money and
 * nothing else, none after as_of, on days that rise. gaps as in struct history_room, NULL where they are not wanted.
 * Answers whether the history is such a one; if not, nothing has been set. Where the tally's money overflows it is no
 * such one either, nor with fewer than nine lines behind it. */
int history_plain(const struct lines *lines, const struct plan *plan, int32_t *gaps,
                  struct features *out, struct tally *purchases);

#endif
