/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/trials.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/radix.h"
#include "score/day.h"
#include "score/sequel.h"

void trials_free(struct trials *trials)
{
    free(trials->spent);
    for (size_t t = 0; t < TRIALS; t++) {
        free(trials->days[t]);
        free(trials->span[t]);
        free(trials->age[t]);
        free(trials->then[t]);
        free(trials->came[t]);
    }
    *trials = (struct trials){0};
}

static int make_room(struct trials *trials, size_t n)
{
    if (n <= trials->room)
        return 0;
    trials_free(trials);
    trials->spent = malloc(n * sizeof *trials->spent);
    int whole = trials->spent != NULL;
    for (size_t t = 0; t < TRIALS; t++) {
        trials->days[t] = malloc(n * sizeof *trials->days[t]);
        trials->span[t] = malloc(n * sizeof *trials->span[t]);
        trials->age[t] = malloc(n * sizeof *trials->age[t]);
        trials->then[t] = malloc(n * sizeof *trials->then[t]);
        trials->came[t] = malloc(n * sizeof *trials->came[t]);
        whole = whole && trials->days[t] && trials->span[t] && trials->age[t] && trials->then[t] &&
                trials->came[t];
    }
    trials->room = whole ? n : 0;
    return whole ? 0 : log_fail(STATUS_BUG, "out of memory for the trials of %zu customers", n);
}

/* Sums of parts of what has been added up before, so nothing overflows. */
static struct features features_on(const struct lines *lines, int32_t day,
                                   struct order_line *scratch)
{
    struct plan plan = {.as_of = day, .rfm_window_days = PLAN_DAYS_ALL};
    struct tallies tallies = {0};
    struct features seen;
    if (history_features(lines, &plan, scratch, &seen, &tallies) != 0 || !seen.seen)
        return (struct features){.first_day = DAY_NONE, .last_day = DAY_NONE};
    return seen;
}

static int came_after(const struct lines *lines, int32_t day, int32_t days,
                      struct order_line *scratch)
{
    struct plan plan = {.as_of = day, .horizon_days = days, .churn_horizon_days = days};
    struct sequel sequel;
    return sequel_of(lines, &plan, scratch, &sequel) == 0 && sequel.came_back;
}

static void try_one(struct trials *trials, const struct trials_order *order, size_t i)
{
    struct lines lines = histories_lines(order->histories, (uint32_t)order->who[i].value);
    const struct plan *plan = order->plan;
    trials->spent[i] = features_on(&lines, plan->as_of, order->scratch).monetary_total;
    for (int32_t t = 0; t < TRIALS; t++) {
        int32_t day = plan->as_of - (t + 1) * plan->trial_days;
        struct features seen = features_on(&lines, day, order->scratch);
        int known = seen.last_day != DAY_NONE;
        trials->days[t][i] = known ? seen.purchase_days : 0;
        trials->span[t][i] = known ? seen.last_day - seen.first_day : 0;
        trials->age[t][i] = known ? day - seen.first_day : 0;
        trials->then[t][i] = known ? seen.monetary_total : 0;
        trials->came[t][i] =
            (uint8_t)(known && came_after(&lines, day, plan->trial_days, order->scratch));
    }
}

int trials_make(struct trials *trials, const struct trials_order *order, struct gathered *gathered)
{
    int r = make_room(trials, order->n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < order->n; i++)
        try_one(trials, order, i);
    gathered->n_trials = order->n;
    gathered->trial_spent = trials->spent;
    for (size_t t = 0; t < TRIALS; t++)
        gathered->trial[t] = (struct trial_columns){
            trials->days[t], trials->span[t], trials->age[t], trials->then[t], trials->came[t]};
    return 0;
}
