/* SPDX-License-Identifier: Apache-2.0 */
#include "common/line.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "contract/contract.h"
#include "doubles/line_memory.h"

#define PATIENCE_MS 10000 /* then something is wrong; a machine under load is slow, not wrong */
#define BOARD_LIMIT 64

enum transport { TRANSPORT_MEMORY, TRANSPORT_IPC, TRANSPORT_TCP, TRANSPORT_INPROC };

struct world {
    enum transport transport;
    struct contract_scratch scratch;
    struct line_memory *board;
    int n_endpoints;
    atomic_int released;
    int made;
    struct line *line[40]; /* closed at the end, whatever happened */
    size_t n_lines;
};

/* ---- arranging ---- */

static struct line *a_line(struct world *world)
{
    struct line **line = &world->line[world->n_lines];
    int rc = world->transport == TRANSPORT_MEMORY ? line_memory_open(world->board, line)
                                                  : line_zmq_open(line);
    assert_int_equal(rc, 0);
    world->n_lines++;
    return *line;
}

static void close_line(struct world *world, struct line *line)
{
    for (size_t i = 0; i < world->n_lines; i++)
        if (world->line[i] == line)
            line_close(&world->line[i]);
}

static void close_all(struct world *world)
{
    for (size_t i = 0; i < world->n_lines; i++)
        line_close(&world->line[i]);
}

struct endpoint {
    char text[128];
};

static struct endpoint an_endpoint(struct world *world)
{
    struct endpoint endpoint;
    int n = world->n_endpoints++;
    if (world->transport == TRANSPORT_TCP)
        snprintf(endpoint.text, sizeof endpoint.text, "tcp://127.0.0.1:*");
    else if (world->transport == TRANSPORT_INPROC)
        snprintf(endpoint.text, sizeof endpoint.text, "inproc://%d", n);
    else
        snprintf(endpoint.text, sizeof endpoint.text, "ipc://%s/%d", world->scratch.path, n);
    return endpoint;
}

/* A line bound to a new endpoint, which is what callers may connect to. */
static struct line *a_host(struct world *world, struct endpoint *endpoint)
{
    struct line *host = a_line(world);
    uint32_t gate;
    *endpoint = an_endpoint(world);
    assert_int_equal(line_bind(host, endpoint->text, &gate), 0);
    assert_int_equal(gate, 0);
    snprintf(endpoint->text, sizeof endpoint->text, "%s", line_endpoint(host, gate));
    return host;
}

static struct line *a_caller(struct world *world, struct endpoint endpoint)
{
    struct line *caller = a_line(world);
    uint32_t gate;
    assert_int_equal(line_connect(caller, endpoint.text, &gate), 0);
    assert_int_equal(gate, 0);
    return caller;
}

static void release_counted(void *data, void *hint)
{
    struct world *world = hint;
    atomic_fetch_add(&world->released, 1);
    free(data);
}

/* A part of size bytes that begins with the number and is filled with it. */
static struct part a_part(struct world *world, uint64_t number, size_t size)
{
    struct part part = part_new(size);
    assert_non_null(part.data);
    memset(part.data, (int)(number % 251), size);
    if (size >= sizeof number)
        memcpy(part.data, &number, sizeof number);
    part.release = release_counted;
    part.hint = world;
    world->made++;
    return part;
}

static void add(struct parcel *parcel, struct part part)
{
    assert_int_equal(parcel_add(parcel, &part), 0);
    assert_null(part.data);
}

static void a_letter(struct world *world, struct parcel *parcel, uint64_t number)
{
    parcel->n = 0;
    add(parcel, a_part(world, number, sizeof number));
}

static uint64_t number_in(const struct part *part)
{
    uint64_t number;
    assert_true(part->size >= sizeof number);
    memcpy(&number, part->data, sizeof number);
    return number;
}

static const struct peer host_gate = {.gate = 0};

/* ---- acting ---- */

