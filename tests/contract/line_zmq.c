/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of the line over ZeroMQ alone: strangers at the door, files of sockets, signals. */
#include "common/line.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "contract/contract.h"
#include "contract/stranger.h"

#define PATIENCE_MS 10000

struct place {
    struct contract_scratch scratch;
    char path[100];
    char endpoint[128];
    struct line *host;
    struct line *caller;
};

static void bind_host(struct place *place)
{
    uint32_t gate;
    assert_int_equal(line_zmq_open(&place->host), 0);
    assert_int_equal(line_bind(place->host, place->endpoint, &gate), 0);
}

static struct peer hear(struct line *line, size_t *n_parts, size_t *size)
{
    struct parcel parcel;
    struct peer from;
    assert_int_equal(line_wait(line, PATIENCE_MS, &from, &parcel), 0);
    *n_parts = parcel.n;
    *size = parcel.part[0].size;
    parcel_clear(&parcel);
    return from;
}

static int send_bytes(struct line *line, struct peer to, size_t size)
{
    struct parcel parcel = {.n = 0};
    struct part part = part_new(size);
    memset(part.data, 0, size);
    assert_int_equal(parcel_add(&parcel, &part), 0);
    int rc = line_send(line, to, &parcel);
    parcel_clear(&parcel);
    return rc;
}

static int exists(const char *path)
{
    struct stat seen;
    return lstat(path, &seen) == 0;
}

/* ---- strangers ---- */

static int greeted(struct place *place, const char *name)
{
    bind_host(place);
    int fd = stranger_connect(place->path);
    stranger_greet(fd, name);
    return fd;
}

