/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CENSUS_H
#define VENTILATOR_CENSUS_H

#include "ventilator/crowd.h"
#include "ventilator/facts.h"
#include "ventilator/row.h"

/* What accepted rows come to where nobody keeps them (winnow check): how many customers they are,
 * what was bought and what came back. Facts say the rest. */

struct census {
    int32_t until;          /* later rows are counted apart, and are nobody's */
    struct crowd customers; /* with a row up to then: exact up to CROWD_LIMIT */
    struct facts_sum purchases;
    struct facts_sum refunds; /* amounts below 0 */
    struct facts_sum later;
};

struct census census_until(int32_t day);
void census_release(struct census *census);

int census_row(struct census *census, const struct row *row) MUST_USE;
int census_merge(struct census *into, const struct census *from) MUST_USE;

#endif
