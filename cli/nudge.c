/* SPDX-License-Identifier: Apache-2.0 */
/* A score is a step function of its value that steps at cut points only: the nearest value across a
 * step is the last grid point before a cut or the first one behind it. All of them are tried (there
 * are at most 3 x 16); solving the inequalities of each kind of ties instead would be a second
 * definition of a score. */
#include "cli/nudge.h"

/* What is looked for, and the nearest found so far. */
struct search {
    const struct nudge_scale *scale;
    enum nudge_way way;
    int32_t now; /* the score, or minus the tier: more is better */
    int32_t (*worth)(const void *context, int64_t value);
    const void *context;
    struct nudge nearest;
};

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static void try_value(struct search *search, int64_t value)
{
    int64_t from = search->scale->value;
    if (value < search->scale->least)
        return;
    int32_t worth = search->worth(search->context, value);
    if (search->way == NUDGE_BETTER ? worth <= search->now : worth >= search->now)
        return;
    if (!search->nearest.found || distance(value, from) < distance(search->nearest.value, from))
        search->nearest = (struct nudge){1, value, worth};
}

/* The grid points beside a cut. */
static void try_cut(struct search *search, int64_t cut)
{
    int64_t step = search->scale->step, at = cut - cut % step, value;
    for (int64_t i = -1; i <= 1; i++)
        if (!__builtin_add_overflow(at, i * step, &value))
            try_value(search, value);
}

struct scoring {
    const struct rfm_cuts *cuts;
    enum rfm_metric metric;
    struct slice id;
};

static int32_t score_of(const void *context, int64_t value)
{
    const struct scoring *scoring = context;
    return rfm_score(scoring->cuts, scoring->metric, value, scoring->id.data, scoring->id.size);
}

struct nudge nudge_score(const struct rfm_cuts *cuts, enum rfm_metric metric,
                         const struct nudge_scale *scale, struct slice id, enum nudge_way way)
{
    const struct scoring scoring = {cuts, metric, id};
    struct search search = {scale, way, score_of(&scoring, scale->value), score_of, &scoring, {0}};
    for (int32_t k = 0; k + 1 < cuts->bins; k++)
        try_cut(&search, cuts->cut[metric][k].value);
    return search.nearest;
}

static int32_t minus_tier_of(const void *context, int64_t value)
{
    return -tier_of(context, value);
}

struct nudge nudge_tier(const struct tier_cutoffs *cutoffs, const struct nudge_scale *scale,
                        enum nudge_way way)
{
    struct search search = {scale,         way,     minus_tier_of(cutoffs, scale->value),
                            minus_tier_of, cutoffs, {0}};
    for (int32_t i = 0; i < cutoffs->n; i++)
        if (cutoffs->cutoff[i].present)
            try_cut(&search, cutoffs->cutoff[i].value);
    search.nearest.to = -search.nearest.to;
    return search.nearest;
}
