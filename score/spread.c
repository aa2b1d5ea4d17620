/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing parameters would cost a hundred forecasts a customer and have an error of its own; the
 * delta method costs one for each parameter. It works on logarithms, where parameters are nearest to
 * normal, no end is negative, and the part of spend adds to the part of purchases. */
#include "score/spread.h"

#include <math.h>
#include <string.h>

#include "score/bits.h"
#include "score/money.h"
#include "score/special.h"

#define Z90       1.6448536269514722
#define KNOWN     1e-9 /* of a variance: less is rounding */
#define ROOT_2PI  2.5066282746310002
#define SERIES_TO 3.0 /* |z| up to which the series is used */
#define TERMS     200 /* at most, of the series */

/* Lower root of a covariance; 0 when it is none. Where something is known by what goes before it, as where a
 * fit ran off, its column is 0. */
static int root_of(const double matrix[CHURN_PARAMETERS][CHURN_PARAMETERS], int32_t n,
                   double root[CHURN_PARAMETERS][CHURN_PARAMETERS])
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j <= i; j++) {
            double sum = matrix[i][j];
            for (int32_t k = 0; k < j; k++)
                sum -= root[i][k] * root[j][k];
            if (i == j && !(sum >= -KNOWN * matrix[i][i]))
                return 0;
            if (i == j)
                root[i][j] = sum > KNOWN * matrix[i][i] ? sqrt(sum) : 0;
            else
                root[i][j] = root[j][j] > 0 ? sum / root[j][j] : 0;
        }
    return 1;
}

struct spread_axes spread_axes_of(const struct churn_model *model,
                                  const struct uncertainty *uncertainty)
{
    struct spread_axes axes = {0};
    double root[CHURN_PARAMETERS][CHURN_PARAMETERS] = {{0}};
    int32_t n = churn_parameters(model->kind);
    if (!root_of(uncertainty->churn, n, root))
        return axes;
    for (int32_t j = 0; j < n; j++) {
        if (root[j][j] <= 0)
            continue;
        struct churn_model *moved = &axes.moved[axes.n++];
        *moved = *model;
        for (int32_t i = j; i < n; i++)
            moved->parameter[i] *= special_exp(SPREAD_STEP * root[i][j]);
    }
    return axes;
}

int spread_spend_known(const struct spend_model *model, const struct uncertainty *uncertainty)
{
    const double(*of)[3] = uncertainty->spend;
    return model->kind != SPEND_GAMMA_GAMMA || of[0][0] + of[1][1] + of[2][2] > 0;
}

void spread_of_spend(const struct spend_model *model, const struct uncertainty *uncertainty,
                     const double *x, const double *m, double *spread)
{
    double sums[SPECIAL_LANES] = {0};
    for (int lane = 0; model->kind == SPEND_GAMMA_GAMMA && lane < SPECIAL_LANES; lane++) {
        int known = (x[lane] > 0) & (m[lane] > 0);
        double bought = one_of(known, x[lane], 0), mean = one_of(known, m[lane], 0);
        double px = model->p * bought, xm = bought * mean, below = px + (model->q - 1);
        double slope[3] = {1 - px / below, -model->q / below, model->v / (model->v + xm)}, sum = 0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                sum += slope[i] * slope[j] * uncertainty->spend[i][j];
        sums[lane] = sum;
    }
    for (int lane = 0; lane < SPECIAL_LANES; lane++)
        spread[lane] = sums[lane] > 0 ? sqrt(sums[lane]) : 0;
}

