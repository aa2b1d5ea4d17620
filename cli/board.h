/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_BOARD_H
#define CLI_BOARD_H

#include <stdio.h>

/* A page of figures as people read it: for a ventilator a bar a stage and a row a worker, for the other
 * roles their figures, a line each. */

/* What the page before said, for rates; zero at first. */
struct board {
    double at_s;
    double rows, bytes, shards;
    double worker_shards[256];
};

/* page is OpenMetrics text; at_s is when it was fetched, any clock in seconds. */
void board_draw(struct board *board, const char *page, double at_s, FILE *out);

/* A figure by its whole name with labels, as "winnow_shards{state=\"done\"}"; absent where there is
 * none. */
double board_figure(const char *page, const char *name, double absent);

#endif
