/* SPDX-License-Identifier: Apache-2.0 */
/* A parcel has room for 256 parts and a frame has two, so frames are kept behind pointers: a queue of
 * sixteen leases with room for sixty-four parcels each would be six megabytes. */
#include "worker/queue.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct frame {
    enum data_code code;
    struct parcel *parcel;
};

struct queued {
    int taken; /* 0: a free place */
    struct desk_key key;
    struct lease_order order;
    struct digest *want, *have; /* what the order points at */
    struct frame frame[QUEUE_FRAMES_LIMIT];
    uint32_t n_frames;
};

struct queue {
    struct queued place[DESK_LEASES_LIMIT];
};

int queue_new(struct queue **queue)
{
    *queue = calloc(1, sizeof **queue);
    return *queue ? 0 : log_fail(STATUS_BUG, "out of memory for a queue");
}

static uint32_t queued_free(struct queued *queued)
{
    uint32_t n = queued->n_frames;
    for (uint32_t i = 0; i < n; i++) {
        parcel_clear(queued->frame[i].parcel);
        free(queued->frame[i].parcel);
    }
    free(queued->want);
    free(queued->have);
    *queued = (struct queued){0};
    return n;
}

uint32_t queue_clear(struct queue *queue)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < DESK_LEASES_LIMIT; i++)
        n += queued_free(&queue->place[i]);
    return n;
}

void queue_destroy(struct queue **queue)
{
    if (!*queue)
        return;
    queue_clear(*queue);
    free(*queue);
    *queue = NULL;
}

static struct queued *queued_of(struct queue *queue, struct desk_key key)
{
    for (uint32_t i = 0; i < DESK_LEASES_LIMIT; i++)
        if (queue->place[i].taken && memcmp(&queue->place[i].key, &key, sizeof key) == 0)
            return &queue->place[i];
    return NULL;
}

static struct queued *free_place(struct queue *queue)
{
    for (uint32_t i = 0; i < DESK_LEASES_LIMIT; i++)
        if (!queue->place[i].taken)
            return &queue->place[i];
    return NULL;
}

static void *copy_of(const void *data, size_t size)
{
    void *copy = malloc(size + 1);
    if (copy && size > 0)
        memcpy(copy, data, size);
    return copy;
}

int queue_add(struct queue *queue, struct desk_key key, const struct lease_order *order)
{
    struct queued *queued = free_place(queue);
    if (!queued)
        return QUEUE_E_FULL;
    queued->want = copy_of(order->want, order->n_want * sizeof *order->want);
    queued->have = copy_of(order->have, order->n_have * sizeof *order->have);
    if (!queued->want || !queued->have) {
        queued_free(queued);
        return log_fail(STATUS_BUG, "out of memory for a lease");
    }
    queued->taken = 1;
    queued->key = key;
    queued->order = *order;
    queued->order.want = queued->want;
    queued->order.have = queued->have;
    return 0;
}

const struct lease_order *queue_order(struct queue *queue, struct desk_key key)
{
    const struct queued *queued = queued_of(queue, key);
    return queued ? &queued->order : NULL;
}

int queue_frame(struct queue *queue, struct desk_key key, enum data_code code,
                struct parcel *parcel)
{
    struct queued *queued = queued_of(queue, key);
    if (!queued || queued->n_frames == QUEUE_FRAMES_LIMIT)
        return queued ? QUEUE_E_FULL : QUEUE_E_ABSENT;
    struct parcel *kept = malloc(sizeof *kept);
    if (!kept)
        return log_fail(STATUS_BUG, "out of memory for a frame");
    *kept = *parcel;
    parcel->n = 0;
    queued->frame[queued->n_frames++] = (struct frame){code, kept};
    return 0;
}

const struct parcel *queue_frame_at(struct queue *queue, struct desk_key key, uint32_t i,
                                    enum data_code *code)
{
    const struct queued *queued = queued_of(queue, key);
    if (!queued || i >= queued->n_frames)
        return NULL;
    *code = queued->frame[i].code;
    return queued->frame[i].parcel;
}

uint32_t queue_drop(struct queue *queue, struct desk_key key)
{
    struct queued *queued = queued_of(queue, key);
    return queued ? queued_free(queued) : 0;
}

uint32_t queue_drop_shard(struct queue *queue, uint32_t stage, uint32_t shard)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < DESK_LEASES_LIMIT; i++)
        if (queue->place[i].taken && queue->place[i].key.stage == stage &&
            queue->place[i].key.shard == shard)
            n += queued_free(&queue->place[i]);
    return n;
}
