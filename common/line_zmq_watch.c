/* SPDX-License-Identifier: Apache-2.0 */
/* libzmq tries a connection again and again and says nothing of it, but for a refusal by keys, after which
 * it never tries again. So each connection to tcp has a monitor. */
#include "common/line_zmq.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"

#define FIRST_WORDS_MS 5000
#define RENEW_MS       1000
#define REFUSALS       5
#define NAME_BYTES     64
#define NAMES          64 /* tried until one is free */
#define EVENTS                                                                                     \
    (ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |    \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

/* The monitor of a socket that was closed at this address a moment ago may still have the name: libzmq lets go
 * of it in a thread of its own. */
static int monitor(zsock_t *socket, char name[NAME_BYTES])
{
    int r = -1;
    for (unsigned i = 0; r != 0 && i < NAMES && (i == 0 || zmq_errno() == EADDRINUSE); i++) {
        snprintf(name, NAME_BYTES, "inproc://watch-%p-%u", (void *)socket, i);
        r = zmq_socket_monitor(zsock_resolve(socket), name, EVENTS);
    }
    return r;
}

int watch_open(struct watch *watch, zsock_t *socket)
{
    char name[NAME_BYTES];
    watch->down_ms = clock_monotonic_ms();
    watch->warn_ms = watch->down_ms + FIRST_WORDS_MS;
    if (monitor(socket, name) != 0)
        return log_fail(STATUS_IO, "cannot watch a socket: %s", zmq_strerror(zmq_errno()));
    zsock_t *heard = zsock_new(ZMQ_PAIR);
    if (!heard || zsock_connect(heard, "%s", name) != 0) {
        zsock_destroy(&heard);
        return log_fail(STATUS_IO, "cannot watch a socket: %s", zmq_strerror(zmq_errno()));
    }
    watch->monitor = heard;
    return 0;
}

void watch_close(struct watch *watch, zsock_t *socket)
{
    zsock_t *monitor = watch->monitor;
    if (!monitor)
        return;
    (void)zmq_socket_monitor(zsock_resolve(socket), NULL, 0);
    zsock_destroy(&monitor);
    watch->monitor = NULL;
}

/* The next event's number; 0 when there is none. An event is two frames: number and value, address. */
static unsigned event_take(struct watch *watch)
{
    uint16_t number = 0;
    void *socket = zsock_resolve(watch->monitor);
    zmq_msg_t frame;
    int more;
    do {
        (void)zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&frame);
            return 0;
        }
        if (number == 0 && zmq_msg_size(&frame) >= sizeof number)
            memcpy(&number, zmq_msg_data(&frame), sizeof number);
        more = zmq_msg_more(&frame);
        (void)zmq_msg_close(&frame);
    } while (more);
    return number;
}

static void event_note(struct watch *watch, unsigned event, const char *endpoint, int64_t now_ms)
{
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        watch->down_ms = 0;
        watch->refusals = 0;
        watch->renew_ms = 0;
        return;
    }
    if (watch->down_ms == 0) {
        watch->down_ms = now_ms;
        watch->warn_ms = now_ms + FIRST_WORDS_MS;
    }
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        watch->refusals++;
        watch->renew_ms = now_ms + RENEW_MS;
        log_say(LOG_WARN, "%s refuses this key (%d of %d)", endpoint, watch->refusals, REFUSALS);
    }
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
        log_say(LOG_WARN, "%s speaks otherwise: one of us has --keys and the other has not",
                endpoint);
}

/* Why nobody is there, as far as this host can tell. */
static const char *why_down(const char *endpoint)
{
    char host[256];
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM};
    if (sscanf(endpoint, "tcp://%255[^:]", host) != 1)
        return "nobody answers";
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (found)
        freeaddrinfo(found);
    return error ? "its name is not resolved" : "nobody answers, or with another key";
}

int watch_look(struct watch *watch, const char *endpoint, int64_t patience_ms)
{
    unsigned event;
    int64_t now_ms = clock_monotonic_ms();
    while ((event = event_take(watch)) != 0)
        event_note(watch, event, endpoint, now_ms);
    if (watch->refusals >= REFUSALS)
        return log_fail(STATUS_DENIED,
                        "%s has refused this key %d times; is its .pub in the server's trusted/?",
                        endpoint, watch->refusals);
    if (watch->renew_ms && now_ms >= watch->renew_ms) {
        watch->renew_ms = 0;
        return WATCH_E_RENEW;
    }
    if (watch->down_ms == 0)
        return 0;
    if (patience_ms > 0 && now_ms - watch->down_ms >= patience_ms)
        return log_fail(STATUS_UNREACHABLE, "no connection to %s for %lld s: %s", endpoint,
                        (long long)(now_ms - watch->down_ms) / 1000, why_down(endpoint));
    if (now_ms < watch->warn_ms)
        return 0;
    log_say(LOG_WARN, "no connection to %s for %lld s: %s; still trying", endpoint,
            (long long)(now_ms - watch->down_ms) / 1000, why_down(endpoint));
    watch->warn_ms = now_ms + 2 * (now_ms - watch->down_ms);
    return 0;
}
