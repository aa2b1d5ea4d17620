/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/planning.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "common/log.h"
#include "score/day.h"
#include "score/rfm.h"

#define REJECTS_FREE  10 /* the share of rejects counts beyond these */
#define WALLET_WINDOW 365
#define DAYS_SHOWN    7
#define SAMPLE        65536 /* customers the models are chosen on: POPULATION_SAMPLE of the sink */
#define SAMPLE_MARGIN 64
#define SAMPLE_SIGMAS 10

int planning_too_many(const struct settings_reading *reading, uint64_t rows, uint64_t rejects)
{
    if (reading->max_rejects >= 0)
        return rejects > (uint64_t)reading->max_rejects;
    if (rejects <= REJECTS_FREE || rows == 0)
        return 0;
    return (double)rejects * (double)PLAN_MILLION >
           (double)reading->max_rejects_millionths * (double)rows;
}

/* For its churn_prob, or to be shown beside the model in a backtest. */
static int wants_stack(const struct settings_scoring *scoring)
{
    return scoring->stack || scoring->calibrate != CALIBRATION_OFF || scoring->split != DAY_NONE;
}

/* As long as the churn horizon, if two such trials fit into half of the ledger: the other half is what
 * was known before the first. */
static int32_t trial_days(const struct settings_scoring *scoring, const struct plan *plan)
{
    int32_t quarter = (plan->as_of - plan->first_day) / 4;
    int frozen = scoring->model && !(scoring->refit & REFIT_CHURN);
    if (!wants_stack(scoring) || frozen || scoring->churn_choice == CHURN_OFF)
        return 0;
    return quarter < plan->churn_horizon_days ? quarter : plan->churn_horizon_days;
}

/* How many of its smallest hashes a shard must send so that the smallest of all are among them: the
 * expected number and ten standard deviations more; one run in 10^20 would miss one, and say so. */
static uint32_t sample_per_shard(const struct settings_scoring *scoring, uint32_t shards)
{
    int frozen = scoring->model && !(scoring->refit & REFIT_CHURN);
    double expected = (double)SAMPLE / shards;
    if ((scoring->churn_choice != CHURN_AUTO && !wants_stack(scoring)) || frozen)
        return 0;
    return (uint32_t)(expected + SAMPLE_SIGMAS * sqrt(expected)) + SAMPLE_MARGIN;
}

/* 365 days, or half the ledger's span where that is shorter. */
static int32_t wallet_window(const struct plan *plan)
{
    int32_t half = (plan->as_of - plan->first_day) / 2;
    if (half < 1)
        half = 1;
    return half < WALLET_WINDOW ? half : WALLET_WINDOW;
}

static int nothing_left(const struct facts *facts, const struct plan *plan, const char *flag)
{
    char as_of[11];
    if (facts->accepted == 0)
        return log_fail(STATUS_DATA,
                        "no row is left to score: of %" PRIu64 " rows %" PRIu64
                        " have no customer, %" PRIu64
                        " are rejects; --map says which columns are meant",
                        facts->rows_in, facts->anonymous.rows, facts_rejects(facts));
    day_print(plan->as_of, as_of);
    return log_fail(STATUS_DATA, "no row is left to score: all lie after --%s %s", flag, as_of);
}

/* The scores are of the split; what lies after it, up to the as-of, is what they are judged by. */
static int plan_split(const struct settings_scoring *scoring, struct plan *plan)
{
    int32_t last = plan->as_of, *horizon[] = {&plan->horizon_days, &plan->churn_horizon_days};
    char split[11], end[11];
    if (scoring->split == DAY_NONE || last == DAY_NONE)
        return 0;
    plan->as_of = scoring->split;
    day_print(plan->as_of, split);
    day_print(last, end);
    if (last <= plan->as_of)
        return log_fail(STATUS_DATA, "no row lies after --split %s: the ledger ends on %s", split,
                        end);
    plan->holdout_days = last - plan->as_of;
    for (int i = 0; i < 2; i++) {
        *horizon[i] = *horizon[i] > 0 ? *horizon[i] : plan->holdout_days;
        if (*horizon[i] > plan->holdout_days)
            return log_fail(STATUS_DATA,
                            "--%s %d reaches past the ledger's end: from --split %s to %s are %d "
                            "days",
                            i == 0 ? "horizon" : "churn-horizon", (int)*horizon[i], split, end,
                            (int)plan->holdout_days);
    }
    return 0;
}

