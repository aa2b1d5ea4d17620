/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_CELLS_H
#define SINK_CELLS_H

#include "common/columns.h"
#include "score/retention.h"
#include "score/special_lanes.h"
#include "sink/tiering.h"

/* The cells of scores.csv, one function a column. */

struct scores_csv;

/* Ends of the intervals of SPECIAL_LANES customers, made side by side. */
struct cell_intervals {
    int64_t low[SPECIAL_LANES], high[SPECIAL_LANES];
};

/* One customer, for his cells. */
struct cell_row {
    const struct score_columns *of;
    size_t i;
    uint32_t shown; /* CELL_SHOWN */
    const char *id;
    size_t id_room;                         /* bytes that may be read from id on */
    const struct cell_intervals *intervals; /* his is at i % SPECIAL_LANES; with ROW_SPREAD */
    struct standing_of standing;
    struct retention retention; /* with CELL_OFFER and ROW_SPEND */
    uint32_t x;                 /* repeat purchases; like the next two 0 without a purchase */
    int32_t span_days, age_days;
};

/* Flags of a row, those that take cells away turned round: a bit that is set brings cells. */
#define CELL_BOUGHT       ((uint32_t)ROW_REFUND_ONLY)
#define CELL_ACTIVE       ((uint32_t)ROW_INACTIVE)
#define CELL_SHOWN(flags) ((flags) ^ (CELL_BOUGHT | CELL_ACTIVE))

/* What a job knows, and a column may need. */
enum cell_fact {
    CELL_DATED = 1,      /* dates */
    CELL_LEDGER = 2,     /* orders */
    CELL_AMOUNT = 4,     /* money of any kind */
    CELL_SPEND = 8,      /* money by time */
    CELL_BINS = 16,      /* cuts of scores */
    CELL_CLV_TIERS = 32, /* tiers by clv */
    CELL_OFFER = 64,     /* what an offer costs */
    CELL_RATE = 128      /* and how many it saves */
};
uint32_t cells_known(const struct scores_csv *csv);

/* Writes at out and answers the end; may touch DIGITS_ROOM bytes from out on, however short the cell is. */
typedef char *cell_put(char *out, const struct scores_csv *csv, const struct cell_row *row);

struct cell {
    cell_put *put;
    uint32_t shown; /* all of these bits of a row, or the cell is empty */
    uint32_t known; /* all of these facts, or the column is empty */
};
const struct cell *cell_of(enum column column);

#endif
