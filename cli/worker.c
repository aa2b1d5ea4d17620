/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/replay.h"
#include "cli/roles.h"
#include "cli/signals.h"
#include "cli/verbs.h"

int worker_verb(const struct options *options)
{
    const struct settings_running *running = &options->settings.running;
    struct roles_place place = {
        .ventilator = running->ventilator,
        .sink = running->sink,
        .state = running->state,
        .metrics = running->metrics,
        .keys = running->keys,
        .connect_timeout = running->connect_timeout,
        .trace = running->trace,
        .number = -1,
        .stays = running->serve,
        .stop = signals_catch(SIGNALS_INT_STOPS, SIGNALS_SECOND_LEAVES),
    };
    if (options->replay)
        return replay_file(options->replay);
    return roles_worker(&place);
}
