/* SPDX-License-Identifier: Apache-2.0 */
/* The paper's delta, 1 for x > 0, is dropout.c's "no toss survived, nobody gone"; everything else
 * is common to both models and there too. */
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
