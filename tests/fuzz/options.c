/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines from strangers: the words of an input are parted by line ends, the first is the
 * verb. Whatever they are, options_read answers 0, help, or a status that has an exit code. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "common/log.h"

#define WORDS_LIMIT 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_words(int argc, char **argv)
{
    struct options options;
    const struct verb *verb = argc > 1 ? verbs_find(argv[1]) : NULL;
    int status =
        options_read(&options, verb ? verb : verbs_row(VERB_RUN), verb ? 2 : 1, argc, argv);
    if (status != 0 && status != OPTIONS_E_HELP && status != STATUS_USAGE &&
        status != STATUS_CONFIG)
        abort();
    options_close(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *argv[WORDS_LIMIT + 2] = {"winnow"};
    int argc = 1;
    if (!text)
        return 0;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1));
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *word = text; word && argc <= WORDS_LIMIT; argc++) {
        argv[argc] = word;
        word = strchr(word, '\n');
        if (word)
            *word++ = '\0';
    }
    argv[argc] = NULL;
    read_words(argc, argv);
    free(text);
    return 0;
}
