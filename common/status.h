/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_STATUS_H
#define COMMON_STATUS_H

#include <stddef.h>

/* What a function that can fail answers, as dbus-broker has it: 0 done; < 0 one of these, said
 * (logged) where it was first known and passed up unchanged; > 0 an answer that this one function
 * documents and its caller must handle. */

#define MUST_USE                  __attribute__((warn_unused_result))
#define PRINTF_LIKE(words, first) __attribute__((format(printf, words, first)))

enum {
    STATUS_DONE = 0,
    STATUS_BUG = -1,         /* 70: something that cannot happen; out of memory too */
    STATUS_USAGE = -2,       /* 2 */
    STATUS_DATA = -3,        /* 65: the ledger */
    STATUS_NO_INPUT = -4,    /* 66 */
    STATUS_UNREACHABLE = -5, /* 69: a peer */
    STATUS_NO_OUTPUT = -6,   /* 73 */
    STATUS_IO = -7,          /* 74 */
    STATUS_STOPPED = -8,     /* 75, or 130 where nothing is kept */
    STATUS_DENIED = -9,      /* 77: keys */
    STATUS_CONFIG = -10      /* 78 */
};

/* The exit code of INTERFACE; 0 for STATUS_DONE, 70 for a number that is no status. */
int status_exit_code(int status);
/* The status that has this exit code; STATUS_BUG for a code that none has. */
int status_of_exit_code(int code);

/* Bytes looked at, never kept beyond what the giver promises. */
struct slice {
    const void *data;
    size_t size;
};

#endif
