/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_LINE_H
#define COMMON_LINE_H

#include <stdint.h>

#include "common/keys.h"
#include "common/status.h"

/* How letters travel: a port with two implementations, ZeroMQ (line_zmq.c) and memory
 * (tests/doubles), both held to tests/contract. A role has one line: one inbox, and one or more
 * gates, each bound (many peers, told apart by route) or connected (one peer). A letter is a
 * list of parts. Sending never blocks and never drops in silence. One thread. */

struct line;

#define LINE_PARTS_LIMIT 256
#define LINE_PART_LIMIT  ((size_t)4 << 20) /* bytes; a larger part is refused at the door */

/* A peer: which gate, and behind a bound gate which connection. A route is never reused. */
struct peer {
    uint32_t gate;
    uint32_t route_low; /* 0 behind a connected gate */
    uint32_t route_high;
};

int peer_same(struct peer a, struct peer b);

enum {
    LINE_E_QUIET = 1, /* nothing arrived before the deadline */
    LINE_E_FULL,      /* the peer takes no more now; the letter is still yours */
    LINE_E_GONE,      /* the peer is not connected (any more); the letter is still yours */
    LINE_E_WOKEN      /* a signal arrived */
};

/* A part of a letter: bytes, and how to let go of them (NULL: static or borrowed until sent
 * is not possible, so release is needed whenever data is on the heap). */
struct part {
    void *data;
    size_t size;
    void (*release)(void *data, void *hint);
    void *hint;
};

/* A heap part of size bytes; .data is NULL when there is no memory. */
struct part part_new(size_t size);
void part_release(struct part *part);

struct parcel {
    struct part part[LINE_PARTS_LIMIT];
    size_t n;
};

void parcel_clear(struct parcel *parcel);
/* Takes the part. A full parcel answers STATUS_BUG and the part stays yours. */
int parcel_add(struct parcel *parcel, struct part *part) MUST_USE;
/* The bytes of part i, borrowed; of none past the last. */
static inline struct slice parcel_part(const struct parcel *parcel, size_t i)
{
    return i < parcel->n ? (struct slice){parcel->part[i].data, parcel->part[i].size}
                         : (struct slice){"", 0};
}

/* Binds and connects say what is wrong and with which endpoint. STATUS_CONFIG: in use, or not an
 * endpoint. connect does not wait for the peer to be there. *gate numbers rise from 0. */
int line_bind(struct line *line, const char *endpoint, uint32_t *gate) MUST_USE;
int line_connect(struct line *line, const char *endpoint, uint32_t *gate) MUST_USE;

/* The endpoint a gate is bound to, with the port that was chosen for tcp port 0 ("*"). Borrowed. */
const char *line_endpoint(struct line *line, uint32_t gate);

/* Takes the parcel's parts (it is empty afterwards) on 0; LINE_E_FULL and LINE_E_GONE leave them. */
int line_send(struct line *line, struct peer to, struct parcel *parcel) MUST_USE;

/* Sends, and lets go of the parcel whatever comes of it: what a peer that is not there misses, it asks
 * for again. Answers as line_send. */
int line_post(struct line *line, struct peer to, struct parcel *parcel) MUST_USE;

/* Waits until wait_ms have passed (< 0: for ever, 0: just looks) for one letter, whose parts are
 * then the caller's. Letters of one peer arrive in the order sent; gates take turns. */
int line_wait(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given) MUST_USE;

/* Letters that were cut off, too large or of too many parts: refused at the door, counted. */
uint64_t line_refused(const struct line *line);

void line_close(struct line **line);

/* The functions behind the port. */
struct line_ways {
    int (*bind)(struct line *, const char *, uint32_t *);
    int (*connect)(struct line *, const char *, uint32_t *);
    const char *(*endpoint)(struct line *, uint32_t);
    int (*send)(struct line *, struct peer, struct parcel *);
    int (*wait)(struct line *, int64_t, struct peer *, struct parcel *);
    uint64_t (*refused)(const struct line *);
    void (*close)(struct line *);
};
struct line {
    const struct line_ways *ways;
};

/* A line over ZeroMQ: ROUTER where bound, DEALER where connected. */
int line_zmq_open(struct line **line) MUST_USE;
/* Before gates are bound and connected: from then on those of tcp want keys. Borrows them, until the line
 * is closed. Before it returns a stranger has tried the door, in vain. */
int line_zmq_guard(struct line *line, struct keys *keys) MUST_USE;
/* Whom the next line_connect leads to. */
void line_zmq_expect(struct line *line, enum keys_role server);
/* How long a server may be out of reach on tcp before line_wait answers STATUS_UNREACHABLE; 0: for ever. */
void line_zmq_patience(struct line *line, int64_t patience_ms);
/* Whose key the peer of the letter that was heard last has; KEYS_ANYBODY where none is wanted. */
enum keys_role line_zmq_speaker(const struct line *line);

#endif
