/* SPDX-License-Identifier: Apache-2.0 */
/* One input after another, each on all threads: two at a time would only share the same disk and cores.
 * A kept input is recognised by the digest of its bytes, found in one pass of hashing that also
 * tells whether an older, shorter state of the file is what it begins with. */
#include "ventilator/intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/crash.h"
#include "common/log.h"
#include "ventilator/known.h"
#include "ventilator/recognition.h"

#define PATH_BYTES 4096

/* One input on its way in. */
struct taken {
    struct facts *facts; /* of all its segments */
    struct known_input known;
    uint64_t kept_bytes, kept_lines; /* what a kept state has of it */
    uint64_t rows_read;
    struct digest whole; /* digest of all bytes, where they were hashed */
    uint64_t whole_bytes;
    int streamed;       /* not to be recognised again */
    struct stamp stamp; /* of the file before it was opened */
};

struct intake {
    struct intake_order order;
    char directory[PATH_BYTES];
    uint32_t shards;
    struct known *known;
    struct spool *spool;
    struct taken *taken;
    size_t n, at; /* inputs; the one being read */
    struct partition *partition;
    struct spool_segment *draft;
    struct spool_segment **segment;
    size_t n_segments;
    struct facts *facts;
    uint64_t bytes_before; /* of inputs that are done */
    uint64_t rows_before, rejects_before;
    int refused;
};

static int settle_shards(struct intake *intake, uint32_t kept)
{
    uint32_t said = intake->order.shards;
    if (kept && said && kept != said)
        return log_fail(
            STATUS_CONFIG,
            "the state in %s was made with %u shards, --shards says %u; name another --state",
            intake->order.state, kept, said);
    intake->shards = kept ? kept : said ? said : survey_shards(intake->order.survey);
    return 0;
}

int intake_start(const struct intake_order *order, struct intake **out)
{
    struct intake *intake = calloc(1, sizeof *intake);
    uint32_t kept;
    if (!intake)
        return log_fail(STATUS_BUG, "out of memory for the inputs");
    intake->order = *order;
    intake->n = survey_inputs(order->survey);
    if (mkdir(order->state, 0700) != 0 && errno != EEXIST) {
        intake_stop(&intake);
        return log_fail(STATUS_NO_OUTPUT,
                        "cannot make the state directory %s: %s; --state names another place",
                        order->state, strerror(errno));
    }
    intake->taken = calloc(intake->n, sizeof *intake->taken);
    int r = intake->taken ? 0 : log_fail(STATUS_BUG, "out of memory for %zu inputs", intake->n);
    if (r == 0 && snprintf(intake->directory, PATH_BYTES, "%s/spool", order->state) >= PATH_BYTES)
        r = log_fail(STATUS_NO_OUTPUT, "state directory has a name that is too long");
    if (r == 0)
        r = known_open(order->state, &intake->known, &kept);
    if (r == 0)
        r = settle_shards(intake, kept);
    if (r == 0)
        r = spool_open(intake->directory, intake->shards, &intake->spool);
    if (r == 0)
        r = facts_new(&intake->facts);
    if (r < 0) {
        intake_stop(&intake);
        return r;
    }
    *out = intake;
    return 0;
}

void intake_stop(struct intake **intake)
{
    struct intake *in = *intake;
    if (!in)
        return;
    partition_stop(&in->partition);
    spool_segment_close(&in->draft);
    for (size_t i = 0; i < in->n_segments; i++)
        spool_segment_close(&in->segment[i]);
    free(in->segment);
    for (size_t i = 0; in->taken && i < in->n; i++)
        facts_destroy(&in->taken[i].facts);
    free(in->taken);
    facts_destroy(&in->facts);
    known_close(&in->known);
    if (in->spool)
        spool_close(&in->spool);
    free(in);
    *intake = NULL;
}

/* ---- what the state knows ---- */

static int segments_add(struct intake *intake, struct spool_segment **segment)
{
    struct spool_segment **more =
        realloc(intake->segment, (intake->n_segments + 1) * sizeof(*more));
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu segments", intake->n_segments + 1);
    intake->segment = more;
    intake->segment[intake->n_segments++] = *segment;
    *segment = NULL;
    return 0;
}

