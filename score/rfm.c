/* SPDX-License-Identifier: Apache-2.0 */
/* A score is the number of cuts below a value, so that scoring needs the cuts only and not the
 * base. Segments are rectangles of (r, f) read from the best customers down: recency says how far
 * gone, frequency how much there is to lose. Money is left out on purpose: a ledger without
 * amounts has the same segments, and value has its own tiers. The names are those of Shopify's
 * customer groups. */
#include "score/rfm.h"

#include <string.h>

/* The cut comes before (value, id) in the order from worst to best. */
static int cut_before(const struct rfm_cut *cut, enum rfm_metric metric, int64_t value,
                      const char *id, size_t id_length)
{
    if (cut->value != value)
        return metric == RFM_RECENCY ? cut->value > value : cut->value < value;
    size_t common = cut->id_length < id_length ? cut->id_length : id_length;
    int order = common > 0 ? memcmp(cut->id, id, common) : 0;
    return order != 0 ? order < 0 : cut->id_length < id_length;
}

int32_t rfm_score(const struct rfm_cuts *cuts, enum rfm_metric metric, int64_t value,
                  const char *id, size_t id_length)
{
    const struct rfm_cut *cut = cuts->cut[metric];
    int32_t below = 0;
    if (cuts->bins == 0)
        return 0;
    if (cuts->ties == RFM_NTILE) {
        for (int32_t k = 0; k < cuts->bins - 1; k++)
            below += cut_before(&cut[k], metric, value, id, id_length);
        return 1 + below;
    }
    for (int32_t k = 0; k < cuts->bins - 1; k++)
        below += cut[k].value < value;
    return metric == RFM_RECENCY ? cuts->bins - below : 1 + below;
}

void rfm_scores(const struct rfm_cuts *cuts, enum rfm_metric metric, const int64_t *value,
                int64_t *score)
{
    const struct rfm_cut *cut = cuts->cut[metric];
    int64_t below[SPECIAL_LANES] = {0}, bins = cuts->bins;
    for (int32_t k = 0; k < cuts->bins - 1; k++)
        for (int i = 0; i < SPECIAL_LANES; i++)
            below[i] += cut[k].value < value[i];
    for (int i = 0; i < SPECIAL_LANES; i++)
        score[i] = metric == RFM_RECENCY ? bins - below[i] : (bins > 0) + below[i];
}

size_t rfm_tile_end(size_t n, int32_t bins, int32_t k)
{
    size_t tiles = (size_t)bins, tile = (size_t)k, larger = n % tiles;
    if (n < tile)
        return SIZE_MAX;
    return tile * (n / tiles) + (tile < larger ? tile : larger) - 1;
}

#define SEGMENT(name, r_from, r_to, f_from, f_to, meaning)                                         \
    {                                                                                              \
        {name, {r_from, f_from, 0}, {r_to, f_to, 0}}, meaning                                      \
    }

static const struct rfm_segment_rule rules[] = {
    SEGMENT("champions", 5, 5, 4, 5, "bought very recently and buys often: the best there are"),
    SEGMENT("loyal", 3, 4, 4, 5, "buys often and has been here lately"),
    SEGMENT("active", 4, 5, 3, 3, "bought recently, not for the first time"),
    SEGMENT("new", 5, 5, 1, 2,
            "bought very recently, hardly ever before: the second purchase decides"),
    SEGMENT("promising", 4, 4, 1, 2, "bought recently, hardly ever before, and is cooling"),
    SEGMENT("needs_attention", 3, 3, 1, 3,
            "bought some time ago and not often: could go either way"),
    SEGMENT("at_risk", 2, 2, 3, 5, "used to come back and has been away for long"),
    SEGMENT("previously_loyal", 1, 1, 4, 5, "bought often in the past and has been away longest"),
    SEGMENT("almost_lost", 2, 2, 1, 2, "bought once or twice, long ago"),
    SEGMENT("dormant", 1, 1, 1, 3, "bought seldom and has been away longest"),
};

#define RULES (sizeof rules / sizeof rules[0])

int rfm_segment_holds(const struct plan_segment *rule, const int32_t score[RFM_METRICS])
{
    for (int metric = 0; metric < RFM_METRICS; metric++)
        if (rule->to[metric] > 0 &&
            (score[metric] < rule->from[metric] || score[metric] > rule->to[metric]))
            return 0;
    return 1;
}

int rfm_segments_weigh_money(const struct plan_segments *own)
{
    for (int32_t i = 0; i < own->n; i++)
        if (own->rule[i].to[RFM_MONETARY] > 0)
            return 1;
    return 0;
}

const char *rfm_segment(const struct plan_segments *own, int32_t bins,
                        const int32_t score[RFM_METRICS])
{
    if (score[RFM_RECENCY] == 0 || score[RFM_FREQUENCY] == 0)
        return "";
    for (int32_t i = 0; i < own->n; i++)
        if (rfm_segment_holds(&own->rule[i], score))
            return own->rule[i].name;
    for (size_t i = 0; i < RULES && own->n == 0 && bins == RFM_SEGMENT_BINS; i++)
        if (rfm_segment_holds(&rules[i].rule, score))
            return rules[i].rule.name;
    return "";
}

const struct rfm_segment_rule *rfm_segment_rules(size_t *n)
{
    *n = RULES;
    return rules;
}
