/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_WORDS_H
#define SUPPORT_WORDS_H

/* What is said on stderr while a test listens. */

#define WORDS_SIZE 8192

struct words {
    int saved; /* the real stderr */
    int file;
    char text[WORDS_SIZE];
};

void words_listen(struct words *words);
/* Stops listening; what was said is in text. */
void words_end(struct words *words);

#endif
