/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/roles.h"
#include "cli/serving.h"
#include "cli/signals.h"
#include "cli/verbs.h"
#include "common/log.h"
#include "common/scrap.h"

/* Without --state the spool lives in a directory of its own, gone at the end. */
int ventilator_verb(const struct options *options)
{
    const struct settings_running *running = &options->settings.running;
    char scrap[ROLES_PATH];
    struct roles_place place = {
        .bind = running->bind,
        .sink = running->sink,
        .state = running->state,
        .terminal = isatty(STDERR_FILENO),
        .metrics = running->metrics,
        .keys = running->keys,
        .connect_timeout = running->connect_timeout,
        .trace = running->trace,
        .stop = signals_catch(SIGNALS_INT_STOPS, SIGNALS_SECOND_LEAVES),
    };
    if (running->serve)
        return serving_ventilator(&options->settings, &place);
    if (!place.state) {
        int r = scrap_make("winnow-spool", scrap);
        if (r < 0)
            return r;
        place.state = scrap;
    }
    int r = roles_ventilator(&options->settings, &place);
    if (place.state == scrap)
        scrap_remove(scrap);
    return r;
}
