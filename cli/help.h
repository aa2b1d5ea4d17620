/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

struct verb;

/* All that winnow says about itself, made from the tables of verbs, flags and columns. */
void help_overview(FILE *out);
void help_of_verb(FILE *out, const struct verb *verb);
void help_columns(FILE *out);
void help_segments(FILE *out);

#endif