/* Waits for one letter. */
static struct peer hear(struct line *line, struct parcel *parcel)
{
    struct peer from;
    int rc;
    do
        rc = line_wait(line, PATIENCE_MS, &from, parcel);
    while (rc == LINE_E_WOKEN);
    assert_int_equal(rc, 0);
    return from;
}

static uint64_t hear_number(struct line *line, struct peer *from)
{
    struct parcel parcel;
    struct peer peer = hear(line, &parcel);
    assert_int_equal(parcel.n, 1);
    uint64_t number = number_in(&parcel.part[0]);
    parcel_clear(&parcel);
    if (from)
        *from = peer;
    return number;
}

/* Sends, waiting for room where there is none yet. */
static void say(struct world *world, struct line *line, struct peer to, uint64_t number)
{
    struct parcel parcel;
    struct parcel ignored;
    struct peer from;
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    a_letter(world, &parcel, number);
    int rc = line_send(line, to, &parcel);
    while (rc == LINE_E_FULL && clock_monotonic_ms() < end_ms) {
        assert_int_equal(line_wait(line, 1, &from, &ignored), LINE_E_QUIET);
        rc = line_send(line, to, &parcel);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(parcel.n, 0);
}

/* Whether the peer is gone before patience is: looks, because no real connection ends at once. */
static int gone_in_the_end(struct world *world, struct line *line, struct peer to)
{
    struct parcel parcel, heard;
    struct peer from;
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    int rc = 0;
    while (rc != LINE_E_GONE && clock_monotonic_ms() < end_ms) {
        a_letter(world, &parcel, 0);
        rc = line_send(line, to, &parcel);
        if (rc == LINE_E_GONE)
            assert_int_equal(parcel.n, 1); /* still ours */
        parcel_clear(&parcel);
        if (line_wait(line, 5, &from, &heard) == 0)
            parcel_clear(&heard);
    }
    return rc == LINE_E_GONE;
}

/* ---- letters ---- */

static void send_and_compare(struct world *world, struct line *from, struct line *to, size_t n,
                             size_t size)
{
    struct parcel sent = {.n = 0}, heard;
    for (size_t i = 0; i < n; i++)
        add(&sent, a_part(world, i, size));
    assert_int_equal(line_send(from, host_gate, &sent), 0);
    assert_int_equal(sent.n, 0);
    hear(to, &heard);
    assert_int_equal(heard.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(heard.part[i].size, size);
        if (size == 0)
            continue;
        assert_int_equal(number_in(&heard.part[i]), i);
        const uint8_t *byte = heard.part[i].data;
        for (size_t k = sizeof(uint64_t); k < size; k++)
            if (byte[k] != i % 251)
                fail_msg("byte %zu of part %zu is %u", k, i, byte[k]);
    }
    parcel_clear(&heard);
}

static void a_letter_of_1_2_and_256_parts_arrives_whole(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    send_and_compare(world, caller, host, 1, 100);
    send_and_compare(world, caller, host, 2, 5000);
    send_and_compare(world, caller, host, LINE_PARTS_LIMIT, 777);
    send_and_compare(world, caller, host, LINE_PARTS_LIMIT, 0);
}

static void an_empty_part_arrives(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct parcel parcel = {.n = 0};
    add(&parcel, a_part(world, 7, 8));
    add(&parcel, a_part(world, 0, 0));
    add(&parcel, a_part(world, 9, 8));
    assert_int_equal(line_send(caller, host_gate, &parcel), 0);
    hear(host, &parcel);
    assert_int_equal(parcel.n, 3);
    assert_int_equal(parcel.part[1].size, 0);
    assert_int_equal(number_in(&parcel.part[2]), 9);
    parcel_clear(&parcel);
}

static void a_static_part_needs_no_release(void **state)
{
    struct world *world = *state;
    static char words[4096] = "for ever";
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct parcel parcel = {.n = 0};
    add(&parcel, (struct part){words, sizeof words, NULL, NULL});
    assert_int_equal(line_send(caller, host_gate, &parcel), 0);
    hear(host, &parcel);
    assert_int_equal(parcel.part[0].size, sizeof words);
    assert_memory_equal(parcel.part[0].data, words, sizeof words);
    parcel_clear(&parcel);
}

static void a_part_of_the_largest_size_arrives(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    send_and_compare(world, caller, host, 2, LINE_PART_LIMIT);
}

static void a_larger_part_is_refused_and_counted_and_the_connection_lives(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct parcel parcel = {.n = 0};
    add(&parcel, a_part(world, 1, 8));
    add(&parcel, a_part(world, 2, LINE_PART_LIMIT + 1));
    assert_int_equal(line_refused(caller), 0);
    assert_int_equal(line_send(caller, host_gate, &parcel), STATUS_BUG);
    assert_int_equal(line_refused(caller), 1);
    assert_int_equal(parcel.n, 2);
    parcel_clear(&parcel);
    say(world, caller, host_gate, 3);
    assert_int_equal(hear_number(host, NULL), 3);
}

static void a_received_part_can_be_sent_on(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct parcel parcel = {.n = 0};
    add(&parcel, a_part(world, 4, 8));
    add(&parcel, a_part(world, 5, 200000));
    assert_int_equal(line_send(caller, host_gate, &parcel), 0);
    struct peer peer = hear(host, &parcel);
    assert_int_equal(line_send(host, peer, &parcel), 0);
    hear(caller, &parcel);
    assert_int_equal(parcel.n, 2);
    assert_int_equal(number_in(&parcel.part[0]), 4);
    assert_int_equal(number_in(&parcel.part[1]), 5);
    assert_int_equal(parcel.part[1].size, 200000);
    parcel_clear(&parcel);
}

/* ---- peers ---- */

static void letters_of_one_peer_keep_their_order_and_come_once(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct peer peer = {0}, first = {0};
    uint64_t heard = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        say(world, caller, host_gate, i);
        if (i % BOARD_LIMIT != BOARD_LIMIT - 1)
            continue;
        for (; heard <= i; heard++)
            assert_int_equal(hear_number(host, &peer), heard);
        first = heard == BOARD_LIMIT ? peer : first;
        assert_true(peer_same(peer, first));
        say(world, host, peer, i);
        assert_int_equal(hear_number(caller, &peer), i);
        assert_true(peer_same(peer, host_gate));
    }
    for (; heard < 2000; heard++)
        assert_int_equal(hear_number(host, NULL), heard);
    struct parcel none;
    assert_int_equal(line_wait(host, 20, &peer, &none), LINE_E_QUIET);
    assert_int_equal(line_wait(caller, 0, &peer, &none), LINE_E_QUIET);
}

