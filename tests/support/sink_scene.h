/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SINK_SCENE_H
#define SUPPORT_SINK_SCENE_H

#include "common/arena.h"
#include "common/wire_digest.h"
#include "common/wire_lease.h"
#include "doubles/line_memory.h"
#include "doubles/store_memory.h"
#include "sink/sink.h"
#include "support/correspondent.h"
#include "support/scratch.h"

/* A sink, with a ventilator and a worker whose letters are written by hand. The job has few shards, and
 * nobody in them. */

#define SINK_SCENE_SHARDS 4

struct sink_scene {
    struct line_memory *board;
    struct line *line;
    struct correspondent ventilator, worker;
    struct shelf *shelf;
    struct sink *sink;
    struct arena *arena;
    struct scratch scratch;
    char out[SCRATCH_PATH + 8]; /* where results go */
    int64_t now_ms;
    int damages; /* results say another digest than theirs */
};

struct digest sink_scene_job(void);

/* Everybody has said HELLO. */
void sink_scene_open(struct sink_scene *scene);
void sink_scene_close(struct sink_scene *scene);

/* HELLO of a ventilator (role 1) or a worker (2). */
void sink_scene_hello(struct sink_scene *scene, struct correspondent *who, uint32_t role);
/* Some turns of the loop, all letters heard. */
void sink_scene_turn(struct sink_scene *scene);

/* The ventilator's JOB, up to DONESET. */
void sink_scene_announce(struct sink_scene *scene);
/* The worker's RESULT of a shard: of stage 1 what is gathered (NULL: of nobody), of stage 2 no rows. */
void sink_scene_result(struct sink_scene *scene, uint32_t stage, uint32_t shard,
                       const struct gathered *gathered);
/* The worker's BEAT about one lease of a job. */
void sink_scene_probe(struct sink_scene *scene, struct digest job, uint32_t shard,
                      enum beat_state state);
/* The ventilator's SEAL, with an account of nothing; refuse: only rejects are published. */
void sink_scene_seal(struct sink_scene *scene, int refuse);

/* What the worker hears next: its kind, or 0 for nothing. */
int sink_scene_answer(struct sink_scene *scene, struct letter *letter);

#endif