static void a_strangers_letter_is_heard(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "");
    assert_int_equal(stranger_say(fd, LINE_PART_LIMIT, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(n, 1);
    assert_int_equal(size, LINE_PART_LIMIT);
    assert_int_equal(line_refused(place->host), 0);
    close(fd);
}

static void a_letter_of_too_many_parts_is_refused_whole_and_counted(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "");
    for (int i = 0; i < LINE_PARTS_LIMIT; i++)
        assert_int_equal(stranger_say(fd, 10, STRANGER_MORE), 0);
    assert_int_equal(stranger_say(fd, 10, STRANGER_LAST), 0);
    assert_int_equal(stranger_say(fd, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(n, 1);
    assert_int_equal(size, 77);
    assert_int_equal(line_refused(place->host), 1);
    close(fd);
}

static void a_part_that_is_too_large_is_refused_and_counted_and_the_connection_lives(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "");
    assert_int_equal(stranger_say(fd, 10, STRANGER_MORE), 0);
    assert_int_equal(stranger_say(fd, LINE_PART_LIMIT + 1, STRANGER_MORE), 0);
    assert_int_equal(stranger_say(fd, 10, STRANGER_LAST), 0);
    assert_int_equal(stranger_say(fd, 2 * LINE_PART_LIMIT, STRANGER_LAST), 0);
    assert_int_equal(stranger_say(fd, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(size, 77);
    assert_int_equal(line_refused(place->host), 2);
    close(fd);
}

static void a_part_twice_too_large_costs_the_stranger_the_connection_and_nobody_else(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "");
    int other = stranger_connect(place->path);
    stranger_greet(other, "");
    (void)stranger_say(fd, 2 * LINE_PART_LIMIT + 1, STRANGER_LAST);
    assert_true(stranger_is_cut(fd));
    assert_int_equal(stranger_say(other, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(size, 77);
    close(other);
    close(fd);
}

static void half_a_letter_is_never_heard(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "");
    assert_int_equal(stranger_say(fd, 10, STRANGER_MORE), 0);
    assert_int_equal(stranger_say(fd, 10, STRANGER_MORE), 0);
    close(fd);
    fd = stranger_connect(place->path);
    stranger_greet(fd, "");
    assert_int_equal(stranger_say(fd, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(n, 1);
    assert_int_equal(size, 77);
    close(fd);
}

static void a_peer_that_names_itself_is_refused(void **state)
{
    struct place *place = *state;
    size_t n, size;
    int fd = greeted(place, "worker-1");
    assert_int_equal(stranger_say(fd, 10, STRANGER_LAST), 0);
    int other = stranger_connect(place->path);
    stranger_greet(other, "");
    struct parcel parcel;
    struct peer from;
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (line_refused(place->host) == 0 && clock_monotonic_ms() < end_ms)
        assert_int_equal(line_wait(place->host, 5, &from, &parcel), LINE_E_QUIET);
    assert_int_equal(line_refused(place->host), 1);
    assert_int_equal(stranger_say(other, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(size, 77);
    close(other);
    close(fd);
}

static void who_speaks_another_language_is_cut_off(void **state)
{
    struct place *place = *state;
    size_t n, size;
    bind_host(place);
    int fd = stranger_connect(place->path);
    static const char words[] = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html, "
                                "application/xhtml+xml, application/xml\r\n\r\n";
    assert_true(write(fd, words, sizeof words - 1) > 0);
    assert_true(stranger_is_cut(fd));
    close(fd);
    fd = stranger_connect(place->path);
    stranger_greet(fd, "");
    assert_int_equal(stranger_say(fd, 77, STRANGER_LAST), 0);
    (void)hear(place->host, &n, &size);
    assert_int_equal(size, 77);
    close(fd);
}

/* ---- a connection that breaks ---- */

static void kill_and_wait(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_connection_that_is_made_again_has_a_new_route_and_no_half_letters(void **state)
{
    struct place *place = *state;
    char front[120], front_endpoint[128];
    size_t n, size;
    uint32_t gate;
    struct peer here = {.gate = 0}, second;
    struct parcel none;
    snprintf(front, sizeof front, "%s-relay", place->path);
    snprintf(front_endpoint, sizeof front_endpoint, "ipc://%s", front);
    bind_host(place);
    pid_t relay = stranger_relay(front, place->path);
    assert_int_equal(line_zmq_open(&place->caller), 0);
    assert_int_equal(line_connect(place->caller, front_endpoint, &gate), 0);
    assert_int_equal(send_bytes(place->caller, here, 50), 0);
    struct peer first = hear(place->host, &n, &size);
    kill_and_wait(relay);
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    int rc = 0;
    while (rc != LINE_E_GONE && clock_monotonic_ms() < end_ms) {
        rc = send_bytes(place->host, first, 8);
        assert_int_equal(line_wait(place->host, 1, &second, &none), LINE_E_QUIET);
    }
    assert_int_equal(rc, LINE_E_GONE);
    relay = stranger_relay(front, place->path);
    /* The peer need not do anything to be connected again; what it says next has another route. */
    assert_int_equal(send_bytes(place->caller, here, 60), 0);
    second = hear(place->host, &n, &size);
    assert_int_equal(size, 60);
    assert_false(peer_same(first, second));
    assert_int_equal(send_bytes(place->host, first, 8), LINE_E_GONE);
    assert_int_equal(send_bytes(place->host, second, 70), 0);
    (void)hear(place->caller, &n, &size);
    assert_int_equal(size, 70);
    kill_and_wait(relay);
}

/* ---- files ---- */

static void a_file_left_by_a_dead_process_is_no_hindrance(void **state)
{
    struct place *place = *state;
    close(stranger_listen(place->path));
    assert_true(exists(place->path));
    bind_host(place);
}

static void a_living_server_is_not_robbed(void **state)
{
    struct place *place = *state;
    uint32_t gate;
    int fd = stranger_listen(place->path);
    assert_int_equal(line_zmq_open(&place->host), 0);
    assert_int_equal(line_bind(place->host, place->endpoint, &gate), STATUS_CONFIG);
    close(stranger_connect(place->path)); /* still there */
    close(fd);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
    struct place *place = *state;
    uint32_t gate;
    struct stat seen;
    int fd = open(place->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "mine", 4), 4);
    close(fd);
    assert_int_equal(line_zmq_open(&place->host), 0);
    assert_int_equal(line_bind(place->host, place->endpoint, &gate), STATUS_CONFIG);
    assert_int_equal(stat(place->path, &seen), 0);
    assert_int_equal(seen.st_size, 4);
}

static void the_file_is_removed_at_the_end_but_never_somebody_elses(void **state)
{
    struct place *place = *state;
    bind_host(place);
    assert_true(exists(place->path));
    line_close(&place->host);
    assert_false(exists(place->path));
    bind_host(place);
    assert_int_equal(unlink(place->path), 0);
    int fd = stranger_listen(place->path);
    line_close(&place->host);
    assert_true(exists(place->path));
    close(fd);
}

static void a_path_that_no_socket_can_have_is_refused(void **state)
{
    struct place *place = *state;
    uint32_t gate;
    char endpoint[300];
    assert_int_equal(line_zmq_open(&place->host), 0);
    snprintf(endpoint, sizeof endpoint, "%s/%0120d", place->endpoint, 0);
    assert_int_equal(line_bind(place->host, endpoint, &gate), STATUS_CONFIG);
    snprintf(endpoint, sizeof endpoint, "%s/no/such/directory", place->endpoint);
    assert_int_equal(line_bind(place->host, endpoint, &gate), STATUS_CONFIG);
    assert_int_equal(line_bind(place->host, "ipc://", &gate), STATUS_CONFIG);
}

/* ---- addresses ---- */

static void port_0_and_a_star_are_chosen_by_the_system(void **state)
{
    struct place *place = *state;
    uint32_t gate;
    int first, second;
    assert_int_equal(line_zmq_open(&place->host), 0);
    assert_int_equal(line_bind(place->host, "tcp://127.0.0.1:0", &gate), 0);
    assert_int_equal(sscanf(line_endpoint(place->host, gate), "tcp://127.0.0.1:%d", &first), 1);
    assert_int_equal(line_bind(place->host, "tcp://127.0.0.1:*", &gate), 0);
    assert_int_equal(sscanf(line_endpoint(place->host, gate), "tcp://127.0.0.1:%d", &second), 1);
    assert_in_range(first, 1, 65535);
    assert_in_range(second, 1, 65535);
    assert_int_not_equal(first, second);
}

static void an_address_that_cannot_be_is_refused(void **state)
{
    struct place *place = *state;
    uint32_t gate;
    static const char *const wrong[] = {"udp://127.0.0.1:5555", "tcp://127.0.0.1",
                                        "tcp://127.0.0.1:66000",
                                        "tcp://192.0.2.1:5555", /* TEST-NET-1: nobody's */
                                        "tcp://"};
    assert_int_equal(line_zmq_open(&place->host), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(line_bind(place->host, wrong[i], &gate), STATUS_CONFIG);
    assert_int_equal(line_connect(place->host, "tcp://127.0.0.1:http://", &gate), STATUS_CONFIG);
}

/* ---- signals ---- */

static void note(int signal)
{
    (void)signal;
}

static void a_signal_ends_the_wait(void **state)
{
    struct place *place = *state;
    struct parcel parcel;
    struct peer from;
    struct sigaction action = {.sa_handler = note}, before;
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    bind_host(place);
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    setitimer(ITIMER_REAL, &often, NULL);
    int rc = line_wait(place->host, -1, &from, &parcel);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_int_equal(rc, LINE_E_WOKEN);
}

static void the_signals_are_left_to_main(void **state)
{
    struct place *place = *state;
    struct sigaction mine = {.sa_handler = note}, seen;
    assert_int_equal(sigaction(SIGTERM, &mine, NULL), 0);
    bind_host(place);
    assert_int_equal(sigaction(SIGTERM, NULL, &seen), 0);
    assert_true(seen.sa_handler == note);
    assert_int_equal(sigaction(SIGINT, NULL, &seen), 0);
    assert_true(seen.sa_handler == SIG_DFL);
    line_close(&place->host);
    assert_int_equal(sigaction(SIGTERM, NULL, &seen), 0);
    assert_true(seen.sa_handler == note);
    mine.sa_handler = SIG_DFL;
    assert_int_equal(sigaction(SIGTERM, &mine, NULL), 0);
}

/* ---- */

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    contract_scratch_make(&place->scratch);
    snprintf(place->path, sizeof place->path, "%s/socket", place->scratch.path);
    snprintf(place->endpoint, sizeof place->endpoint, "ipc://%s", place->path);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    line_close(&place->caller);
    line_close(&place->host);
    contract_scratch_remove(&place->scratch);
    free(place);
    return 0;
}

int main(void)
{
    const struct contract_port ports[] = {{"zmq", NULL}};
    const struct contract_case cases[] = {
        contract_case(a_strangers_letter_is_heard),
        contract_case(a_letter_of_too_many_parts_is_refused_whole_and_counted),
        contract_case(a_part_that_is_too_large_is_refused_and_counted_and_the_connection_lives),
        contract_case(a_part_twice_too_large_costs_the_stranger_the_connection_and_nobody_else),
        contract_case(half_a_letter_is_never_heard),
        contract_case(a_peer_that_names_itself_is_refused),
        contract_case(who_speaks_another_language_is_cut_off),
        contract_case(a_connection_that_is_made_again_has_a_new_route_and_no_half_letters),
        contract_case(a_file_left_by_a_dead_process_is_no_hindrance),
        contract_case(a_living_server_is_not_robbed),
        contract_case(a_file_that_is_no_socket_is_left_alone),
        contract_case(the_file_is_removed_at_the_end_but_never_somebody_elses),
        contract_case(a_path_that_no_socket_can_have_is_refused),
        contract_case(port_0_and_a_star_are_chosen_by_the_system),
        contract_case(an_address_that_cannot_be_is_refused),
        contract_case(a_signal_ends_the_wait),
        contract_case(the_signals_are_left_to_main),
    };
    return contract_run(cases, sizeof cases / sizeof cases[0], ports, 1, setup, teardown);
}
