/* SPDX-License-Identifier: Apache-2.0 */
/* The worker is the real one; what stands in for the cluster is a line that hands it the letters of the
 * file and listens for its result. */
#include "cli/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/scrap.h"
#include "common/store.h"
#include "common/version.h"
#include "common/wire.h"
#include "ventilator/evidence.h"
#include "worker/worker.h"

#define AT_VENTILATOR 0
#define AT_SINK       1
#define QUIET_TURNS   1000 /* without a word in answer to all letters */

struct stage {
    struct line line;
    FILE *file;
    const char *path;
    int status; /* < 0: the file is none of ours, or the worker failed */
    int over;   /* a result, or a failure, has come */
};

static struct stage *stage_of(struct line *line)
{
    return (struct stage *)line;
}

static int cannot_read(struct stage *stage)
{
    return stage->status = log_fail(STATUS_DATA,
                                    "%s cannot be read as what winnow keeps of a shard "
                                    "that killed workers",
                                    stage->path);
}

/* 0, or non-zero at the end of the file. */
static int read_number(FILE *file, size_t *number)
{
    *number = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        int byte = fgetc(file);
        if (byte == EOF)
            return 1;
        *number |= (size_t)byte << shift;
    }
    return 0;
}

static int read_part(struct stage *stage, struct parcel *parcel)
{
    size_t size;
    if (read_number(stage->file, &size) != 0 || size > LINE_PART_LIMIT)
        return cannot_read(stage);
    struct part part = part_new(size);
    if (!part.data)
        return stage->status = log_fail(STATUS_BUG, "out of memory for %zu bytes", size);
    if (fread(part.data, 1, size, stage->file) != size) {
        part_release(&part);
        return cannot_read(stage);
    }
    return parcel_add(parcel, &part);
}

/* The next letter of the file is heard, one a turn, so that the worker begins what it is given. */
static int hear(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given)
{
    struct stage *stage = stage_of(line);
    size_t n;
    int r = 0;
    given->n = 0;
    if (wait_ms == 0 && stage->over)
        return LINE_E_QUIET;
    if (read_number(stage->file, &n) != 0)
        return LINE_E_QUIET;
    if (n == 0 || n > LINE_PARTS_LIMIT)
        return cannot_read(stage);
    *from = (struct peer){.gate = AT_VENTILATOR};
    for (size_t i = 0; r == 0 && i < n; i++)
        r = read_part(stage, given);
    if (r < 0)
        parcel_clear(given);
    return r;
}

static int listen(struct line *line, struct peer to, struct parcel *parcel)
{
    struct stage *stage = stage_of(line);
    struct letter letter;
    int r = wire_letter_read(parcel, &letter);
    (void)to;
    parcel_clear(parcel);
    if (r != 0 || (letter.kind != LETTER_RESULT && letter.kind != LETTER_FAIL &&
                   letter.kind != LETTER_RELEASE))
        return 0;
    stage->over = 1;
    if (letter.kind == LETTER_RESULT)
        log_say(LOG_INFO, "shard %u, stage %u does this worker no harm", letter.shard,
                letter.stage);
    if (letter.kind == LETTER_FAIL)
        stage->status =
            log_fail(status_of_exit_code(letter.code), "shard %u: %s", letter.shard, letter.text);
    if (letter.kind == LETTER_RELEASE)
        cannot_read(stage);
    return 0;
}

static int play(struct stage *stage, const char *directory, struct cache *cache)
{
    struct worker_settings settings = {.line = &stage->line,
                                       .ventilator = {.gate = AT_VENTILATOR},
                                       .sink = {.gate = AT_SINK},
                                       .cache = cache,
                                       .name = {1, 1},
                                       .version = version_text(),
                                       .host = directory,
                                       .credit = 1};
    struct worker *worker = NULL;
    int r = worker_new(&settings, &worker);
    struct role role = worker_role(worker);
    for (int64_t turn = 0, quiet = 0; r == 0 && !stage->over && quiet < QUIET_TURNS; turn++) {
        int64_t deadline_ms = turn;
        struct peer from;
        struct parcel parcel;
        r = role.tick(role.self, turn, &deadline_ms);
        int heard = r == 0 ? hear(&stage->line, 0, &from, &parcel) : LINE_E_QUIET;
        if (heard == 0) {
            r = role.letter(role.self, from, &parcel, turn);
            parcel_clear(&parcel);
        }
        if (heard < 0)
            r = heard;
        quiet = heard == 0 || deadline_ms <= turn ? 0 : quiet + 1;
    }
    worker_destroy(&worker);
    if (r == 0 && !stage->over)
        r = cannot_read(stage);
    return r < 0 ? r : stage->status;
}

static int open_store(const char *directory, struct store **store)
{
    return store_lmdb_open(directory, STORE_CACHE, store);
}

static int play_in(struct stage *stage, const char *directory)
{
    struct cache *cache = NULL;
    char magic[sizeof EVIDENCE_MAGIC] = "";
    if (fread(magic, 1, sizeof magic - 1, stage->file) != sizeof magic - 1 ||
        strcmp(magic, EVIDENCE_MAGIC) != 0)
        return cannot_read(stage);
    int r = cache_open(directory, open_store, &cache);
    if (r == 0)
        r = play(stage, directory, cache);
    cache_close(&cache);
    return r;
}

int replay_file(const char *path)
{
    static const struct line_ways ways = {.send = listen, .wait = hear};
    struct stage stage = {.line = {&ways}, .path = path};
    char directory[SCRAP_PATH];
    stage.file = fopen(path, "rb");
    if (!stage.file)
        return log_fail(STATUS_NO_INPUT, "cannot read %s: %s", path, strerror(errno));
    int r = scrap_make("winnow", directory);
    if (r == 0) {
        r = play_in(&stage, directory);
        scrap_remove(directory);
    }
    fclose(stage.file);
    return r;
}
