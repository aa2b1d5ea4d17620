/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOUBLES_LINE_MEMORY_H
#define DOUBLES_LINE_MEMORY_H

#include <stddef.h>

#include "common/line.h"

/* A switchboard: lines of one process, joined without a thread, a socket or a clock. A letter is
 * there as soon as it is sent; a wait never sleeps, whatever it is asked. Held to tests/contract,
 * as line_zmq.c is. What ZeroMQ leaves to luck is here left to the chances: they make this one a
 * simulator's. */

struct line_memory;

/* What befalls letters; each may be NULL. Within a connection order is kept, as ZeroMQ keeps it. */
struct line_memory_chances {
    void *context;
    /* Whether this letter is lost on its way (non-zero: it is released, the sender hears nothing).
     * Lines are told apart by pointer. */
    int (*loses)(void *context, const struct line *from, const struct line *to,
                 const struct parcel *parcel);
    /* Whether it arrives twice, one right behind the other (non-zero); asked where it is not lost and
     * there is room for both. No line does this, but senders that are not sure say things again. */
    int (*doubles)(void *context, const struct line *from, const struct line *to,
                   const struct parcel *parcel);
    /* n > 0 connections of this line have letters; which of them is heard next: 0 to n - 1, or n or
     * more for none of them yet. In the order in which they were connected. */
    size_t (*picks)(void *context, const struct line *at, size_t n);
    /* Whether nothing gets through now from one line to another (non-zero); what was sent waits. */
    int (*blocks)(void *context, const struct line *from, const struct line *to);
};

/* letters_limit: how many may wait in each direction of a connection before LINE_E_FULL. */
int line_memory_new(struct line_memory **board, size_t letters_limit) MUST_USE;
void line_memory_chances(struct line_memory *board, struct line_memory_chances chances);

/* A line on this switchboard. */
int line_memory_open(struct line_memory *board, struct line **line) MUST_USE;

/* The connection behind a connected gate breaks and is made again: what was on its way is lost, and
 * the bound side knows the peer under a new route, the old one being gone. */
void line_memory_cut(struct line *line, uint32_t gate);

/* Letters on their way, on the whole switchboard. */
size_t line_memory_pending(const struct line_memory *board);

/* After its lines have been closed. */
void line_memory_destroy(struct line_memory **board);

#endif
