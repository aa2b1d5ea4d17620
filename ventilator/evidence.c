/* SPDX-License-Identifier: Apache-2.0 */
/* The letters as they would go to a worker with an empty cache, so that nothing of the cluster is needed to
 * see the same again. */
#include "ventilator/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/wire_lease.h"
#include "ventilator/feed.h"

static void put_number(FILE *file, size_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        fputc((int)(number >> shift & 255), file);
}

/* Writes a letter, whose parts are let go of. */
static void put_letter(FILE *file, struct parcel *parcel)
{
    put_number(file, parcel->n);
    for (size_t i = 0; i < parcel->n; i++) {
        put_number(file, parcel->part[i].size);
        if (parcel->part[i].size > 0)
            fwrite(parcel->part[i].data, 1, parcel->part[i].size, file);
    }
    parcel_clear(parcel);
}

static struct letter letter_of(const struct evidence *evidence, enum letter_kind kind)
{
    return (struct letter){.kind = kind,
                           .job = evidence->job->id,
                           .stage = evidence->stage,
                           .shard = evidence->shard,
                           .attempt = 1};
}

static int put_plan(const struct evidence *evidence, FILE *file)
{
    const struct letter letter = letter_of(evidence, LETTER_PLAN);
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_plan_put(evidence->job->work, &parcel);
    put_letter(file, &parcel);
    return r;
}

static int put_model(const struct evidence *evidence, FILE *file)
{
    struct letter letter = letter_of(evidence, LETTER_MODEL);
    struct parcel parcel;
    letter.digest = evidence->model_digest;
    int r = evidence->model ? wire_letter_put(&letter, &parcel) : 0;
    for (size_t i = 0; evidence->model && r == 0 && i < evidence->model->n; i++)
        r = wire_bytes_put(
            (struct slice){evidence->model->part[i].data, evidence->model->part[i].size}, &parcel);
    if (evidence->model)
        put_letter(file, &parcel);
    return r;
}

static int put_frames(const struct evidence *evidence, FILE *file, struct spool_reading *reading,
                      enum data_code code)
{
    struct letter letter = letter_of(evidence, LETTER_DATA);
    struct part frame = {0};
    int r;
    letter.code = (int32_t)code;
    while ((r = spool_read_frame(reading, &frame)) == 0) {
        struct parcel parcel;
        r = wire_letter_put(&letter, &parcel);
        if (r == 0)
            r = parcel_add(&parcel, &frame);
        put_letter(file, &parcel);
        if (r < 0)
            return r;
    }
    return r == SPOOL_E_ABSENT ? 0 : r;
}

static int put_lease(const struct evidence *evidence, FILE *file)
{
    const struct staff_job *job = evidence->job;
    const struct letter letter = letter_of(evidence, LETTER_LEASE);
    struct spool_segment *const attributes = job->attributes;
    struct spool_reading rows = {job->segments, job->n_want, evidence->shard, 0, 0};
    struct spool_reading others = {&attributes, attributes != NULL, evidence->shard, 0, 0};
    struct lease_order order = {.want = job->want,
                                .n_want = job->n_want,
                                .frames = spool_frames(&rows) + spool_frames(&others),
                                .model = evidence->model_digest};
    struct parcel parcel;
    if (attributes) {
        order.attributes = spool_segment_id(attributes);
        order.attributes_follow = 1;
    }
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_lease_put(&order, &parcel);
    put_letter(file, &parcel);
    if (r == 0)
        r = put_frames(evidence, file, &rows, DATA_ROWS);
    return r < 0 ? r : put_frames(evidence, file, &others, DATA_ATTRIBUTES);
}

int evidence_keep(const struct evidence *evidence, char path[EVIDENCE_PATH])
{
    const struct staff_job *job = evidence->job;
    const char *where = job->poison ? job->poison : job->state;
    snprintf(path, EVIDENCE_PATH, "%s%s-%u-%u", where, job->poison ? "" : "/poison",
             evidence->stage, evidence->shard);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!file) {
        int said = errno;
        if (fd >= 0)
            close(fd);
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s", path, strerror(said));
    }
    fputs(EVIDENCE_MAGIC, file);
    int r = put_plan(evidence, file);
    if (r == 0)
        r = put_model(evidence, file);
    if (r == 0)
        r = put_lease(evidence, file);
    int broken = ferror(file);
    if (fclose(file) != 0 || broken)
        return log_fail(STATUS_IO, "cannot write %s", path);
    return r;
}

int evidence_stop(const struct evidence *evidence, uint32_t workers, const char *happened)
{
    char path[EVIDENCE_PATH];
    int r = evidence_keep(evidence, path);
    return r < 0 ? r
                 : log_fail(STATUS_BUG,
                            "shard %u of stage %u: %u workers %s; what it is made of is in %s, "
                            "winnow worker --replay %s shows it again",
                            evidence->shard, evidence->stage, workers, happened, path, path);
}