#define PEERS 20

static void many_peers_behind_one_gate_are_told_apart_and_answered(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller[PEERS];
    struct peer peer[PEERS];
    for (uint64_t i = 0; i < PEERS; i++) {
        caller[i] = a_caller(world, endpoint);
        say(world, caller[i], host_gate, i);
    }
    for (int i = 0; i < PEERS; i++) {
        struct peer from;
        uint64_t number = hear_number(host, &from);
        assert_in_range(number, 0, PEERS - 1);
        peer[number] = from;
    }
    for (uint64_t i = 0; i < PEERS; i++) {
        for (uint64_t k = 0; k < i; k++)
            assert_false(peer_same(peer[i], peer[k]));
        say(world, host, peer[i], 100 + i);
    }
    for (uint64_t i = 0; i < PEERS; i++)
        assert_int_equal(hear_number(caller[i], NULL), 100 + i);
}

static void a_peer_that_went_away_is_gone_in_the_end(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct line *other = a_caller(world, endpoint);
    struct peer gone, stays;
    say(world, caller, host_gate, 1);
    (void)hear_number(host, &gone);
    say(world, other, host_gate, 2);
    (void)hear_number(host, &stays);
    close_line(world, caller);
    assert_true(gone_in_the_end(world, host, gone));
    say(world, host, stays, 3);
    assert_int_equal(hear_number(other, NULL), 3);
}

