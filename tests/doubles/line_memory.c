/* SPDX-License-Identifier: Apache-2.0 */
/* A connection is a wire with two queues, between a connected gate and whoever is bound to its
 * endpoint, or nobody yet. Everything else (routes, full, gone) follows from the list of wires,
 * which is walked each time: a test has tens of them. */
#include "doubles/line_memory.h"

#include <stdlib.h>
#include <string.h>

#include "common/endpoint.h"
#include "common/log.h"

#define GATES_LIMIT 16

struct letter {
    struct letter *next;
    size_t n;
    struct part part[];
};

struct queue {
    struct letter *first;
    struct letter *last;
    size_t n;
};

struct party {
    struct line port;
    struct line_memory *board;
    struct party *next;
    char *endpoint[GATES_LIMIT];
    int bound[GATES_LIMIT];
    uint32_t n_gates;
    uint32_t turn; /* the gate to be heard first */
    uint64_t refused;
};

struct end {
    struct party *party; /* NULL: left, or not there yet */
    uint32_t gate;
    struct queue inbox;
};

struct wire {
    struct wire *next;
    struct end caller;
    struct end host;
    uint64_t route;
    uint64_t heard; /* when it was served last, in letters of the board: 0 never */
    char *endpoint;
};

struct line_memory {
    struct party *parties;
    struct wire *wires; /* in the order of their making */
    size_t letters_limit;
    uint64_t routes; /* given so far */
    uint64_t heard;  /* letters delivered so far */
    struct line_memory_chances chances;
};

static struct party *party_of(struct line *line)
{
    return (struct party *)line;
}

/* ---- queues ---- */

static void letter_free(struct letter *letter)
{
    for (size_t i = 0; i < letter->n; i++)
        part_release(&letter->part[i]);
    free(letter);
}

static struct letter *letter_from(struct parcel *parcel)
{
    struct letter *letter = malloc(sizeof *letter + parcel->n * sizeof letter->part[0]);
    if (!letter)
        return NULL;
    letter->next = NULL;
    letter->n = parcel->n;
    memcpy(letter->part, parcel->part, parcel->n * sizeof letter->part[0]);
    parcel->n = 0;
    return letter;
}

/* The same parts once more, in memory of their own. */
static struct letter *letter_copy(const struct letter *letter)
{
    struct letter *copy = malloc(sizeof *copy + letter->n * sizeof copy->part[0]);
    if (!copy)
        return NULL;
    copy->next = NULL;
    for (copy->n = 0; copy->n < letter->n; copy->n++) {
        const struct part *from = &letter->part[copy->n];
        copy->part[copy->n] = part_new(from->size);
        if (!copy->part[copy->n].data) {
            letter_free(copy);
            return NULL;
        }
        if (from->size > 0)
            memcpy(copy->part[copy->n].data, from->data, from->size);
    }
    return copy;
}

static void queue_put(struct queue *queue, struct letter *letter)
{
    if (queue->last)
        queue->last->next = letter;
    else
        queue->first = letter;
    queue->last = letter;
    queue->n++;
}

static void queue_take(struct queue *queue, struct parcel *parcel)
{
    struct letter *letter = queue->first;
    queue->first = letter->next;
    if (!queue->first)
        queue->last = NULL;
    queue->n--;
    memcpy(parcel->part, letter->part, letter->n * sizeof letter->part[0]);
    parcel->n = letter->n;
    free(letter);
}

static void queue_clear(struct queue *queue)
{
    while (queue->first) {
        struct letter *letter = queue->first;
        queue->first = letter->next;
        letter_free(letter);
    }
    *queue = (struct queue){0};
}

/* ---- wires ---- */

static struct party *host_of(struct line_memory *board, const char *endpoint, uint32_t *gate)
{
    for (struct party *party = board->parties; party; party = party->next)
        for (*gate = 0; *gate < party->n_gates; ++*gate)
            if (party->bound[*gate] && !strcmp(party->endpoint[*gate], endpoint))
                return party;
    return NULL;
}

/* Joins the wire to whoever is bound there now, under a route nobody has had. */
static void wire_join(struct line_memory *board, struct wire *wire)
{
    wire->host.party = host_of(board, wire->endpoint, &wire->host.gate);
    wire->route = wire->host.party ? ++board->routes : 0;
}

static void wire_free(struct wire *wire)
{
    queue_clear(&wire->caller.inbox);
    queue_clear(&wire->host.inbox);
    free(wire->endpoint);
    free(wire);
}

/* Wires of which neither side has anything left to hear. */
static void wires_sweep(struct line_memory *board)
{
    struct wire **at = &board->wires;
    while (*at) {
        struct wire *wire = *at;
        if (wire->caller.party || (wire->host.party && wire->host.inbox.n)) {
            at = &wire->next;
            continue;
        }
        *at = wire->next;
        wire_free(wire);
    }
}

