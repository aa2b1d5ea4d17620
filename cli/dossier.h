/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DOSSIER_H
#define CLI_DOSSIER_H

#include "cli/record.h"
#include "cli/results.h"
#include "score/row.h"

/* A customer of a run: what scores.csv says of him, what he was scored from as far as that can be told
 * from it, and his scores made once more with score/, column by column beside the published ones. */

/* Inputs that are known. scores.csv does not have all of them, and fewer where --columns chose. */
enum dossier_input {
    DOSSIER_LAST = 1,      /* last purchase day, or that there was none */
    DOSSIER_REPEAT = 2,    /* x, t_x, T */
    DOSSIER_FREQUENCY = 4, /* within --rfm-window */
    DOSSIER_MONETARY = 8,  /* likewise */
    DOSSIER_MEAN = 16,     /* m */
    DOSSIER_YEAR = 32,     /* spend_365d */
    DOSSIER_WALLET = 64,   /* what the wallet rests on */
    DOSSIER_TOTAL = 128,   /* monetary_total */
    DOSSIER_VALUE = 256,   /* what tiers are cut by */
    DOSSIER_RATIO = 512,   /* the net ratio */
    DOSSIER_EXACT = 1024,  /* clv and clv_if_alive, to the last place */
    DOSSIER_NOTHING = 2048 /* of a column that is an input itself */
};

enum dossier_verdict {
    DOSSIER_NOT_THERE, /* the column is not in scores.csv */
    DOSSIER_SAME,      /* made again, the same bytes */
    DOSSIER_CLOSE,     /* within what the rounding of the inputs in scores.csv leaves open */
    DOSSIER_TAKEN,     /* an input, believed */
    DOSSIER_TOLD,      /* not one of those that are explained here */
    DOSSIER_OPEN,      /* cannot be made again: an input is not in scores.csv */
    DOSSIER_DIFFERS
};

struct dossier {
    const struct results *results;
    const struct record *record;
    struct slice id;
    unsigned known; /* DOSSIER_* */
    struct features seen;
    int64_t repeat_slack; /* how far seen.repeat_spend may be off */
    int ratio_implied;    /* the net ratio was found from what it led to */
    struct attributes attributes;
    struct score_row row;
    struct standing_of standing;
    struct record again; /* the line of scores.csv, made again, all columns */
    enum dossier_verdict verdict[COLUMNS];
};

/* Reads the inputs out of a record; both are borrowed. STATUS_DATA: a cell holds what winnow does not
 * write. Free it in every case. */
int dossier_open(const struct results *results, const struct record *record,
                 struct dossier *dossier) MUST_USE;
void dossier_close(struct dossier *dossier);

/* Whether the inputs of a column are known, so that `again` has it right. */
int dossier_can_make(const struct dossier *dossier, enum column column);

/* Columns with a verdict. */
int dossier_count(const struct dossier *dossier, enum dossier_verdict verdict);

/* Whether all of these inputs are known. */
static inline int dossier_knows(const struct dossier *dossier, unsigned inputs)
{
    return (dossier->known & inputs) == inputs;
}

#endif
