/* SPDX-License-Identifier: Apache-2.0 */
/* Each part of the model is computed anew or taken from a frozen one; nothing here knows more of a part
 * than whose it is. */
#include "sink/fitting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/trace.h"
#include "score/money.h"
#include "score/purchase.h"
#include "score/quantile.h"
#include "score/rfm.h"
#include "sink/candidates.h"

static struct quantile bin_edge(int32_t k, int32_t bins)
{
    return (struct quantile){k, bins};
}

static void cuts_together(struct rfm_cuts *cuts, struct population *population)
{
    struct population_counts recency = population_recencies(population);
    struct population_counts frequency = population_frequencies(population);
    struct quantile edges[RFM_BINS_LIMIT];
    int64_t money[RFM_BINS_LIMIT];
    size_t n;
    int64_t *monetary = population_monetary(population, &n);
    for (int32_t k = 1; k < cuts->bins; k++) {
        edges[k - 1] = bin_edge(k, cuts->bins);
        cuts->cut[RFM_RECENCY][k - 1].value =
            quantile_counted(recency.value, recency.count, recency.n, edges[k - 1]);
        cuts->cut[RFM_FREQUENCY][k - 1].value =
            quantile_counted(frequency.value, frequency.count, frequency.n, edges[k - 1]);
    }
    quantile_of(monetary, n, edges, (size_t)cuts->bins - 1, money);
    for (int32_t k = 1; k < cuts->bins; k++)
        cuts->cut[RFM_MONETARY][k - 1].value = money[k - 1];
}

struct ranked {
    int64_t value; /* rising from worst to best */
    const char *id;
    size_t id_length;
};

static int from_worst(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    int order = memcmp(a->id, b->id, a->id_length < b->id_length ? a->id_length : b->id_length);
    if (order != 0)
        return order;
    return a->id_length < b->id_length ? -1 : a->id_length > b->id_length;
}

static void rank_metric(const struct population *population, enum rfm_metric metric,
                        struct ranked *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t recency;
        uint32_t frequency;
        int64_t monetary;
        list[i].id =
            population_base(population, i, &recency, &frequency, &monetary, &list[i].id_length);
        list[i].value = metric == RFM_RECENCY     ? -(int64_t)recency
                        : metric == RFM_FREQUENCY ? frequency
                                                  : monetary;
    }
    qsort(list, n, sizeof *list, from_worst);
}

/* The last (value, id) of each tile; ids are copied to the end of cut_ids. */
static void cut_tiles(struct fitted *fitted, enum rfm_metric metric, const struct ranked *list,
                      size_t n, size_t *used)
{
    struct rfm_cuts *cuts = &fitted->model.rfm;
    for (int32_t k = 1; k < cuts->bins; k++) {
        size_t end = rfm_tile_end(n, cuts->bins, k);
        const struct ranked *last = &list[end == SIZE_MAX ? n - 1 : end];
        struct rfm_cut *cut = &cuts->cut[metric][k - 1];
        memcpy(fitted->cut_ids + *used, last->id, last->id_length);
        cut->value = metric == RFM_RECENCY ? -last->value : last->value;
        cut->id = fitted->cut_ids + *used;
        cut->id_length = last->id_length;
        *used += last->id_length;
    }
}

static int cuts_ntile(struct fitted *fitted, struct population *population)
{
    size_t n, used = 0;
    population_monetary(population, &n);
    struct ranked *list = malloc(n * sizeof *list + 1);
    fitted->cut_ids = malloc((size_t)RFM_METRICS * RFM_BINS_LIMIT * CUSTOMER_ID_LIMIT);
    if (!list || !fitted->cut_ids) {
        free(list);
        return log_fail(STATUS_BUG, "out of memory to rank %zu customers", n);
    }
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        rank_metric(population, (enum rfm_metric)metric, list, n);
        cut_tiles(fitted, (enum rfm_metric)metric, list, n, &used);
    }
    free(list);
    return 0;
}

static void cuts_own(struct rfm_cuts *cuts, const struct plan *plan)
{
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t k = 0; k < plan->rfm_cuts[metric].n; k++)
            cuts->cut[metric][k].value = plan->rfm_cuts[metric].value[k];
}

static void count_values(struct fitted *fitted, struct population *population)
{
    struct population_counts recency = population_recencies(population);
    struct population_counts frequency = population_frequencies(population);
    for (size_t i = 0; i < recency.n; i++)
        histogram_add(&fitted->histogram[RFM_RECENCY], recency.value[i], recency.count[i]);
    for (size_t i = 0; i < frequency.n; i++)
        histogram_add(&fitted->histogram[RFM_FREQUENCY], frequency.value[i], frequency.count[i]);
    fitted->histogram[RFM_MONETARY] = *population_money(population);
}

static int fit_cuts(struct fitted *fitted, struct population *population, const struct plan *plan)
{
    struct rfm_cuts *cuts = &fitted->model.rfm;
    cuts->ties = plan->rfm_ties;
    cuts->bins = fitted->totals.base > 0 ? plan->rfm_bins : 0;
    if (cuts->bins == 0)
        return 0;
    if (plan->rfm_ties == RFM_NTILE)
        return cuts_ntile(fitted, population);
    cuts_together(cuts, population);
    cuts_own(cuts, plan);
    return 0;
}

