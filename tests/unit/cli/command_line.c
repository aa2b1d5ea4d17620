/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

#include <stdio.h>
#include <string.h>

#include "support/assert.h"

static void cut(struct command_line *line)
{
    char *rest = NULL;
    line->argc = 0;
    line->argv[line->argc++] = "winnow";
    for (char *word = strtok_r(line->words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        for (char *blank = strchr(word, '~'); blank; blank = strchr(word, '~'))
            *blank = ' ';
        line->argv[line->argc++] = word;
    }
    line->argv[line->argc] = NULL;
}

void command_line_read(struct command_line *line, const char *words)
{
    snprintf(line->words, sizeof line->words, "%s", words);
    cut(line);
    const struct verb *verb = verbs_find(line->argv[1]);
    assert_non_null(verb);
    said_begin(&line->said);
    line->status = options_read(&line->options, verb, 2, line->argc, line->argv);
    said_end(&line->said);
}

void command_line_close(struct command_line *line)
{
    options_close(&line->options);
}