static void a_route_that_nobody_had_is_gone(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint);
    struct parcel parcel;
    a_letter(world, &parcel, 1);
    assert_int_equal(line_send(host, (struct peer){0, 12345, 0}, &parcel), LINE_E_GONE);
    assert_int_equal(line_send(host, (struct peer){0, 12345, 1}, &parcel), LINE_E_GONE);
    assert_int_equal(parcel.n, 1);
    parcel_clear(&parcel);
}

static void a_peer_that_comes_back_has_a_new_route(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint);
    struct peer seen[8];
    for (size_t i = 0; i < 8; i++) {
        struct line *caller = a_caller(world, endpoint);
        say(world, caller, host_gate, i);
        assert_int_equal(hear_number(host, &seen[i]), i);
        for (size_t k = 0; k < i; k++)
            assert_false(peer_same(seen[i], seen[k]));
        close_line(world, caller);
        assert_true(gone_in_the_end(world, host, seen[i]));
    }
}

static void a_host_that_comes_back_is_found_again(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    if (world->transport == TRANSPORT_INPROC)
        skip(); /* libzmq does not connect again inside a process */
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct parcel parcel;
    struct peer from;
    uint32_t gate;
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    say(world, caller, host_gate, 1);
    assert_int_equal(hear_number(host, NULL), 1);
    close_line(world, host);
    host = a_line(world);
    int rc = STATUS_CONFIG; /* libzmq closes a socket a moment later, in its own thread */
    while (rc == STATUS_CONFIG && clock_monotonic_ms() < end_ms)
        rc = line_bind(host, endpoint.text, &gate);
    assert_int_equal(rc, 0);
    rc = LINE_E_QUIET;
    for (uint64_t i = 2; rc == LINE_E_QUIET && clock_monotonic_ms() < end_ms; i++) {
        say(world, caller, host_gate, i); /* what is sent while nobody is there may be lost */
        rc = line_wait(host, 5, &from, &parcel);
    }
    assert_int_equal(rc, 0);
    parcel_clear(&parcel);
    say(world, host, from, 9);
    assert_int_equal(hear_number(caller, NULL), 9);
}

/* ---- limits ---- */

#define BULK 2000 /* bytes a letter, so that the kernel's buffers hold not too many of them */

/* Sends bulky letters until one does not go; answers how many went. */
static uint64_t send_until_full(struct world *world, struct line *line, struct peer to)
{
    struct parcel parcel = {.n = 0};
    uint64_t n = 0;
    int rc;
    for (;;) {
        add(&parcel, a_part(world, n, BULK));
        rc = line_send(line, to, &parcel);
        if (rc || n > 200000)
            break;
        n++;
    }
    assert_int_equal(rc, LINE_E_FULL);
    assert_int_equal(parcel.n, 1); /* still ours */
    assert_int_equal(number_in(&parcel.part[0]), n);
    parcel_clear(&parcel);
    return n;
}

static void a_full_peer_says_so_and_loses_nothing(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *caller = a_caller(world, endpoint);
    struct peer peer;
    say(world, caller, host_gate, 1);
    (void)hear_number(host, &peer);
    uint64_t n = send_until_full(world, host, peer);
    assert_true(n >= BOARD_LIMIT);
    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(hear_number(caller, NULL), i);
    say(world, host, peer, n);
    assert_int_equal(hear_number(caller, NULL), n);
}

static void one_full_peer_does_not_stop_the_others(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *slow = a_caller(world, endpoint);
    struct line *quick = a_caller(world, endpoint);
    struct peer to_slow, to_quick;
    say(world, slow, host_gate, 1);
    (void)hear_number(host, &to_slow);
    say(world, quick, host_gate, 2);
    (void)hear_number(host, &to_quick);
    (void)send_until_full(world, host, to_slow);
    say(world, host, to_quick, 3);
    assert_int_equal(hear_number(quick, NULL), 3);
}

