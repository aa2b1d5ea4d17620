/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_FIGURES_H
#define COMMON_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* What a role tells of itself while it runs: numbers that its loop sets and another thread prints, in
 * Prometheus' text format or in OpenMetrics. No lock: each number is whole in itself, and a page may be a turn of the
 * loop old. Every function takes NULL for nobody who wants to know. */

struct figures;

enum figure {
    /* every role */
    FIGURE_TURN,  /* monotonic ms of the last turn of the loop; not printed */
    FIGURE_READY, /* 1: has what it needs to do its part */
    FIGURE_REFUSED_LETTERS,
    FIGURE_MALFORMED,
    /* ventilator */
    FIGURE_STAGE, /* 1 reading, 2 gathering, 3 scoring, 4 writing */
    FIGURE_STAGE_MILLIS,
    FIGURE_SHARDS_READY,
    FIGURE_SHARDS_LEASED,
    FIGURE_SHARDS_DONE,
    FIGURE_READ_MILLIONTHS, /* of the input; < 0: not known */
    FIGURE_ROWS_READ,
    FIGURE_BYTES_READ,
    FIGURE_REJECTS,
    FIGURE_WORKERS,
    FIGURE_LEASES,
    FIGURE_RETRIES,
    FIGURE_COPIES,
    FIGURE_LOST,
    FIGURE_ROWS_SENT,
    FIGURE_ROWS_SENT_AGAIN,
    FIGURE_BYTES_SENT,
    FIGURE_JOBS_WAITING, /* where it serves */
    FIGURE_JOBS_DONE,
    FIGURE_JOBS_FAILED,
    /* worker */
    FIGURE_HELD,
    FIGURE_CREDIT,
    FIGURE_GATHERED,
    FIGURE_SCORED,
    FIGURE_CACHE_HITS,
    FIGURE_RESENT,
    /* sink */
    FIGURE_COMMITTED_GATHERED,
    FIGURE_COMMITTED_SCORED,
    FIGURE_DUPLICATES,
    FIGURE_CONFLICTS,
    FIGURE_UNREADABLE,
    FIGURE_DISK_FULL,
    FIGURES
};

enum figures_role { FIGURES_VENTILATOR = 1, FIGURES_WORKER = 2, FIGURES_SINK = 4 };

int figures_new(enum figures_role role, struct figures **figures) MUST_USE;
void figures_destroy(struct figures **figures);

void figures_set(struct figures *figures, enum figure figure, int64_t value);
void figures_add(struct figures *figures, enum figure figure, int64_t more);
int64_t figures_get(const struct figures *figures, enum figure figure);

/* A commit of the sink took so long. */
void figures_commit(struct figures *figures, int64_t took_ms);

/* One worker, as the ventilator sees it; index 0..FIGURES_WORKERS - 1, others are left out. */
#define FIGURES_WORKERS 256
struct figures_worker {
    int here;
    char host[64];
    uint64_t gathered, scored, resident_kib;
};
void figures_put_worker(struct figures *figures, uint32_t index,
                        const struct figures_worker *worker);

/* The page, cut at room; answers its length. The forms differ in what a family of counters is called:
 * in OpenMetrics its samples have _total after its name, in the older form its name has too. */
enum figures_form { FIGURES_TEXT, FIGURES_OPENMETRICS };
#define FIGURES_PAGE_BYTES 131072
size_t figures_print(struct figures *figures, enum figures_form form, char *out, size_t room);

#endif
