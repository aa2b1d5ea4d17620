/* SPDX-License-Identifier: Apache-2.0 */
/* Letters over ZeroMQ: a ROUTER for each bound gate, a DEALER for each connected one, in the one
 * context that czmq keeps for the process (zauth answers for that one only). PUSH and PULL would be
 * shorter, but they deal letters out to whoever is connected and cannot say who is gone or full.
 * Nothing is copied on the way: a part that is sent becomes a zmq_msg that calls the part's release
 * when the bytes have left, FROM A THREAD OF LIBZMQ'S, so a release must not care which thread it
 * runs in (free does not); a part that came in points into the zmq_msg that holds it.
 *
 * What 0 from line_send means: the letter is libzmq's. To a bound gate's peer it waits in that
 * connection and is lost with it; on a connected gate it waits for a peer, be that one not there
 * yet, up to LETTERS_AT_MOST. Either is what a cable may do, and the protocol above sends again. */
#include "common/line.h"

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/line_zmq.h"

#define GATES_LIMIT 16
#define WATCH_MS    50

/* What a ROUTER calls a peer that has no name: 0 and a rising uint32, big-endian. */
#define ROUTE_BYTES 5
#define ROUTE_HIGH  1 /* so that no route is 0, 0 */

struct line_zmq {
    struct line port;
    struct gate gate[GATES_LIMIT];
    uint32_t n_gates;
    uint32_t turn; /* the gate to be heard first */
    uint64_t refused;
    struct keys *keys;       /* NULL: none are wanted */
    enum keys_role expected; /* whom the next connection leads to */
    enum keys_role speaker;  /* of the last letter */
    int64_t patience_ms;     /* 0: endless */
    int64_t look_ms;         /* at the watches again */
};

/* czmq has one context a process and does not say how many use it. Lines are opened and closed by
 * the main thread only. */
static int lines_open;

static struct line_zmq *self_of(struct line *line)
{
    return (struct line_zmq *)line;
}

/* ---- gates ---- */

static int room_left(const struct line_zmq *self, const char *endpoint)
{
    return self->n_gates < GATES_LIMIT
               ? STATUS_DONE
               : log_fail(STATUS_BUG, "cannot open %s: a line has %d gates at most", endpoint,
                          GATES_LIMIT);
}

static int gate_keep(struct line_zmq *self, struct gate *gate, char *endpoint, uint32_t *number)
{
    gate->endpoint = endpoint;
    if (!gate->endpoint) {
        gate_close(gate);
        return log_fail(STATUS_BUG, "out of memory");
    }
    *number = self->n_gates;
    self->gate[self->n_gates++] = *gate;
    return STATUS_DONE;
}

static int gate_refused(struct gate *gate, const char *verb, const char *endpoint)
{
    int error = zmq_errno();
    gate_close(gate);
    return log_fail(STATUS_CONFIG, "cannot %s %s: %s", verb, endpoint, gate_refusal(error));
}

static int zmq_bind_gate(struct line *line, const char *endpoint, uint32_t *number)
{
    struct line_zmq *self = self_of(line);
    struct gate gate = {.bound = 1};
    const char *path = endpoint_path(endpoint);
    int rc = path ? ipc_vacant(path) : STATUS_DONE;
    if (rc == STATUS_DONE)
        rc = room_left(self, endpoint);
    if (rc == STATUS_DONE)
        rc = gate_open(self->keys, endpoint, &gate);
    if (rc)
        return rc;
    if (zmq_bind(zsock_resolve(gate.socket), endpoint))
        return gate_refused(&gate, "bind", endpoint);
    if (path)
        gate.file = ipc_file(path);
    return gate_keep(self, &gate, zsock_last_endpoint(gate.socket), number);
}

static int zmq_connect_gate(struct line *line, const char *endpoint, uint32_t *number)
{
    struct line_zmq *self = self_of(line);
    struct gate gate = {.server = self->expected};
    int rc = room_left(self, endpoint);
    if (rc == STATUS_DONE)
        rc = gate_open(self->keys, endpoint, &gate);
    if (rc)
        return rc;
    if (zmq_connect(zsock_resolve(gate.socket), endpoint))
        return gate_refused(&gate, "connect to", endpoint);
    return gate_keep(self, &gate, strdup(endpoint), number);
}

static const char *zmq_endpoint(struct line *line, uint32_t gate)
{
    struct line_zmq *self = self_of(line);
    return gate < self->n_gates ? self->gate[gate].endpoint : "";
}

