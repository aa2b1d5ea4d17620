/* SPDX-License-Identifier: Apache-2.0 */
#include "doubles/spool_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct spool_segment {
    pthread_mutex_t busy;
    struct spooled_row *rows;
    size_t n;
    size_t room;
    int pens;
    size_t batches;
    size_t fail_at; /* 0: never */
};

struct spool_pen {
    struct spool_segment *segment;
};

struct spool_segment *spool_memory_new(void)
{
    struct spool_segment *segment = calloc(1, sizeof *segment);
    pthread_mutex_init(&segment->busy, NULL);
    return segment;
}

void spool_memory_destroy(struct spool_segment **segment)
{
    for (size_t i = 0; i < (*segment)->n; i++)
        free((*segment)->rows[i].id);
    free((*segment)->rows);
    pthread_mutex_destroy(&(*segment)->busy);
    free(*segment);
    *segment = NULL;
}

void spool_memory_fail_at(struct spool_segment *segment, size_t n)
{
    segment->fail_at = n;
}

int spool_memory_open_pens(const struct spool_segment *segment)
{
    return segment->pens;
}

static int compare(const void *left, const void *right)
{
    const struct spooled_row *a = left, *b = right;
    size_t shorter = a->id_size < b->id_size ? a->id_size : b->id_size;
    int by_id = memcmp(a->id, b->id, shorter);
    if (by_id)
        return by_id;
    if (a->id_size != b->id_size)
        return a->id_size < b->id_size ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->amount != b->amount)
        return a->amount < b->amount ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

const struct spooled_row *spool_memory_rows(struct spool_segment *segment, size_t *n)
{
    if (segment->n)
        qsort(segment->rows, segment->n, sizeof *segment->rows, compare);
    *n = segment->n;
    return segment->rows;
}

int spool_pen_open(struct spool_segment *segment, struct spool_pen **pen)
{
    *pen = malloc(sizeof **pen);
    (*pen)->segment = segment;
    pthread_mutex_lock(&segment->busy);
    segment->pens++;
    pthread_mutex_unlock(&segment->busy);
    return 0;
}

static void keep(struct spool_segment *segment, struct spooled_row row, const char *id)
{
    if (segment->n == segment->room) {
        segment->room = segment->room ? segment->room * 2 : 64;
        segment->rows = realloc(segment->rows, segment->room * sizeof *segment->rows);
    }
    row.id = malloc(row.id_size + 1);
    memcpy(row.id, id, row.id_size);
    row.id[row.id_size] = '\0';
    segment->rows[segment->n++] = row;
}

int spool_pen_rows(struct spool_pen *pen, uint32_t shard, const struct purchase_rows *rows)
{
    struct spool_segment *segment = pen->segment;
    const char *id = rows->ids;
    pthread_mutex_lock(&segment->busy);
    int failed = segment->fail_at && ++segment->batches >= segment->fail_at;
    for (size_t i = 0; i < rows->n && !failed; i++) {
        const struct spooled_row row = {.shard = shard,
                                        .id_size = rows->id_length[i],
                                        .day = rows->day[i],
                                        .amount = rows->amount[i],
                                        .order = rows->order ? rows->order[i] : 0,
                                        .has_order = rows->order != NULL};
        keep(segment, row, id);
        id += rows->id_length[i];
    }
    pthread_mutex_unlock(&segment->busy);
    return failed ? STATUS_IO : 0;
}

int spool_pen_close(struct spool_pen **pen)
{
    struct spool_segment *segment = (*pen)->segment;
    pthread_mutex_lock(&segment->busy);
    segment->pens--;
    pthread_mutex_unlock(&segment->busy);
    free(*pen);
    *pen = NULL;
    return 0;
}
