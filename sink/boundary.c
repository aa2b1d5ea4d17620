/* SPDX-License-Identifier: Apache-2.0 */
/* A fit stops on its way to a limit, so words go by how far it has come: leaving is looked at first,
 * because it decides what a forecast says. Thresholds are loose, as what a parameter means changes by
 * the power of ten; which limit it is can be told from the parameters beside the words. */
#include "sink/boundary.h"

#include <stddef.h>

#include "score/special.h"

#define RARE   1e-3 /* a share, or a shape, that is as good as none */
#define COMMON 0.99 /* a share that is as good as all */
#define LARGE  1e3  /* a shape whose distribution is as good as a point */

#define AT_ONCE (1.0 / 7.0) /* weeks */
#define EVER    520.0       /* weeks: longer than ledgers are */
#define LATER   0.1         /* of those who ever leave, a share that is as good as none */

enum { R, ALPHA, A, B };
enum { S = A, BETA };

/* BG/NBD and its like: after a purchase, or but the first, a share drawn from Beta(a, b) leaves. */
static const char *dropout_words(enum churn_kind kind, const double *p)
{
    double share = p[A] / (p[A] + p[B]);
    if (share < RARE)
        return "nobody is seen to leave: it is NBD, and p_alive says nothing";
    if (p[A] < RARE && p[B] < RARE && (kind == CHURN_BGNBD || kind == CHURN_BGCNBD))
        return "customers leave after their second purchase or never: nobody leaves later";
    if (p[A] < RARE && p[B] < RARE)
        return "customers leave after their first purchase or never: nobody leaves later";
    if (share > COMMON)
        return "as good as everybody leaves after one purchase: nothing repeats";
    if (p[A] + p[B] > LARGE)
        return "everybody leaves with the same probability after a purchase";
    return NULL;
}

/* Of Pareto/NBD's customers, those gone within so many weeks. */
static double gone_by(const double *p, double weeks)
{
    return -special_expm1(-p[S] * special_log1p(weeks / p[BETA]));
}

/* Pareto/NBD: customers leave at a rate drawn from Gamma(s, beta). With a small beta a share leaves at once, however
 * small s is, and what that is follows from both. */
static const char *lifetime_words(const double *p)
{
    double at_once = gone_by(p, AT_ONCE), ever = gone_by(p, EVER);
    if (ever < RARE)
        return "nobody is seen to leave: it is NBD, and p_alive says nothing";
    if (p[BETA] < RARE && ever - at_once < LATER * ever)
        return "customers leave at once or never: as good as nobody leaves later";
    if (p[S] > LARGE)
        return "everybody leaves at the same rate";
    if (p[BETA] > LARGE)
        return "as good as nobody is seen to leave";
    return NULL;
}

const char *boundary_words(const struct fit *fit)
{
    const double *p = fit->model.parameter;
    const char *words = NULL;
    if (fit->stop != FIT_BOUNDARY)
        return NULL;
    if (fit->model.kind == CHURN_PNBD)
        words = lifetime_words(p);
    else if (fit->model.kind != CHURN_NBD)
        words = dropout_words(fit->model.kind, p);
    if (words)
        return words;
    if (p[R] > LARGE)
        return "everybody buys at the same rate";
    if (p[R] < RARE)
        return "few customers buy everything, and the others as good as nothing";
    return "the likelihood is highest at a limit of the model, where parameters have no end";
}

const char *boundary_spend_words(const struct fit_spend *fit)
{
    if (fit->stop != FIT_BOUNDARY)
        return NULL;
    if (fit->q <= 1.0)
        return "spend has no mean: the base's is used for everybody";
    if (fit->model.kind == SPEND_GAMMA_GAMMA)
        return "a customer spends the same each time, as good as: his own mean is expected of him";
    return "customers do not differ in spend but by chance: the base's mean is used for everybody";
}
