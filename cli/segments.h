/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SEGMENTS_H
#define CLI_SEGMENTS_H

#include <stdio.h>

#include "common/settings.h"
#include "common/status.h"

/* --segments FILE: rules of rfm_segment, one a line.
 *
 *     name: r=4-5 f=3       # scores, each once; one that is not named may be anything
 *     others: rest          # the last line may take what no other rule covers
 *
 * A cell belongs to the first rule that holds. Rules that overlap are said, and so are cells without one; a rule
 * that nothing is left for is refused. */

/* Reads the file into settings->scoring.plan.segments, for the plan's number of bins. Nothing to do
 * where no file is named. STATUS_NO_INPUT, STATUS_DATA, said with file:line:column, of overlaps and rules
 * never reached each. */
int segments_read(struct settings *settings) MUST_USE;

/* What each rule that was read covers, in cells. */
void segments_tell(const struct settings *settings, FILE *out);

/* The rules of winnow, as such a file. */
void segments_print(FILE *out);

#endif
