/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SCATTER_H
#define VENTILATOR_SCATTER_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "ventilator/row.h"
#include "ventilator/spool.h"

/* A thread's rows on their way to their shards: a few hundred of each are gathered before the pen
 * gets them as columns. All buffers together stay within about SCATTER_BYTES, so that they stay in
 * the cache, whatever the number of shards. */

#define SCATTER_BYTES ((size_t)5 << 18)

struct scatter;
/* has_order: rows carry order keys. The pen is borrowed. */
int scatter_new(struct spool_pen *pen, uint32_t shards, int has_order,
                struct scatter **scatter) MUST_USE;
void scatter_destroy(struct scatter **scatter);

int scatter_rows(struct scatter *scatter, const struct row *rows, size_t n) MUST_USE;
/* Gives the pen what is left. */
int scatter_flush(struct scatter *scatter) MUST_USE;

#endif
