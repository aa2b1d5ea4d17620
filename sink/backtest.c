/* SPDX-License-Identifier: Apache-2.0 */
/* All score rows are read into a few columns, in the order of (hash, id), and each ranking is one
 * stable sort of them: the same sums in the same order however the customers were dealt. Merging
 * statistics of shards instead would need the ranks of all of them anyway. */
#include "sink/backtest.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/radix.h"

#define ARENA_LIMIT   ((size_t)256 << 20)
#define PARTS_AT_ONCE 8
#define TOP_OF        5 /* the first fifth */

/* The customers with purchases, a column each, and room to sort them in. */
struct cases {
    size_t n, room;
    uint8_t *came;
    uint32_t *x, *days;            /* days: later purchase days */
    int64_t *worth;                /* later money, or later purchase days */
    uint64_t *key[FORECASTERS];    /* the greater the likelier to come back */
    uint64_t *takes[FORECASTERS];  /* the greater the more he is thought to spend */
    double *p[FORECAST_STACK + 1]; /* of coming back */
    double *expected;
    struct radix_item *item, *scratch;
    uint64_t *key_sorted;
    uint8_t *came_sorted;
    int64_t *worth_sorted;
    double *p_sorted;
};

struct column {
    void *array; /* a T ** */
    size_t size;
};

#define COLUMNS_OF_CASES 21

static void columns_of(struct cases *c, struct column columns[COLUMNS_OF_CASES])
{
    const struct column all[COLUMNS_OF_CASES] = {
        {&c->came, sizeof *c->came},
        {&c->x, sizeof *c->x},
        {&c->days, sizeof *c->days},
        {&c->worth, sizeof *c->worth},
        {&c->key[FORECAST_MODEL], sizeof *c->key[0]},
        {&c->key[FORECAST_STACK], sizeof *c->key[0]},
        {&c->key[FORECAST_RECENCY], sizeof *c->key[0]},
        {&c->key[FORECAST_SPEND], sizeof *c->key[0]},
        {&c->takes[FORECAST_MODEL], sizeof *c->takes[0]},
        {&c->takes[FORECAST_STACK], sizeof *c->takes[0]},
        {&c->takes[FORECAST_RECENCY], sizeof *c->takes[0]},
        {&c->takes[FORECAST_SPEND], sizeof *c->takes[0]},
        {&c->p[FORECAST_MODEL], sizeof *c->p[0]},
        {&c->p[FORECAST_STACK], sizeof *c->p[0]},
        {&c->expected, sizeof *c->expected},
        {&c->item, sizeof *c->item},
        {&c->scratch, sizeof *c->scratch},
        {&c->key_sorted, sizeof *c->key_sorted},
        {&c->came_sorted, sizeof *c->came_sorted},
        {&c->worth_sorted, sizeof *c->worth_sorted},
        {&c->p_sorted, sizeof *c->p_sorted},
    };
    memcpy(columns, all, sizeof all);
}

static void cases_free(struct cases *cases)
{
    struct column columns[COLUMNS_OF_CASES];
    columns_of(cases, columns);
    for (size_t i = 0; i < COLUMNS_OF_CASES; i++)
        free(*(void **)columns[i].array);
}

static int cases_room(struct cases *cases, size_t n)
{
    struct column columns[COLUMNS_OF_CASES];
    if (n <= cases->room)
        return 0;
    size_t room = cases->room * 2 > n ? cases->room * 2 : n + SCORES_PER_PART;
    columns_of(cases, columns);
    for (size_t i = 0; i < COLUMNS_OF_CASES; i++) {
        void **at = columns[i].array, *more = realloc(*at, room * columns[i].size);
        if (!more)
            return log_fail(STATUS_BUG, "out of memory to judge %zu customers", room);
        *at = more;
    }
    cases->room = room;
    return 0;
}

struct judging {
    const struct plan *plan;
    const struct fitted *fitted;
};

/* A number >= 0 as a key of the same order: IEEE 754 doubles rise as their bits do. */
static uint64_t key_of_share(double value)
{
    double positive = value + 0.0; /* -0 is 0 */
    uint64_t bits;
    memcpy(&bits, &positive, sizeof bits);
    return bits;
}

static uint64_t key_of_money(int64_t money)
{
    return (uint64_t)money ^ UINT64_C(1) << 63;
}

/* Both probabilities of coming back, whichever of them is churn_prob. */
static void add_shares(struct cases *cases, const struct judging *judging,
                       const struct score_columns *c, size_t i)
{
    const struct plan *plan = judging->plan;
    const struct model *model = &judging->fitted->model;
    const struct stack *stack = &judging->fitted->calibration.stack;
    const struct churn_horizon horizon = {.churn_horizon_days = plan->churn_horizon_days};
    struct stack_customer customer = {
        {c->purchase_days[i] - 1, c->last_day[i] - c->first_day[i], plan->as_of - c->first_day[i]},
        c->monetary_total[i]};
    double quiet = c->churn_prob[i];
    if (model->stack.horizon_days > 0)
        quiet = churn_outlook(&model->churn, customer.repeat, &horizon).churn_prob;
    cases->p[FORECAST_MODEL][cases->n] = c->flags[i] & ROW_MODEL ? 1.0 - quiet : 0.0;
    cases->p[FORECAST_STACK][cases->n] = 1.0 - stack_quiet(stack, &customer);
}

