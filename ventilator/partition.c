/* SPDX-License-Identifier: Apache-2.0 */
/* One mutex around the reader of chunks, which is three to five times as fast as a clerk; all else
 * is a clerk's own until the end, when the facts are merged. Chunks are handed out in the order of
 * the input and each is finished by who took it, so wherever reading stops, what was read is the
 * input's beginning. */
#include "ventilator/partition.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/log.h"
#include "ventilator/chunks.h"
#include "ventilator/clerk.h"

#define THREADS_LIMIT 256

/* A clerk, and the thread he works on. */
struct hand {
    struct partition *partition;
    struct clerk *clerk;
    uint32_t lane;
    pthread_t thread;
};

struct partition {
    struct partition_order order;
    struct recipe recipe;
    struct chunks *chunks;
    uint64_t lines_before; /* of the header, where it is in the stretch */
    struct hand *hands;
    uint32_t n_hands;
    uint32_t n_threads;      /* of them, from the first on; 0 where the caller's thread works */
    pthread_mutex_t reading; /* held by who uses chunks */
    atomic_int halt;         /* no more chunks: the end, a failure, a refusal or partition_stop */
    atomic_int status;       /* the first failure */
    atomic_int refused;
    atomic_uint working; /* clerks that have not finished */
    atomic_uint_fast64_t raw_bytes;
    atomic_uint_fast64_t rows;
    atomic_uint_fast64_t rejects;
};

static void fail(struct partition *partition, int status)
{
    int none = 0;
    atomic_compare_exchange_strong(&partition->status, &none, status);
    atomic_store(&partition->halt, 1);
}

static int take_chunk(struct partition *partition, struct clerk *clerk, struct chunk *chunk)
{
    pthread_mutex_lock(&partition->reading);
    int r = atomic_load(&partition->halt)
                ? CHUNKS_E_END
                : chunks_next(partition->chunks, clerk_room(clerk), chunk);
    atomic_store(&partition->raw_bytes, input_raw_bytes(chunks_input(partition->chunks)));
    pthread_mutex_unlock(&partition->reading);
    return r;
}

static int seen_two(const struct sightings *sightings, const void *cure)
{
    return sightings->n > 1 && !cure;
}

/* What the facts of one clerk are enough to say. */
static int certainly_refused(const struct partition *partition, const struct facts *facts,
                             uint64_t rejects)
{
    const struct settings_reading *settings = survey_settings(partition->order.survey);
    int64_t limit = partition->order.rejects_limit;
    return (limit >= 0 && rejects > (uint64_t)limit) ||
           seen_two(&facts->currencies, settings->currency) ||
           seen_two(&facts->signs, settings->currency) ||
           seen_two(&facts->offsets, settings->timezone);
}

static int read_chunk(struct partition *partition, struct clerk *clerk, const struct chunk *chunk)
{
    const struct facts *facts = clerk_facts(clerk);
    uint64_t rows = facts->rows_in, rejects = facts_rejects(facts);
    int r = clerk_read(clerk, chunk);
    atomic_fetch_add(&partition->rows, facts->rows_in - rows);
    uint64_t more = facts_rejects(facts) - rejects;
    rejects = atomic_fetch_add(&partition->rejects, more) + more;
    if (!r && certainly_refused(partition, facts, rejects)) {
        atomic_store(&partition->refused, 1);
        atomic_store(&partition->halt, 1);
    }
    return r;
}

/* One chunk, or the end of a clerk's work; 1 when it was the end. */
static int work_on(const struct hand *hand)
{
    struct partition *partition = hand->partition;
    struct clerk *clerk = hand->clerk;
    struct trace *trace = partition->order.lanes.trace;
    struct chunk chunk;
    struct span span = trace_begin(trace, hand->lane, "reading");
    int r = take_chunk(partition, clerk, &chunk);
    trace_end(trace, &span);
    span = trace_begin(trace, hand->lane, r ? "closing" : "partition");
    if (!r)
        r = read_chunk(partition, clerk, &chunk);
    int more = !r;
    if (r > 0)
        r = clerk_finish(clerk);
    trace_end(trace, &span);
    if (more)
        return 0;
    if (r < 0)
        fail(partition, r);
    atomic_fetch_sub(&partition->working, 1);
    return 1;
}

static void *work(void *argument)
{
    const struct hand *hand = argument;
    while (!work_on(hand))
        ;
    return NULL;
}

