/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_ENDPOINT_H
#define COMMON_ENDPOINT_H

/* Where a gate is: "tcp://HOST:PORT" (to bind, * or 0 is a port of the system's choice),
 * "ipc://PATH" or "inproc://NAME". Text only; whether anything is there is not known here. */

enum endpoint_kind {
    ENDPOINT_NONE, /* not an endpoint, or one of another transport than these three */
    ENDPOINT_TCP,
    ENDPOINT_IPC,
    ENDPOINT_INPROC
};

enum endpoint_kind endpoint_kind(const char *endpoint);

/* The file of an ipc endpoint, borrowed from it; NULL where there is none: other transports,
 * "@NAME" (a name without a file) and "*" (a file of libzmq's choice, which it removes itself). */
const char *endpoint_path(const char *endpoint);

#endif
