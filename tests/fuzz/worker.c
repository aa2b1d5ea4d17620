/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to a worker, from both servers. */
#include <stdlib.h>

#include "common/log.h"
#include "doubles/store_memory.h"
#include "fuzz/hearing.h"
#include "worker/worker.h"

#define AT_VENTILATOR "inproc://ventilator"
#define AT_SINK       "inproc://sink"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct shelf *shelf;

static int open_shelf(const char *directory, struct store **store)
{
    (void)directory;
    return store_memory_open(shelf, store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hearing hearing;
    struct cache *cache = NULL;
    struct worker *worker = NULL;
    uint32_t ventilator = 0, sink = 0;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    hearing_open(&hearing);
    hearing_host(&hearing, 0, AT_VENTILATOR);
    hearing_host(&hearing, 1, AT_SINK);
    hearing_must(store_memory_shelf_new(&shelf) == 0 &&
                     cache_open("nowhere", open_shelf, &cache) == 0 &&
                     line_connect(hearing.line, AT_VENTILATOR, &ventilator) == 0 &&
                     line_connect(hearing.line, AT_SINK, &sink) == 0,
                 "there is a stage");
    const struct worker_settings settings = {.line = hearing.line,
                                             .ventilator = {.gate = ventilator},
                                             .sink = {.gate = sink},
                                             .cache = cache,
                                             .name = {1, 2},
                                             .version = "0",
                                             .host = "here",
                                             .credit = 2};
    hearing_must(worker_new(&settings, &worker) == 0, "there is a worker");
    const struct role role = worker_role(worker);
    if (hearing_turns(&hearing, &role, 2) == 0)
        hearing_play(&hearing, &role, data, size);
    worker_destroy(&worker);
    cache_close(&cache);
    line_close(&hearing.line);
    hearing_close(&hearing);
    store_memory_shelf_destroy(&shelf);
    return 0;
}