static int wire_new(struct party *party, uint32_t gate)
{
    struct wire **at = &party->board->wires, *wire = calloc(1, sizeof *wire);
    if (!wire || !(wire->endpoint = strdup(party->endpoint[gate]))) {
        free(wire);
        return log_fail(STATUS_BUG, "out of memory");
    }
    wire->caller.party = party;
    wire->caller.gate = gate;
    wire_join(party->board, wire);
    while (*at)
        at = &(*at)->next;
    *at = wire;
    return STATUS_DONE;
}

/* ---- the port ---- */

static int gate_new(struct party *party, const char *endpoint, int bound, uint32_t *gate)
{
    uint32_t number;
    if (endpoint_kind(endpoint) == ENDPOINT_NONE)
        return log_fail(STATUS_CONFIG, "%s is not an endpoint", endpoint);
    if (bound && host_of(party->board, endpoint, &number))
        return log_fail(STATUS_CONFIG, "cannot bind %s: in use", endpoint);
    if (party->n_gates == GATES_LIMIT)
        return log_fail(STATUS_BUG, "a line has %d gates at most", GATES_LIMIT);
    number = party->n_gates;
    party->endpoint[number] = strdup(endpoint);
    if (!party->endpoint[number])
        return log_fail(STATUS_BUG, "out of memory");
    party->bound[number] = bound;
    party->n_gates++;
    *gate = number;
    return STATUS_DONE;
}

static int memory_bind(struct line *line, const char *endpoint, uint32_t *gate)
{
    struct party *party = party_of(line);
    int rc = gate_new(party, endpoint, 1, gate);
    if (rc)
        return rc;
    for (struct wire *wire = party->board->wires; wire; wire = wire->next)
        if (wire->caller.party && !wire->host.party && !strcmp(wire->endpoint, endpoint))
            wire_join(party->board, wire);
    return STATUS_DONE;
}

static int memory_connect(struct line *line, const char *endpoint, uint32_t *gate)
{
    struct party *party = party_of(line);
    int rc = gate_new(party, endpoint, 0, gate);
    return rc ? rc : wire_new(party, *gate);
}

static const char *memory_endpoint(struct line *line, uint32_t gate)
{
    struct party *party = party_of(line);
    return gate < party->n_gates ? party->endpoint[gate] : "";
}

/* The end of the wire that belongs to this gate (and route, if it is bound); NULL: none. */
static struct end *end_of(struct wire *wire, const struct party *party, struct peer peer)
{
    uint64_t route = (uint64_t)peer.route_high << 32 | peer.route_low;
    if (wire->caller.party == party && wire->caller.gate == peer.gate)
        return &wire->caller;
    if (wire->host.party == party && wire->host.gate == peer.gate && wire->route == route)
        return &wire->host;
    return NULL;
}

static struct end *other_end(struct wire *wire, const struct end *end)
{
    return end == &wire->caller ? &wire->host : &wire->caller;
}

static int parcel_sound(struct party *party, struct peer to, const struct parcel *parcel)
{
    if (to.gate >= party->n_gates || parcel->n == 0)
        return log_fail(STATUS_BUG, "cannot send a letter of %zu parts to gate %u", parcel->n,
                        to.gate);
    for (size_t i = 0; i < parcel->n; i++) {
        if (parcel->part[i].size <= LINE_PART_LIMIT)
            continue;
        party->refused++;
        return log_fail(STATUS_BUG, "cannot send a part of %zu bytes", parcel->part[i].size);
    }
    return STATUS_DONE;
}

static int hand_over(struct party *party, struct end *to, struct parcel *parcel)
{
    struct line_memory_chances *chances = &party->board->chances;
    const struct line *there = to->party ? &to->party->port : NULL;
    if (to->inbox.n >= party->board->letters_limit)
        return LINE_E_FULL;
    if (there && chances->loses && chances->loses(chances->context, &party->port, there, parcel)) {
        parcel_clear(parcel);
        return STATUS_DONE;
    }
    int twice = there && chances->doubles && to->inbox.n + 2 <= party->board->letters_limit &&
                chances->doubles(chances->context, &party->port, there, parcel);
    struct letter *letter = letter_from(parcel), *copy = NULL;
    if (letter && twice)
        copy = letter_copy(letter);
    if (!letter || (twice && !copy))
        return log_fail(STATUS_BUG, "out of memory");
    queue_put(&to->inbox, letter);
    if (copy)
        queue_put(&to->inbox, copy);
    return STATUS_DONE;
}

static int memory_send(struct line *line, struct peer to, struct parcel *parcel)
{
    struct party *party = party_of(line);
    int rc = parcel_sound(party, to, parcel);
    if (rc)
        return rc;
    for (struct wire *wire = party->board->wires; wire; wire = wire->next) {
        struct end *mine = end_of(wire, party, to);
        if (!mine)
            continue;
        if (mine == &wire->host && !wire->caller.party)
            return LINE_E_GONE;
        return hand_over(party, other_end(wire, mine), parcel);
    }
    return LINE_E_GONE;
}

static int is_open(const struct party *party, const struct end *from)
{
    const struct line_memory_chances *chances = &party->board->chances;
    return !chances->blocks || !from->party ||
           !chances->blocks(chances->context, &from->party->port, &party->port);
}