static int gate_guarded(const struct line_zmq *self, const struct gate *gate)
{
    return self->keys && gate->bound && endpoint_kind(gate->endpoint) == ENDPOINT_TCP;
}

/* ---- sending ---- */

/* Answers errno; the message is libzmq's or closed. */
static int message_send(void *socket, zmq_msg_t *message, int flags)
{
    int rc;
    do
        rc = zmq_msg_send(message, socket, flags | ZMQ_DONTWAIT);
    while (rc < 0 && zmq_errno() == EINTR);
    if (rc >= 0)
        return 0;
    int error = zmq_errno();
    (void)zmq_msg_close(message);
    return error;
}

/* A ROUTER takes or refuses the name of the peer, and with it the whole letter. One that was full
 * when its connection ended stays full until the line is waited on, for then its end is read. */
static int door_named(void *socket, struct peer to)
{
    zmq_msg_t name;
    uint8_t *bytes;
    if (zmq_msg_init_size(&name, ROUTE_BYTES))
        return log_fail(STATUS_BUG, "out of memory");
    bytes = zmq_msg_data(&name);
    bytes[0] = 0;
    for (int i = 1; i < ROUTE_BYTES; i++)
        bytes[i] = (uint8_t)(to.route_low >> (32 - 8 * i));
    int error = message_send(socket, &name, ZMQ_SNDMORE);
    if (error == EAGAIN)
        return LINE_E_FULL;
    if (error == EHOSTUNREACH)
        return LINE_E_GONE;
    return error ? log_fail(STATUS_IO, "cannot send: %s", zmq_strerror(error)) : STATUS_DONE;
}

/* A DEALER that has room for a letter has room for all of its parts. */
static int door_open(zsock_t *socket)
{
    return zsock_events(socket) & ZMQ_POLLOUT ? STATUS_DONE : LINE_E_FULL;
}

static int parcel_sound(struct line_zmq *self, struct peer to, const struct parcel *parcel)
{
    if (to.gate >= self->n_gates || parcel->n == 0)
        return log_fail(STATUS_BUG, "cannot send a letter of %zu parts to gate %u", parcel->n,
                        to.gate);
    for (size_t i = 0; i < parcel->n; i++) {
        if (parcel->part[i].size <= LINE_PART_LIMIT)
            continue;
        self->refused++;
        return log_fail(STATUS_BUG, "cannot send a part of %zu bytes: %zu at most",
                        parcel->part[i].size, LINE_PART_LIMIT);
    }
    return STATUS_DONE;
}

/* All parts, now that the door is open. A connection that ends in the middle swallows the rest of
 * the letter as it has swallowed its start (DEALER says EAGAIN once, ROUTER nothing), so that is no
 * failure of ours; but every part has to be offered, or the next letter would be taken for the rest
 * of this one. */
static int parts_send(void *socket, struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->n; i++) {
        zmq_msg_t message;
        struct part *part = &parcel->part[i];
        /* Without a release libzmq takes the bytes for a constant, which is what the part says. */
        if (zmq_msg_init_data(&message, part->data, part->size, part->release, part->hint))
            return log_fail(STATUS_BUG, "out of memory");
        *part = (struct part){0};
        int error = message_send(socket, &message, i + 1 < parcel->n ? ZMQ_SNDMORE : 0);
        if (error && error != EAGAIN && error != EHOSTUNREACH)
            return log_fail(STATUS_IO, "cannot send: %s", zmq_strerror(error));
    }
    parcel->n = 0;
    return STATUS_DONE;
}

static int zmq_send_letter(struct line *line, struct peer to, struct parcel *parcel)
{
    struct line_zmq *self = self_of(line);
    int rc = parcel_sound(self, to, parcel);
    if (rc)
        return rc;
    struct gate *gate = &self->gate[to.gate];
    void *socket = zsock_resolve(gate->socket);
    if (gate->bound && to.route_high != ROUTE_HIGH)
        return LINE_E_GONE; /* nobody had that route ever */
    if (gate_guarded(self, gate) && !keys_trusts_route(self->keys, to.route_low))
        return LINE_E_GONE; /* his key was taken out of trusted/ */
    rc = gate->bound ? door_named(socket, to) : door_open(gate->socket);
    return rc ? rc : parts_send(socket, parcel);
}

/* ---- hearing ---- */

static void message_release(void *data, void *hint)
{
    (void)data;
    (void)zmq_msg_close(hint);
    free(hint);
}

