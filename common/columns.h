/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_COLUMNS_H
#define COMMON_COLUMNS_H

#include <stddef.h>

/* The columns of scores.csv: one list, from which the writer, schema.sql, --columns and the help
 * are made. The enum's order is the file's order; a new column goes to the end, before COLUMNS,
 * and its row to the end of the table in columns.c. */

enum column {
    COLUMN_RUN_ID, /* the first two are in the preset warehouse only */
    COLUMN_AS_OF,
    COLUMN_CUSTOMER_ID,
    COLUMN_FREQUENCY, /* these four are in the preset lifetimes only, in --time-unit */
    COLUMN_RECENCY,
    COLUMN_T,
    COLUMN_MONETARY_VALUE,
    COLUMN_FIRST_PURCHASE_DATE,
    COLUMN_LAST_PURCHASE_DATE,
    COLUMN_RECENCY_DAYS,
    COLUMN_PURCHASE_DAYS,
    COLUMN_ORDER_COUNT,
    COLUMN_MONETARY_TOTAL,
    COLUMN_SPEND_365D,
    COLUMN_R_SCORE,
    COLUMN_F_SCORE,
    COLUMN_M_SCORE,
    COLUMN_RFM_SCORE,
    COLUMN_RFM_SEGMENT,
    COLUMN_REPEAT_PURCHASES,
    COLUMN_ACTIVE_SPAN_WEEKS,
    COLUMN_TENURE_WEEKS,
    COLUMN_MEAN_REPEAT_SPEND,
    COLUMN_P_ALIVE,
    COLUMN_CHURN_PROB,
    COLUMN_EXPECTED_PURCHASES,
    COLUMN_EXPECTED_SPEND,
    COLUMN_CLV,
    COLUMN_CLV_IF_ALIVE,
    COLUMN_WALLET_SIZE,
    COLUMN_WALLET_SHARE,
    COLUMN_WALLET_HEADROOM,
    COLUMN_WALLET_CAPPED,
    COLUMN_WALLET_BASIS,
    COLUMN_VALUE,
    COLUMN_TIER,
    COLUMN_ACTION,
    COLUMN_CLV_LOW,
    COLUMN_CLV_HIGH,
    COLUMN_TIER_HOLD_PROB,
    COLUMN_RETENTION_GAIN,
    COLUMN_RETENTION_WORTH,
    COLUMN_BREAK_EVEN_SAVE_RATE,
    COLUMNS
};

enum column_type {
    COLUMN_TEXT,
    COLUMN_DATE,         /* YYYY-MM-DD */
    COLUMN_COUNT,        /* a whole number >= 0 */
    COLUMN_SCORE,        /* 1..9 */
    COLUMN_YES,          /* 1 or 0 */
    COLUMN_LEDGER_MONEY, /* with the ledger's own number of decimals, 0..4 */
    COLUMN_MONEY,        /* with four decimals */
    COLUMN_REAL          /* with --digits significant digits */
};

/* Whether a cell may be empty. */
enum column_filling { COLUMN_ALWAYS, COLUMN_SOMETIMES };

struct column_row {
    const char *name;
    enum column_type type;
    enum column_filling filling;
    const char *presets; /* letters of columns_presets, those that have this column */
    const char *meaning; /* for schema.sql and help; unit first where it is not the name's */
};

/* The row of a column; column < COLUMNS. Static. */
const struct column_row *columns_row(enum column column);

struct columns_preset {
    const char *name;
    char letter;
    const char *meaning;
};
const struct columns_preset *columns_presets(size_t *n);

/* Columns chosen, in the file's order. */
struct columns_chosen {
    size_t n;
    enum column column[COLUMNS];
};

enum {
    COLUMNS_E_UNKNOWN = 1, /* a word is neither a preset nor a column */
    COLUMNS_E_TWICE,       /* a word stands there twice */
    COLUMNS_E_EMPTY        /* nothing between two commas, or nothing at all */
};

/* The columns that words choose: presets and names, comma separated, in any order. On an answer
 * > 0, *word and *size are the words at fault (borrowed from words); both may be NULL. */
int columns_choose(const char *words, struct columns_chosen *chosen, const char **word,
                   size_t *size);

#endif
