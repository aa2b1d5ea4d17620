/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_BACKTEST_REPORT_H
#define SINK_BACKTEST_REPORT_H

#include "sink/backtest.h"

/* A backtest for people (backtest.txt) and for programs (backtest.json). The texts are the caller's to
 * free. */
int backtest_text(const struct backtest *backtest, const struct plan *plan,
                  const struct fitted *fitted, char **text, size_t *size) MUST_USE;
int backtest_json(const struct backtest *backtest, const struct plan *plan,
                  const struct fitted *fitted, char **text, size_t *size) MUST_USE;

#endif
