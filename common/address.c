/* SPDX-License-Identifier: Apache-2.0 */
#include "common/address.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"

#define HOST_BYTES 256

/* Splits into host (without brackets, "" for every address) and port; 0 when it is neither. */
static int split(const char *endpoint, char host[HOST_BYTES], const char **port)
{
    const char *colon = strrchr(endpoint, ':');
    if (!colon || strspn(colon + 1, "0123456789") != strlen(colon + 1) || !colon[1] ||
        strlen(colon + 1) > 5 || atoi(colon + 1) > 65535)
        return 0;
    size_t size = (size_t)(colon - endpoint);
    int bracketed = size > 1 && endpoint[0] == '[' && endpoint[size - 1] == ']';
    if (bracketed) {
        endpoint++;
        size -= 2;
    }
    if (size >= HOST_BYTES || (!bracketed && memchr(endpoint, ':', size)))
        return 0;
    if (size == 1 && *endpoint == '*')
        size = 0;
    memcpy(host, endpoint, size);
    host[size] = '\0';
    *port = colon + 1;
    return 1;
}

int address_sound(const char *endpoint)
{
    char host[HOST_BYTES];
    const char *port;
    return split(endpoint, host, &port);
}

int address_find(const char *endpoint, enum address_use use, struct addrinfo **found)
{
    char host[HOST_BYTES];
    const char *port;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int status = use == ADDRESS_TO_LISTEN ? STATUS_CONFIG : STATUS_UNREACHABLE;
    if (!split(endpoint, host, &port))
        return log_fail(STATUS_USAGE, "%s: wants HOST:PORT", endpoint);
    if (use == ADDRESS_TO_LISTEN)
        hints.ai_flags = AI_PASSIVE;
    if (use == ADDRESS_TO_LISTEN && !*host)
        hints.ai_family = AF_INET; /* where there is no IPv6, [::] would be an error */
    int error = getaddrinfo(*host ? host : NULL, port, &hints, found);
    return error ? log_fail(status, "%s: %s", endpoint, gai_strerror(error)) : 0;
}
