/* SPDX-License-Identifier: Apache-2.0 */
/* The integral is a hypergeometric function F(1, b; c; -z) with z = |alpha - beta| over the smaller
 * of alpha + age and beta + age, and Gauss's continued fraction for it has positive terms only: a
 * dozen where alpha and beta are alike, as in fits they are. Where z is large it would need sqrt(z)
 * of them. There the integral goes by the logarithm of time, panel by panel of Gauss-Legendre, until
 * age has made alpha and beta alike. The textbook's power series for F was refused: it goes like
 * (z / (1 + z))^k, and 2F1's formulas for large z divide by the sine of pi s. */
#include "score/race.h"

#include <math.h>

#include "score/special.h"
#include "score/special_table.h"

#define ENOUGH       0x1p-53
#define STEPS        64   /* 49 are the most it takes */
#define Z_LARGEST    24.0 /* of the fraction */
#define PANEL_WIDTH  1.0  /* the nearest singularity is pi from the real axis */
#define PANEL_FALL   4.0  /* e^-4 from one end of a panel to the other, or so */
#define NEGLIGIBLE   0x1p-58
#define PANELS_LIMIT 4000

/* F(1, p; p + q; -z) for p, q > 0, z >= 0, by Lentz's method; c is p + q - 1, which rounding may
 * not make 0. */
static double fraction(double p, double q, double c, double z)
{
    double over = 1.0, under = 0.0, value = 1.0, last = 0.0;
    for (int n = 0; n < STEPS && fabs(last - 1.0) > ENOUGH; n++) {
        double odd = z * ((p + n) * (c + n) / ((c + 2 * n) * (c + 2 * n + 1)));
        over = 1.0 + odd / over;
        under = 1.0 / (1.0 + odd * under);
        value *= over * under;
        double even = z * ((n + 1) * (q + n) / ((c + 2 * n + 1) * (c + 2 * n + 2)));
        over = 1.0 + even / over;
        under = 1.0 / (1.0 + even * under);
        last = over * under;
        value *= last;
    }
    return 1.0 / value;
}

/* From the later of the two clocks' starts, alpha or beta years before the first purchase: the
 * logarithm v of time from there runs slower for the other clock. With f the quotient of the two
 * times now, the integral is
 *   scale * integral over v >= 0 of e^-(m v + n ln(1 + f (e^v - 1))). */
struct clocks {
    const struct race *race;
    int buying; /* alpha is the smaller */
    double z;
    double f;
    double m;
    double n;
    double scale;
};

static struct clocks clocks_of(const struct race *race)
{
    struct clocks out = {.race = race, .buying = race->alpha < race->beta};
    double alpha = race->alpha + race->age, beta = race->beta + race->age;
    out.z = out.buying ? (race->beta - race->alpha) / alpha : (race->alpha - race->beta) / beta;
    out.f = out.buying ? alpha / beta : beta / alpha;
    out.m = out.buying ? race->rho - 1.0 : race->s;
    out.n = out.buying ? race->s + 1.0 : race->rho;
    out.scale = out.buying ? race->s * out.f : race->s;
    return out;
}

/* Once v has passed, e^-v of z is left. */
static double by_fraction(const struct clocks *self, double z)
{
    double rho = self->race->rho, s = self->race->s, c = rho + s;
    if (self->buying)
        return s / c * fraction(rho, s + 1.0, c, z);
    return s / c * (1.0 + z) * fraction(s + 1.0, rho, c, z);
}

static double panel(const struct clocks *self, double from, double width)
{
    double sum = 0.0;
    for (int i = 0; i < SPECIAL_LEGENDRE; i++) {
        double v = from + width * special_legendre_table[i].at;
        double fall = self->m * v + self->n * special_log1p(self->f * special_expm1(v));
        sum += special_legendre_table[i].weight * special_exp(-fall);
    }
    return self->scale * width * sum;
}

/* How much less likely than now it is that he is there at v and has not bought. */
static double left_at(const struct clocks *self, double v)
{
    double other = special_log1p(self->f * special_expm1(v));
    double m = self->buying ? self->race->rho : self->m;
    double n = self->buying ? self->race->s : self->n;
    return special_exp(-(m * v + n * other));
}

static double by_panels(const struct clocks *self)
{
    double sum = 0.0, v = 0.0, left = 1.0, last = special_log(self->z / Z_LARGEST);
    for (int i = 0; i < PANELS_LIMIT && v < last; i++) {
        double grown = special_exp(v) * self->f;
        double slope = fabs(self->m) + self->n * (grown / (1.0 + (grown - self->f)));
        double width = PANEL_FALL / slope < PANEL_WIDTH ? PANEL_FALL / slope : PANEL_WIDTH;
        width = last - v < width ? last - v : width;
        sum += panel(self, v, width);
        v += width;
        left = left_at(self, v);
        if (left <= NEGLIGIBLE * sum)
            return sum;
    }
    return sum + left * by_fraction(self, self->z * special_exp(-v));
}

double race_left_first(const struct race *self)
{
    struct clocks clocks = clocks_of(self);
    double p = clocks.z > Z_LARGEST ? by_panels(&clocks) : by_fraction(&clocks, clocks.z);
    return p < 1.0 ? p : 1.0;
}
