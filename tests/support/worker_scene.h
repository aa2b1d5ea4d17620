/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_WORKER_SCENE_H
#define SUPPORT_WORKER_SCENE_H

#include "common/figures.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "contract/contract.h"
#include "doubles/line_memory.h"
#include "support/small_job.h"
#include "worker/desk.h"
#include "worker/worker.h"

/* A worker between a ventilator and a sink that the test plays, on a switchboard in memory, with time in
 * the test's hand. */

struct heard {
    struct letter letter;
    struct parcel parcel;
};

struct worker_scene {
    struct line_memory *board;
    struct line *line; /* the worker's */
    struct line *ventilator, *sink;
    struct peer at_ventilator, at_sink; /* the worker, as they know it */
    struct contract_scratch scratch;
    struct cache *cache;
    struct worker *worker;
    struct role role;
    volatile sig_atomic_t stop;
    struct note note;
    struct figures *figures;
    int64_t now;
    struct digest job;
    struct work_plan work;
    struct model model;
    struct shard rows;
    struct chance chance;
    struct heard heard; /* the last letter */
};

/* Fixtures: nothing has been said yet; *state is the scene. */
int worker_scene_begin(void **state);
int worker_scene_end(void **state);

/* The process dies, of a signal of its own making or (0) by somebody's hand, and another comes. */
void worker_scene_dies(struct worker_scene *scene, uint32_t signal);

/* Turns of the loop at this moment; answers the last one's answer, at the first that is not 0. */
int worker_scene_turns(struct worker_scene *scene, int turns);
/* Turns until a letter of this kind has come to the line (it is in heard), skipping others. 0, or 1 when
 * there are none. */
int worker_scene_hears(struct worker_scene *scene, struct line *at, enum letter_kind kind);
/* The worker's last beat to the ventilator, after some turns; in the scene's arena until the next. */
struct beat worker_scene_beat(struct worker_scene *scene);

/* HELLO is heard on both sides; WELCOME with beats every 100 ms is said, and PLAN. */
void worker_scene_joins(struct worker_scene *scene);

/* What the two servers say. Takes the payload parts of a parcel (parts 1..), or NULL. */
void worker_scene_say(struct worker_scene *scene, struct line *from, const struct letter *letter,
                      struct parcel *payload);
void worker_scene_welcome(struct worker_scene *scene);
void worker_scene_plan(struct worker_scene *scene);
void worker_scene_model(struct worker_scene *scene, struct digest digest);
void worker_scene_ack(struct worker_scene *scene, uint32_t stage, uint32_t shard,
                      enum ack_code code);
/* A letter of this kind about a lease of the scene's job. */
struct letter worker_scene_about(const struct worker_scene *scene, enum letter_kind kind,
                                 struct desk_key key);
/* A lease of one segment; have: of the cache. */
void worker_scene_lease(struct worker_scene *scene, struct desk_key key, int have, uint32_t frames);
/* DATA with rows from..from + n of the scene's. */
void worker_scene_rows(struct worker_scene *scene, struct desk_key key, size_t from, size_t n);

/* The result in heard is that of this stage. */
void worker_scene_result_is_right(struct worker_scene *scene, uint32_t stage);

#endif