static int plan_ledger(const struct settings *settings, const struct facts *facts,
                       struct plan *plan)
{
    const struct settings_reading *reading = &settings->reading;
    plan->as_of = reading->as_of != DAY_NONE ? reading->as_of : facts_last_day(facts, DAY_NONE);
    int r = plan_split(&settings->scoring, plan);
    if (r < 0)
        return r;
    plan->first_day = facts->accepted > 0 ? facts_first_day(facts, plan->as_of) : DAY_NONE;
    return 0;
}

/* Days are counted back from the as-of, whatever that is; where nobody said, no date is shown. */
static void plan_summary(const struct settings_reading *reading, const struct facts *facts,
                         struct plan *plan)
{
    int said = reading->as_of != DAY_NONE;
    plan->summary = said ? PLAN_SUMMARY_DATED : PLAN_SUMMARY_UNDATED;
    plan->as_of = said ? reading->as_of : 0;
    plan->first_day =
        facts->accepted > 0 ? plan->as_of + facts_first_day(facts, DAY_NONE) : DAY_NONE;
    plan->has_order = 0;
}

/* Without amounts nobody has an m_score. */
static int check_segments(const struct plan *plan)
{
    const struct plan_segments *segments = &plan->segments;
    for (int32_t i = 0; i < segments->n && !plan->has_amount; i++)
        if (segments->rule[i].to[RFM_MONETARY] > 0)
            return log_fail(STATUS_DATA,
                            "the segment '%s' asks for m scores, and the ledger has no amounts; "
                            "--map amount=COLUMN names them, --segments other rules",
                            segments->rule[i].name);
    return 0;
}

int planning_work(const struct settings *settings, const struct facts *facts, uint32_t shards,
                  struct work_plan *work)
{
    struct plan *plan = &work->plan;
    *plan = settings->scoring.plan;
    work->shards = shards;
    work->sample_per_shard = sample_per_shard(&settings->scoring, shards);
    plan->has_amount = facts->has_amount != 0;
    plan->has_order = facts->has_order != 0;
    plan->decimals = (int32_t)facts->decimals;
    int r = 0;
    if (settings->reading.summary_days)
        plan_summary(&settings->reading, facts, plan);
    else
        r = plan_ledger(settings, facts, plan);
    if (r < 0)
        return r;
    if (plan->first_day == DAY_NONE)
        return nothing_left(facts, plan, settings->scoring.split == DAY_NONE ? "as-of" : "split");
    r = check_segments(plan);
    if (r < 0)
        return r;
    plan->trial_days = trial_days(&settings->scoring, plan);
    if (plan->wallet_window_days == 0)
        plan->wallet_window_days = wallet_window(plan);
    return 0;
}

void planning_log(const struct facts *facts, const struct plan *plan)
{
    char as_of[11], words[256];
    size_t n = 0;
    if (plan->summary) {
        log_say(LOG_INFO, "a summary: days count back from the one it speaks of%s",
                plan->summary == PLAN_SUMMARY_DATED ? "" : "; --as-of names it, for dates");
        return;
    }
    words[0] = '\0';
    for (int32_t day = plan->as_of - DAYS_SHOWN + 1; day <= plan->as_of; day++)
        n += (size_t)snprintf(words + n, sizeof words - n, " %" PRIu64,
                              calendar_count(&facts->days, day));
    day_print(plan->as_of, as_of);
    log_say(LOG_INFO, "as of %s; rows of its last %d days:%s", as_of, DAYS_SHOWN, words);
    if (facts_rejects(facts) > 0)
        log_say(LOG_WARN, "%" PRIu64 " of %" PRIu64 " rows are rejects; rejects.csv says why",
                facts_rejects(facts), facts->rows_in);
}
