/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_CHURN_MEMORY_H
#define SCORE_CHURN_MEMORY_H

#include "score/churn.h"
#include "score/forecast.h"
#include "score/special_lanes.h"

/* Outlooks by the handful, remembering what depends on x and one day only: a direct-mapped memory that
 * the caller lends, zeroed, and keeps for one (model, horizon, models moved to). Same bits as
 * churn_outlook. A customer looks one slot up; under Pareto/NBD two, under a CNBD kind 1 + k/2.
 * CHURN_MEMORY_SLOTS are enough for three years and the usual numbers of purchases. A slot fills two
 * lines of a processor's cache: a look-up costs what waiting for memory does, so all models share one. */
#define CHURN_MEMORY_SLOTS ((size_t)1 << 17)
struct churn_memory_slot {
    uint32_t x_plus_1; /* 0: free */
    int32_t day;       /* T, or t_x */
    uint32_t what;     /* is remembered of them */
    uint32_t padding[5];
    double part[4];
    double moved[CHURN_PARAMETERS][2];
};

/* The months as those of one T see them, whatever their x: a desk for the model, and for each it is
 * moved to. */
#define CHURN_MEMORY_SHELVES ((size_t)1 << 10)
struct churn_memory_shelf {
    struct forecast_desk desk[1 + CHURN_PARAMETERS];
};

struct churn_memory {
    struct churn_memory_slot *slot;
    size_t n;                         /* a power of two; 0: nothing is remembered */
    struct churn_memory_shelf *shelf; /* by T; lent and zeroed like the slots */
    size_t shelves;                   /* a power of two; may be 0 */
    const struct churn_model *moved;  /* models of the same kind and regularity; borrowed */
    int32_t n_moved;                  /* 0..CHURN_PARAMETERS */
};

#define CHURN_HANDFUL SPECIAL_LANES
struct churn_outlooks {
    double p_alive[CHURN_HANDFUL];
    double churn_prob[CHURN_HANDFUL];
    double expected_purchases[CHURN_HANDFUL];
    double discounted[CHURN_HANDFUL];
    double moved[CHURN_PARAMETERS]
                [CHURN_HANDFUL]; /* discounted, as each of n_moved models has it */
};

/* Of n <= CHURN_HANDFUL customers; what is said of others means nothing, but is finite. */
void churn_outlooks(const struct churn_model *model, const struct repeat *seen, size_t n,
                    const struct churn_horizon *horizon, const struct churn_memory *memory,
                    struct churn_outlooks *out);

/* Asks the processor to have a customer's slot at hand soon: worth it some customers ahead. */
void churn_memory_fetch(const struct churn_memory *memory, const struct churn_model *model,
                        struct repeat seen);

#endif
