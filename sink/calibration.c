/* SPDX-License-Identifier: Apache-2.0 */
/* The stack learns from the sample as of one trial ago and as of two, and gets the churn model's level of
 * now. To know which of them to believe, one that has learnt from the earlier trial alone gets the
 * level of a model fitted to what was known at the later, and both are judged by the days since. */
#include "sink/calibration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/radix.h"
#include "sink/fitting.h"

#define CASES_LEAST 100 /* customers to learn from: some twenty a weight */

/* The sample as of one day. */
struct scene {
    size_t n;
    struct stack_case *cases;
    struct repeat *repeat;
    double *log_odds; /* room for stack_level */
    double *p;        /* of coming back, of whoever was asked last */
    uint8_t *came;
};

static void scene_free(struct scene *scene)
{
    free(scene->cases);
    free(scene->repeat);
    free(scene->log_odds);
    free(scene->p);
    free(scene->came);
}

static int scene_room(struct scene *scene, size_t n)
{
    *scene = (struct scene){
        .cases = malloc(n * sizeof *scene->cases + 1),
        .repeat = malloc(n * sizeof *scene->repeat + 1),
        .log_odds = malloc(n * sizeof *scene->log_odds + 1),
        .p = malloc(n * sizeof *scene->p + 1),
        .came = malloc(n + 1),
    };
    return scene->cases && scene->repeat && scene->log_odds && scene->p && scene->came
               ? 0
               : log_fail(STATUS_BUG, "out of memory to calibrate on %zu customers", n);
}

static int scene_of(struct scene *scene, const struct rehearsal *rehearsal,
                    enum rehearsal_when when)
{
    size_t n = rehearsal_size(rehearsal);
    int r = scene_room(scene, n);
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct rehearsed one = rehearsal_of(rehearsal, i, when);
        if (one.days == 0)
            continue;
        struct stack_customer customer = {{one.days - 1, one.span, one.age}, one.spent};
        scene->repeat[scene->n] = customer.repeat;
        stack_features(&customer, scene->cases[scene->n].feature);
        scene->cases[scene->n].came = one.came;
        scene->came[scene->n++] = (uint8_t)(one.came != 0);
    }
    return r;
}

/* Mean probability of coming back within days, by the model. */
static double ask_model(struct scene *scene, const struct churn_model *model, int32_t days)
{
    const struct churn_horizon horizon = {.horizon_days = days, .churn_horizon_days = days};
    double sum = 0;
    for (size_t i = 0; i < scene->n; i++) {
        scene->p[i] = 1.0 - churn_outlook(model, scene->repeat[i], &horizon).churn_prob;
        sum += scene->p[i];
    }
    return scene->n > 0 ? sum / (double)scene->n : 0.0;
}

static void ask_stack(struct scene *scene, const struct stack *stack)
{
    for (size_t i = 0; i < scene->n; i++)
        scene->p[i] = stack_share(stack_log_odds(stack, scene->cases[i].feature));
}

/* Cases to learn from. */
struct lesson {
    const struct stack_case *cases;
    size_t n;
};

/* A stack with the model's level in a scene. */
static int learn(struct stack *stack, const struct lesson *from, struct scene *later,
                 const struct churn_model *model, int32_t days)
{
    if (from->n < CASES_LEAST || stack_fit(from->cases, from->n, stack) != 0)
        return 0;
    double level = ask_model(later, model, days);
    if (!(level > 0.0 && level < 1.0))
        return 0;
    stack->horizon_days = days;
    stack_level(stack, later->cases, later->n, level, later->log_odds);
    return 1;
}

/* ---- the model of an earlier day ---- */

/* As in sink/population.c: x, T and t_x in one sortable key. */
#define AGE_SHIFT 22
#define X_SHIFT   44
#define DAYS_MASK ((1u << 22) - 1)

static size_t rows_of(const struct scene *scene, struct radix_item *items, struct fit_row *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < scene->n; i++) {
        const struct repeat *repeat = &scene->repeat[i];
        items[i].key = (uint64_t)repeat->x << X_SHIFT | (uint64_t)repeat->age_days << AGE_SHIFT |
                       (uint64_t)repeat->span_days;
    }
    radix_sort(items, items + scene->n, scene->n);
    for (size_t i = 0; i < scene->n; i++) {
        uint64_t key = items[i].key;
        if (i > 0 && key == items[i - 1].key)
            rows[n - 1].n++;
        else
            rows[n++] = (struct fit_row){(uint32_t)(key >> X_SHIFT), (int32_t)(key & DAYS_MASK),
                                         (int32_t)(key >> AGE_SHIFT & DAYS_MASK), 1};
    }
    return n;
}