static int is_used(const struct intake *intake, struct digest id)
{
    for (size_t i = 0; i < intake->n_segments; i++)
        if (digest_same(spool_segment_id(intake->segment[i]), id))
            return 1;
    return 0;
}

/* The facts and segment of one kept stretch; > 0: not to be had, no longer true, or another input's
 * already: one that begins with the bytes of another must bring rows of its own. */
static int use_segment(struct intake *intake, struct taken *taken, struct digest id,
                       int *ended_whole)
{
    char path[PATH_BYTES];
    struct facts *facts = NULL;
    struct spool_segment *segment = NULL;
    if (is_used(intake, id))
        return 1;
    spool_segment_path(intake->spool, id, ".facts", path);
    int r = facts_read(path, &facts);
    if (r == 0 && !facts_still_hold(facts, intake->order.as_of, intake->order.today))
        r = 1;
    if (r == 0)
        r = spool_segment_open(intake->spool, id, &segment);
    if (r == 0) {
        *ended_whole = facts->ended_whole;
        taken->kept_lines += facts->lines;
        facts_renumber(facts, (uint32_t)intake->at);
        r = facts_merge(taken->facts, facts);
    }
    if (r == 0)
        r = segments_add(intake, &segment);
    facts_destroy(&facts);
    spool_segment_close(&segment);
    return r;
}

static void unuse_segments(struct intake *intake, size_t n_before, struct taken *taken)
{
    while (intake->n_segments > n_before)
        spool_segment_close(&intake->segment[--intake->n_segments]);
    facts_destroy(&taken->facts);
    taken->kept_lines = taken->kept_bytes = 0;
    taken->known.n_segments = 0;
}

/* Takes what is kept of this input where it is all there; 1: it is not. */
static int use_known(struct intake *intake, struct taken *taken, const struct known_input *known,
                     uint64_t size)
{
    size_t before = intake->n_segments;
    int ended_whole = 1, r = facts_new(&taken->facts);
    for (uint32_t i = 0; r == 0 && i < known->n_segments; i++)
        r = use_segment(intake, taken, known->segment[i], &ended_whole);
    if (r == 0 && known->bytes < size &&
        (!ended_whole || known->n_segments == KNOWN_SEGMENTS_LIMIT))
        r = 1;
    if (r != 0) {
        unuse_segments(intake, before, taken);
        return r;
    }
    taken->known = *known;
    taken->kept_bytes = known->bytes;
    return 0;
}

/* Uses the longest kept state of this input that it still begins with. */
static int recognise(struct intake *intake, struct taken *taken)
{
    const struct sheet *sheet = survey_sheet(intake->order.survey, intake->at);
    struct recognition_order order = {
        .known = intake->known,
        .path = sheet->path,
        .how = survey_digest(intake->order.survey, intake->at),
        .stamp = taken->stamp,
        .whole_only = sheet->about.packing != PACKING_PLAIN,
    };
    struct recognition found;
    if (taken->streamed)
        return 0;
    int r = recognition_find(&order, &found);
    taken->whole = found.digest;
    taken->whole_bytes = found.bytes;
    for (size_t i = 0; r == 0 && i < found.n; i++) {
        r = use_known(intake, taken, known_at(intake->known, found.match[i]), found.bytes);
        if (r == 0)
            break;
        r = r < 0 ? r : 0;
    }
    recognition_free(&found);
    return r;
}

/* ---- reading ---- */

static int start_reading(struct intake *intake, struct taken *taken)
{
    int r = spool_segment_new(intake->spool, &intake->draft);
    if (r < 0)
        return r;
    struct partition_order order = {
        .survey = intake->order.survey,
        .input = intake->at,
        .from = taken->kept_bytes,
        .lines = taken->kept_lines,
        .segment = intake->draft,
        .shards = intake->shards,
        .threads = intake->order.threads,
        .lanes = intake->order.lanes,
        .rejects_limit = intake->order.rejects_limit < 0
                             ? -1
                             : intake->order.rejects_limit - (int64_t)intake->rejects_before,
    };
    return partition_start(&order, &intake->partition);
}

