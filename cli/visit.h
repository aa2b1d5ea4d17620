/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VISIT_H
#define CLI_VISIT_H

#include "common/status.h"

/* One HTTP GET of a role's figures. */

#define VISIT_BYTES 262144

struct visit {
    int code;   /* of HTTP */
    char *text; /* the body, NUL-terminated */
    char bytes[VISIT_BYTES];
};

/* 0, or STATUS_UNREACHABLE, said. */
int visit_make(const char *endpoint, const char *path, struct visit *visit) MUST_USE;

#endif
