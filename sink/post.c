/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/post.h"

#include <stdio.h>

#include "common/wire.h"
#include "common/wire_done.h"

static struct letter letter_of(const struct post *post, enum letter_kind kind)
{
    struct letter letter = {.kind = kind, .job = post->job, .boot = post->boot};
    letter.sequence = commit_sequence(post->commit);
    return letter;
}

static int send_or_forget(const struct post *post, struct peer to, struct parcel *parcel)
{
    int r = line_post(post->line, to, parcel);
    return r < 0 ? r : 0;
}

static int say(const struct post *post, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    return r < 0 ? r : send_or_forget(post, to, &parcel);
}

int post_refused(const struct post *post, struct peer to, int status, const char *words)
{
    struct letter letter = letter_of(post, LETTER_REFUSED);
    struct parcel parcel;
    letter.code = status_exit_code(status);
    snprintf(letter.text, sizeof letter.text, "%s", words);
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = line_post(post->line, to, &parcel);
    return r == LINE_E_FULL ? 0 : r;
}

int post_rehello(const struct post *post, struct peer to)
{
    struct letter letter = letter_of(post, LETTER_REHELLO);
    return say(post, to, &letter);
}

int post_sealed(const struct post *post, struct peer to)
{
    struct letter letter = letter_of(post, LETTER_SEALED);
    return say(post, to, &letter);
}

int post_done_set(const struct post *post, struct peer to, const struct roll_call *roll,
                  uint32_t shards)
{
    struct letter letter = letter_of(post, LETTER_DONESET);
    struct done_set set = {shards, roll_call_bits(roll, 1), roll_call_bits(roll, 2)};
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_done_set_put(&set, &parcel);
    return r < 0 ? r : send_or_forget(post, to, &parcel);
}

int post_done(const struct post *post, struct peer to, const struct batch *batch)
{
    struct letter letter = letter_of(post, LETTER_DONE);
    uint32_t stages[BATCH_LIMIT], shards[BATCH_LIMIT];
    struct shard_keys keys = batch_keys(batch, stages, shards);
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_keys_put(&keys, &parcel);
    return r < 0 ? r : send_or_forget(post, to, &parcel);
}

int post_stage_result(const struct post *post, struct peer to, const struct outcome *outcome)
{
    struct letter letter = letter_of(post, LETTER_STAGE_RESULT);
    struct parcel parcel;
    letter.digest = outcome->digest;
    int r = wire_letter_put(&letter, &parcel);
    for (size_t i = 0; r == 0 && i < outcome->model->n; i++) {
        const struct part *part = &outcome->model->part[i];
        r = wire_bytes_put((struct slice){part->data, part->size}, &parcel);
    }
    return r < 0 ? r : send_or_forget(post, to, &parcel);
}

int post_ack(const struct post *post, struct peer to, const struct commit_result *about,
             enum ack_code code)
{
    struct letter letter = letter_of(post, LETTER_ACK);
    letter.stage = about->stage;
    letter.shard = about->shard;
    letter.attempt = about->attempt;
    letter.code = (int32_t)code;
    return say(post, to, &letter);
}
