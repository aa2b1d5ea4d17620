/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/errand.h"

#include <stdlib.h>

#include "common/log.h"

#define ARENA_LIMIT ((size_t)1 << 30)

int errand_new(struct errand *errand)
{
    *errand = (struct errand){.arena = arena_new(ARENA_LIMIT)};
    return errand->arena ? 0 : log_fail(STATUS_BUG, "out of memory for a job");
}

void errand_free(struct errand *errand)
{
    if (!errand->arena)
        return;
    errand_close(errand);
    arena_destroy(&errand->arena);
}

static int read_earlier(struct errand *errand)
{
    int r = model_json_read("model.json", parcel_part(errand->letter, 2),
                            parcel_part(errand->letter, 3), &errand->earlier);
    errand->has_frozen = r == 0;
    errand->earlier.frozen.refit = errand->job.refit;
    return r;
}

static int read_letter(struct errand *errand)
{
    if (wire_job_read(errand->letter, 1, errand->arena, &errand->job) != 0)
        return ERRAND_E_UNREADABLE;
    int r = roll_call_new(errand->job.work.shards, &errand->roll);
    return r == 0 && errand->job.has_model ? read_earlier(errand) : r;
}

int errand_open(struct errand *errand, struct digest id, struct parcel *letter)
{
    errand->letter = malloc(sizeof *errand->letter);
    if (!errand->letter)
        return log_fail(STATUS_BUG, "out of memory for a job");
    *errand->letter = *letter;
    letter->n = 0;
    errand->id = id;
    int r = read_letter(errand);
    if (r != 0)
        errand_close(errand);
    return r;
}

void errand_close(struct errand *errand)
{
    roll_call_destroy(&errand->roll);
    if (errand->letter)
        parcel_clear(errand->letter);
    free(errand->letter);
    errand->letter = NULL;
    if (errand->has_frozen)
        model_read_free(&errand->earlier);
    errand->has_frozen = 0;
    arena_reset(errand->arena);
}

const struct frozen *errand_frozen(const struct errand *errand)
{
    return errand->has_frozen ? &errand->earlier.frozen : NULL;
}
