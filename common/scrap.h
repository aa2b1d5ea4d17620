/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_SCRAP_H
#define COMMON_SCRAP_H

#include "common/status.h"

/* Directories that are gone when the program is. */

#define SCRAP_PATH 4096

/* "$TMPDIR/NAME-XXXXXX", 0700. */
int scrap_make(const char *name, char path[SCRAP_PATH]) MUST_USE;

/* Removes it and everything in it; what cannot be removed is said. */
void scrap_remove(const char *path);

#endif