/* Only where the file is the same after all was read as it was before. */
static void note_stamp(const struct intake *intake, struct taken *taken)
{
    const struct sheet *sheet = survey_sheet(intake->order.survey, intake->at);
    struct stamp now = {0};
    if (!taken->streamed && taken->known.bytes == taken->stamp.bytes)
        now = stamp_of(sheet->path, intake->order.wall_ms);
    taken->known.stamp = stamp_same(&now, &taken->stamp) ? now : (struct stamp){0};
}

static int start_input(struct intake *intake)
{
    struct taken *taken = &intake->taken[intake->at];
    const struct sheet *sheet = survey_sheet(intake->order.survey, intake->at);
    taken->streamed = sheet->stream != NULL;
    if (!taken->streamed)
        taken->stamp = stamp_of(sheet->path, intake->order.wall_ms);
    int r = recognise(intake, taken);
    if (r < 0)
        return r;
    if (!taken->facts || taken->kept_bytes != taken->whole_bytes)
        return start_reading(intake, taken);
    note_stamp(intake, taken);
    return known_add(intake->known, &taken->known);
}

/* Everything of this input is in: into the sum. */
static int end_input(struct intake *intake)
{
    struct taken *taken = &intake->taken[intake->at];
    int r = facts_merge(intake->facts, taken->facts);
    intake->bytes_before += taken->known.bytes;
    intake->rows_before = intake->facts->rows_in;
    intake->rejects_before = facts_rejects(intake->facts);
    intake->at++;
    return r;
}

/* The name of what was read: its bytes, where they began, and how rows were read. */
static struct digest segment_name(const struct intake *intake, const struct facts *facts,
                                  uint64_t from)
{
    struct {
        struct digest bytes, how;
        uint64_t from;
    } name = {facts->digest, survey_digest(intake->order.survey, intake->at), from};
    return digest_of(&name, sizeof name);
}

static void remember(struct taken *taken, const struct facts *facts, struct digest id,
                     struct digest how)
{
    struct known_input *known = &taken->known;
    known->bytes = taken->kept_bytes + facts->raw_bytes;
    known->how = how;
    known->segment[known->n_segments++] = id;
    if (taken->kept_bytes == 0)
        known->digest = facts->digest;
    else
        known->digest = taken->whole;
    if (taken->kept_bytes > 0 && known->bytes != taken->whole_bytes)
        taken->streamed = 1; /* it grew while it was read: its digest is not known */
}

/* At once, so that a run that is killed in a later input does not read this one again. */
static int make_known(struct intake *intake, const struct taken *taken)
{
    crash_point("ventilator-input-read");
    int r = taken->streamed ? 0 : known_add(intake->known, &taken->known);
    if (r == 0)
        r = known_write(intake->known, intake->shards);
    crash_point("ventilator-input-known");
    return r;
}

static int end_reading(struct intake *intake, int refused)
{
    struct taken *taken = &intake->taken[intake->at];
    struct facts *facts = NULL;
    char path[PATH_BYTES];
    int r = partition_facts(intake->partition, &facts);
    partition_stop(&intake->partition);
    if (r < 0)
        return r;
    taken->rows_read = facts->rows_in;
    struct digest id = segment_name(intake, facts, taken->kept_bytes);
    remember(taken, facts, id, survey_digest(intake->order.survey, intake->at));
    note_stamp(intake, taken);
    if (!refused) {
        r = spool_segment_seal(intake->draft, id);
        spool_segment_path(intake->spool, id, ".facts", path);
        if (r == 0)
            r = facts_write(facts, path);
        if (r == 0)
            r = segments_add(intake, &intake->draft);
        if (r == 0)
            r = make_known(intake, taken);
    }
    if (r == 0 && taken->facts)
        r = facts_merge(taken->facts, facts);
    if (r == 0 && !taken->facts) {
        taken->facts = facts;
        facts = NULL;
    }
    facts_destroy(&facts);
    return r < 0 ? r : end_input(intake);
}

static int by_id(const void *left, const void *right)
{
    struct digest a = spool_segment_id(*(struct spool_segment *const *)left);
    struct digest b = spool_segment_id(*(struct spool_segment *const *)right);
    return memcmp(&a, &b, sizeof a);
}

