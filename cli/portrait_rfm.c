/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portrait.h"

#include <inttypes.h>
#include <string.h>

#include "cli/grid.h"
#include "cli/nudge.h"
#include "common/digits.h"

/* One metric of a customer. */
struct measure {
    const struct dossier *dossier;
    enum rfm_metric metric;
    struct nudge_scale scale;
    int known; /* the value */
    int32_t score;
};

static const char *unit_of(const struct measure *m, int64_t n)
{
    int orders = m->dossier->results->plan.rfm_frequency == RFM_ORDERS;
    if (m->metric == RFM_RECENCY)
        return n == 1 ? "day" : "days";
    if (m->metric == RFM_MONETARY)
        return "";
    return orders ? (n == 1 ? "order" : "orders") : (n == 1 ? "purchase day" : "purchase days");
}

static const char *amount(const struct measure *m, int64_t value, char out[PORTRAIT_MONEY])
{
    if (m->metric == RFM_MONETARY)
        return portrait_money(m->dossier, value, out);
    *digits_int(out, value) = '\0';
    return out;
}

static struct measure measure_of(const struct dossier *d, enum rfm_metric metric)
{
    static const int64_t step[] = {10000, 1000, 100, 10, 1};
    static const unsigned input[] = {DOSSIER_LAST, DOSSIER_FREQUENCY, DOSSIER_MONETARY};
    static const enum column column[] = {COLUMN_R_SCORE, COLUMN_F_SCORE, COLUMN_M_SCORE};
    const struct plan *plan = &d->results->plan;
    struct measure m = {.dossier = d, .metric = metric, .scale = {0, 1, 0}};
    const char *score = portrait_cell(d, column[metric]);
    if (metric == RFM_RECENCY)
        m.scale.value = features_recency_days(&d->seen, plan->as_of);
    else
        m.scale.value = metric == RFM_FREQUENCY ? d->seen.rfm_frequency : d->seen.rfm_monetary;
    if (metric == RFM_MONETARY)
        m.scale = (struct nudge_scale){m.scale.value, step[plan->decimals], INT64_MIN};
    m.known = dossier_knows(d, input[metric]);
    m.score = *score >= '1' && *score <= '9' ? *score - '0' : 0;
    return m;
}

/* Cut k and what it is to the value: "512 <", or "(512, id) <". */
static size_t cut_text(const struct measure *m, int32_t k, char *out, size_t room)
{
    const struct rfm_cuts *cuts = &results_model(m->dossier->results)->rfm;
    const struct rfm_cut *cut = &cuts->cut[m->metric][k];
    char digits[PORTRAIT_MONEY];
    amount(m, cut->value, digits);
    int n = cuts->ties == RFM_NTILE
                ? snprintf(out, room, "%s of '%.*s'", digits, (int)cut->id_length, cut->id)
                : snprintf(out, room, "%s", digits);
    return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* The cuts on either side of a score. Recency is cut from its good end, and so is scored from its
 * other one; under ntile all are counted from the worst. */
static void put_cuts(struct grid *grid, const struct measure *m)
{
    const struct rfm_cuts *cuts = &results_model(m->dossier->results)->rfm;
    char words[900];
    int ntile = cuts->ties == RFM_NTILE, flipped = m->metric == RFM_RECENCY && !ntile;
    int32_t low = (flipped ? cuts->bins - m->score : m->score - 1) - 1, high = low + 1;
    size_t n = 0;
    if (m->score == 0) {
        grid_put(grid, "%s", "");
        return;
    }
    if (low >= 0) {
        n += (size_t)snprintf(words, sizeof words, ntile ? "behind " : "over ");
        n += cut_text(m, low, words + n, 400);
    }
    if (high < cuts->bins - 1) {
        n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", n ? ", " : "",
                              ntile ? "not behind " : "at most ");
        n += cut_text(m, high, words + n, 400);
    }
    grid_put_bytes(grid, (struct slice){words, n});
}