/* The next message as a part that holds it; errno. */
static int part_receive(void *socket, struct part *part, int *more)
{
    int rc;
    zmq_msg_t *message = malloc(sizeof *message);
    if (!message)
        return ENOMEM;
    (void)zmq_msg_init(message);
    do
        rc = zmq_msg_recv(message, socket, ZMQ_DONTWAIT);
    while (rc < 0 && zmq_errno() == EINTR);
    if (rc < 0) {
        int error = zmq_errno();
        free(message);
        return error;
    }
    *part = (struct part){zmq_msg_data(message), zmq_msg_size(message), message_release, message};
    *more = zmq_msg_more(message);
    return 0;
}

/* The part is still the message that it came in. */
static void user_read(const struct part *part, char user[48])
{
    const char *id = zmq_msg_gets(part->hint, "User-Id");
    snprintf(user, 48, "%s", id ? id : "");
}

/* Only a peer that named itself has another route than a ROUTER gives, and ours never do. */
static int route_read(const struct part *name, struct peer *from)
{
    const uint8_t *bytes = name->data;
    if (name->size != ROUTE_BYTES || bytes[0] != 0)
        return 0;
    from->route_low = 0;
    for (int i = 1; i < ROUTE_BYTES; i++)
        from->route_low = from->route_low << 8 | bytes[i];
    from->route_high = ROUTE_HIGH;
    return 1;
}

struct arrival {
    struct part part; /* the one just heard */
    int more;
    int sound;     /* so far */
    char user[48]; /* whose key it came with; empty: none */
    size_t n;      /* parts so far */
};

/* Keeps the part, or drops it when the letter has been found unsound. */
static void arrival_put(struct arrival *seen, struct parcel *given)
{
    seen->n++;
    if (seen->part.size > LINE_PART_LIMIT || seen->n > LINE_PARTS_LIMIT)
        seen->sound = 0;
    if (seen->sound)
        given->part[given->n++] = seen->part;
    else
        part_release(&seen->part);
}

/* Said at the first, second, fourth, eighth ... time: a stranger may not fill our log. */
static void letter_refused(struct line_zmq *self, uint32_t number, size_t n_parts)
{
    self->refused++;
    if (self->refused & (self->refused - 1))
        return;
    log_say(LOG_WARN,
            "%s: refused a letter of %zu parts (%llu so far): too large, of a key that is not "
            "trusted, or its peer has a name",
            self->gate[number].endpoint, n_parts, (unsigned long long)self->refused);
}

/* Reads the letter that is there to its end: errno, EAGAIN when none is. */
static int letter_read(struct gate *gate, struct arrival *seen, struct peer *from,
                       struct parcel *given)
{
    void *socket = zsock_resolve(gate->socket);
    int error = part_receive(socket, &seen->part, &seen->more);
    if (error)
        return error;
    if (gate->bound) { /* a ROUTER puts the peer's name in front */
        seen->sound = route_read(&seen->part, from) && seen->more;
        part_release(&seen->part);
    } else {
        arrival_put(seen, given);
    }
    while (!error && seen->more) { /* a letter is there whole or not at all */
        error = part_receive(socket, &seen->part, &seen->more);
        if (!error && gate->bound && seen->n == 0)
            user_read(&seen->part, seen->user);
        if (!error)
            arrival_put(seen, given);
    }
    return error;
}

/* One letter of this gate: 0, or LINE_E_QUIET when there is none or one was refused. */
static int gate_hear(struct line_zmq *self, uint32_t number, struct peer *from,
                     struct parcel *given)
{
    struct arrival seen = {.sound = 1};
    *from = (struct peer){.gate = number};
    given->n = 0;
    struct gate *gate = &self->gate[number];
    int error = letter_read(gate, &seen, from, given);
    self->speaker = KEYS_ANYBODY;
    if (!error && gate_guarded(self, gate)) {
        self->speaker = keys_note(self->keys, from->route_low, seen.user);
        seen.sound = seen.sound && self->speaker != KEYS_NOBODY;
    }
    if (error == EAGAIN)
        return LINE_E_QUIET;
    if (!error && seen.sound)
        return STATUS_DONE;
    parcel_clear(given);
    if (error)
        return log_fail(error == ENOMEM ? STATUS_BUG : STATUS_IO, "cannot receive: %s",
                        zmq_strerror(error));
    letter_refused(self, number, seen.n);
    return LINE_E_QUIET;
}

/* How connections fare, from time to time. */
static int gates_watch(struct line_zmq *self)
{
    int64_t now_ms = clock_monotonic_ms();
    int rc = 0;
    if (now_ms < self->look_ms)
        return 0;
    self->look_ms = now_ms + WATCH_MS;
    for (uint32_t i = 0; i < self->n_gates && rc == 0; i++) {
        struct gate *gate = &self->gate[i];
        if (gate->watch.monitor)
            rc = watch_look(&gate->watch, gate->endpoint, self->patience_ms);
        if (rc == WATCH_E_RENEW)
            rc = gate_renew(self->keys, gate);
    }
    return rc;
}

