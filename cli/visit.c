/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.0, so that the answer comes in one piece and ends with the connection: a client library would be
 * larger than the rest of the image. */
#include "cli/visit.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/log.h"

#define PATIENCE_S 2

static int reach(const struct addrinfo *info)
{
    struct timeval patience = {PATIENCE_S, 0};
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, info->ai_protocol);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); /* of connect too */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, info->ai_addr, info->ai_addrlen) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int reach_any(const char *endpoint, int *fd)
{
    struct addrinfo *found;
    int r = address_find(endpoint, ADDRESS_TO_CONNECT, &found);
    if (r < 0)
        return r;
    *fd = -1;
    for (const struct addrinfo *at = found; at && *fd < 0; at = at->ai_next)
        *fd = reach(at);
    if (*fd < 0)
        r = log_fail(STATUS_UNREACHABLE, "cannot reach %s: %s", endpoint, strerror(errno));
    freeaddrinfo(found);
    return r;
}

/* The whole answer, cut at what a visit holds. */
static int hear(int fd, struct visit *visit)
{
    size_t n = 0;
    ssize_t got;
    while (n < VISIT_BYTES - 1 && (got = recv(fd, visit->bytes + n, VISIT_BYTES - 1 - n, 0)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return 0;
        n += (size_t)got;
    }
    visit->bytes[n] = '\0';
    visit->text = strstr(visit->bytes, "\r\n\r\n");
    if (!visit->text || sscanf(visit->bytes, "HTTP/%*d.%*d %d", &visit->code) != 1)
        return 0;
    visit->text += 4;
    return 1;
}

int visit_make(const char *endpoint, const char *path, struct visit *visit)
{
    char request[512];
    int fd, r = reach_any(endpoint, &fd);
    if (r < 0)
        return r;
    int n = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %.200s\r\n\r\n", path,
                     endpoint);
    if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n || !hear(fd, visit))
        r = log_fail(STATUS_UNREACHABLE, "%s does not answer as a role of winnow's would",
                     endpoint);
    close(fd);
    return r;
}