/* The kind that was chosen, fitted to what was known then. */
static int fit_then(const struct scene *scene, const struct churn_model *now, struct crew *crew,
                    struct fit *fit)
{
    struct radix_item *items = calloc(2 * scene->n + 1, sizeof *items);
    struct fit_row *rows = malloc(scene->n * sizeof *rows + 1);
    void *scratch = NULL;
    struct fit_crew hands = crew_for_fit(crew);
    size_t n = items && rows ? rows_of(scene, items, rows) : 0;
    if (items && rows)
        scratch = malloc(fit_churn_scratch(rows, n) + 8);
    if (scratch)
        fit_churn(now->kind, now->regularity, rows, n, 0.0, now, scratch, &hands, fit);
    int r = scratch ? 0 : log_fail(STATUS_BUG, "out of memory to fit %zu histories", scene->n);
    free(scratch);
    free(rows);
    free(items);
    return r;
}

/* Both on the late scene, with what was known then. */
static int judge(struct calibration *out, const struct lesson *early, struct scene *late,
                 const struct churn_model *now, struct crew *crew)
{
    struct fit then;
    struct stack stack = {0};
    int r = fit_then(late, now, crew, &then);
    if (r < 0 || then.stop == FIT_TOO_FEW || then.stop == FIT_SKIPPED)
        return r;
    if (!learn(&stack, early, late, &then.model, out->trial_days))
        return 0;
    /* learn has asked the model last, and done with the log-odds */
    double *by_model = late->log_odds;
    memcpy(by_model, late->p, late->n * sizeof *by_model);
    ask_stack(late, &stack);
    verdict_contest(by_model, late->p, late->came, late->n, &out->contest);
    out->has_brier = 1;
    return 0;
}

static const char *choose(struct calibration *c)
{
    c->published = c->has_stack && c->asked == CALIBRATION_STACK;
    if (c->asked == CALIBRATION_OFF)
        return "not asked for; for the backtest only";
    if (!c->has_stack)
        return "too short a history, or too few customers who come back or stay away";
    if (c->asked == CALIBRATION_STACK)
        return "asked for";
    if (!c->has_brier)
        return "nothing to judge the stack by: the history is too short";
    c->published = verdict_better(&c->contest);
    if (verdict_tied(&c->contest))
        return c->published
                   ? "Brier scores no further apart than chance; the stack has the smaller "
                     "log loss"
                   : "Brier scores no further apart than chance; the model has the smaller "
                     "log loss";
    return c->published ? "the stack has the smaller Brier score"
                        : "the model has the smaller Brier score";
}

/* From both trials; 0 in out->has_stack where they teach nothing. */
static int learn_all(struct calibration *out, const struct scene *late, const struct scene *early,
                     struct scene *now, const struct fitted *fitted)
{
    size_t n = late->n + early->n;
    struct stack_case *cases = malloc(n * sizeof *cases + 1);
    const struct lesson both = {cases, n};
    if (!cases)
        return log_fail(STATUS_BUG, "out of memory to calibrate on %zu customers", n);
    memcpy(cases, late->cases, late->n * sizeof *cases);
    memcpy(cases + late->n, early->cases, early->n * sizeof *cases);
    out->has_stack = learn(&out->stack, &both, now, &fitted->model.churn, out->horizon_days);
    out->customers = late->n;
    free(cases);
    return 0;
}

int calibration_run(struct fitted *fitted, const struct rehearsal *rehearsal, const struct job *job,
                    struct crew *crew)
{
    const struct plan *plan = &job->work.plan;
    const struct churn_model *model = &fitted->model.churn;
    struct calibration *out = &fitted->calibration;
    struct scene now = {0}, late = {0}, early = {0};
    if (model->kind == CHURN_NONE || (plan->trial_days == 0 && job->calibration == CALIBRATION_OFF))
        return 0;
    *out = (struct calibration){.asked = job->calibration,
                                .tried = 1,
                                .trial_days = plan->trial_days,
                                .horizon_days = plan->churn_horizon_days};
    int r = scene_of(&now, rehearsal, REHEARSAL_NOW);
    if (r == 0)
        r = scene_of(&late, rehearsal, REHEARSAL_LATE);
    if (r == 0)
        r = scene_of(&early, rehearsal, REHEARSAL_EARLY);
    if (r == 0 && plan->trial_days > 0) {
        const struct lesson alone = {early.cases, early.n};
        r = learn_all(out, &late, &early, &now, fitted);
        if (r == 0 && out->has_stack)
            r = judge(out, &alone, &late, model, crew);
    }
    snprintf(out->reason, sizeof out->reason, "%s", choose(out));
    if (out->published)
        fitted->model.stack = out->stack;
    scene_free(&now);
    scene_free(&late);
    scene_free(&early);
    return r;
}
