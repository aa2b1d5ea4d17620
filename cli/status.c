/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cli/board.h"
#include "cli/inquiry.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "cli/visit.h"
#include "common/endpoint.h"
#include "common/log.h"

/* Of a ventilator that serves. */
static int show_jobs(const struct options *options)
{
    const char *job = options->client.job;
    struct inquiry inquiry;
    struct entries entries;
    int r = inquiry_open(options->operands[0], &options->settings.running, &inquiry);
    if (r == 0)
        r = inquiry_about(&inquiry, LETTER_ASK, job ? job : "", &entries);
    if (r == 0 && job)
        listing_print_one(&entries.entry[0], stdout);
    else if (r == 0)
        listing_print(&entries, stdout);
    inquiry_close(&inquiry);
    return r;
}

/* Of any role with --metrics. */
static int show_figures(const struct options *options)
{
    struct board board = {0};
    struct visit *visit = malloc(sizeof *visit);
    if (!visit)
        return log_fail(STATUS_BUG, "out of memory");
    int r = visit_make(options->operands[0], "/metrics", visit);
    if (r == 0 && visit->code != 200)
        r = log_fail(STATUS_UNREACHABLE, "%s answers %d", options->operands[0], visit->code);
    if (r == 0)
        board_draw(&board, visit->text, 0, stdout);
    free(visit);
    return r;
}

int status_verb(const struct options *options)
{
    const struct flag_given *job = options_given(options, "job");
    enum endpoint_kind kind = endpoint_kind(options->operands[0]);
    if (kind == ENDPOINT_TCP || kind == ENDPOINT_IPC)
        return show_jobs(options);
    return job ? flags_refuse(job, "wants tcp://host:port or ipc://path of a serving ventilator")
               : show_figures(options);
}
