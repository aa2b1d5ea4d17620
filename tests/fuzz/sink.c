/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to a sink, from whoever: it lives, and says of no shard that it has it when its store has not. */
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/wire.h"
#include "fuzz/hearing.h"
#include "sink/sink.h"
#include "support/referee.h"
#include "support/scratch.h"

#define AT "inproc://sink"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t no_time(void)
{
    return 0;
}

/* The digest of a result is as good as anybody's word for it, so results may well differ here. */
static void hear(void *context, const struct parcel *parcel)
{
    struct referee *referee = context;
    struct letter letter;
    if (wire_letter_read(parcel, &letter) == 0 &&
        (letter.kind != LETTER_ACK || letter.code <= ACK_DUPLICATE))
        referee_letter(referee, parcel);
    hearing_must(!referee->words[0], referee->words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hearing hearing;
    struct referee referee = {0};
    struct scratch scratch = scratch_new();
    struct shelf *shelf = NULL;
    struct store *store = NULL;
    struct sink *sink = NULL;
    uint32_t gate = 0;
    char out[SCRATCH_PATH + 8];
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    snprintf(out, sizeof out, "%s/out", scratch.path);
    hearing_open(&hearing);
    hearing_must(store_memory_shelf_new(&shelf) == 0 && store_memory_open(shelf, &store) == 0 &&
                     line_bind(hearing.line, AT, &gate) == 0,
                 "there is a stage");
    referee_follow(&referee, shelf);
    hearing.hears = hear;
    hearing.context = &referee;
    const struct sink_settings settings = {.line = hearing.line,
                                           .out = out,
                                           .version = "0",
                                           .boot = 1,
                                           .threads = 1,
                                           .now_ms = no_time};
    hearing_must(sink_new(&settings, &store, &sink) == 0, "there is a sink");
    for (int i = 0; i < HEARING_SPEAKERS; i++)
        hearing_caller(&hearing, i, AT);
    const struct role role = sink_role(sink);
    hearing_play(&hearing, &role, data, size);
    sink_destroy(&sink);
    line_close(&hearing.line);
    hearing_close(&hearing);
    store_memory_shelf_destroy(&shelf);
    scratch_remove(&scratch);
    return 0;
}
