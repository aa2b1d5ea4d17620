/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SUMMARY_H
#define SCORE_SUMMARY_H

#include "score/history.h"

/* A customer of a table of histories that were summed up elsewhere (frequency, recency, T, monetary
 * value) travels as one line: its day is -T, its money that of the repeat days, and its order key
 * holds frequency and recency. Days before an as-of instead of dates, because such a table has
 * none: another as-of changes no line. */

#define SUMMARY_X_LIMIT    ((1u << 20) - 1)
#define SUMMARY_DAYS_LIMIT 719000 /* 1,968 years: -T is a day of the calendar */

/* x <= SUMMARY_X_LIMIT, 0 <= span_days <= SUMMARY_DAYS_LIMIT; never 0. */
uint64_t summary_key(uint32_t x, int32_t span_days);

/* What history_features is for a ledger. Repeat days are what the table knows money of: gross,
 * monetary_total and rfm_monetary speak of those (the last is their mean), spend is 0.
 * HISTORY_E_DOUBLED for a customer with more than one line; HISTORY_E_OVERFLOW for a tally that
 * does not fit. */
int summary_features(const struct lines *lines, const struct plan *plan, struct features *out,
                     struct tallies *tallies);

#endif
