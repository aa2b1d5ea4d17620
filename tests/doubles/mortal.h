/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOUBLES_MORTAL_H
#define DOUBLES_MORTAL_H

#include <stdint.h>

#include "common/line.h"
#include "common/store.h"

/* Somebody who may die between any two things that he does to the world. His line and his store stand in
 * front of others and count what goes through: letters sent, transactions written. From the one at
 * which he dies nothing goes through any more and all fails (STATUS_IO), so he gives up, which nobody
 * hears: the world sees exactly what it would see of a process killed there. */

struct mortal {
    uint64_t done;    /* deeds so far */
    uint64_t dies_at; /* of this deed nothing is seen, nor of any after it; 0: never */
    int torn; /* where that deed is a transaction: it took effect, and he died before he knew */
    int dead;
    int full; /* his disk: transactions are answered STORE_E_FULL and take no effect */
    /* Told of each transaction that is about to take effect; may be NULL. */
    void (*watcher)(void *context, const struct store_put *puts, size_t n);
    void *context;
};

/* Each takes the inner one on 0, and borrows the mortal. */
int mortal_line(struct mortal *mortal, struct line **inner, struct line **line) MUST_USE;
int mortal_store(struct mortal *mortal, struct store **inner, struct store **store) MUST_USE;

/* The line behind it: by which others know it. */
struct line *mortal_inner(struct line *line);

#endif
