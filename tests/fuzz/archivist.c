/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to a sink that serves, from a ventilator, from workers and from strangers; stores are in memory, and
 * forgotten with the role. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "doubles/store_memory.h"
#include "fuzz/hearing.h"
#include "sink/archivist.h"
#include "support/scratch.h"

#define AT_SINK "inproc://sink"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scratch scratch;
static char out[SCRATCH_PATH + 8], state[SCRATCH_PATH + 8];
static struct shelf *shelf;
static int64_t clock_ms;

static int64_t hand_clock(void)
{
    return clock_ms;
}

static void clear_up(void)
{
    scratch_remove(&scratch);
}

static void set_up(void)
{
    if (out[0])
        return;
    scratch = scratch_new();
    scratch_directory(&scratch, "out");
    scratch_directory(&scratch, "state");
    snprintf(out, sizeof out, "%s/out", scratch.path);
    snprintf(state, sizeof state, "%s/state", scratch.path);
    atexit(clear_up);
}

/* One for all: what a job before has left is another's, which the sink has to see. */
static int open_shelf(const char *directory, struct store **store)
{
    hearing_must(strncmp(directory, state, strlen(state)) == 0 && !strstr(directory, "/."),
                 "a store is below the state");
    return store_memory_open(shelf, store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hearing hearing;
    struct archivist *archivist = NULL;
    uint32_t gate;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    set_up();
    hearing_open(&hearing);
    const struct archivist_settings settings = {
        .role = {.line = hearing.line, .version = "0", .threads = 1, .now_ms = hand_clock},
        .out = out,
        .state = state,
        .open_store = open_shelf};
    hearing_must(store_memory_shelf_new(&shelf) == 0 &&
                     line_bind(hearing.line, AT_SINK, &gate) == 0 &&
                     archivist_new(&settings, &archivist) == 0,
                 "there is an archivist");
    for (int i = 0; i < HEARING_SPEAKERS; i++)
        hearing_caller(&hearing, i, AT_SINK);
    const struct role role = archivist_role(archivist);
    hearing_play(&hearing, &role, data, size);
    hearing_must(hearing_turns(&hearing, &role, 1) == 0, "whatever is said, it stays");
    archivist_destroy(&archivist);
    store_memory_shelf_destroy(&shelf);
    line_close(&hearing.line);
    hearing_close(&hearing);
    return 0;
}
