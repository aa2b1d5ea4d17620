/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SEQUEL_H
#define SCORE_SEQUEL_H

#include <stdint.h>

#include "score/history.h"
#include "score/plan.h"

/* What a customer did after plan->as_of, for a backtest: his rows in (as_of, as_of + N], and none
 * before, so that goods sent back take nothing from what he bought after. */
struct sequel {
    int came_back; /* a purchase within churn_horizon_days */
    uint32_t days; /* with a purchase, within horizon_days */
    int64_t spend; /* net, within horizon_days */
};

/* scratch as in history_features; so is HISTORY_E_OVERFLOW. */
int sequel_of(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
              struct sequel *out);

#endif
