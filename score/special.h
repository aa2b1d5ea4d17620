/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPECIAL_H
#define SCORE_SPECIAL_H

/* Elementary and special functions made of + - * / and sqrt only (floor, ldexp, fabs besides),
 * contraction off, so that every host gives the same bits: libm does not (with FMA masked, glibc
 * 2.36 changes 698 of a million exp results on one machine). Errors are stated against the exact
 * value, in units in the last place (ulp), and measured by tests/reference. */

/* e^x. <= 1 ulp. Underflows to 0 below -745.13, +infinity above 709.78. */
double special_exp(double x);
/* e^x - 1, accurate for small x. <= 2 ulp. */
double special_expm1(double x);
/* Both of them at once, the same bits. */
struct special_grown {
    double exp;
    double expm1;
};
struct special_grown special_grow(double x);
/* ln x, x > 0 (0 gives -infinity). <= 1 ulp. */
double special_log(double x);
/* ln(1 + x), x > -1, accurate for small x. <= 2 ulp. */
double special_log1p(double x);
/* base^exponent for base > 0, by exp(exponent * log(base)) with the product in two doubles, so
 * that the relative error stays below 1e-14 while |exponent ln base| < 700. */
double special_pow(double base, double exponent);

/* The angle whose tangent is x, in (-pi/2, pi/2). Relative error <= 1e-15. */
double special_atan(double x);
/* The point at an angle on the unit circle. Errors <= 4e-16 for |angle| <= 1e6, and of the sine of a
 * small angle relative ones; somewhere on the circle for |angle| up to 1e15. */
struct special_point {
    double cos;
    double sin;
};
struct special_point special_circle(double angle);

/* ln Gamma(x), x > 0. Relative error <= 1e-15, at its zeros 1 and 2 too. */
double special_lgamma(double x);
/* ln Gamma(x + n) - ln Gamma(x) for x > 0, n >= 0, without the cancellation of two large terms.
 * Error <= 4e-15 of the larger of 1 and the value. */
double special_lgamma_rise(double x, double n);
/* psi(x) = d/dx ln Gamma(x), x > 0. Error <= 2e-15 of the larger of 1 and the value. */
double special_digamma(double x);
/* psi'(x), x > 0. Relative error <= 1e-15. */
double special_trigamma(double x);
/* ln B(a, b), a, b > 0. Error <= 2e-15 of the larger of 1 and the value. */
double special_lbeta(double a, double b);

#endif
