/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_MEMENTO_H
#define SINK_MEMENTO_H

#include "common/status.h"
#include "sink/fitting.h"

/* A fitted model as bytes, for the next job that would fit the same (provenance.h): as it lies in memory, as only the
 * build that wrote it will read it. For everybody else there is model.json. */

/* The bytes are the caller's to free. */
int memento_write(const struct fitted *fitted, void **bytes, size_t *size) MUST_USE;

enum { MEMENTO_E_DAMAGED = 1 };
/* Copies; fitted is the caller's to free. On any answer but 0 there is nothing in it. */
int memento_read(struct slice bytes, struct fitted *fitted) MUST_USE;

#endif