static void letters_wait_for_a_host_that_is_not_there_yet(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint = an_endpoint(world);
    uint32_t gate;
    if (world->transport == TRANSPORT_TCP)
        skip(); /* no port can be promised */
    struct line *caller = a_caller(world, endpoint);
    uint64_t n = send_until_full(world, caller, host_gate);
    struct line *host = a_line(world);
    assert_int_equal(line_bind(host, endpoint.text, &gate), 0);
    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(hear_number(host, NULL), i);
}

/* Whether the number is heard though another peer has always letters waiting: there is a new one for
 * each that is heard. */
static int heard_beside(struct world *world, struct line *host, struct line *busy, uint64_t number)
{
    uint64_t heard = 0;
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (heard != number && clock_monotonic_ms() < end_ms) {
        say(world, busy, host_gate, 1);
        heard = hear_number(host, NULL);
    }
    return heard == number;
}

static void no_gate_is_starved(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *busy = a_caller(world, endpoint);
    struct endpoint second = an_endpoint(world);
    uint32_t gate;
    assert_int_equal(line_bind(host, second.text, &gate), 0);
    assert_int_equal(gate, 1);
    snprintf(second.text, sizeof second.text, "%s", line_endpoint(host, gate));
    struct line *rare = a_caller(world, second);
    for (int i = 0; i < 10; i++)
        say(world, busy, host_gate, 1);
    say(world, rare, host_gate, 2);
    assert_true(heard_beside(world, host, busy, 2));
}

static void no_peer_behind_a_gate_is_starved(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *busy = a_caller(world, endpoint);
    struct line *rare = a_caller(world, endpoint);
    say(world, rare, host_gate, 0);
    (void)hear_number(host, NULL); /* so that it is not favoured as the one who never spoke */
    for (int i = 0; i < 10; i++)
        say(world, busy, host_gate, 1);
    (void)hear_number(host, NULL);
    say(world, rare, host_gate, 2);
    assert_true(heard_beside(world, host, busy, 2));
}

static void a_line_has_one_inbox_for_what_it_binds_and_what_it_connects(void **state)
{
    struct world *world = *state;
    struct endpoint sink, ventilator;
    struct line *a = a_host(world, &sink), *b = a_host(world, &ventilator);
    uint32_t gate;
    assert_int_equal(line_connect(b, sink.text, &gate), 0);
    assert_int_equal(gate, 1);
    struct line *worker = a_caller(world, ventilator);
    say(world, worker, host_gate, 1);
    struct peer from;
    assert_int_equal(hear_number(b, &from), 1);
    assert_int_equal(from.gate, 0);
    say(world, b, (struct peer){.gate = 1}, 2);
    struct peer feed;
    assert_int_equal(hear_number(a, &feed), 2);
    say(world, a, feed, 3);
    assert_int_equal(hear_number(b, &from), 3);
    assert_true(peer_same(from, (struct peer){.gate = 1}));
}

/* ---- refusals ---- */

static void an_endpoint_is_bound_once(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    struct line *host = a_host(world, &endpoint), *second = a_line(world);
    uint32_t gate;
    assert_int_equal(line_bind(second, endpoint.text, &gate), STATUS_CONFIG);
    struct line *caller = a_caller(world, endpoint);
    say(world, caller, host_gate, 5);
    assert_int_equal(hear_number(host, NULL), 5); /* and is still the first one's */
}

static void what_is_no_endpoint_is_refused(void **state)
{
    struct world *world = *state;
    struct line *line = a_line(world);
    uint32_t gate;
    assert_int_equal(line_bind(line, "localhost", &gate), STATUS_CONFIG);
    assert_int_equal(line_connect(line, "", &gate), STATUS_CONFIG);
}

