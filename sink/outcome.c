/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/outcome.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/digits.h"
#include "common/log.h"
#include "common/trace.h"
#include "sink/boundary.h"
#include "sink/memento.h"
#include "sink/merged.h"
#include "sink/provenance.h"

/* The cut points, where people look while they wait. */
static void log_cuts(const struct rfm_cuts *cuts, const struct plan *plan)
{
    static const char *const name[] = {"recency", "; frequency", "; money"};
    char words[RFM_METRICS * RFM_BINS_LIMIT * (DIGITS_ROOM + 1) + 64];
    size_t n = 0;
    for (int metric = 0; metric < (plan->has_amount ? RFM_METRICS : RFM_MONETARY); metric++) {
        n += (size_t)sprintf(words + n, "%s", name[metric]);
        for (int32_t k = 0; k + 1 < cuts->bins; k++) {
            words[n++] = ' ';
            char *end = metric == RFM_MONETARY
                            ? digits_money_exact(words + n, cuts->cut[metric][k].value)
                            : digits_int(words + n, cuts->cut[metric][k].value);
            n = (size_t)(end - words);
        }
    }
    words[n] = '\0';
    if (cuts->bins > 0)
        log_say(LOG_INFO, "cut points: %s", words);
}

static void log_fit(const struct fitted *fitted)
{
    if (fitted->chosen < 0) {
        log_say(LOG_INFO, "no churn model: %s", fitted->reason);
        return;
    }
    const struct fit *fit = &fitted->tried[fitted->chosen];
    char regular[16] = "";
    if (fit->model.regularity > 1)
        snprintf(regular, sizeof regular, "-%d", (int)fit->model.regularity);
    log_say(fit->stop == FIT_CONVERGED ? LOG_INFO : LOG_WARN,
            "churn model %s%s (%s), log-likelihood %.6f, stopped: %s", churn_name(fit->model.kind),
            regular, fitted->reason, fit->log_likelihood, fit_stop_name(fit->stop));
    if (fit->stop == FIT_BOUNDARY)
        log_say(LOG_WARN, "the churn model lies on a boundary: %s", boundary_words(fit));
}

static void log_spend(const struct fit_spend *spend)
{
    if (spend->stop == FIT_BOUNDARY)
        log_say(LOG_WARN, "the gamma-gamma model of spend lies on a boundary: %s",
                boundary_spend_words(spend));
    else if (spend->stop == FIT_CONVERGED && spend->model.kind == SPEND_MEAN)
        log_say(LOG_WARN,
                "the gamma-gamma model of spend has no mean (q is %.4f): the base's %.4f a "
                "purchase day is expected of everybody",
                spend->q, spend->model.mean);
    else if (spend->model.kind == SPEND_MEAN)
        log_say(LOG_INFO,
                "no gamma-gamma model of spend (%s): the base's %.4f a purchase day is expected "
                "of everybody",
                fit_stop_name(spend->stop), spend->model.mean);
}

static void log_calibration(const struct calibration *c, enum calibration_choice asked)
{
    if (!c->tried || asked == CALIBRATION_OFF)
        return;
    log_say(c->published || asked == CALIBRATION_AUTO ? LOG_INFO : LOG_WARN,
            "churn_prob is the %s's: %s", c->published ? "stack" : "model", c->reason);
    if (c->has_brier)
        log_say(LOG_INFO, "Brier score %d days ago: stack %.6f, model %.6f", (int)c->trial_days,
                c->contest.brier[1], c->contest.brier[0]);
}

static int pack(struct outcome *outcome, struct arena *arena)
{
    outcome->model = calloc(1, sizeof *outcome->model);
    if (!outcome->model)
        return log_fail(STATUS_BUG, "out of memory for the model");
    arena_reset(arena);
    int r = wire_model_put(&outcome->fitted.model, arena, outcome->model);
    outcome->digest = wire_digest(outcome->model, 0);
    return r;
}

/* The model of an earlier job, if this one would make the same of the same digests. */
static int remember(struct fitted *fitted, struct commit *commit, struct digest provenance)
{
    struct slice bytes;
    int r = commit_model(commit, provenance, &bytes);
    if (r == 0)
        r = memento_read(bytes, fitted);
    commit_release(commit);
    if (r == MEMENTO_E_DAMAGED)
        log_say(LOG_WARN, "the model that the sink had kept is damaged; it is fitted again");
    return r;
}

static int fit(struct fitted *fitted, struct commit *commit, const struct errand *errand,
               struct crew *crew)
{
    struct merged merged;
    struct trace *trace = crew_timeline(crew);
    struct span span = trace_begin(trace, TRACE_LOOP, "merging");
    int r = merged_read(&merged, commit, errand->job.work.shards, crew);
    trace_end(trace, &span);
    span = trace_begin(trace, TRACE_LOOP, "fitting");
    if (r == 0)
        r = fitting_run(fitted, merged.population, &errand->job, errand_frozen(errand), crew);
    trace_end(trace, &span);
    span = trace_begin(trace, TRACE_LOOP, "rehearsing");
    if (r == 0)
        r = calibration_run(fitted, merged.rehearsal, &errand->job, crew);
    trace_end(trace, &span);
    merged_free(&merged);
    return r;
}

static int fit_anew(struct fitted *fitted, struct commit *commit, const struct errand *errand,
                    struct crew *crew, struct digest provenance)
{
    void *bytes;
    size_t size;
    int r = fit(fitted, commit, errand, crew);
    if (r == 0)
        r = memento_write(fitted, &bytes, &size);
    if (r == 0)
        commit_put_model(commit, provenance, bytes, size);
    return r;
}

int outcome_make(struct outcome *outcome, struct commit *commit, const struct errand *errand,
                 struct crew *crew, struct arena *arena)
{
    struct digest fitted = provenance_fitted(&errand->job, errand->letter);
    int r = remember(&outcome->fitted, commit, fitted);
    if (r > 0)
        r = fit_anew(&outcome->fitted, commit, errand, crew, fitted);
    if (r == 0)
        r = pack(outcome, arena);
    if (r == 0)
        r = commit_scoring(commit, provenance_scored(&errand->job, outcome->digest));
    if (r == 0) {
        log_cuts(&outcome->fitted.model.rfm, &errand->job.work.plan);
        log_fit(&outcome->fitted);
        log_spend(&outcome->fitted.spend);
        log_calibration(&outcome->fitted.calibration, errand->job.calibration);
    }
    return r;
}

void outcome_free(struct outcome *outcome)
{
    fitted_free(&outcome->fitted);
    if (outcome->model)
        parcel_clear(outcome->model);
    free(outcome->model);
    outcome->model = NULL;
}