static void add_case(struct cases *cases, const struct judging *judging,
                     const struct score_columns *c, size_t i)
{
    const struct plan *plan = judging->plan;
    add_shares(cases, judging, c, i);
    size_t at = cases->n++;
    uint64_t recent = (uint64_t)(c->last_day[i] - plan->first_day);
    uint64_t spent = plan->has_amount ? key_of_money(c->monetary_total[i]) : c->purchase_days[i];
    cases->came[at] = (c->flags[i] & ROW_CAME_BACK) != 0;
    cases->x[at] = c->purchase_days[i] - 1;
    cases->days[at] = c->later_days[i];
    cases->worth[at] = plan->has_amount ? c->later_spend[i] : (int64_t)c->later_days[i];
    cases->expected[at] = c->expected_purchases[i];
    cases->key[FORECAST_MODEL][at] = key_of_share(cases->p[FORECAST_MODEL][at]);
    cases->key[FORECAST_STACK][at] = cases->takes[FORECAST_STACK][at] =
        key_of_share(cases->p[FORECAST_STACK][at]);
    cases->takes[FORECAST_MODEL][at] = c->flags[i] & ROW_SPEND
                                           ? key_of_money(c->expected_spend[i])
                                           : key_of_share(c->expected_purchases[i]);
    cases->key[FORECAST_RECENCY][at] = cases->takes[FORECAST_RECENCY][at] = recent;
    cases->key[FORECAST_SPEND][at] = cases->takes[FORECAST_SPEND][at] = spent;
}

static int read_part(struct cases *cases, const struct judging *judging, struct slice part,
                     struct arena *arena)
{
    struct score_columns columns;
    arena_reset(arena);
    if (wire_scores_read(part, arena, &columns) != 0)
        return log_fail(STATUS_BUG, "scores that were committed cannot be read again");
    int r = cases_room(cases, cases->n + columns.n);
    for (size_t i = 0; r == 0 && i < columns.n; i++)
        if (!(columns.flags[i] & ROW_REFUND_ONLY))
            add_case(cases, judging, &columns, i);
    return r;
}

static int read_cases(struct cases *cases, struct committed *parts, const struct judging *judging)
{
    struct arena *arena = arena_new(ARENA_LIMIT);
    int r = arena ? cases_room(cases, 1) : log_fail(STATUS_BUG, "out of memory for a backtest");
    committed_rewind(parts);
    while (r == 0 && (r = committed_next(parts, PARTS_AT_ONCE)) == 0)
        for (size_t i = 0; r == 0 && i < parts->n; i++)
            r = read_part(cases, judging, parts->part[i], arena);
    arena_destroy(&arena);
    return r < 0 ? r : 0;
}

/* The columns that the statistics want, by rising key. */
static void sort_cases(struct cases *cases, const uint64_t *key, const double *p)
{
    for (size_t i = 0; i < cases->n; i++)
        cases->item[i] = (struct radix_item){key[i], i};
    radix_sort(cases->item, cases->scratch, cases->n);
    for (size_t i = 0; i < cases->n; i++) {
        size_t who = (size_t)cases->item[i].value;
        cases->key_sorted[i] = cases->item[i].key;
        cases->came_sorted[i] = cases->came[who];
        cases->worth_sorted[i] = cases->worth[who];
        cases->p_sorted[i] = p[who];
    }
}

static double captured(struct cases *cases, const uint64_t *key, int64_t whole)
{
    size_t top = (2 * cases->n + TOP_OF) / (2 * TOP_OF); /* floor(n / 5 + 1/2) */
    if (whole <= 0)
        return -1.0;
    sort_cases(cases, key, cases->expected);
    return verdict_captured(cases->key_sorted, cases->worth_sorted, cases->n, top) / (double)whole;
}

static void judge(struct backtest *out, enum forecaster who, struct cases *cases, int64_t whole)
{
    struct backtest_forecast *by = &out->by[who];
    *by = (struct backtest_forecast){.present = 1, .mean_error = -1};
    int has_p = who <= FORECAST_STACK;
    const double *p = has_p ? cases->p[who] : cases->expected;
    sort_cases(cases, cases->key[who], p);
    by->auc = verdict_auc(cases->key_sorted, cases->came_sorted, cases->n);
    if (who == FORECAST_MODEL)
        by->mean_error = verdict_mean_error(cases->expected, cases->days, cases->n);
    if (has_p) {
        by->has_p = 1;
        by->brier = verdict_brier(p, cases->came, cases->n);
        verdict_deciles(cases->p_sorted, cases->came_sorted, cases->n, by->decile);
    }
    by->captured = captured(cases, cases->takes[who], whole);
}

static int add_up(struct backtest *out, const struct cases *cases, int64_t *whole)
{
    *whole = 0;
    out->customers = cases->n;
    for (size_t i = 0; i < cases->n; i++) {
        out->came_back += cases->came[i];
        out->later_days += cases->days[i];
        if (__builtin_add_overflow(*whole, cases->worth[i], whole))
            return log_fail(STATUS_DATA, "the money after the split does not fit in 9.2e14");
    }
    out->later_spend = *whole;
    return 0;
}

static int is_present(enum forecaster who, const struct fitted *fitted)
{
    if (who == FORECAST_STACK)
        return fitted->calibration.has_stack;
    return who != FORECAST_MODEL || fitted->model.churn.kind != CHURN_NONE;
}

int backtest_run(struct backtest *backtest, struct committed *parts, const struct plan *plan,
                 const struct fitted *fitted)
{
    struct cases cases = {0};
    const struct judging judging = {plan, fitted};
    int64_t whole;
    *backtest = (struct backtest){0};
    int r = read_cases(&cases, parts, &judging);
    if (r == 0)
        r = add_up(backtest, &cases, &whole);
    for (int who = 0; r == 0 && who < FORECASTERS; who++)
        if (is_present((enum forecaster)who, fitted))
            judge(backtest, (enum forecaster)who, &cases, whole);
    if (r == 0)
        verdict_frequencies(cases.x, cases.days, cases.expected, cases.n, backtest->frequency);
    cases_free(&cases);
    return r;
}
