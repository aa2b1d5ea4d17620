/* SPDX-License-Identifier: Apache-2.0 */
/* One socket of a line, with the options that all of ours have. */
#include "common/line_zmq.h"

#include <errno.h>
#include <stdlib.h>

#include "common/endpoint.h"

/* Letters that may wait for one peer in each direction. Far above any credit (a worker holds two
 * shards of some tens of letters): a receiver at its mark stops reading, then cannot answer a PING,
 * and is cut off as dead. Letters are counted, not bytes, and a letter counts when whole. */
#define LETTERS_AT_MOST 4096
/* libzmq answers a part above MAXMSGSIZE by cutting the connection, in silence. Up to twice
 * the limit is therefore let in, to be counted, said and thrown away with the connection kept. */
#define PART_AT_DOOR (2 * LINE_PART_LIMIT)

#define HANDSHAKE_MS          5000
#define HEARTBEAT_MS          2000
#define SILENCE_MS            10000
#define RECONNECT_NEAR_MS     2 /* the server on this host is just starting */
#define RECONNECT_NEAR_MAX_MS 50
#define RECONNECT_FAR_MS      100
#define RECONNECT_FAR_MAX_MS  1000
#define BACKLOG               1024 /* all workers come back at once when a server does */

const char *gate_refusal(int error)
{
    if (error == EADDRINUSE)
        return "in use";
    if (error == EINVAL || error == EPROTONOSUPPORT)
        return "not an endpoint";
    if (error == ENODEV || error == EADDRNOTAVAIL)
        return "no address of this host";
    return zmq_strerror(error);
}

static void socket_settle(zsock_t *socket, const char *endpoint)
{
    int far = endpoint_kind(endpoint) == ENDPOINT_TCP;
    zsock_set_linger(socket, 0);
    zsock_set_sndhwm(socket, LETTERS_AT_MOST);
    zsock_set_rcvhwm(socket, LETTERS_AT_MOST);
    zsock_set_maxmsgsize(socket, (int)PART_AT_DOOR);
    zsock_set_handshake_ivl(socket, HANDSHAKE_MS);
    zsock_set_heartbeat_ivl(socket, HEARTBEAT_MS);
    zsock_set_heartbeat_timeout(socket, SILENCE_MS);
    zsock_set_reconnect_ivl(socket, far ? RECONNECT_FAR_MS : RECONNECT_NEAR_MS);
    zsock_set_reconnect_ivl_max(socket, far ? RECONNECT_FAR_MAX_MS : RECONNECT_NEAR_MAX_MS);
    zsock_set_backlog(socket, BACKLOG);
}

void gate_close(struct gate *gate)
{
    /* While it still listens, so that nobody else's file can have taken the place. */
    if (gate->file.inode)
        ipc_remove(endpoint_path(gate->endpoint), gate->file);
    watch_close(&gate->watch, gate->socket);
    zsock_destroy(&gate->socket);
    free(gate->endpoint);
    gate->endpoint = NULL;
}

/* A socket for the endpoint that is not bound or connected yet. */
int gate_open(struct keys *keys, const char *endpoint, struct gate *gate)
{
    int bound = gate->bound;
    const char *verb = bound ? "bind" : "connect to";
    if (endpoint_kind(endpoint) == ENDPOINT_NONE)
        return log_fail(STATUS_CONFIG,
                        "cannot %s %s: an endpoint is tcp://HOST:PORT, ipc://PATH or inproc://NAME",
                        verb, endpoint);
    gate->socket = zsock_new(bound ? ZMQ_ROUTER : ZMQ_DEALER);
    if (!gate->socket)
        return log_fail(STATUS_IO, "cannot %s %s: no socket: %s", verb, endpoint,
                        zmq_strerror(zmq_errno()));
    if (bound)
        zsock_set_router_mandatory(gate->socket, 1);
    socket_settle(gate->socket, endpoint);
    int rc = keys_settle(keys, gate, endpoint);
    if (rc == 0 && !bound && endpoint_kind(endpoint) == ENDPOINT_TCP)
        rc = watch_open(&gate->watch, gate->socket);
    if (rc)
        gate_close(gate);
    return rc;
}

/* A connection that was refused is made anew, with what is in the files now. */
int gate_renew(struct keys *keys, struct gate *gate)
{
    struct gate fresh = {.server = gate->server};
    int rc = gate_open(keys, gate->endpoint, &fresh);
    if (rc)
        return rc;
    fresh.watch.refusals = gate->watch.refusals;
    fresh.endpoint = gate->endpoint;
    gate->endpoint = NULL;
    gate_close(gate);
    *gate = fresh;
    return zmq_connect(zsock_resolve(gate->socket), gate->endpoint)
               ? log_fail(STATUS_CONFIG, "cannot connect to %s: %s", gate->endpoint,
                          gate_refusal(zmq_errno()))
               : STATUS_DONE;
}
