/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

#include <stdio.h>

#include "common/settings.h"
#include "ventilator/census.h"
#include "ventilator/facts.h"
#include "ventilator/survey.h"

/* What winnow check found in a ledger, and how it is told. */

struct finding {
    const struct settings *settings;
    struct survey *survey;
    struct survey_row row[SURVEY_ROWS]; /* the first ones */
    size_t n_rows;
    struct facts **input; /* of each that was read, whole or in part */
    size_t n_inputs;
    struct facts *all; /* of them together */
    struct census census;
    int broken_off; /* the ledger will be refused, so not all of it was read */
};

/* Prints all of it. STATUS_BUG: no memory. */
int finding_print(const struct finding *finding, FILE *out) MUST_USE;

#endif
