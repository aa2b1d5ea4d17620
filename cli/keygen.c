/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "common/keys.h"
#include "common/log.h"

int keygen_verb(const struct options *options)
{
    const char *directory = options->operands[0];
    const char *worker = options->worker_name, *client = options->client_name;
    if (worker && client)
        return log_fail(STATUS_USAGE, "--worker and --client: one pair at a time");
    int r = worker   ? keys_make_worker(directory, worker)
            : client ? keys_make_client(directory, client)
                     : keys_make(directory);
    if (r == 0 && worker)
        printf("%s/worker-%s is for one more worker; the two servers trust it\n", directory,
               worker);
    else if (r == 0 && client)
        printf("%s/client-%s is for one more client; the ventilator trusts it\n", directory,
               client);
    else if (r == 0)
        printf("%s/ventilator, %s/worker and %s/sink are for --keys of the roles, %s/client for "
               "who submits jobs\n",
               directory, directory, directory, directory);
    return r;
}
