/* SPDX-License-Identifier: Apache-2.0 */
/* What churn.c does for one customer, operation for operation. An outlook is two dozen of them, a logarithm
 * and an exponential; of five models and one after the other that was two fifths of a customer's
 * arithmetic. */
#include "score/churn_lanes.h"

#include <math.h>

#define DAYS_PER_WEEK 7.0
#define LANES         CHURN_HANDFUL
#define MODELS        (1 + CHURN_PARAMETERS)

struct presences {
    double there[LANES];
    double gone[LANES];
};

int churn_lanes_fit(const struct churn_model *model)
{
    return model->kind == CHURN_BGNBD || model->kind == CHURN_MBGNBD;
}

/* As dropout_silence. */
static void silence_of(const struct churn_lanes *lanes, double alpha, double *silence)
{
    for (int i = 0; i < LANES; i++)
        silence[i] = lanes->silent[i] / (alpha * DAYS_PER_WEEK + lanes->span[i]);
    special_log1p_lanes(silence);
}

static void presence_of(const struct churn_lanes *lanes, int model, double r, const double *silence,
                        struct presences *out)
{
    const double *standing = lanes->standing[model];
    double log_odds[LANES], rarer[LANES];
    for (int i = 0; i < LANES; i++) {
        log_odds[i] = standing[i] + (r + lanes->x[i]) * silence[i];
        rarer[i] = -fabs(log_odds[i]);
    }
    special_exp_lanes(rarer);
    for (int i = 0; i < LANES; i++) {
        double more = 1.0 / (1.0 + rarer[i]), less = rarer[i] / (1.0 + rarer[i]);
        out->there[i] = log_odds[i] > 0.0 ? less : more;
        out->gone[i] = log_odds[i] > 0.0 ? more : less;
    }
}

static void outlooks_of(const struct churn_lanes *lanes, const struct presences *presence,
                        struct churn_outlooks *out)
{
    for (int i = 0; i < LANES; i++) {
        double there = presence->there[i], silent = presence->gone[i] + there * lanes->quiet[i];
        out->p_alive[i] = there;
        out->churn_prob[i] = silent < 1.0 ? silent : 1.0;
        out->expected_purchases[i] = there * lanes->expected[i];
        out->discounted[i] = there * lanes->discounted[0][i];
    }
}

static void times(const double *a, const double *b, double *out)
{
    for (int i = 0; i < LANES; i++)
        out[i] = a[i] * b[i];
}

void churn_lanes_outlooks(const struct churn_lanes *lanes, const struct churn_model *model,
                          const struct churn_memory *memory, struct churn_outlooks *out)
{
    double silence[MODELS][LANES], alpha[MODELS];
    struct presences presence;
    for (int m = 0; m <= memory->n_moved; m++) {
        const double *parameter = m == 0 ? model->parameter : memory->moved[m - 1].parameter;
        int same = 0;
        alpha[m] = parameter[1];
        while (alpha[same] != alpha[m])
            same++;
        if (same == m)
            silence_of(lanes, alpha[m], silence[m]);
        presence_of(lanes, m, parameter[0], silence[same], &presence);
        if (m == 0)
            outlooks_of(lanes, &presence, out);
        else
            times(presence.there, lanes->discounted[m], out->moved[m - 1]);
    }
}
