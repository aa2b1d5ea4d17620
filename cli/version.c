/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/verbs.h"
#include "common/version.h"

int version_verb(const struct options *options)
{
    (void)options;
    printf("winnow %s\n", version_text());
    return 0;
}
