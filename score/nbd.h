/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_NBD_H
#define SCORE_NBD_H

#include "score/churn.h"

/* NBD: Ehrenberg, "The Pattern of Consumer Purchases" (Applied Statistics 8, 1959). A customer
 * buys at a rate drawn from Gamma(r, alpha) and never leaves. parameter is r, alpha. */

/* ln of Gamma(r+x) / Gamma(r) * alpha^r * (alpha+T)^-(r+x). */
double nbd_log_likelihood(const double *parameter, struct repeat seen);

#endif
