/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_MINIMISE_H
#define SCORE_MINIMISE_H

#include <stdint.h>

/* The lowest point of a smooth function of a few unbounded numbers (logarithms of parameters), by
 * Newton's method with first and second derivatives. */

#define MINIMISE_MOST 4

struct minimise_matrix {
    double row[MINIMISE_MOST][MINIMISE_MOST]; /* symmetric, both halves filled */
};

struct minimise_slope {
    double value;
    double gradient[MINIMISE_MOST];
    struct minimise_matrix hessian;
};

struct minimise_problem {
    int32_t n; /* numbers, 1..MINIMISE_MOST */
    void (*evaluate)(void *context, const double *at, struct minimise_slope *out);
    void *context;
    double gradient_small; /* Euclidean norm at which a point may be a minimum */
    /* A number that is pushed beyond one of these has run off; it is held there, and the others go
     * on. lowest[i] < highest[i] */
    double lowest[MINIMISE_MOST];
    double highest[MINIMISE_MOST];
    const struct minimise_end
        *known; /* an end of before, or NULL: who comes into its bowl need not go on */
};

enum minimise_stop {
    MINIMISE_CONVERGED, /* the gradient is small, and so is what Newton's step would still change */
    MINIMISE_RAN_OFF, /* as low as it gets, but held at a bound, or level in a direction that leads there */
    MINIMISE_FLAT,  /* no step improves, but the gradient is not small */
    MINIMISE_JOINED /* beside the known end, and not below it */
};

struct minimise_end {
    enum minimise_stop stop;
    double at[MINIMISE_MOST];
    struct minimise_slope slope; /* there */
    double gradient_norm;
    int32_t evaluations;
};

/* From start, which is moved within the bounds and may be an end's own place, to where it ends; finite there. */
void minimise_from(const struct minimise_problem *problem, const double *start,
                   struct minimise_end *end);

/* Inverse of a symmetric positive definite matrix of n rows; 0 done, 1 when it is not one. */
enum { MINIMISE_E_INDEFINITE = 1 };
int minimise_invert(const struct minimise_matrix *matrix, int32_t n,
                    struct minimise_matrix *inverse);

/* The same for what is level in some directions, as where parameters have run off: of those in which it curves
 * by less than least nothing is put in, the point being taken as it is. 1 where it is level in all, or is no
 * lowest point. */
int minimise_invert_steep(const struct minimise_matrix *matrix, int32_t n, double least,
                          struct minimise_matrix *inverse);

#endif
