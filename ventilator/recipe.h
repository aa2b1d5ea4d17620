/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_RECIPE_H
#define VENTILATOR_RECIPE_H

#include <stdint.h>

#include "ventilator/absentees.h"
#include "ventilator/amount.h"
#include "ventilator/date_format.h"
#include "ventilator/exclusion.h"
#include "ventilator/header.h"
#include "ventilator/mapping.h"
#include "ventilator/nulls.h"
#include "ventilator/redaction.h"

/* How the rows of one input are read, with every question settled. Shared by all threads, never
 * changed; what it points to belongs to the survey. */
struct recipe {
    uint32_t input; /* its number */
    char delimiter;
    uint32_t fields; /* of every row */
    const struct header *header;
    int32_t column[FIELDS];

    struct date_format date;
    enum amount_mark mark;
    int mark_unseen; /* no sample had a mark: a value that may be read both ways is a reject */
    const struct nulls *nulls;

    const struct exclusion *exclusions;
    size_t n_exclusions;
    const int32_t *exclusion_column;
    const struct absentees *left_out; /* NULL: none */
    uint64_t keep_up_to;              /* of a customer's seeded hash, inclusive; UINT64_MAX: all */
    const char *currency;             /* the one to keep; NULL: any, but one */
    int32_t summary_days;             /* days of a time unit; 0: rows are purchases */
    int zoned;                        /* offsets become days of the zone that was set */
    int32_t last_day;                 /* later rows are rejects; INT32_MAX: none are */
    struct redaction redaction;
};

#endif
