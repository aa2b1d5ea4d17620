/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTRACT_STRANGER_H
#define CONTRACT_STRANGER_H

#include <stddef.h>
#include <sys/types.h>

/* Somebody who speaks ZMTP 3.0 (rfc.zeromq.org/spec/23) without our manners, over a Unix domain
 * socket: what libzmq's own sockets would never send can be sent from here. */

/* Connects; asserts that it did. The descriptor is the caller's to close. */
int stranger_connect(const char *path);

/* Greeting and READY of a DEALER, which calls itself by this name ("" for none). */
void stranger_greet(int fd, const char *name);

enum stranger_more { STRANGER_LAST, STRANGER_MORE };

/* A part of size zero bytes. Answers 0, or -1 when the other side has hung up. */
int stranger_say(int fd, size_t size, enum stranger_more more);

/* Whether the other side hangs up before patience is. */
int stranger_is_cut(int fd);

/* A listening socket at the path, as any server's. */
int stranger_listen(const char *path);

/* A process that passes bytes on between the first who connects to front and the server at back;
 * killing it cuts the connection, and leaves the file of front behind. */
pid_t stranger_relay(const char *front, const char *back);

#endif
