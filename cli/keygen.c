/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "common/keys.h"

int keygen_verb(const struct options *options)
{
    const char *directory = options->operands[0];
    int r = keys_make(directory, options->worker_name);
    if (r == 0 && options->worker_name)
        printf("%s/worker-%s is for one more worker; the two servers trust it\n", directory,
               options->worker_name);
    else if (r == 0)
        printf("%s/ventilator, %s/worker and %s/sink are for --keys of the roles\n", directory,
               directory, directory);
    return r;
}
