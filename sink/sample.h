/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SAMPLE_H
#define SINK_SAMPLE_H

#include "sink/counted.h"
#include "sink/population.h"

/* The customers that models are chosen on: of all those whom shards sent as having small second hashes
 * the POPULATION_SAMPLE with the smallest. Starts as SAMPLE_EMPTY. */
struct sample {
    struct counted hashes; /* value: the place below */
    uint64_t *triple;      /* in the order in which they came */
    double *log_days;
    size_t room_triples, room_log_days;
    uint64_t limit; /* no hash above it may be taken: a shard was cut there */
    struct fit_row *row;
    size_t n_rows;
    struct population_gaps gaps;
};
#define SAMPLE_EMPTY ((struct sample){.limit = UINT64_MAX})

int sample_add(struct sample *sample, const struct gathered *part) MUST_USE;
/* Makes rows and gaps; STATUS_BUG as population_end says. */
int sample_end(struct sample *sample) MUST_USE;
void sample_free(struct sample *sample);

#endif
