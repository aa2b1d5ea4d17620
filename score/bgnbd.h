/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_BGNBD_H
#define SCORE_BGNBD_H

#include "score/dropout.h"

/* BG/NBD: Fader, Hardie & Lee, "Counting Your Customers the Easy Way" (Marketing Science 24,
 * 2005). The coin is tossed after each repeat purchase, not after the first, so a one-time buyer
 * is a customer for ever. parameter is r, alpha, a, b. */
struct dropout bgnbd_dropout(const double *parameter, uint32_t x);

#endif
