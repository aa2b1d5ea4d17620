/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_LINE_ZMQ_H
#define COMMON_LINE_ZMQ_H

/* Private to the files of this port: line_zmq.c the line, line_zmq_watch.c how its connections fare,
 * line_zmq_keys.c who may have one. */

#include "common/ipc.h"
#include "common/keys.h"
#include "common/line.h"
#include "common/log.h"

/* After log.h, because it brings syslog.h with it, whose macros are named like our levels. */
#include <czmq.h>
#undef LOG_DEBUG
#undef LOG_INFO

/* A connection to a server on tcp, as its socket's monitor tells it. */
struct watch {
    void *monitor;    /* NULL: not watched */
    int64_t down_ms;  /* since when there is no connection; 0: there is one */
    int64_t warn_ms;  /* when to say so next */
    int64_t renew_ms; /* refused: when to try with a new socket; 0: not */
    int refusals;     /* one after the other */
};

enum { WATCH_E_RENEW = 1 /* the socket has been refused and will not try again: make another */ };

int watch_open(struct watch *watch, zsock_t *socket) MUST_USE;
void watch_close(struct watch *watch, zsock_t *socket);
/* 0, WATCH_E_RENEW, STATUS_DENIED or STATUS_UNREACHABLE (after patience_ms > 0), said. */
int watch_look(struct watch *watch, const char *endpoint, int64_t patience_ms) MUST_USE;

struct gate {
    zsock_t *socket;
    int bound;
    enum keys_role server; /* whom a connected gate leads to */
    char *endpoint;
    struct ipc_file file; /* to be removed at the end */
    struct watch watch;
};

/* A socket for the endpoint, bound and server being said in gate; it is not bound or connected yet. */
int gate_open(struct keys *keys, const char *endpoint, struct gate *gate) MUST_USE;
void gate_close(struct gate *gate);
int gate_renew(struct keys *keys, struct gate *gate) MUST_USE;
const char *gate_refusal(int error);

/* Starts the keeper of the door, and tries it. Before any socket that it is to answer for. */
int keys_door(struct keys *keys) MUST_USE;
/* 0 where the endpoint needs no keys or has got them. */
int keys_settle(struct keys *keys, struct gate *gate, const char *endpoint) MUST_USE;
/* Notes who the letter behind this route is from, and answers his role; KEYS_NOBODY: not to be heard. */
enum keys_role keys_note(struct keys *keys, uint32_t route, const char *user);
/* Whether the peer behind the route is still trusted. */
int keys_trusts_route(struct keys *keys, uint32_t route);

#endif
