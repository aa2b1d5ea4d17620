/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ARCHIVE_H
#define VENTILATOR_ARCHIVE_H

#include "common/store.h"
#include "ventilator/docket.h"

/* Where the docket outlives the process: a job a key, each written whole in a transaction of its own, on
 * disk before anybody is told of it. */

struct archive;

/* Takes the store. */
int archive_open(struct store **store, struct archive **archive) MUST_USE;
void archive_close(struct archive **archive);

/* Fills an empty docket. A job that cannot be read is said, and left where it is. */
int archive_load(struct archive *archive, struct docket *docket, int64_t now_ms) MUST_USE;

enum { ARCHIVE_E_FULL = 1 /* the disk is; what was kept of the job before is still there */ };
int archive_save(struct archive *archive, const struct docket_job *job) MUST_USE;
int archive_remove(struct archive *archive, const struct docket_job *job) MUST_USE;

#endif