/* This party's end of the wire, if there is something to hear; NULL: no. */
static struct end *end_heard(struct wire *wire, const struct party *party)
{
    if (wire->caller.party == party && wire->caller.inbox.n && is_open(party, &wire->host))
        return &wire->caller;
    if (wire->host.party == party && wire->host.inbox.n && is_open(party, &wire->caller))
        return &wire->host;
    return NULL;
}

/* The nth wire with something for the party; counts them when there are fewer. */
static struct wire *wire_nth(struct party *party, size_t nth, size_t *n)
{
    *n = 0;
    for (struct wire *wire = party->board->wires; wire; wire = wire->next)
        if (end_heard(wire, party) && (*n)++ == nth)
            return wire;
    return NULL;
}

/* Gates take turns, and behind a gate the one that has waited longest. */
static struct wire *wire_due(struct party *party)
{
    struct wire *due = NULL;
    uint32_t due_distance = 0;
    for (struct wire *wire = party->board->wires; wire; wire = wire->next) {
        struct end *end = end_heard(wire, party);
        if (!end)
            continue;
        uint32_t distance = (end->gate + party->n_gates - party->turn) % party->n_gates;
        if (due &&
            (distance > due_distance || (distance == due_distance && wire->heard >= due->heard)))
            continue;
        due = wire;
        due_distance = distance;
    }
    return due;
}

static struct wire *wire_chosen(struct party *party)
{
    struct line_memory_chances *chances = &party->board->chances;
    size_t n;
    if (!chances->picks)
        return wire_due(party);
    (void)wire_nth(party, SIZE_MAX, &n);
    return n ? wire_nth(party, chances->picks(chances->context, &party->port, n), &n) : NULL;
}

static int memory_wait(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given)
{
    (void)wait_ms;
    struct party *party = party_of(line);
    struct wire *wire = wire_chosen(party);
    given->n = 0;
    if (!wire)
        return LINE_E_QUIET;
    struct end *end = end_heard(wire, party);
    *from = (struct peer){.gate = end->gate};
    if (end == &wire->host) {
        from->route_low = (uint32_t)wire->route;
        from->route_high = (uint32_t)(wire->route >> 32);
    }
    queue_take(&end->inbox, given);
    wire->heard = ++party->board->heard;
    party->turn = (end->gate + 1) % party->n_gates;
    wires_sweep(party->board);
    return STATUS_DONE;
}

static uint64_t memory_refused(const struct line *line)
{
    return ((const struct party *)line)->refused;
}

/* A caller's letters that have arrived are still heard; a host takes its unread ones along, and its
 * callers wait for the next host. */
static void wire_leave(struct wire *wire, const struct party *party)
{
    if (wire->caller.party == party) {
        queue_clear(&wire->caller.inbox);
        wire->caller.party = NULL;
    }
    if (wire->host.party == party) {
        queue_clear(&wire->host.inbox);
        wire->host.party = NULL;
        wire->route = 0;
    }
}

static void memory_close(struct line *line)
{
    struct party *party = party_of(line);
    struct party **at = &party->board->parties;
    for (struct wire *wire = party->board->wires; wire; wire = wire->next)
        wire_leave(wire, party);
    wires_sweep(party->board);
    while (*at != party)
        at = &(*at)->next;
    *at = party->next;
    for (uint32_t i = 0; i < party->n_gates; i++)
        free(party->endpoint[i]);
    free(party);
}

/* ---- the switchboard ---- */

int line_memory_new(struct line_memory **board, size_t letters_limit)
{
    *board = calloc(1, sizeof **board);
    if (!*board)
        return log_fail(STATUS_BUG, "out of memory");
    (*board)->letters_limit = letters_limit;
    return STATUS_DONE;
}

void line_memory_chances(struct line_memory *board, struct line_memory_chances chances)
{
    board->chances = chances;
}

int line_memory_open(struct line_memory *board, struct line **line)
{
    static const struct line_ways ways = {
        .bind = memory_bind,
        .connect = memory_connect,
        .endpoint = memory_endpoint,
        .send = memory_send,
        .wait = memory_wait,
        .refused = memory_refused,
        .close = memory_close,
    };
    struct party *party = calloc(1, sizeof *party);
    if (!party)
        return log_fail(STATUS_BUG, "out of memory");
    party->port.ways = &ways;
    party->board = board;
    party->next = board->parties;
    board->parties = party;
    *line = &party->port;
    return STATUS_DONE;
}

void line_memory_cut(struct line *line, uint32_t gate)
{
    struct party *party = party_of(line);
    for (struct wire *wire = party->board->wires; wire; wire = wire->next) {
        if (wire->caller.party != party || wire->caller.gate != gate)
            continue;
        queue_clear(&wire->caller.inbox);
        queue_clear(&wire->host.inbox);
        wire_join(party->board, wire);
    }
}

size_t line_memory_pending(const struct line_memory *board)
{
    size_t n = 0;
    for (const struct wire *wire = board->wires; wire; wire = wire->next)
        n += wire->caller.inbox.n + wire->host.inbox.n;
    return n;
}

void line_memory_destroy(struct line_memory **board)
{
    if (!board || !*board)
        return;
    free(*board);
    *board = NULL;
}
