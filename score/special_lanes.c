/* SPDX-License-Identifier: Apache-2.0 */
/* Loops without a branch: an argument that the short way does not take goes it with another one in its
 * place, and is done again by special.c afterwards, which hardly ever happens. */
#include "score/special_lanes.h"

#include <float.h>
#include <string.h>

#include "score/special.h"
#include "score/special_parts.h"

static inline double exp_near(double x)
{
    struct reduced at = exp_reduce(x);
    double scale = exp_scale(at.steps);
    double rest = special_exp_table[at.steps % SPECIAL_EXP_STEPS].rest;
    double tail = rest + (at.rest + at.rest * at.rest * exp_tail(at.rest));
    return scale + scale * tail;
}

/* Far down, where many an x is, there is nothing to be worked out. */
static inline int exp_far(double x)
{
    return !(fabs(x) < EXP_NEAR) & !(x < EXP_UNDERFLOW);
}

void special_exp_lanes(double *x)
{
    double near[SPECIAL_LANES];
    uint64_t far = 0;
    for (int i = 0; i < SPECIAL_LANES; i++) {
        near[i] = one_of(fabs(x[i]) < EXP_NEAR, x[i], 0.0);
        far |= (uint64_t)exp_far(x[i]);
    }
    for (int i = 0; i < SPECIAL_LANES; i++)
        near[i] = one_of(x[i] < EXP_UNDERFLOW, 0.0, exp_near(near[i]));
    for (int i = 0; far && i < SPECIAL_LANES; i++)
        if (exp_far(x[i]))
            near[i] = special_exp(x[i]);
    memcpy(x, near, sizeof near);
}

static inline double log_near(double x)
{
    struct log_sum sum = log_sum(x, 0.0);
    return sum.high + (sum.low + sum.r * sum.r * log_tail(sum.r));
}

void special_log_lanes(double *x)
{
    double near[SPECIAL_LANES];
    uint64_t far = 0;
    for (int i = 0; i < SPECIAL_LANES; i++) {
        int is_far = !((x[i] >= DBL_MIN) & (x[i] <= LOG_LARGEST));
        near[i] = one_of(is_far, 1.0, x[i]);
        far |= (uint64_t)is_far;
    }
    for (int i = 0; i < SPECIAL_LANES; i++)
        near[i] = log_near(near[i]);
    for (int i = 0; far && i < SPECIAL_LANES; i++)
        if (!(x[i] >= DBL_MIN && x[i] <= LOG_LARGEST))
            near[i] = special_log(x[i]);
    memcpy(x, near, sizeof near);
}

/* ln(1 + x) for -1 < x <= LOG_LARGEST: what special_log1p has for an x near 0, and for the others. */
static inline double log1p_near(double x)
{
    int is_small = fabs(x) <= LOG_NEAR;
    struct pair u = sum_exact(1.0, x);
    struct log_sum sum = log_sum(u.high, u.low);
    double r = one_of(is_small, x, sum.r);
    double tail = r * r * log_tail(r);
    return one_of(is_small, x, sum.high) + one_of(is_small, tail, sum.low + tail);
}

void special_log1p_lanes(double *x)
{
    double near[SPECIAL_LANES];
    uint64_t far = 0;
    for (int i = 0; i < SPECIAL_LANES; i++) {
        int is_far = !((x[i] > -1.0) & (x[i] <= LOG_LARGEST));
        near[i] = one_of(is_far, 0.0, x[i]);
        far |= (uint64_t)is_far;
    }
    for (int i = 0; i < SPECIAL_LANES; i++)
        near[i] = log1p_near(near[i]);
    for (int i = 0; far && i < SPECIAL_LANES; i++)
        if (!(x[i] > -1.0 && x[i] <= LOG_LARGEST))
            near[i] = special_log1p(x[i]);
    memcpy(x, near, sizeof near);
}
