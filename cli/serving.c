/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving.h"

#include "cli/commission.h"
#include "cli/descriptors.h"
#include "cli/doorman.h"
#include "common/clock.h"
#include "common/log.h"
#include "sink/archivist.h"
#include "ventilator/steward.h"

#define SLICE_SECONDS 300

/* ---- ventilator ---- */

static int open_queue(const char *state, struct store **store)
{
    char path[ROLES_PATH];
    int r = roles_make_directory(state);
    if (r == 0)
        r = roles_state(state, "queue", -1, path);
    if (r == 0)
        r = store_lmdb_open(path, STORE_DURABLE, store);
    if (r == STORE_E_BUSY)
        return log_fail(STATUS_CONFIG,
                        "the queue in %s is in use by another process; --state "
                        "names another",
                        path);
    if (r > 0)
        return log_fail(STATUS_CONFIG, "the queue in %s cannot be read", path);
    return r;
}

static int steward_loop(const struct steward_settings *settings, struct store **store,
                        struct doorman *doorman)
{
    struct steward *steward = NULL;
    int r = steward_new(settings, store, &steward);
    if (r < 0)
        return r;
    r = doorman_run(doorman, steward_role(steward));
    steward_destroy(&steward);
    return r;
}

int serving_ventilator(const struct settings *settings, const struct roles_place *place)
{
    int32_t slice = settings->running.slice > 0 ? settings->running.slice : SLICE_SECONDS;
    struct steward_settings own = {
        .role = roles_of_ventilator(place),
        .reading = {commission_check, commission_read, commission_release},
        .state = place->state,
        .slice_ms = (int64_t)slice * 1000,
        .wall_ms = clock_wall_ms,
        .today = clock_today,
    };
    struct store *store = NULL;
    struct doorman doorman;
    uint32_t gate;
    roles_keep_memory(FIGURES_VENTILATOR);
    int r = descriptors_raise(DESCRIPTORS_OF_A_ROLE);
    if (r < 0)
        return r;
    r = doorman_open(&doorman, FIGURES_VENTILATOR, place);
    own.role.line = doorman.line;
    if (r == 0)
        r = open_queue(place->state, &store);
    if (r == 0)
        r = line_bind(own.role.line, place->bind, &own.role.workers);
    if (r == 0)
        r = roles_reach(own.role.line, KEYS_SINK, place->sink, &gate);
    if (r == 0) {
        own.role.sink = (struct peer){gate, 0, 0};
        own.role.figures = doorman.figures;
        own.role.trace = doorman.trace;
        figures_set(own.role.figures, FIGURE_READY, 1);
        r = steward_loop(&own, &store, &doorman);
    }
    doorman_close(&doorman);
    store_close(&store);
    return r;
}

/* ---- sink ---- */

static int archivist_loop(const struct archivist_settings *settings, struct doorman *doorman)
{
    struct archivist *archivist = NULL;
    int r = archivist_new(settings, &archivist);
    if (r < 0)
        return r;
    r = doorman_run(doorman, archivist_role(archivist));
    archivist_destroy(&archivist);
    return r;
}

int serving_sink(const struct roles_place *place)
{
    struct archivist_settings own = {
        .role = roles_of_sink(place),
        .out = place->out,
        .state = place->state,
        .open_store = roles_open_sink_store,
    };
    struct doorman doorman;
    uint32_t gate;
    roles_keep_memory(FIGURES_SINK);
    int r = descriptors_raise(DESCRIPTORS_OF_A_ROLE);
    if (r == 0)
        r = roles_make_directory(place->state);
    if (r == 0)
        r = roles_make_directory(place->out);
    if (r < 0)
        return r;
    r = doorman_open(&doorman, FIGURES_SINK, place);
    own.role.line = doorman.line;
    if (r == 0)
        r = line_bind(own.role.line, place->bind, &gate);
    if (r == 0) {
        own.role.figures = doorman.figures;
        own.role.trace = doorman.trace;
        figures_set(own.role.figures, FIGURE_READY, 1);
        r = archivist_loop(&own, &doorman);
    }
    doorman_close(&doorman);
    return r;
}
