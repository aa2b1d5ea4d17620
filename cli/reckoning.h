/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RECKONING_H
#define CLI_RECKONING_H

#include <stddef.h>

#include "score/churn.h"
#include "score/stack.h"

/* How a churn model comes to its probabilities for one customer: the formula in words, and the value
 * of each of its parts. A kind is a row of the table in reckoning.c; for one that has none the parts
 * are those that every model has. */

struct reckoning_part {
    const char *words; /* as in docs/SCORING.md, section 3 */
    double value;
};

#define RECKONING_PARTS 4

struct reckoning {
    const char *alive;     /* p_alive, as a formula of the parts */
    const char *condition; /* what the model takes for granted of this customer; "" for nothing */
    struct reckoning_part part[RECKONING_PARTS];
    size_t n;
    const char *quiet; /* P(no purchase in the churn horizon | still a customer), as a formula */
};

/* model->kind is one that churn_kind_supported. */
struct reckoning reckoning_of(const struct churn_model *model, struct repeat seen);

/* P(no purchase in the churn horizon | still a customer), which is what churn_prob leaves for it:
 * churn_prob = 1 - p_alive (1 - quiet). 1 where p_alive is 0. */
double reckoning_quiet(const struct churn_outlook *outlook);

#endif