static void put_nudge(struct grid *grid, const struct measure *m, enum nudge_way way)
{
    const struct rfm_cuts *cuts = &results_model(m->dossier->results)->rfm;
    struct nudge nudge = nudge_score(cuts, m->metric, &m->scale, m->dossier->id, way);
    char digits[PORTRAIT_MONEY];
    if (!m->known || !nudge.found) {
        grid_put(grid, m->known ? "-" : "?");
        return;
    }
    int more = nudge.value > m->scale.value;
    int64_t by = more ? nudge.value - m->scale.value : m->scale.value - nudge.value;
    grid_put(grid, "%d: %s %s%s%s", (int)nudge.to, amount(m, by, digits),
             m->metric == RFM_MONETARY ? "" : unit_of(m, by), m->metric == RFM_MONETARY ? "" : " ",
             more ? "more" : "less");
}

static void put_measure(struct grid *grid, const struct measure *m)
{
    static const char *const name[] = {"recency", "frequency", "monetary"};
    char digits[PORTRAIT_MONEY];
    grid_put(grid, "%s", name[m->metric]);
    grid_put(grid, "%s", m->known ? amount(m, m->scale.value, digits) : "?");
    grid_put(grid, "%s", unit_of(m, m->scale.value));
    if (m->score > 0)
        grid_put(grid, "%d", (int)m->score);
    else
        grid_put(grid, "-");
    put_cuts(grid, m);
    put_nudge(grid, m, NUDGE_BETTER);
    put_nudge(grid, m, NUDGE_WORSE);
}

static void print_rule(const struct plan_segment *rule, const char *meaning, FILE *out)
{
    const char *between = " (";
    fprintf(out, ", segment %s", rule->name);
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        if (rule->to[metric] == 0)
            continue;
        fprintf(out, "%s%c %d to %d", between, "rfm"[metric], rule -> from[metric],
                rule -> to[metric]);
        between = ", ";
    }
    fprintf(out, "%s: %s", *between == ',' ? ")" : " (rest)", meaning);
}

static void print_segment(const struct dossier *d, FILE *out)
{
    size_t n;
    const struct rfm_segment_rule *rule = rfm_segment_rules(&n);
    const struct plan_segments *own = &d->results->plan.segments;
    const char *segment = portrait_cell(d, COLUMN_RFM_SEGMENT);
    fprintf(out, "  rfm_score %s", portrait_cell(d, COLUMN_RFM_SCORE));
    for (size_t i = 0; i < n && own->n == 0; i++)
        if (strcmp(rule[i].rule.name, segment) == 0)
            print_rule(&rule[i].rule, rule[i].meaning, out);
    for (int32_t i = 0; i < own->n; i++)
        if (strcmp(own->rule[i].name, segment) == 0)
            print_rule(&own->rule[i], "a rule of --segments", out);
    fputc('\n', out);
}

static void print_window(const struct dossier *d, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    if (plan->rfm_window_days != PLAN_DAYS_ALL)
        fprintf(out, "  frequency and monetary count the %d days to as_of (--rfm-window)%s\n",
                (int)plan->rfm_window_days,
                dossier_knows(d, DOSSIER_FREQUENCY | DOSSIER_MONETARY)
                    ? ""
                    : "; scores.csv has no column for what is marked ?");
}

int portrait_rfm_print(const struct dossier *d, FILE *out)
{
    const struct rfm_cuts *cuts = &results_model(d->results)->rfm;
    int32_t metrics = d->results->plan.has_amount ? RFM_METRICS : RFM_MONETARY;
    struct grid grid = grid_of(7, 1U << 1 | 1U << 3);
    if (cuts->bins == 0 || d->row.flags & ROW_REFUND_ONLY)
        return 0;
    fprintf(out, "\nRFM scores, cut in %d %s over %" PRId64 " active customers\n", (int)cuts->bins,
            cuts->ties == RFM_NTILE ? "equal tiles, ties by id," : "at quantiles",
            d->results->active);
    static const char *const title[] = {"",     "value",       "",          "score",
                                        "cuts", "next better", "next worse"};
    for (size_t i = 0; i < sizeof title / sizeof title[0]; i++)
        grid_put(&grid, "%s", title[i]);
    for (int32_t metric = 0; metric < metrics; metric++) {
        struct measure m = measure_of(d, (enum rfm_metric)metric);
        put_measure(&grid, &m);
    }
    int r = grid_print(&grid, out, PORTRAIT_MARGIN);
    print_segment(d, out);
    print_window(d, out);
    return r;
}
