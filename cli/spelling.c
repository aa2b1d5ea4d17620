/* SPDX-License-Identifier: Apache-2.0 */
/* Optimal string alignment over three rows: a swap ("tiesr") is the typing mistake that a plain
 * edit distance charges double for. */
#include "cli/spelling.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define WORD_LIMIT 63

static int least(int a, int b)
{
    return a < b ? a : b;
}

struct rows {
    int before[WORD_LIMIT + 1]; /* two letters ago */
    int above[WORD_LIMIT + 1];
    int here[WORD_LIMIT + 1];
};

static void fill_row(struct rows *rows, const char *word, size_t i, const char *other, size_t n)
{
    rows->here[0] = (int)i;
    for (size_t j = 1; j <= n; j++) {
        int same = word[i - 1] == other[j - 1];
        int best = least(rows->above[j], rows->here[j - 1]) + 1;
        best = least(best, rows->above[j - 1] + !same);
        if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
            best = least(best, rows->before[j - 2] + 1);
        rows->here[j] = best;
    }
}

int spelling_distance(const char *word, const char *other)
{
    size_t m = strlen(word), n = strlen(other);
    struct rows rows = {{0}, {0}, {0}};
    if (m > WORD_LIMIT || n > WORD_LIMIT)
        return INT_MAX;
    for (size_t j = 0; j <= n; j++)
        rows.here[j] = (int)j;
    for (size_t i = 1; i <= m; i++) {
        memcpy(rows.before, rows.above, sizeof rows.before);
        memcpy(rows.above, rows.here, sizeof rows.above);
        fill_row(&rows, word, i, other, n);
    }
    return rows.here[n];
}

struct spelling spelling_of(const char *word)
{
    struct spelling spelling = {word, NULL, INT_MAX};
    return spelling;
}

void spelling_offer(struct spelling *spelling, const char *candidate)
{
    size_t size = strlen(spelling->word);
    int distance = spelling_distance(spelling->word, candidate);
    int near = distance <= (int)(size + 2) / 3;
    int begins = size > 1 && strncmp(spelling->word, candidate, size) == 0;
    if ((near || begins) && distance < spelling->distance) {
        spelling->best = candidate;
        spelling->distance = distance;
    }
}
