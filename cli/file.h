/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include "common/status.h"

/* A small file, whole in memory. */

enum { FILE_E_ABSENT = 1 }; /* there is none of that name */

/* *bytes.data is the caller's to free(). STATUS_NO_INPUT, said: it cannot be read, or is larger than
 * anything winnow writes that is read this way. */
int file_read(const char *path, struct slice *bytes) MUST_USE;

#endif
