/* SPDX-License-Identifier: Apache-2.0 */
/* What is left out was read off the code and is held to it by tests/system/kept.sh, which changes one flag
 * after the other and compares with a run that had nothing to keep. */
#include "sink/provenance.h"

#include "common/program.h"

/* Only the sink looks at these, when it seals. */
static struct plan without_tiers(const struct plan *plan)
{
    struct plan left = *plan;
    left.n_tiers = 0;
    left.churn_threshold = 0;
    left.segments.n = 0;
    left.offer = (struct plan_offer){0};
    return left;
}

/* The model has these in itself. */
static struct plan without_cuts(const struct plan *plan)
{
    struct plan left = without_tiers(plan);
    left.tier_by = TIER_BY_CLV;
    left.rfm_bins = 0;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        left.rfm_cuts[metric].n = 0;
    return left;
}

/* Digests are of what was, whatever is forecast from it and what that is worth. */
static struct plan without_forecasts(const struct plan *plan)
{
    struct plan left = without_cuts(plan);
    left.horizon_days = left.churn_horizon_days = 0;
    left.monthly_discount = 0;
    left.margin_millionths = left.serve_cost = 0;
    return left;
}

/* Of n numbers, and of the plan where there is one; none where it cannot be had. */
static struct digest digest_with(const struct work_plan *work, const struct plan *plan,
                                 const uint64_t *number, size_t n)
{
    struct work_plan left = *work;
    struct parcel parcel;
    left.plan = *plan;
    parcel.n = 0;
    int r = wire_plan_put(&left, &parcel);
    if (r == 0)
        r = wire_bytes_put((struct slice){number, n * sizeof *number}, &parcel);
    struct digest digest = r == 0 ? wire_digest(&parcel, 0) : (struct digest){0};
    parcel_clear(&parcel);
    return digest;
}

struct digest provenance_gathered(const struct job *job)
{
    struct plan plan = without_forecasts(&job->work.plan);
    struct digest program = program_digest();
    uint64_t number[] = {program.low, program.high, job->content.low, job->content.high};
    if (digest_none(program) || digest_none(job->content))
        return (struct digest){0};
    return digest_with(&job->work, &plan, number, sizeof number / sizeof number[0]);
}

static struct digest digest_of_part(const struct parcel *letter, size_t i)
{
    struct slice part = parcel_part(letter, i);
    return digest_of(part.data, part.size);
}

struct digest provenance_fitted(const struct job *job, const struct parcel *letter)
{
    struct plan plan = without_tiers(&job->work.plan);
    struct digest gathered = provenance_gathered(job), model = digest_of_part(letter, 2),
                  groups = digest_of_part(letter, 3);
    uint64_t number[] = {gathered.low,      gathered.high,   model.low,
                         model.high,        groups.low,      groups.high,
                         job->churn_choice, job->churn_kind, (uint64_t)job->regularity,
                         job->refit,        job->calibration};
    if (digest_none(gathered))
        return gathered;
    return digest_with(&job->work, &plan, number, sizeof number / sizeof number[0]);
}

struct digest provenance_scored(const struct job *job, struct digest model)
{
    struct plan plan = without_cuts(&job->work.plan);
    struct digest gathered = provenance_gathered(job);
    uint64_t number[] = {gathered.low, gathered.high, model.low, model.high};
    if (digest_none(gathered))
        return gathered;
    return digest_with(&job->work, &plan, number, sizeof number / sizeof number[0]);
}
