/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_PROVENANCE_H
#define SINK_PROVENANCE_H

#include "common/wire_job.h"

/* What something was made from, as a digest: the build of the program, the content of histories, and those settings
 * that have a say in it. Where two are the same, so is, byte by byte, what was made. What has no say is listed in
 * provenance.c and left out, so that other tiers need no other scores. None: it is not known. */

/* The digests of all shards. */
struct digest provenance_gathered(const struct job *job);
/* The model; letter: of the job, with the model and groups of --model as parts 2 and 3. */
struct digest provenance_fitted(const struct job *job, const struct parcel *letter);
/* The scores of all shards, by the model of this digest. */
struct digest provenance_scored(const struct job *job, struct digest model);

#endif
