/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to a ventilator that serves, from a sink, from workers and from clients. Its queue is empty at first; jobs
 * that the letters bring have a ledger that is there, or one that is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/settings.h"
#include "doubles/store_memory.h"
#include "fuzz/hearing.h"
#include "support/scratch.h"
#include "support/stage_ledger.h"
#include "ventilator/steward.h"

#define AT_STEWARD "inproc://ventilator"
#define AT_SINK    "inproc://sink"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scratch scratch;
static struct stage_ledger ledger;
static const char *path;
static int64_t clock_ms;

static int64_t hand_clock(void)
{
    return clock_ms;
}

static int32_t hand_day(void)
{
    return 20000;
}

static void clear_up(void)
{
    stage_ledger_remove(&ledger);
    scratch_remove(&scratch);
}

static void set_up(void)
{
    if (ledger.n > 0)
        return;
    scratch = scratch_new();
    ledger = stage_ledger_make(40, 1, 0);
    path = ledger.path[0];
    atexit(clear_up);
}

static int check_words(const char *const *words, size_t n)
{
    return n < 3 || strcmp(words[2], "no") != 0 ? 0 : log_fail(STATUS_USAGE, "no");
}

static int read_words(const struct docket_job *job, struct ventilator_settings *role, void **held)
{
    struct settings *settings = malloc(sizeof *settings);
    hearing_must(settings != NULL, "there is memory");
    *settings = settings_default();
    settings->reading.ledgers = job->n_words > 1 ? &path : job->words;
    settings->reading.n_ledgers = 1;
    settings->running.shards = 2;
    settings->running.out = "nowhere";
    settings->scoring.churn_choice = CHURN_OFF;
    role->settings = settings;
    *held = settings;
    return job->n_words > 0 ? 0 : STATUS_USAGE;
}

static void release_words(void **held)
{
    free(*held);
    *held = NULL;
}

static struct steward_settings settings_of(struct hearing *hearing)
{
    struct steward_settings settings = {
        .role = {.line = hearing->line,
                 .threads = 0,
                 .name = {1, 1},
                 .version = "0",
                 .timing = ventilator_timing_default(),
                 .now_ms = hand_clock},
        .reading = {check_words, read_words, release_words},
        .state = scratch.path,
        .slice_ms = 50,
        .wall_ms = hand_clock,
        .today = hand_day,
    };
    return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hearing hearing;
    struct shelf *shelf = NULL;
    struct store *store = NULL;
    struct steward *steward = NULL;
    uint32_t gate = 0;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    set_up();
    hearing_open(&hearing);
    hearing_host(&hearing, 0, AT_SINK);
    struct steward_settings settings = settings_of(&hearing);
    hearing_must(line_bind(hearing.line, AT_STEWARD, &settings.role.workers) == 0 &&
                     line_connect(hearing.line, AT_SINK, &gate) == 0 &&
                     store_memory_shelf_new(&shelf) == 0 && store_memory_open(shelf, &store) == 0,
                 "there is a stage");
    settings.role.sink = (struct peer){.gate = gate};
    hearing_must(steward_new(&settings, &store, &steward) == 0, "there is a steward");
    for (int i = 1; i < HEARING_SPEAKERS; i++)
        hearing_caller(&hearing, i, AT_STEWARD);
    const struct role role = steward_role(steward);
    hearing_must(hearing_turns(&hearing, &role, 2) == 0, "it serves");
    hearing_play(&hearing, &role, data, size);
    hearing_must(hearing_turns(&hearing, &role, 1) == 0, "whatever is said, it stays");
    steward_destroy(&steward);
    store_memory_shelf_destroy(&shelf);
    line_close(&hearing.line);
    hearing_close(&hearing);
    return 0;
}