static int open_chunks(struct partition *partition)
{
    const struct partition_order *order = &partition->order;
    struct chunks_order wanted = {.delimiter = partition->recipe.delimiter,
                                  .record_limit = CHUNKS_RECORD_LIMIT,
                                  .size = CHUNKS_SIZE};
    const struct sheet *sheet = survey_sheet(order->survey, order->input);
    int r = survey_input(order->survey, order->input, order->from, &wanted.input);
    if (r)
        return r;
    wanted.offset = order->from ? order->from : sheet->data_offset;
    wanted.line = order->from ? order->lines + 1 : sheet->data_line;
    partition->lines_before = order->from ? 0 : sheet->data_line - 1;
    input_halt_on(wanted.input, &partition->halt);
    r = chunks_new(&wanted, &partition->chunks);
    if (r)
        input_close(&wanted.input);
    return r;
}

static int hire(struct partition *partition)
{
    struct clerk_order order = {.recipe = &partition->recipe,
                                .segment = partition->order.segment,
                                .until = partition->order.until,
                                .shards = partition->order.shards,
                                .room = chunks_room(partition->chunks)};
    uint32_t wanted = partition->order.threads ? partition->order.threads : 1;
    partition->hands = calloc(wanted, sizeof *partition->hands);
    if (!partition->hands)
        return log_fail(STATUS_BUG, "no memory to partition");
    int r = 0;
    for (; partition->n_hands < wanted && !r; partition->n_hands += r == 0) {
        struct hand *hand = &partition->hands[partition->n_hands];
        hand->partition = partition;
        hand->lane = partition->order.lanes.first + partition->n_hands;
        r = clerk_new(&order, &hand->clerk);
    }
    atomic_store(&partition->working, wanted);
    return r;
}

static int start_threads(struct partition *partition)
{
    for (uint32_t i = 0; i < partition->order.threads; i++) {
        struct hand *hand = &partition->hands[i];
        if (pthread_create(&hand->thread, NULL, work, hand))
            return log_fail(STATUS_BUG, "cannot start a thread to read with");
        partition->n_threads++;
    }
    return 0;
}

int partition_start(const struct partition_order *order, struct partition **out)
{
    struct partition *partition = calloc(1, sizeof *partition);
    if (!partition || pthread_mutex_init(&partition->reading, NULL)) {
        free(partition);
        return log_fail(STATUS_BUG, "no memory to partition");
    }
    partition->order = *order;
    if (partition->order.threads > THREADS_LIMIT)
        partition->order.threads = THREADS_LIMIT;
    survey_recipe(order->survey, order->input, &partition->recipe);
    int r = open_chunks(partition);
    if (!r)
        r = hire(partition);
    if (!r)
        r = start_threads(partition);
    if (r)
        partition_stop(&partition);
    *out = partition;
    return r;
}

static void join(struct partition *partition)
{
    for (uint32_t i = 0; i < partition->n_threads; i++)
        pthread_join(partition->hands[i].thread, NULL);
    partition->n_threads = 0;
}

int partition_poll(struct partition *partition)
{
    if (!partition->order.threads && atomic_load(&partition->working))
        work_on(&partition->hands[0]);
    if (atomic_load(&partition->working))
        return PARTITION_E_BUSY;
    join(partition);
    int status = atomic_load(&partition->status);
    if (status)
        return status;
    return atomic_load(&partition->refused) ? PARTITION_E_REFUSED : 0;
}

int partition_wait(struct partition *partition)
{
    int r;
    join(partition);
    do
        r = partition_poll(partition);
    while (r == PARTITION_E_BUSY);
    return r;
}

struct partition_progress partition_progress(const struct partition *partition)
{
    return (struct partition_progress){atomic_load(&partition->raw_bytes),
                                       atomic_load(&partition->rows),
                                       atomic_load(&partition->rejects)};
}

int partition_facts(struct partition *partition, struct facts **out)
{
    const struct input *input = chunks_input(partition->chunks);
    struct facts *facts = NULL;
    int r = facts_new(&facts);
    for (uint32_t i = 0; i < partition->n_hands && !r; i++)
        r = facts_merge(facts, clerk_facts(partition->hands[i].clerk));
    if (r) {
        facts_destroy(&facts);
        return r;
    }
    facts->raw_bytes = input_raw_bytes(input);
    facts->digest = input_digest(input);
    facts->lines = partition->lines_before + chunks_lines(partition->chunks);
    facts->ended_whole = chunks_ended_whole(partition->chunks);
    *out = facts;
    return 0;
}

int partition_census(struct partition *partition, struct census *into)
{
    int r = 0;
    for (uint32_t i = 0; i < partition->n_hands && !r; i++)
        r = census_merge(into, clerk_census(partition->hands[i].clerk));
    return r;
}

void partition_stop(struct partition **handle)
{
    struct partition *partition = *handle;
    if (!partition)
        return;
    atomic_store(&partition->halt, 1);
    join(partition);
    for (uint32_t i = 0; i < partition->n_hands; i++)
        clerk_destroy(&partition->hands[i].clerk);
    free(partition->hands);
    chunks_destroy(&partition->chunks);
    pthread_mutex_destroy(&partition->reading);
    free(partition);
    *handle = NULL;
}
