/* SPDX-License-Identifier: Apache-2.0 */
/* Flags that are promised and not built. They are refused by name, because a flag that is taken
 * and does nothing is worse than one that is missing. A row leaves this list for another one on
 * the day it works. */
#include "cli/flags.h"

#include "cli/options.h"

#define LATER(name, help)                                                                          \
    {                                                                                              \
        name, NULL, "", FLAG_OF_ALL, FLAGS_RUNNING, help, FLAG_LATER, 0, 0, FLAG_REPEATS, 0, NULL  \
    }

static const struct flag rows[] = {
    LATER("serve", "serving jobs is not built yet"),
};

struct flags_piece flags_later(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
