/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_BOUNDARY_H
#define SINK_BOUNDARY_H

#include "score/fit.h"

/* What it means that a fit's parameters ran off: which simpler model, or which kind of ledger, the
 * likelihood leads to. NULL for a fit that did not stop as FIT_BOUNDARY. */
const char *boundary_words(const struct fit *fit);

/* The same of spend. */
const char *boundary_spend_words(const struct fit_spend *fit);

#endif
