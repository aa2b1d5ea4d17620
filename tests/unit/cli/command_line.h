/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_CLI_COMMAND_LINE_H
#define UNIT_CLI_COMMAND_LINE_H

#include "cli/options.h"
#include "support/said.h"

/* A command line as a test writes it: "run x.csv --horizon 30", words parted by blanks ('~' stands
 * for a blank inside a word), read with nothing but what the test has put in the environment. */
struct command_line {
    char words[1024];
    char *argv[64];
    int argc;
    struct options options;
    struct said said;
    int status;
};

/* Reads it; line->status is what options_read answered. Close it in every case. */
void command_line_read(struct command_line *line, const char *words);
void command_line_close(struct command_line *line);

#endif