static int fit_spend_model(struct fitted *fitted, const struct population *population,
                           const struct plan *plan, struct crew *crew)
{
    size_t n;
    const struct fit_spend_row *rows = population_spenders(population, &n);
    struct fit_crew hands = crew_for_fit(crew);
    fitted->spend.stop = FIT_SKIPPED;
    if (!plan->has_amount)
        return 0;
    uint64_t days = fitted->totals.purchase_days;
    if (plan->summary) /* the money of first days is not known */
        days -= fitted->totals.customers;
    if (days > 0)
        fitted->base_mean = money_units(fitted->totals.gross) / (double)days;
    void *scratch = malloc(fit_spend_scratch(n) + 8);
    if (!scratch)
        return log_fail(STATUS_BUG, "out of memory to fit the spend of %zu customers", n);
    struct span span = trace_begin(crew_timeline(crew), TRACE_LOOP, "fit spend");
    fit_spend(rows, n, fitted->base_mean, scratch, &hands, &fitted->spend);
    trace_end(crew_timeline(crew), &span);
    fitted->model.spend = fitted->spend.model;
    free(scratch);
    return 0;
}

static int thaws(const struct frozen *frozen, unsigned part)
{
    return !frozen || (frozen->refit & part) != 0;
}

static int copy_peers(struct peers *to, const struct peers *from)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < from->groups.n; i++)
        r = peers_add(to, from->names + from->offset[i], from->offset[i + 1] - from->offset[i],
                      from->n[i], from->estimate[i]);
    to->groups.slope = from->groups.slope;
    return r;
}

static int copy_cuts(struct fitted *to, const struct fitted *from)
{
    size_t used = 0;
    to->model.rfm = from->model.rfm;
    if (from->model.rfm.ties != RFM_NTILE)
        return 0;
    to->cut_ids = malloc((size_t)RFM_METRICS * RFM_BINS_LIMIT * CUSTOMER_ID_LIMIT);
    if (!to->cut_ids)
        return log_fail(STATUS_BUG, "out of memory for the cut points");
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int32_t k = 0; k + 1 < from->model.rfm.bins; k++) {
            struct rfm_cut *cut = &to->model.rfm.cut[metric][k];
            memcpy(to->cut_ids + used, cut->id, cut->id_length);
            cut->id = to->cut_ids + used;
            used += cut->id_length;
        }
    return 0;
}

/* A stack speaks of one horizon only. */
static void copy_churn(struct fitted *to, const struct fitted *from, const struct plan *plan)
{
    memcpy(to->tried, from->tried, sizeof to->tried);
    to->n_tried = from->n_tried;
    to->chosen = from->chosen;
    to->model.churn = from->model.churn;
    to->calibration = from->calibration;
    if (from->model.stack.horizon_days == plan->churn_horizon_days)
        to->model.stack = from->model.stack;
    else if (from->model.stack.horizon_days > 0)
        log_say(LOG_WARN,
                "the stack of --model is for %d days: churn_prob is the model's; --refit churn "
                "makes another",
                (int)from->model.stack.horizon_days);
    to->calibration.published = to->model.stack.horizon_days > 0;
    to->calibration.has_stack &= from->calibration.horizon_days == plan->churn_horizon_days;
    snprintf(to->reason, sizeof to->reason, "frozen by --model");
}

/* Of what is used: fitted just now, or in the run that is frozen. */
static void note_uncertainty(struct fitted *fitted, const struct frozen *frozen)
{
    struct uncertainty *to = &fitted->model.uncertainty;
    if (frozen)
        *to = frozen->fitted.model.uncertainty;
    if (thaws(frozen, REFIT_CHURN)) {
        memset(to->churn, 0, sizeof to->churn);
        if (fitted->chosen >= 0)
            memcpy(to->churn, fitted->tried[fitted->chosen].log_covariance, sizeof to->churn);
    }
    if (thaws(frozen, REFIT_SPEND))
        memcpy(to->spend, fitted->spend.log_covariance, sizeof to->spend);
}

int fitting_run(struct fitted *fitted, struct population *population, const struct job *job,
                const struct frozen *frozen, struct crew *crew)
{
    const struct plan *plan = &job->work.plan;
    *fitted = (struct fitted){.chosen = -1, .totals = population_totals(population)};
    struct span span = trace_begin(crew_timeline(crew), TRACE_LOOP, "cut points");
    count_values(fitted, population);
    int r = thaws(frozen, REFIT_RFM) ? fit_cuts(fitted, population, plan)
                                     : copy_cuts(fitted, &frozen->fitted);
    population_forget_base(population);
    trace_end(crew_timeline(crew), &span);
    if (r == 0 && thaws(frozen, REFIT_CHURN))
        r = candidates_fit(fitted, population, job, crew);
    else if (r == 0)
        copy_churn(fitted, &frozen->fitted, plan);
    if (r == 0 && thaws(frozen, REFIT_SPEND)) {
        r = fit_spend_model(fitted, population, plan, crew);
    } else if (r == 0) {
        fitted->spend = frozen->fitted.spend;
        fitted->model.spend = frozen->fitted.model.spend;
    }
    if (r == 0)
        r = thaws(frozen, REFIT_WALLET) ? peers_fit(&fitted->peers, population, plan)
                                        : copy_peers(&fitted->peers, &frozen->fitted.peers);
    if (r < 0)
        return r;
    note_uncertainty(fitted, frozen);
    if (!thaws(frozen, REFIT_TIERS)) {
        fitted->has_cutoffs = frozen->fitted.has_cutoffs;
        fitted->cutoffs = frozen->fitted.cutoffs;
        fitted->has_thresholds = frozen->fitted.has_thresholds;
        memcpy(fitted->churn_threshold, frozen->fitted.churn_threshold,
               sizeof fitted->churn_threshold);
    }
    fitted->model.groups = fitted->peers.groups;
    fitted->model.value_by = model_value_by(&fitted->model, plan);
    return 0;
}

void fitted_free(struct fitted *fitted)
{
    peers_free(&fitted->peers);
    free(fitted->cut_ids);
    *fitted = (struct fitted){.chosen = -1};
}
