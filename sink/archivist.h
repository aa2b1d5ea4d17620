/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_ARCHIVIST_H
#define SINK_ARCHIVIST_H

#include "common/loop.h"
#include "common/store.h"
#include "sink/sink.h"

/* The sink that serves: is a sink for one job after the other, as the ventilator says, and hands results
 * out. The sink (sink.h) knows nothing of it.
 *
 *   OUT/ID            the results of a job; OUT/ID.rejects where there were too many rejects
 *   OUT/NAME          a link to the last of that name
 *   STATE/names/NAME  the store of jobs of that name
 *   STATE/jobs/ID     of a job without one, gone with it */

struct archivist;

struct archivist_settings {
    struct sink_settings role; /* for every job; what is a job's own is filled in */
    const char *out, *state;   /* directories that are there */
    int (*open_store)(const char *directory, struct store **store); /* says what is wrong */
};

int archivist_new(const struct archivist_settings *settings, struct archivist **archivist) MUST_USE;
void archivist_destroy(struct archivist **archivist);

/* The role for the loop; the archivist must outlive it. Finished when it is told to stop. */
struct role archivist_role(struct archivist *archivist);

#endif
