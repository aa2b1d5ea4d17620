/* SPDX-License-Identifier: Apache-2.0 */
/* Everything here could be in the role, and was; apart from it, what the sink answers can be read in one
 * piece, and is the same in the simulator. */
#include "sink/reception.h"

#include <stdlib.h>

#include "common/log.h"

#define IDLE_MS   1000
#define RETRY_MS  1000
#define GROUP     4     /* results to a commit, */
#define GROUP_MS  5     /* and how long the first waits for the others */
#define LINGER_MS 30000 /* a ventilator that dies now is started again, and must hear of the seal */

int reception_new(struct reception *reception)
{
    *reception = (struct reception){0};
    reception->peers = calloc(RECEPTION_PEERS, sizeof *reception->peers);
    return reception->peers ? 0 : log_fail(STATUS_BUG, "out of memory for a sink");
}

void reception_free(struct reception *reception)
{
    free(reception->peers);
    *reception = (struct reception){0};
}

/* ---- who ---- */

static int is_known(const struct reception *reception, struct peer from)
{
    for (size_t i = 0; i < reception->n_peers; i++)
        if (peer_same(reception->peers[i], from))
            return 1;
    return 0;
}

void reception_hello(struct reception *reception, struct peer from, int is_ventilator)
{
    if (is_ventilator) {
        reception->ventilator = from;
        reception->has_ventilator = 1;
    }
    if (is_known(reception, from))
        return;
    reception->peers[reception->next_peer] = from;
    reception->next_peer = (reception->next_peer + 1) % RECEPTION_PEERS;
    if (reception->n_peers < RECEPTION_PEERS)
        reception->n_peers++;
}

enum reception_who reception_who(const struct reception *reception, struct peer from)
{
    if (reception->has_ventilator && peer_same(from, reception->ventilator))
        return RECEPTION_VENTILATOR;
    return is_known(reception, from) ? RECEPTION_WORKER : RECEPTION_STRANGER;
}

/* ---- the job ---- */

int reception_is_at(const struct reception *reception, struct digest job)
{
    return reception->phase != RECEPTION_NO_JOB && digest_same(reception->job, job);
}

enum reception_opening reception_job(const struct reception *reception, struct digest id,
                                     struct reception_kept kept, int restart, int seals)
{
    if (kept.running && !digest_same(kept.id, id) && !restart)
        return RECEPTION_UNFINISHED;
    if (reception_is_at(reception, id))
        return reception->phase == RECEPTION_SEALED ? RECEPTION_FINISHED : RECEPTION_KNOWN;
    if (!digest_same(kept.id, id))
        return RECEPTION_BEGIN;
    if (kept.sealed && seals)
        return RECEPTION_WAS_SEALED;
    return kept.running ? RECEPTION_GO_ON : RECEPTION_BEGIN;
}

void reception_open(struct reception *reception, struct digest id, uint32_t shards,
                    struct roll_call *roll)
{
    reception->phase = RECEPTION_GATHERING;
    reception->job = id;
    reception->shards = shards;
    reception->roll = roll;
}

void reception_close(struct reception *reception)
{
    reception->phase = RECEPTION_NO_JOB;
    reception->roll = NULL;
}

/* ---- results ---- */

int reception_awaits(const struct reception *reception, struct digest job, uint32_t stage,
                     uint32_t shard)
{
    return reception_is_at(reception, job) && (stage == 1 || stage == 2) &&
           shard < reception->shards;
}

/* Until the model is there, whose scores the store has is open: those of an earlier job may be this one's (commit.h). So
 * scores of before a restart wait for it; a probe brings them. */
static int is_early(const struct reception *reception, uint32_t stage)
{
    return stage == 2 && reception->phase == RECEPTION_GATHERING;
}

/* A copy of a lease may come home when the job is sealed: it is acknowledged as any that comes second, or
 * its worker would wait for ever, and a result that differs would go unseen. What is new then is of a
 * job that was given up. */
