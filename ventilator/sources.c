/* SPDX-License-Identifier: Apache-2.0 */
/* The ventilator asks each reader for its own facts; here they only come to life and end together, in
 * the order in which one borrows from the other. */
#include "ventilator/sources.h"

int sources_open(const struct sources_order *order, struct sources *sources)
{
    const struct settings *settings = order->settings;
    struct survey_order survey = {&settings->reading, order->today, order->redact_key};
    int r = survey_open(&survey, &sources->survey);
    if (r < 0)
        return r;
    struct intake_order intake = {
        .survey = sources->survey,
        .state = order->state,
        .shards = settings->running.shards,
        .threads = order->threads,
        .as_of = settings->reading.as_of,
        .today = order->today,
        .wall_ms = order->wall_ms,
        .rejects_limit = settings->reading.max_rejects,
        .lanes = trace_lanes(order->trace, "reader", order->threads),
    };
    r = intake_start(&intake, &sources->intake);
    if (r < 0 || !settings->reading.customers)
        return r;
    struct attributes_order attributes = {&settings->reading, order->redact_key,
                                          intake_spool(sources->intake),
                                          intake_shards(sources->intake)};
    return attributes_start(&attributes, &sources->attributes);
}

void sources_close(struct sources *sources)
{
    attributes_stop(&sources->attributes);
    intake_stop(&sources->intake);
    survey_close(&sources->survey);
}

void sources_progress(const struct sources *sources, struct progress_state *state)
{
    struct partition_progress read = intake_progress(sources->intake);
    uint64_t whole = intake_bytes(sources->intake);
    state->rows = read.rows;
    state->bytes = read.raw_bytes;
    state->rejects = read.rejects;
    state->share = whole > 0 ? (double)read.raw_bytes / (double)whole : -1;
}
