/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SPELLING_H
#define CLI_SPELLING_H

/* What somebody probably meant. */

/* Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
 * (optimal string alignment); words longer than 63 bytes are infinitely far (INT32_MAX). */
int spelling_distance(const char *word, const char *other);

/* Keeps the nearest of the candidates shown to it. */
struct spelling {
    const char *word; /* what was written */
    const char *best; /* NULL: nothing near enough yet; borrowed from the candidates */
    int distance;
};

struct spelling spelling_of(const char *word);
/* A candidate counts when it starts with the word, or is at most a third of the word away. */
void spelling_offer(struct spelling *spelling, const char *candidate);

#endif
