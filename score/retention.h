/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_RETENTION_H
#define SCORE_RETENTION_H

#include <stdint.h>

#include "score/plan.h"

/* What a retention offer to one customer is expected to bring. A contact is paid for in any case;
 * who would leave stays with probability save_rate, keeps clv_if_alive for us and takes the offer;
 * who would have stayed takes it with probability take_rate, for nothing:
 *   gain = churn_prob * save_rate * (clv_if_alive - offer)
 *        - (1 - churn_prob) * take_rate * offer - contact. */

struct retention {
    int32_t has_gain;       /* 0: no save rate was given */
    int64_t gain;           /* money, half-even */
    int32_t worth;          /* 1 where gain > 0 */
    int32_t has_break_even; /* 0: no save rate would do, there is nothing to keep */
    double break_even;      /* save rate at which the gain is 0; above 1 no offer can pay */
};

/* churn_prob in [0, 1]. Everything is empty where offer->asked is 0. */
struct retention retention_of(const struct plan_offer *offer, double churn_prob,
                              int64_t clv_if_alive);

/* margin * spend_365d - serve cost, half-even; what does not fit saturates, far beyond any ledger. */
int64_t retention_profit(const struct plan *plan, int64_t spend_365d);

#endif
