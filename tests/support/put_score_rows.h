/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_PUT_SCORE_ROWS_H
#define SUPPORT_PUT_SCORE_ROWS_H

#include "common/wire_scores.h"

/* wire_scores_put of n rows and their ids, added some at a time as a worker does. */
static inline int put_score_rows(const struct score_row *rows, const char *ids,
                                 const uint16_t *id_length, size_t n, struct arena *arena,
                                 struct parcel *parcel)
{
    struct score_table table = {0};
    int r = score_table_begin(&table, n);
    for (size_t from = 0, some; r == 0 && from < n; from += some) {
        some = n - from < 7 ? n - from : 7;
        score_table_add(&table, rows + from, id_length + from, some);
    }
    if (r == 0)
        r = wire_scores_put(&table, ids, arena, parcel);
    score_table_free(&table);
    return r;
}

#endif
