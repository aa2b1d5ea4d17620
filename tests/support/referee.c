/* SPDX-License-Identifier: Apache-2.0 */
#include "support/referee.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/wire.h"
#include "common/wire_done.h"
#include "sink/commit.h"
#include "sink/record.h"

void referee_says(struct referee *referee, const char *words)
{
    if (!referee->words[0])
        snprintf(referee->words, sizeof referee->words, "%s", words);
}

static void says_of(struct referee *referee, const char *words, uint32_t stage, uint32_t shard)
{
    char text[sizeof referee->words];
    snprintf(text, sizeof text, "%s: stage %u, shard %u", words, stage, shard);
    referee_says(referee, text);
}

void referee_follow(struct referee *referee, const struct shelf *shelf)
{
    referee->shelf = shelf;
    referee->sealed = referee->scoring = 0;
}

static int has(const struct referee *referee, uint32_t stage, uint32_t shard)
{
    struct key key = key_done(stage, shard);
    return store_memory_shelf_has(referee->shelf, key_slice(&key));
}

/* How far the job is after this change of its record; one that is swept goes before what it is about. */
static void note_record(struct referee *referee, const struct store_put *put)
{
    struct job_record record;
    if (put->n_parts == 0)
        return;
    memcpy(&record, put->part[0].data, sizeof record);
    referee->sealed = record.phase == COMMIT_SEALED;
    referee->scoring = record.scoring != 0;
}

/* Whether a mark that is there is an earlier job's: it may go, or be taken over as it is. */
static int is_earlier(const struct referee *referee, uint32_t stage)
{
    return referee->sealed || (stage == 2 && !referee->scoring);
}

static int is_taken_over(const struct store_put *put)
{
    struct mark mark;
    return mark_read(put->part[0], &mark) == 0 && mark.kept;
}

void referee_transaction(struct referee *referee, const struct store_put *puts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char *key = puts[i].key.data;
        uint32_t shard = key_shard(puts[i].key);
        if (key[0] == KEY_JOB)
            note_record(referee, &puts[i]);
        if (key[0] != KEY_DONE || !has(referee, key[1], shard))
            continue;
        if (puts[i].n_parts == 0 ? !is_earlier(referee, key[1])
                                 : !is_earlier(referee, key[1]) || !is_taken_over(&puts[i]))
            says_of(referee, puts[i].n_parts > 0 ? "committed twice" : "a commit was taken back",
                    key[1], shard);
    }
}

static void keys_are_there(struct referee *referee, const struct parcel *parcel)
{
    struct shard_keys keys;
    struct arena *arena = arena_new((size_t)1 << 20);
    if (arena && wire_keys_read(parcel, 1, arena, &keys) == 0)
        for (size_t i = 0; i < keys.n; i++)
            if (!has(referee, keys.stages[i], keys.shards[i]))
                says_of(referee, "said to be done, and is not", keys.stages[i], keys.shards[i]);
    arena_destroy(&arena);
}

static void set_is_there(struct referee *referee, const struct parcel *parcel)
{
    struct done_set set;
    struct arena *arena = arena_new((size_t)1 << 20);
    if (arena && wire_done_set_read(parcel, 1, arena, &set) == 0)
        for (uint32_t s = 0; s < set.shards; s++)
            for (uint32_t stage = 1; stage <= 2; stage++)
                if (((stage == 1 ? set.gathered : set.scored)[s / 8] >> (s % 8) & 1) &&
                    !has(referee, stage, s))
                    says_of(referee, "in the done set, and not done", stage, s);
    arena_destroy(&arena);
}

void referee_letter(struct referee *referee, const struct parcel *parcel)
{
    struct letter letter;
    if (wire_letter_read(parcel, &letter) != 0)
        return;
    if (letter.kind == LETTER_ACK && letter.code != ACK_REFUSED &&
        !has(referee, letter.stage, letter.shard))
        says_of(referee, "acknowledged, and not committed", letter.stage, letter.shard);
    if (letter.kind == LETTER_ACK && letter.code == ACK_CONFLICT)
        says_of(referee, "two results differ", letter.stage, letter.shard);
    if (letter.kind == LETTER_ACK && letter.code == ACK_REFUSED)
        says_of(referee, "a result was refused", letter.stage, letter.shard);
    if (letter.kind == LETTER_DONE)
        keys_are_there(referee, parcel);
    if (letter.kind == LETTER_DONESET)
        set_is_there(referee, parcel);
}

void referee_end(struct referee *referee, uint32_t shards)
{
    for (uint32_t stage = 1; stage <= 2; stage++)
        for (uint32_t shard = 0; shard < shards; shard++)
            if (!has(referee, stage, shard))
                says_of(referee, "a shard was lost", stage, shard);
    if (!referee->sealed)
        referee_says(referee, "the job was not sealed");
}