void spread_of(const double (*moved)[SPECIAL_LANES], int32_t n, const double *discounted,
               double *spread)
{
    double sum[SPECIAL_LANES], change[SPECIAL_LANES];
    for (int lane = 0; lane < SPECIAL_LANES; lane++)
        sum[lane] = spread[lane] * spread[lane];
    for (int32_t j = 0; j < n; j++) {
        for (int lane = 0; lane < SPECIAL_LANES; lane++) {
            int known = (moved[j][lane] > 0) & (discounted[lane] > 0);
            double to = one_of(known, moved[j][lane], 1), from = one_of(known, discounted[lane], 1);
            change[lane] = (to - from) / from;
        }
        special_log1p_lanes(change);
        for (int lane = 0; lane < SPECIAL_LANES; lane++) {
            double steps = change[lane] / SPREAD_STEP;
            sum[lane] += steps * steps;
        }
    }
    for (int lane = 0; lane < SPECIAL_LANES; lane++)
        spread[lane] = sum[lane] < SPREAD_MOST * SPREAD_MOST ? sqrt(sum[lane]) : SPREAD_MOST;
}

int64_t spread_low(int64_t clv, double spread)
{
    return money_from_units(money_units(clv) * special_exp(-Z90 * spread));
}

int64_t spread_high(int64_t clv, double spread)
{
    return money_from_units(money_units(clv) * special_exp(Z90 * spread));
}

static void ends_at(double z, const int64_t *clv, const double *spread, size_t n, int64_t *end)
{
    double factor[SPECIAL_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        factor[i] = z * spread[i];
    special_exp_lanes(factor);
    for (size_t i = 0; i < n; i++)
        end[i] = money_from_units(money_units(clv[i]) * factor[i]);
}

void spread_ends(const int64_t *clv, const double *spread, size_t n, int64_t *low, int64_t *high)
{
    ends_at(-Z90, clv, spread, n, low);
    ends_at(Z90, clv, spread, n, high);
}

/* 1 - Phi(z) for large z: the continued fraction z + 1/(z + 2/(z + 3/(...))), from its end. Of z = 3
 * some 40 levels are enough, of z = 10 a dozen. */
static double tail(double z, double density)
{
    double fraction = z;
    for (int k = 16 + (int)(400 / (z * z)); k >= 1; k--)
        fraction = z + k / fraction;
    return density / fraction;
}

double spread_normal(double z)
{
    double size = fabs(z);
    if (size > 38)
        return z > 0 ? 1 : 0;
    double density = special_exp(-size * size / 2) / ROOT_2PI;
    if (size > SERIES_TO)
        return z > 0 ? 1 - tail(size, density) : tail(size, density);
    double term = z, sum = z; /* Phi = 1/2 + density (z + z^3/3 + z^5/(3 5) + ...) */
    for (int k = 3; k < TERMS && fabs(term) > 1e-18 * fabs(sum); k += 2) {
        term *= z * z / k;
        sum += term;
    }
    return 0.5 + density * sum;
}

/* P(X < limit) */
static double below(int64_t value, double spread, int64_t limit)
{
    if (limit == INT64_MAX || limit == INT64_MIN)
        return limit == INT64_MAX;
    if (value <= 0 || spread <= 0)
        return value < limit;
    if (limit <= 0)
        return 0;
    return spread_normal(special_log(money_units(limit) / money_units(value)) / spread);
}

/* Whether a limit is so far on one side of a value that the tail behind it is lost beside 1: 8.5 standard
 * errors leave 1e-17. Of the logarithm between them as much is known without it: 1 - 1/r <= ln r <= r - 1. */
#define CERTAIN  8.5
#define ROUNDING 1e-12 /* of a limit: nearer ones leave too little of the ratio's digits */

static int surely_above(int64_t value, double spread, int64_t limit)
{
    if (limit == INT64_MAX)
        return 1;
    return value > 0 && limit > value &&
           (double)limit - (double)value > (CERTAIN * spread + ROUNDING) * (double)limit;
}

static int surely_not_above(int64_t value, double spread, int64_t limit)
{
    if (limit == INT64_MIN)
        return 1;
    return value > 0 && limit < value &&
           (double)value - (double)limit > (CERTAIN * spread + ROUNDING) * (double)value;
}

double spread_within(int64_t value, double spread, int64_t low, int64_t high)
{
    if (surely_not_above(value, spread, low) && surely_above(value, spread, high))
        return 1;
    double inside = below(value, spread, high) - below(value, spread, low);
    return inside > 0 ? inside : 0;
}