/* Each gate is asked once, beginning after the one that was heard last. */
static int gates_hear(struct line_zmq *self, struct peer *from, struct parcel *given)
{
    for (uint32_t i = 0; i < self->n_gates; i++) {
        uint32_t number = (self->turn + i) % self->n_gates;
        int rc = gate_hear(self, number, from, given);
        if (rc == LINE_E_QUIET)
            continue;
        self->turn = number + 1;
        return rc;
    }
    return LINE_E_QUIET;
}

/* Sleeps until a gate may have something: 0, LINE_E_QUIET, LINE_E_WOKEN. */
static int gates_poll(struct line_zmq *self, int64_t wait_ms)
{
    zmq_pollitem_t item[GATES_LIMIT];
    for (uint32_t i = 0; i < self->n_gates; i++)
        item[i] =
            (zmq_pollitem_t){.socket = zsock_resolve(self->gate[i].socket), .events = ZMQ_POLLIN};
    int n = zmq_poll(item, (int)self->n_gates, (long)wait_ms);
    if (n > 0)
        return STATUS_DONE;
    if (n == 0)
        return LINE_E_QUIET;
    int error = zmq_errno();
    return error == EINTR ? LINE_E_WOKEN
                          : log_fail(STATUS_IO, "cannot wait: %s", zmq_strerror(error));
}

static int zmq_wait_letter(struct line *line, int64_t wait_ms, struct peer *from,
                           struct parcel *given)
{
    struct line_zmq *self = self_of(line);
    int rc = gates_watch(self);
    if (rc == 0)
        rc = gates_hear(self, from, given);
    if (rc != LINE_E_QUIET || wait_ms == 0)
        return rc;
    /* A look can end with nothing though the poll saw something (a letter was refused), so the rest
     * of the wait is counted. */
    int64_t end_ms = wait_ms < 0 ? 0 : clock_monotonic_ms() + wait_ms;
    int64_t left_ms = wait_ms < 0 ? -1 : wait_ms;
    while (rc == LINE_E_QUIET && left_ms != 0) {
        int woken = gates_poll(self, left_ms);
        if (woken)
            return woken;
        rc = gates_hear(self, from, given);
        if (wait_ms > 0)
            left_ms = end_ms > clock_monotonic_ms() ? end_ms - clock_monotonic_ms() : 0;
    }
    return rc;
}

static uint64_t zmq_refused(const struct line *line)
{
    return ((const struct line_zmq *)line)->refused;
}

/* ---- the line ---- */

static void zmq_close_line(struct line *line)
{
    struct line_zmq *self = self_of(line);
    for (uint32_t i = 0; i < self->n_gates; i++)
        gate_close(&self->gate[i]);
    free(self);
    /* The context ends with the last line: every part that was not sent has been released then. */
    if (--lines_open == 0)
        zsys_shutdown();
}

int line_zmq_guard(struct line *line, struct keys *keys)
{
    self_of(line)->keys = keys;
    return keys_door(keys);
}

void line_zmq_expect(struct line *line, enum keys_role server)
{
    self_of(line)->expected = server;
}

void line_zmq_patience(struct line *line, int64_t patience_ms)
{
    self_of(line)->patience_ms = patience_ms;
}

enum keys_role line_zmq_speaker(const struct line *line)
{
    return ((const struct line_zmq *)line)->speaker;
}

int line_zmq_open(struct line **line)
{
    static const struct line_ways ways = {
        .bind = zmq_bind_gate,
        .connect = zmq_connect_gate,
        .endpoint = zmq_endpoint,
        .send = zmq_send_letter,
        .wait = zmq_wait_letter,
        .refused = zmq_refused,
        .close = zmq_close_line,
    };
    struct line_zmq *self = calloc(1, sizeof *self);
    if (!self)
        return log_fail(STATUS_BUG, "out of memory");
    zsys_handler_set(NULL); /* SIGINT and SIGTERM are main's */
    if (!zsys_init()) {
        free(self);
        return log_fail(STATUS_IO, "cannot start ZeroMQ: %s", zmq_strerror(zmq_errno()));
    }
    zsys_set_logstream(stderr); /* stdout is for results */
    self->port.ways = &ways;
    lines_open++;
    *line = &self->port;
    return STATUS_DONE;
}