static int no_input_twice(const struct intake *intake)
{
    for (size_t i = 0; i < intake->n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct known_input *a = &intake->taken[i].known, *b = &intake->taken[k].known;
            if (a->bytes == b->bytes && digest_same(a->digest, b->digest))
                return log_fail(
                    STATUS_DATA,
                    "%s and %s have the same content; its rows would count twice, name it once",
                    survey_sheet(intake->order.survey, k)->name,
                    survey_sheet(intake->order.survey, i)->name);
        }
    return 0;
}

static int finish(struct intake *intake)
{
    int r = no_input_twice(intake);
    if (r < 0)
        return r;
    if (intake->n_segments > 0)
        qsort(intake->segment, intake->n_segments, sizeof(struct spool_segment *), by_id);
    return known_write(intake->known, intake->shards);
}

static int is_input(const struct intake *intake, const struct known_input *known)
{
    for (size_t i = 0; i < intake->n; i++)
        if (digest_same(intake->taken[i].known.digest, known->digest) &&
            digest_same(intake->taken[i].known.how, known->how))
            return 1;
    return 0;
}

int intake_prune(struct intake *intake)
{
    size_t n = known_size(intake->known);
    unsigned char *keep = calloc(n + 1, 1);
    if (!keep)
        return log_fail(STATUS_BUG, "out of memory for %zu known inputs", n);
    for (size_t i = 0; i < n; i++) {
        const struct known_input *known = known_at(intake->known, i);
        keep[i] = (unsigned char)is_input(intake, known);
        for (uint32_t k = 0; k < known->n_segments; k++)
            if (!is_used(intake, known->segment[k]))
                spool_segment_remove(intake->spool, known->segment[k]);
    }
    known_keep(intake->known, keep);
    free(keep);
    return known_write(intake->known, intake->shards);
}

int intake_poll(struct intake *intake)
{
    int r;
    if (intake->refused)
        return INTAKE_E_REFUSED;
    if (intake->partition) {
        r = partition_poll(intake->partition);
        if (r == PARTITION_E_BUSY)
            return INTAKE_E_BUSY;
        intake->refused = r == PARTITION_E_REFUSED;
        if (r >= 0)
            r = end_reading(intake, intake->refused);
        if (r < 0)
            return r;
        return intake->refused ? INTAKE_E_REFUSED : INTAKE_E_BUSY;
    }
    if (intake->at == intake->n)
        return finish(intake);
    r = start_input(intake);
    if (r == 0 && !intake->partition)
        r = end_input(intake);
    return r < 0 ? r : INTAKE_E_BUSY;
}

uint32_t intake_shards(const struct intake *intake)
{
    return intake->shards;
}

struct spool *intake_spool(const struct intake *intake)
{
    return intake->spool;
}

struct partition_progress intake_progress(const struct intake *intake)
{
    struct partition_progress progress = {0, 0, 0};
    if (intake->partition)
        progress = partition_progress(intake->partition);
    progress.raw_bytes += intake->bytes_before;
    progress.rows += intake->rows_before;
    progress.rejects += intake->rejects_before;
    return progress;
}

uint64_t intake_bytes(const struct intake *intake)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < intake->n; i++)
        bytes += survey_sheet(intake->order.survey, i)->about.bytes;
    return bytes;
}

const struct facts *intake_facts(const struct intake *intake)
{
    return intake->facts;
}

struct spool_segment *const *intake_segments(const struct intake *intake, size_t *n)
{
    *n = intake->n_segments;
    return intake->segment;
}

size_t intake_inputs(const struct intake *intake)
{
    return intake->n;
}

struct intake_input intake_input(const struct intake *intake, size_t i)
{
    const struct taken *taken = &intake->taken[i];
    struct intake_input input = {.path = survey_sheet(intake->order.survey, i)->name};
    if (!taken->facts)
        return input;
    input.bytes = taken->known.bytes;
    input.digest = taken->known.digest;
    input.rows = taken->facts->rows_in;
    input.accepted = taken->facts->accepted;
    input.rejects = facts_rejects(taken->facts);
    input.rows_read = taken->rows_read;
    return input;
}
