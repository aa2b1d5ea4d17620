/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include "common/status.h"

struct addrinfo;

/* HOST:PORT as people write it: [::1]:9100, 127.0.0.1:9100, name:9100; :9100 and *:9100 are every
 * address to listen on and this host to connect to. */

enum address_use { ADDRESS_TO_LISTEN, ADDRESS_TO_CONNECT };

int address_sound(const char *endpoint);

/* 0: *found is the caller's, for freeaddrinfo. STATUS_CONFIG (or STATUS_UNREACHABLE, to connect to),
 * said. */
int address_find(const char *endpoint, enum address_use use, struct addrinfo **found) MUST_USE;

#endif
