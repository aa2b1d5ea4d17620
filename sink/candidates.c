/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates are fitted to a sample chosen by hash, the best of them to the whole base, starting from
 * the sample's optimum: the choice costs little at any size, and the winner has seen everybody. */
#include "sink/candidates.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "sink/boundary.h"

/* Rows to fit on, and the room to do it in. */
struct fitting {
    const struct fit_row *rows;
    size_t n;
    void *scratch;
    struct fit_crew crew;
};

static int fitting_on(struct fitting *fitting, const struct fit_row *rows, size_t n,
                      struct crew *crew)
{
    *fitting =
        (struct fitting){rows, n, malloc(fit_churn_scratch(rows, n) + 8), crew_for_fit(crew)};
    return fitting->scratch ? 0 : log_fail(STATUS_BUG, "out of memory to fit %zu histories", n);
}

static void fit_kind(const struct fitting *fitting, enum churn_kind kind,
                     const struct churn_model *start, struct fit *fit)
{
    fit_churn(kind, 1, fitting->rows, fitting->n, 0.0, start, fitting->scratch, &fitting->crew,
              fit);
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

static int fit_auto(struct fitted *fitted, const struct population *population, struct crew *crew)
{
    static const enum churn_kind kinds[] = {CHURN_NBD, CHURN_BGNBD, CHURN_MBGNBD, CHURN_PNBD};
    struct fitting sample, whole;
    const char *why;
    size_t n;
    const struct fit_row *rows = population_sample(population, &n);
    int r = fitting_on(&sample, rows, n, crew);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        fit_kind(&sample, kinds[i], NULL, &fitted->tried[fitted->n_tried++]);
    free(sample.scratch);
    fitted->chosen = best_of(fitted->tried, fitted->n_tried, &why);
    if (fitted->chosen < 0)
        return 0;
    snprintf(fitted->reason, sizeof fitted->reason, "auto: %s, on %llu customers", why,
             (unsigned long long)fitted->tried[fitted->chosen].customers);
    rows = population_rows(population, &n);
    r = fitting_on(&whole, rows, n, crew);
    if (r < 0)
        return r;
    struct churn_model start = fitted->tried[fitted->chosen].model;
    fit_kind(&whole, start.kind, &start, &fitted->tried[fitted->chosen]);
    free(whole.scratch);
    return 0;
}

static int fit_named(struct fitted *fitted, const struct population *population,
                     enum churn_kind kind, struct crew *crew)
{
    struct fitting whole;
    size_t n;
    const struct fit_row *rows = population_rows(population, &n);
    int r = fitting_on(&whole, rows, n, crew);
    if (r < 0)
        return r;
    fit_kind(&whole, kind, NULL, &fitted->tried[fitted->n_tried++]);
    free(whole.scratch);
    fitted->chosen = fitted->tried[0].stop == FIT_TOO_FEW ? -1 : 0;
    snprintf(fitted->reason, sizeof fitted->reason, "asked for");
    return 0;
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
        r = fit_named(fitted, population, job->churn_kind, crew);
    if (r < 0)
        return r;
    if (fitted->chosen >= 0)
        fitted->model.churn = fitted->tried[fitted->chosen].model;
    else if (job->churn_choice != CHURN_OFF)
        snprintf(fitted->reason, sizeof fitted->reason,
                 "fewer than %d customers bought on a second day; tiers go by revenue",
                 FIT_REPEATERS_LEAST);
    return 0;
}
