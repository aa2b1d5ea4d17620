/* SPDX-License-Identifier: Apache-2.0 */
/* With one slope, the best intercepts of a given slope are quantiles of residuals, so what is left
 * is a convex piecewise linear function of one variable, whose slope is known exactly up to rounding:
 * -sum x psi with the weights of the points on the line chosen so that each group's psi add up to 0
 * (which is dual feasibility). Bisection on its sign ends at the vertex that simplex would find, in
 * some hundred linear passes without a matrix; an interior point method gets as near and no
 * nearer, and needs normal equations that are singular in thin groups. */
#include "score/quantile_line.h"

#include <math.h>
#include <string.h>

#include "score/quantile.h"

#define MILLION  INT64_C(1000000)
#define DOUBLING 1000 /* of the bracket: beyond any double */
#define HALVING  200

int64_t quantile_line_key(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits - 1 : bits;
}

double quantile_line_value(int64_t key)
{
    double value;
    int64_t bits = key < 0 ? INT64_MIN - key - 1 : key;
    memcpy(&value, &bits, sizeof value);
    return value;
}

size_t quantile_line_rank(size_t n, int64_t tau_millionths)
{
    /* ceil(tau n) - 1 in integers: n = q 10^6 + r */
    size_t whole = n / (size_t)MILLION, rest = n % (size_t)MILLION, tau = (size_t)tau_millionths;
    size_t rank = whole * tau + (rest * tau + (size_t)MILLION - 1) / (size_t)MILLION;
    return rank > 0 ? rank - 1 : 0;
}

/* One group's part of the derivative by the slope, and whether it has two different x. */
static double derivative_of(const struct quantile_line_points *points, size_t group, double slope,
                            int64_t *scratch)
{
    const double *x = points->x + points->first[group], *y = points->y + points->first[group];
    size_t n = points->first[group + 1] - points->first[group], on = 0;
    double tau = (double)points->tau_millionths / (double)MILLION, psi = 0, sum = 0, on_x = 0;
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        scratch[i] = quantile_line_key(y[i] - slope * x[i]);
    size_t rank = quantile_line_rank(n, points->tau_millionths);
    quantile_select(scratch, n, rank);
    int64_t intercept = scratch[rank];
    for (size_t i = 0; i < n; i++) {
        int64_t key = quantile_line_key(y[i] - slope * x[i]);
        double weight = key > intercept ? tau : tau - 1;
        if (key == intercept) {
            on++;
            on_x += x[i];
            continue;
        }
        psi += weight;
        sum += weight * (x[i] - x[0]);
    }
    /* the points on the line share what is missing; x - x[0] keeps a group of one x at exactly 0 */
    return -(sum - psi * (on_x / (double)on - x[0]));
}

static double derivative(const struct quantile_line_points *points, double slope, int64_t *scratch)
{
    double sum = 0;
    for (size_t g = 0; g < points->n_groups; g++)
        sum += derivative_of(points, g, slope, scratch);
    return sum;
}

static int varies(const struct quantile_line_points *points)
{
    for (size_t g = 0; g < points->n_groups; g++)
        for (size_t i = points->first[g] + 1; i < points->first[g + 1]; i++)
            if (points->x[i] != points->x[i - 1])
                return 1;
    return 0;
}

double quantile_line_slope(const struct quantile_line_points *points, double tolerance,
                           int64_t *scratch)
{
    double low = -1, high = 1;
    if (!varies(points))
        return 1;
    for (int i = 0; i < DOUBLING && derivative(points, low, scratch) >= 0; i++)
        low *= 2;
    for (int i = 0; i < DOUBLING && derivative(points, high, scratch) < 0; i++)
        high *= 2;
    for (int i = 0; i < HALVING; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high || high - low <= tolerance * fabs(middle))
            break;
        if (derivative(points, middle, scratch) < 0)
            low = middle;
        else
            high = middle;
    }
    return high;
}
