/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPEND_H
#define SCORE_SPEND_H

#include <stddef.h>
#include <stdint.h>

/* Mean spend per purchase day, SCORING section 4: the gamma-gamma model of Fader & Hardie 2013,
 * or the base's mean where it has no mean (q <= 1) or could not be fitted. */

enum spend_kind { SPEND_NONE, SPEND_GAMMA_GAMMA, SPEND_MEAN };

struct spend_model {
    enum spend_kind kind;
    double p, q, v;
    double
        mean; /* currency units per purchase day: of the population by the model, or the base's */
};

/* E[M | x, m] in currency units; m is in currency units, 0 <= m. x = 0 or m <= 0 gives the mean.
 * (p v + p x m) / (p x + q - 1) for SPEND_GAMMA_GAMMA. */
double spend_expected(const struct spend_model *model, uint32_t x, double m);

/* Net ratio: monetary_total / gross clamped to [0, 1]; 1 where gross is 0. */
double spend_net_ratio(int64_t monetary_total, int64_t gross);

#endif
