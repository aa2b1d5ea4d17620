/* SPDX-License-Identifier: Apache-2.0 */
/* BG/NBD with one toss more: everything else is dropout.c's. */
#include "score/mbgnbd.h"

struct dropout mbgnbd_dropout(const double *parameter, uint32_t x)
{
    return (struct dropout){.r = parameter[0],
                            .alpha = parameter[1],
                            .a = parameter[2],
                            .b = parameter[3],
                            .x = x,
                            .survived = x + 1};
}
