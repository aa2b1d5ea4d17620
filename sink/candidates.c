/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates are fitted to a sample chosen by hash, the best of them to the whole base, starting from
 * the sample's optimum: the choice costs little at any size, and the winner has seen everybody. */
#include "sink/candidates.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/trace.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0

struct candidate {
    enum churn_kind kind;
    int32_t regularity;
};

/* What auto chooses among, SCORING section 3. */
static const struct candidate automatic[] = {
    {CHURN_NBD, 1},     {CHURN_BGNBD, 1},   {CHURN_MBGNBD, 1},  {CHURN_PNBD, 1},
    {CHURN_MBGCNBD, 2}, {CHURN_MBGCNBD, 3}, {CHURN_MBGCNBD, 4},
};

/* The k that are tried where a regular model is asked for and none is said. */
#define REGULARITY_TRIED 4

/* Rows to fit on, and the room to do it in. */
struct fitting {
    const struct fit_row *rows;
    size_t n;
    double log_gaps; /* sum of ln(weeks) */
    int has_gaps;
    void *scratch;
    struct fit_crew crew;
    struct trace *trace;
};

static int fitting_room(struct fitting *fitting, struct crew *crew)
{
    fitting->scratch = malloc(fit_churn_scratch(fitting->rows, fitting->n) + 8);
    fitting->crew = crew_for_fit(crew);
    fitting->trace = crew_timeline(crew);
    return fitting->scratch
               ? 0
               : log_fail(STATUS_BUG, "out of memory to fit %zu histories", fitting->n);
}

static double in_weeks(struct population_gaps gaps)
{
    return gaps.log_days - (double)gaps.n * special_log(DAYS_PER_WEEK);
}

/* Gaps are as good as unknown where customers came with their x but without their days. */
static int has_gaps(const struct population *population)
{
    size_t n;
    const struct fit_row *rows = population_rows(population, &n);
    uint64_t repeats = 0;
    for (size_t i = 0; i < n; i++)
        repeats += (uint64_t)rows[i].x * rows[i].n;
    return population_gaps(population).n >= repeats;
}

static int fitting_on_sample(struct fitting *fitting, const struct population *population,
                             struct crew *crew)
{
    *fitting = (struct fitting){.log_gaps = in_weeks(population_sample_gaps(population)),
                                .has_gaps = has_gaps(population)};
    fitting->rows = population_sample(population, &fitting->n);
    return fitting_room(fitting, crew);
}

static int fitting_on_all(struct fitting *fitting, const struct population *population,
                          struct crew *crew)
{
    *fitting = (struct fitting){.log_gaps = in_weeks(population_gaps(population)),
                                .has_gaps = has_gaps(population)};
    fitting->rows = population_rows(population, &fitting->n);
    return fitting_room(fitting, crew);
}

static void fit_candidate(const struct fitting *fitting, struct candidate candidate,
                          const struct churn_model *start, struct fit *fit)
{
    size_t n = candidate.regularity > 1 && !fitting->has_gaps ? 0 : fitting->n;
    struct span span = trace_begin(fitting->trace, TRACE_LOOP, churn_name(candidate.kind));
    span_note(&span, "regularity", candidate.regularity);
    span_note(&span, "histories", (int64_t)n);
    fit_churn(candidate.kind, candidate.regularity, fitting->rows, n, fitting->log_gaps, start,
              fitting->scratch, &fitting->crew, fit);
    trace_end(fitting->trace, &span);
    if (n < fitting->n)
        fit->stop = FIT_SKIPPED;
}

/* The best of those tried: lowest BIC among the interior ones, else the highest likelihood. */
static int32_t best_of(const struct fit *tried, size_t n, const char **why)
{
    int32_t best = -1;
    *why = "best BIC of those that converged";
    for (size_t i = 0; i < n; i++)
        if (tried[i].stop == FIT_CONVERGED && (best < 0 || tried[i].bic < tried[best].bic))
            best = (int32_t)i;
    if (best >= 0)
        return best;
    *why = "no model converged inside its bounds; the likeliest is used";
    for (size_t i = 0; i < n; i++)
        if ((tried[i].stop == FIT_BOUNDARY || tried[i].stop == FIT_FLAT) &&
            (best < 0 || tried[i].log_likelihood > tried[best].log_likelihood))
            best = (int32_t)i;
    return best;
}

