/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SAID_H
#define SUPPORT_SAID_H

/* What a piece of code says on stderr, for tests of words. One at a time. */

struct said {
    int real; /* the stderr of before */
    int fd;   /* of a file without a name */
    char text[8192];
};

void said_begin(struct said *said);
/* Gives stderr back; said->text is what was said, cut to its room. */
void said_end(struct said *said);

#endif
