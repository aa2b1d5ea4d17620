/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/briefing.h"

#include "common/log.h"

#define ARENA_LIMIT ((size_t)512 << 20) /* the peer groups of a model */

int briefing_new(struct briefing *briefing)
{
    *briefing = (struct briefing){.arena = arena_new(ARENA_LIMIT)};
    return briefing->arena ? 0 : log_fail(STATUS_BUG, "out of memory for a plan");
}

void briefing_free(struct briefing *briefing)
{
    arena_destroy(&briefing->arena);
}

int briefing_plan(struct briefing *briefing, const struct letter *letter,
                  const struct parcel *parcel, struct arena *scratch)
{
    struct work_plan work;
    if (wire_plan_read(parcel, 1, scratch, &work) != 0)
        return BRIEFING_E_MALFORMED;
    briefing->job = letter->job;
    briefing->work = work;
    briefing->has_plan = 1;
    briefing->model_digest = (struct digest){0, 0};
    briefing->number++;
    return 0;
}

int briefing_model(struct briefing *briefing, const struct letter *letter,
                   const struct parcel *parcel)
{
    struct model model = {0};
    arena_reset(briefing->arena);
    briefing->model_digest = (struct digest){0, 0};
    if (wire_model_read(parcel, 1, briefing->arena, &model) != 0)
        return BRIEFING_E_MALFORMED;
    briefing->model = model;
    briefing->model_digest = letter->digest;
    briefing->number++;
    return 0;
}

void briefing_forget(struct briefing *briefing)
{
    briefing->job = briefing->model_digest = (struct digest){0, 0};
    briefing->has_plan = 0;
    briefing->number++;
}

struct task_order briefing_task(const struct briefing *briefing, struct desk_key key,
                                const struct lease_order *order)
{
    return (struct task_order){
        .stage = key.stage,
        .shard = key.shard,
        .work = &briefing->work,
        .model = &briefing->model,
        .model_number = briefing->number,
        .want = order->want,
        .n_want = order->n_want,
        .have = order->have,
        .n_have = order->n_have,
        .frames = order->frames,
        .attributes = order->attributes,
        .attributes_follow = order->attributes_follow,
    };
}
