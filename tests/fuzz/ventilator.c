/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to a ventilator, from a sink and from workers. It has read the ledger that the seeds are of; its
 * state is kept, so that it is known at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/settings.h"
#include "fuzz/hearing.h"
#include "support/scratch.h"
#include "support/stage_ledger.h"
#include "ventilator/ventilator.h"

#define AT_VENTILATOR "inproc://ventilator"
#define AT_SINK       "inproc://sink"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scratch scratch;
static struct stage_ledger ledger;
static int64_t clock_ms;

static int64_t hand_clock(void)
{
    return clock_ms;
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
    atexit(clear_up);
}

/* As play --letters has it. */
static struct settings settings_of(const char **path)
{
    struct settings settings = settings_default();
    *path = ledger.path[0];
    settings.reading.ledgers = path;
    settings.reading.n_ledgers = 1;
    settings.running.shards = 2;
    settings.running.out = "nowhere";
    settings.scoring.churn_choice = CHURN_OFF;
    return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path;
    struct hearing hearing;
    struct ventilator *ventilator = NULL;
    uint32_t gate = 0;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    set_up();
    hearing_open(&hearing);
    hearing_host(&hearing, 0, AT_SINK);
    const struct settings all = settings_of(&path);
    struct ventilator_settings settings = {
        .line = hearing.line,
        .settings = &all,
        .state = scratch.path,
        .threads = 0,
        .today = 20000,
        .name = {1, 1},
        .version = "0",
        .timing = {.lease_ms = 200,
                   .stall_ms = 600,
                   .straggler_ms = 60,
                   .beat_ms = 40,
                   .resend_ms = 30,
                   .resync_ms = 100,
                   .probe_ms = 10,
                   .credit = 2,
                   .frame_window = 8},
        .now_ms = hand_clock,
    };
    hearing_must(line_bind(hearing.line, AT_VENTILATOR, &settings.workers) == 0 &&
                     line_connect(hearing.line, AT_SINK, &gate) == 0,
                 "there is a stage");
    settings.sink = (struct peer){.gate = gate};
    hearing_must(ventilator_new(&settings, &ventilator) == 0, "there is a ventilator");
    for (int i = 1; i < HEARING_SPEAKERS; i++)
        hearing_caller(&hearing, i, AT_VENTILATOR);
    const struct role role = ventilator_role(ventilator);
    if (hearing_turns(&hearing, &role, 20) == 0)
        hearing_play(&hearing, &role, data, size);
    ventilator_destroy(&ventilator);
    line_close(&hearing.line);
    hearing_close(&hearing);
    return 0;
}
