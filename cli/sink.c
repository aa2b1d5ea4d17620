/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/roles.h"
#include "cli/serving.h"
#include "cli/signals.h"
#include "cli/verbs.h"

int sink_verb(const struct options *options)
{
    const struct settings_running *running = &options->settings.running;
    struct roles_place place = {
        .bind = running->bind,
        .state = running->state,
        .out = running->out,
        .metrics = running->metrics,
        .keys = running->keys,
        .connect_timeout = running->connect_timeout,
        .trace = running->trace,
        .stop = signals_catch(SIGNALS_INT_STOPS, SIGNALS_SECOND_LEAVES),
    };
    return running->serve ? serving_sink(&place) : roles_sink(&place);
}
