/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_MBGNBD_H
#define SCORE_MBGNBD_H

#include "score/dropout.h"

/* MBG/NBD: Batislam, Denizel & Filiztekin, "Empirical validation and comparison of models for
 * customer base analysis" (Int. J. of Research in Marketing 24, 2007). The coin is tossed after
 * the first purchase too, so a one-time buyer may be gone. parameter is r, alpha, a, b. */
struct dropout mbgnbd_dropout(const double *parameter, uint32_t x);

#endif
