/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/sample.h"

#include <stdlib.h>

#include "common/log.h"

int sample_add(struct sample *sample, const struct gathered *part)
{
    size_t n = sample->hashes.n;
    int r = counted_room(&sample->hashes, part->n_samples);
    if (r == 0)
        r = counted_grow(&sample->triple, &sample->room_triples, n + part->n_samples,
                         sizeof *sample->triple);
    if (r == 0)
        r = counted_grow(&sample->log_days, &sample->room_log_days, n + part->n_samples,
                         sizeof *sample->log_days);
    for (size_t i = 0; r == 0 && i < part->n_samples; i++, n++) {
        sample->hashes.item[n] = (struct radix_item){part->sample_hash[i], n};
        sample->triple[n] =
            counted_triple(part->sample_x[i], part->sample_age[i], part->sample_span[i]);
        sample->log_days[n] = part->sample_log_gap[i];
    }
    if (r < 0)
        return r;
    sample->hashes.n = n;
    if (part->sample_cut && part->n_samples > 0 &&
        part->sample_hash[part->n_samples - 1] < sample->limit)
        sample->limit = part->sample_hash[part->n_samples - 1];
    return 0;
}

/* The smallest hashes of all, sorted. */
static int cut(struct sample *sample)
{
    struct counted *hashes = &sample->hashes;
    struct radix_item *scratch = malloc(hashes->n * sizeof *scratch + 1);
    if (!scratch)
        return log_fail(STATUS_BUG, "out of memory to sort %zu entries", hashes->n);
    radix_sort(hashes->item, scratch, hashes->n);
    free(scratch);
    hashes->n = hashes->n < POPULATION_SAMPLE ? hashes->n : POPULATION_SAMPLE;
    int beyond = hashes->n > 0 && hashes->item[hashes->n - 1].key > sample->limit;
    if (beyond || (hashes->n < POPULATION_SAMPLE && sample->limit != UINT64_MAX))
        return log_fail(STATUS_BUG,
                        "a shard holds more of the sample than its margin; another --shards helps");
    return 0;
}

/* Logarithms are added up in the order of hashes, which no dealing changes. */
int sample_end(struct sample *sample)
{
    struct counted *triples = &sample->hashes;
    int r = cut(sample);
    for (size_t i = 0; r == 0 && i < triples->n; i++) {
        uint64_t at = triples->item[i].value, triple = sample->triple[at];
        triples->item[i] = (struct radix_item){triple, 1};
        sample->gaps.n += counted_triple_x(triple);
        sample->gaps.log_days += sample->log_days[at];
    }
    if (r < 0)
        return r;
    counted_sum(triples);
    counted_rows(triples, &sample->row, &sample->n_rows);
    return 0;
}

void sample_free(struct sample *sample)
{
    free(sample->hashes.item);
    free(sample->triple);
    free(sample->log_days);
    free(sample->row);
    *sample = SAMPLE_EMPTY;
}