enum reception_verdict reception_result(struct reception *reception, uint32_t stage, uint32_t shard,
                                        struct digest digest)
{
    if (is_early(reception, stage) || (reception->phase == RECEPTION_SEALED &&
                                       roll_call_look(reception->roll, stage, shard) == ROLL_NEW))
        return RECEPTION_SILENCE;
    switch (roll_call_arrive(reception->roll, stage, shard, digest)) {
    case ROLL_NEW:
        return RECEPTION_NEW;
    case ROLL_PENDING: /* its commit will be acknowledged to the first; a probe brings the rest */
        return RECEPTION_SILENCE;
    case ROLL_DUPLICATE:
        return RECEPTION_DUPLICATE;
    case ROLL_CONFLICT:
        break;
    }
    return RECEPTION_CONFLICT;
}

/* A result is lost with the sink or the connection it was sent to, or was turned away while the disk was
 * full, and would be again. */
enum reception_verdict reception_probe(const struct reception *reception, uint32_t stage,
                                       uint32_t shard)
{
    if (reception->full || is_early(reception, stage))
        return RECEPTION_SILENCE;
    switch (roll_call_look(reception->roll, stage, shard)) {
    case ROLL_NEW:
        return reception->phase == RECEPTION_SEALED ? RECEPTION_SILENCE : RECEPTION_ASK;
    case ROLL_DUPLICATE:
        return RECEPTION_DUPLICATE;
    default:
        return RECEPTION_SILENCE;
    }
}

void reception_committed(struct reception *reception, uint32_t stage, uint32_t shard)
{
    roll_call_commit(reception->roll, stage, shard);
}

void reception_disk(struct reception *reception, int full, int64_t now_ms)
{
    reception->full = full;
    reception->retry_ms = now_ms + RETRY_MS;
}

/* ---- the end ---- */

int reception_may_seal(const struct reception *reception, struct digest job, int refuse)
{
    return reception_is_at(reception, job) && (refuse || (reception->phase == RECEPTION_SCORING &&
                                                          roll_call_complete(reception->roll, 2)));
}

void reception_fitted(struct reception *reception)
{
    reception->phase = RECEPTION_SCORING;
}

void reception_sealed(struct reception *reception, int64_t now_ms)
{
    reception->phase = RECEPTION_SEALED;
    reception->leave_ms = now_ms + LINGER_MS;
}

void reception_bye(struct reception *reception, int64_t now_ms)
{
    if (reception->phase == RECEPTION_SEALED)
        reception->leave_ms = now_ms;
}

/* ---- what is due ---- */

/* Whether results should go on waiting for others: more of them may come before the next would be late. */
static int may_wait(const struct reception *reception, struct reception_waiting waiting,
                    int64_t now_ms)
{
    uint32_t stage = reception->phase == RECEPTION_GATHERING ? 1 : 2;
    size_t missing = reception->shards - roll_call_n(reception->roll, stage);
    return waiting.n < GROUP && waiting.n < missing && now_ms < waiting.since_ms + GROUP_MS;
}

enum reception_due reception_due(const struct reception *reception,
                                 struct reception_waiting waiting, int64_t now_ms, int64_t *wake_ms)
{
    *wake_ms = now_ms + IDLE_MS;
    if (reception->phase == RECEPTION_SEALED) {
        *wake_ms = reception->leave_ms;
        return now_ms >= reception->leave_ms ? RECEPTION_LEAVE : RECEPTION_NOTHING;
    }
    if (waiting.n > 0 && reception->full && now_ms < reception->retry_ms) {
        *wake_ms = reception->retry_ms;
        return RECEPTION_NOTHING;
    }
    if (waiting.n > 0 && may_wait(reception, waiting, now_ms)) {
        *wake_ms = waiting.since_ms + GROUP_MS;
        return RECEPTION_NOTHING;
    }
    if (waiting.n > 0)
        return RECEPTION_COMMIT;
    return reception->phase == RECEPTION_GATHERING && roll_call_complete(reception->roll, 1)
               ? RECEPTION_FIT
               : RECEPTION_NOTHING;
}
