/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_CHURN_PARTS_H
#define SCORE_CHURN_PARTS_H

#include "score/churn.h"
#include "score/forecast.h"

/* What an outlook is made of, for churn.c, and for churn_memory.c, which remembers some of it. */

/* Whether the kind is known and the regularity within its range. */
int churn_supported(const struct churn_model *model);

/* All of a forecast. Its standing, of (x, T), and what there is of (x, t_x): under Pareto/NBD the
 * probabilities to leave before buying, at T and t_x; else of the log-odds that he is gone what depends
 * on x, and nothing. */
void churn_forecast(const struct churn_model *model, struct repeat seen,
                    const struct churn_horizon *horizon, struct forecast_desk *desk,
                    struct forecast *out);
/* All but quiet, which nobody asks of a model that is moved to. */
void churn_forecast_moved(const struct churn_model *model, struct repeat seen,
                          const struct churn_horizon *horizon, struct forecast_desk *desk,
                          struct forecast *out);
double churn_standing_at_last(const struct churn_model *model, struct repeat seen);

/* dropout_silence of an alpha, which models that are moved along another parameter share. */
struct churn_silence {
    double alpha; /* 0: of none yet */
    double log;
};

struct churn_outlook churn_outlook_of(const struct churn_model *model, struct repeat seen,
                                      const struct churn_horizon *horizon,
                                      const struct forecast *forecast, double at_last,
                                      struct churn_silence *silence);
/* Its discounted alone. */
double churn_discounted(const struct churn_model *model, struct repeat seen,
                        const struct forecast *forecast, double at_last,
                        struct churn_silence *silence);

#endif
