/* SPDX-License-Identifier: Apache-2.0 */
/* Read before libzmq does, because libzmq is generous: it would take port 66000 for 464. */
#include "common/endpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *after(const char *text, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(text, prefix, size) ? NULL : text + size;
}

static int address_sound(const char *address)
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address)
        return 0;
    size_t digits = strspn(colon + 1, "0123456789");
    if (!strcmp(colon + 1, "*"))
        return 1;
    return digits > 0 && digits < 6 && colon[1 + digits] == '\0' && atoi(colon + 1) <= UINT16_MAX;
}

enum endpoint_kind endpoint_kind(const char *endpoint)
{
    const char *rest = after(endpoint, "tcp://");
    if (rest)
        return address_sound(rest) ? ENDPOINT_TCP : ENDPOINT_NONE;
    rest = after(endpoint, "ipc://");
    if (rest)
        return *rest ? ENDPOINT_IPC : ENDPOINT_NONE;
    rest = after(endpoint, "inproc://");
    return rest && *rest ? ENDPOINT_INPROC : ENDPOINT_NONE;
}

const char *endpoint_path(const char *endpoint)
{
    const char *path = after(endpoint, "ipc://");
    return path && *path != '@' && *path != '*' ? path : NULL;
}