static void a_gate_that_is_not_there_and_a_letter_of_nothing_are_bugs(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint;
    (void)a_host(world, &endpoint);
    struct line *caller = a_caller(world, endpoint);
    struct parcel parcel = {.n = 0};
    assert_int_equal(line_send(caller, host_gate, &parcel), STATUS_BUG);
    a_letter(world, &parcel, 1);
    assert_int_equal(line_send(caller, (struct peer){.gate = 1}, &parcel), STATUS_BUG);
    assert_int_equal(parcel.n, 1);
    parcel_clear(&parcel);
}

/* ---- the end ---- */

static void closing_with_unsent_letters_releases_them_and_does_not_hang(void **state)
{
    struct world *world = *state;
    struct endpoint endpoint = an_endpoint(world), other;
    struct line *host = a_host(world, &other), *caller = a_caller(world, other);
    struct peer peer;
    if (world->transport == TRANSPORT_TCP)
        endpoint = (struct endpoint){"tcp://127.0.0.1:1"}; /* nobody is there */
    (void)send_until_full(world, a_caller(world, endpoint), host_gate);
    say(world, caller, host_gate, 1);
    (void)hear_number(host, &peer);
    (void)send_until_full(world, host, peer);
    close_all(world);
    assert_int_equal(atomic_load(&world->released), world->made);
}

/* ---- */

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->transport = *(const enum transport *)*state;
    contract_scratch_make(&world->scratch);
    *state = world;
    return line_memory_new(&world->board, BOARD_LIMIT);
}

/* Every test ends with the law that each part is released exactly once, wherever it ended. */
static int teardown(void **state)
{
    struct world *world = *state;
    close_all(world);
    int released = atomic_load(&world->released), made = world->made;
    line_memory_destroy(&world->board);
    contract_scratch_remove(&world->scratch);
    free(world);
    if (released != made)
        print_error("%d parts were made and %d released\n", made, released);
    return released == made ? 0 : -1;
}

int main(void)
{
    static enum transport transport[] = {TRANSPORT_MEMORY, TRANSPORT_IPC, TRANSPORT_TCP,
                                         TRANSPORT_INPROC};
    const struct contract_port ports[] = {
        {"memory", &transport[0]},
        {"zmq ipc", &transport[1]},
        {"zmq tcp", &transport[2]},
        {"zmq inproc", &transport[3]},
    };
    const struct contract_case cases[] = {
        contract_case(a_letter_of_1_2_and_256_parts_arrives_whole),
        contract_case(an_empty_part_arrives),
        contract_case(a_static_part_needs_no_release),
        contract_case(a_part_of_the_largest_size_arrives),
        contract_case(a_larger_part_is_refused_and_counted_and_the_connection_lives),
        contract_case(a_received_part_can_be_sent_on),
        contract_case(letters_of_one_peer_keep_their_order_and_come_once),
        contract_case(many_peers_behind_one_gate_are_told_apart_and_answered),
        contract_case(a_peer_that_went_away_is_gone_in_the_end),
        contract_case(a_route_that_nobody_had_is_gone),
        contract_case(a_peer_that_comes_back_has_a_new_route),
        contract_case(a_host_that_comes_back_is_found_again),
        contract_case(a_full_peer_says_so_and_loses_nothing),
        contract_case(one_full_peer_does_not_stop_the_others),
        contract_case(letters_wait_for_a_host_that_is_not_there_yet),
        contract_case(no_gate_is_starved),
        contract_case(no_peer_behind_a_gate_is_starved),
        contract_case(a_line_has_one_inbox_for_what_it_binds_and_what_it_connects),
        contract_case(an_endpoint_is_bound_once),
        contract_case(what_is_no_endpoint_is_refused),
        contract_case(a_gate_that_is_not_there_and_a_letter_of_nothing_are_bugs),
        contract_case(closing_with_unsent_letters_releases_them_and_does_not_hang),
    };
    return contract_run(cases, sizeof cases / sizeof cases[0], ports,
                        sizeof ports / sizeof ports[0], setup, teardown);
}
