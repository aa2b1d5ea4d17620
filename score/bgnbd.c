/* SPDX-License-Identifier: Apache-2.0 */
/* In the paper's words L(r, alpha, a, b) of its equation (6), with x tosses survived; the product
 * form of its delta for x > 0 is dropout.c's "no toss, no leaving". */
#include "score/bgnbd.h"

struct dropout bgnbd_dropout(const double *parameter, uint32_t x)
{
    return (struct dropout){.r = parameter[0],
                            .alpha = parameter[1],
                            .a = parameter[2],
                            .b = parameter[3],
                            .x = x,
                            .survived = x};
}