/* The chosen one again, on everybody; nothing to do where the sample was everybody. */
static int fit_to_all(struct fitted *fitted, const struct population *population, struct crew *crew)
{
    struct fit *fit = &fitted->tried[fitted->chosen];
    struct fitting whole;
    if (fit->customers == fitted->totals.customers - fitted->totals.refund_only)
        return 0;
    int r = fitting_on_all(&whole, population, crew);
    if (r < 0)
        return r;
    struct churn_model start = fit->model;
    fit_candidate(&whole, (struct candidate){start.kind, start.regularity}, &start, fit);
    free(whole.scratch);
    return 0;
}

static int fit_auto(struct fitted *fitted, const struct population *population, struct crew *crew)
{
    struct fitting sample;
    const char *why;
    int r = fitting_on_sample(&sample, population, crew);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof automatic / sizeof *automatic; i++)
        fit_candidate(&sample, automatic[i], NULL, &fitted->tried[fitted->n_tried++]);
    free(sample.scratch);
    fitted->chosen = best_of(fitted->tried, fitted->n_tried, &why);
    if (fitted->chosen < 0)
        return 0;
    snprintf(fitted->reason, sizeof fitted->reason, "auto: %s, on %llu customers", why,
             (unsigned long long)fitted->tried[fitted->chosen].customers);
    return fit_to_all(fitted, population, crew);
}

/* regularity 0: of a regular kind the best of some. */
static int fit_named(struct fitted *fitted, const struct population *population,
                     struct candidate asked, struct crew *crew)
{
    int regular = asked.kind == CHURN_BGCNBD || asked.kind == CHURN_MBGCNBD;
    int32_t first = regular && asked.regularity > 0 ? asked.regularity : 1;
    int32_t last = regular && asked.regularity == 0 ? REGULARITY_TRIED : first;
    struct fitting whole;
    const char *why;
    int r = fitting_on_all(&whole, population, crew);
    if (r < 0)
        return r;
    for (int32_t k = first; k <= last; k++)
        fit_candidate(&whole, (struct candidate){asked.kind, k}, NULL,
                      &fitted->tried[fitted->n_tried++]);
    free(whole.scratch);
    fitted->chosen = best_of(fitted->tried, fitted->n_tried, &why);
    if (first == last)
        snprintf(fitted->reason, sizeof fitted->reason, "asked for");
    else
        snprintf(fitted->reason, sizeof fitted->reason, "asked for; of regularities 1 to %d: %s",
                 REGULARITY_TRIED, why);
    return 0;
}

static void say_why_none(struct fitted *fitted)
{
    if (fitted->tried[0].stop == FIT_SKIPPED)
        snprintf(fitted->reason, sizeof fitted->reason,
                 "regularity shows in the days of purchases, and only their number is known");
    else
        snprintf(fitted->reason, sizeof fitted->reason,
                 "fewer than %d customers bought on a second day; tiers go by revenue",
                 FIT_REPEATERS_LEAST);
}

int candidates_fit(struct fitted *fitted, const struct population *population,
                   const struct job *job, struct crew *crew)
{
    int r = 0;
    fitted->chosen = -1;
    if (job->churn_choice == CHURN_OFF)
        snprintf(fitted->reason, sizeof fitted->reason, "none was asked for");
    else if (job->churn_choice == CHURN_AUTO)
        r = fit_auto(fitted, population, crew);
    else
        r = fit_named(fitted, population, (struct candidate){job->churn_kind, job->regularity},
                      crew);
    if (r < 0)
        return r;
    if (fitted->chosen >= 0)
        fitted->model.churn = fitted->tried[fitted->chosen].model;
    else if (job->churn_choice != CHURN_OFF)
        say_why_none(fitted);
    return 0;
}
