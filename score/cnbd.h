/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_CNBD_H
#define SCORE_CNBD_H

#include "score/dropout.h"

/* BG/CNBD-k and MBG/CNBD-k: Platzer & Reutterer, "Ticking Away the Moments: Timing Regularity Helps
 * to Better Predict Customer Activity" (Marketing Science 35, 2016), and BTYDplus. As BG/NBD and
 * MBG/NBD (dropout.h), but that a purchase is every k-th event of the Poisson process, so that gaps
 * are Erlang-k: k times as regular. r and alpha are of the events' rate. With k = 1 they are those
 * models.
 *
 * Where someone who is still there stands between his last purchase and the next: j of k events are
 * behind him, with probability weight[j]. With R = r + kx and u = silence / (alpha + T) it goes like
 * (R)_j / j! u^j, and log is ln of the sum of these: what regularity adds to the odds that he is
 * there. */
struct cnbd_phases {
    double log;
    double weight[CHURN_REGULARITY_MOST];
};
void cnbd_phases(const struct dropout *dropout, double silence_days, double age_days,
                 struct cnbd_phases *out);

#endif
