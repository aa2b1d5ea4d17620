/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portrait.h"

#include <inttypes.h>

#include "cli/grid.h"
#include "cli/reckoning.h"

#define DAYS_PER_WEEK 7.0

static struct churn_horizon horizon_of(const struct plan *plan)
{
    return (struct churn_horizon){plan->horizon_days, plan->churn_horizon_days,
                                  plan->monthly_discount};
}

static void print_model(const struct dossier *d, FILE *out)
{
    const struct churn_model *model = &results_model(d->results)->churn;
    fprintf(out, "\nChurn score, by %s", churn_name(model->kind));
    if (model->regularity > 1)
        fprintf(out, " with k = %d", (int)model->regularity);
    for (int32_t i = 0; i < churn_parameters(model->kind); i++)
        fprintf(out, "%s%s %.6g", i ? ", " : ": ", churn_parameter_name(model->kind, i),
                model->parameter[i]);
    fprintf(out, "\n  chosen for: %s\n", d->results->reason);
}

/* What he usually does beside what he does now. */
static void print_rhythm(struct repeat seen, FILE *out)
{
    int32_t silent = seen.age_days - seen.span_days;
    if (seen.x == 0) {
        fprintf(out,
                "  silent for %" PRId32 " days after a single purchase day: no rhythm of his own\n",
                silent);
        return;
    }
    double gap = (double)seen.span_days / seen.x;
    fprintf(out,
            "  silent for %" PRId32 " days; came back %" PRIu32 " times, every %.3g days on "
            "average: the silence is %.2g times that\n",
            silent, seen.x, gap, silent / gap);
}

static void put_part(struct grid *grid, const char *name, double value, const char *words)
{
    grid_put(grid, "%s", name);
    grid_put(grid, "%.6g", value);
    grid_put(grid, "%s", words);
}

/* Which of the two made it. */
static void print_verdict(const struct dossier *d, const struct churn_outlook *outlook, FILE *out)
{
    double gone = 1 - outlook->p_alive, quiet = outlook->churn_prob - gone;
    fprintf(out,
            "  of %.3g %% that he does not buy within %d days, %.3g %% are that he has left "
            "already, %.3g %% that he is there and does not buy\n",
            100 * outlook->churn_prob, (int)d->results->plan.churn_horizon_days, 100 * gone,
            100 * (quiet > 0 ? quiet : 0));
}

static int is_stacked(const struct dossier *d)
{
    return results_model(d->results)->stack.horizon_days > 0;
}

static int print_parts(const struct dossier *d, struct repeat seen, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    const struct churn_model *model = &results_model(d->results)->churn;
    struct churn_horizon horizon = horizon_of(plan);
    struct churn_outlook outlook = churn_outlook(model, seen, &horizon);
    struct reckoning reckoning = reckoning_of(model, seen);
    struct grid grid = grid_of(3, 1U << 1);
    fprintf(out, "  x = %" PRIu32 ", t_x = %.6g, T = %.6g, h = %.6g weeks (%d days ahead)\n",
            seen.x, seen.span_days / DAYS_PER_WEEK, seen.age_days / DAYS_PER_WEEK,
            plan->churn_horizon_days / DAYS_PER_WEEK, (int)plan->churn_horizon_days);
    for (size_t i = 0; i < reckoning.n; i++)
        put_part(&grid, "", reckoning.part[i].value, reckoning.part[i].words);
    put_part(&grid, "p_alive", outlook.p_alive, reckoning.alive);
    if (*reckoning.condition) {
        grid_put(&grid, "%s", "");
        grid_put(&grid, "%s", "");
        grid_put(&grid, "%s", reckoning.condition);
    }
    put_part(&grid, "quiet", reckoning_quiet(&outlook), reckoning.quiet);
    grid_put(&grid, "%s", "");
    grid_put(&grid, "%s", "");
    grid_put(&grid, "no purchase in the %d days, if still a customer",
             (int)plan->churn_horizon_days);
    put_part(&grid, is_stacked(d) ? "by the model" : "churn_prob", outlook.churn_prob,
             "1 - p_alive (1 - quiet)");
    int r = grid_print(&grid, out, PORTRAIT_MARGIN);
    print_verdict(d, &outlook, out);
    return r;
}

/* The regression whose churn_prob is published instead. */
static int print_stack(const struct dossier *d, struct repeat seen, FILE *out)
{
    const struct stack *stack = &results_model(d->results)->stack;
    const struct stack_customer customer = {seen, d->seen.monetary_total};
    double feature[STACK_FEATURES];
    struct grid grid = grid_of(3, 1U << 1);
    if (!dossier_knows(d, DOSSIER_TOTAL)) {
        fprintf(out, "  churn_prob %s: by regression, on money that is not in scores.csv\n",
                portrait_cell(d, COLUMN_CHURN_PROB));
        return 0;
    }
    stack_features(&customer, feature);
    fputs("  churn_prob is not the model's but the stack's, by logistic regression\n", out);
    put_part(&grid, "", stack->intercept, "intercept");
    for (size_t i = 0; i < STACK_FEATURES; i++) {
        grid_put(&grid, "%s", "");
        grid_put(&grid, "%.6g", stack->weight[i] * feature[i]);
        grid_put(&grid, "%s: %.6g x %.6g", stack_feature_name(i), stack->weight[i], feature[i]);
    }
    put_part(&grid, "log odds", stack_log_odds(stack, feature), "of coming back: their sum");
    put_part(&grid, "churn_prob", stack_quiet(stack, &customer), "1 / (1 + e^(log odds))");
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

int portrait_churn_print(const struct dossier *d, FILE *out)
{
    if (d->row.flags & ROW_REFUND_ONLY)
        return 0;
    if (results_model(d->results)->churn.kind == CHURN_NONE) {
        fprintf(out, "\nChurn score\n  none: %s\n", d->results->reason);
        return 0;
    }
    print_model(d, out);
    if (!dossier_knows(d, DOSSIER_REPEAT)) {
        fprintf(out, "  p_alive %s, churn_prob %s: the dates it is made of are not in scores.csv\n",
                portrait_cell(d, COLUMN_P_ALIVE), portrait_cell(d, COLUMN_CHURN_PROB));
        return 0;
    }
    struct repeat seen = features_repeat(&d->seen, d->results->plan.as_of);
    print_rhythm(seen, out);
    int r = print_parts(d, seen, out);
    return r == 0 && is_stacked(d) ? print_stack(d, seen, out) : r;
}
