/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/letters.h"

#include <stdio.h>

#include "common/resident.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"

struct letter letters_about(enum letter_kind kind, struct digest job, struct desk_key key,
                            int32_t code)
{
    struct letter letter = {.kind = kind,
                            .job = job,
                            .stage = key.stage,
                            .shard = key.shard,
                            .attempt = key.attempt,
                            .code = code};
    return letter;
}

int letters_post(const struct worker_settings *settings, struct peer to, struct parcel *parcel)
{
    int r = line_post(settings->line, to, parcel);
    return r < 0 ? r : 0;
}

int letters_say(const struct worker_settings *settings, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    return r < 0 ? r : letters_post(settings, to, &parcel);
}

int letters_release(const struct worker_settings *settings, struct digest job, struct desk_key key,
                    enum release_reason reason)
{
    struct letter letter = letters_about(LETTER_RELEASE, job, key, (int32_t)reason);
    return letters_say(settings, settings->ventilator, &letter);
}

int letters_hello(const struct worker_settings *settings, struct parcel *parcel)
{
    struct letter letter = {.kind = LETTER_HELLO};
    struct cache_list list;
    int r = cache_list(settings->cache, &list);
    if (r < 0)
        return r;
    struct hello hello = {
        .role = 2,
        .name = settings->name,
        .version = settings->version,
        .host = settings->host,
        .credit = settings->credit,
        .shards = list.shards,
        .sets = list.sets,
        .set_sizes = list.set_sizes,
        .n_sets = list.n_sets,
        .cached_shards = list.cached_shards,
        .cached_sets = list.cached_sets,
        .n_cached = list.n_cached,
        .turns = 1,
    };
    snprintf(letter.text, sizeof letter.text, "%s", cache_name(settings->cache));
    r = wire_letter_put(&letter, parcel);
    if (r == 0)
        r = wire_hello_put(&hello, parcel);
    cache_list_free(&list);
    return r;
}

int letters_beat(const struct desk *desk, struct digest job, uint64_t frames_taken,
                 struct parcel *parcel)
{
    struct letter letter = {.kind = LETTER_BEAT, .job = job};
    uint32_t stages[DESK_LEASES_LIMIT], shards[DESK_LEASES_LIMIT], attempts[DESK_LEASES_LIMIT];
    uint32_t states[DESK_LEASES_LIMIT];
    uint64_t progress[DESK_LEASES_LIMIT];
    for (uint32_t i = 0; i < desk->n; i++) {
        const struct desk_lease *lease = &desk->lease[i];
        stages[i] = lease->key.stage;
        shards[i] = lease->key.shard;
        attempts[i] = lease->key.attempt;
        states[i] = (uint32_t)lease->state; /* numbered as enum beat_state */
        progress[i] = lease->progress;
    }
    struct beat beat = {desk->n, stages,   shards,       attempts,
                        states,  progress, frames_taken, resident_peak_kib()};
    int r = wire_letter_put(&letter, parcel);
    return r < 0 ? r : wire_beat_put(&beat, parcel);
}

int letters_result(struct digest job, struct desk_key key, struct parcel *payload,
                   struct parcel *parcel)
{
    struct letter letter = letters_about(LETTER_RESULT, job, key, 0);
    letter.digest = wire_digest(payload, 1);
    int r = wire_letter_put(&letter, parcel);
    for (size_t i = 0; r == 0 && i < payload->n; i++)
        r = parcel_add(parcel, &payload->part[i]);
    return r;
}
