/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/stranger.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/assert.h"

#define PATIENCE_MS 10000

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    return address;
}

int stranger_connect(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

int stranger_listen(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static size_t put(uint8_t *to, const void *data, size_t size)
{
    memcpy(to, data, size);
    return size;
}

/* A property of READY: name with its length, value with a length of four bytes. */
static size_t property(uint8_t *to, const char *name, const char *value)
{
    size_t n = 0;
    to[n++] = (uint8_t)strlen(name);
    n += put(to + n, name, strlen(name));
    n += put(to + n, "\0\0\0", 3);
    to[n++] = (uint8_t)strlen(value);
    return n + put(to + n, value, strlen(value));
}

static void read_all(int fd, void *data, size_t size)
{
    assert_int_equal(recv(fd, data, size, MSG_WAITALL), size);
}

void stranger_greet(int fd, const char *name)
{
    uint8_t greeting[64] = {[0] = 0xff, [9] = 0x7f, [10] = 3};
    uint8_t ready[128] = {4}; /* a command */
    size_t n = 2;
    memcpy(greeting + 12, "NULL", 4);
    n += put(ready + n, "\5READY", 6);
    n += property(ready + n, "Socket-Type", "DEALER");
    if (name[0])
        n += property(ready + n, "Identity", name);
    ready[1] = (uint8_t)(n - 2);
    assert_int_equal(write_all(fd, greeting, sizeof greeting), 0);
    assert_int_equal(write_all(fd, ready, n), 0);
    /* Who goes on before the other's READY has arrived is cut off. */
    read_all(fd, greeting, sizeof greeting);
    read_all(fd, ready, 2);
    assert_true(ready[1] <= sizeof ready);
    read_all(fd, ready, ready[1]);
}

int stranger_say(int fd, size_t size, enum stranger_more more)
{
    uint8_t head[9] = {(uint8_t)(2 | (more == STRANGER_MORE))}; /* a long length follows */
    for (int i = 0; i < 8; i++)
        head[1 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    char *body = calloc(1, size + 1);
    assert_non_null(body);
    int rc = write_all(fd, head, sizeof head) || write_all(fd, body, size) ? -1 : 0;
    free(body);
    return rc;
}

int stranger_is_cut(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    char bytes[4096];
    for (;;) {
        if (poll(&item, 1, PATIENCE_MS) <= 0)
            return 0;
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return 1;
    }
}

/* ---- the relay: only system calls, for it runs in a fork of a process with threads ---- */

static int pass_on(int from, int to)
{
    char bytes[65536];
    ssize_t n = recv(from, bytes, sizeof bytes, 0);
    return n <= 0 || write_all(to, bytes, (size_t)n);
}

static void relay(int listening, const char *back)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, back, strlen(back));
    int here = accept(listening, NULL, NULL), there = socket(AF_UNIX, SOCK_STREAM, 0);
    if (here < 0 || there < 0 || connect(there, (struct sockaddr *)&address, sizeof address))
        return;
    for (;;) {
        struct pollfd item[2] = {{.fd = here, .events = POLLIN}, {.fd = there, .events = POLLIN}};
        if (poll(item, 2, -1) < 0)
            return;
        if (item[0].revents && pass_on(here, there))
            return;
        if (item[1].revents && pass_on(there, here))
            return;
    }
}

pid_t stranger_relay(const char *front, const char *back)
{
    unlink(front);
    int listening = stranger_listen(front);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        relay(listening, back);
        _exit(0);
    }
    close(listening);
    return child;
}
