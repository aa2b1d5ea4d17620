/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include <stddef.h>

/* A directory of the test's own, and the files in it. A test's disk: failure aborts. Paths that begin
 * with a slash are taken as they are, others lie in the directory. */

#define SCRATCH_PATH 512

struct scratch {
    char path[SCRATCH_PATH];
};

struct scratch scratch_new(void);
/* Removes it and all that is in it. */
void scratch_remove(struct scratch *scratch);

/* The path of a name, in one of some buffers that are used in turn. */
const char *scratch_at(const struct scratch *scratch, const char *name);
void scratch_directory(const struct scratch *scratch, const char *name);
void scratch_file(const struct scratch *scratch, const char *name, const char *text);

int scratch_has(const struct scratch *scratch, const char *name);
/* Permission bits. */
unsigned scratch_mode(const struct scratch *scratch, const char *name);
/* Whether the file is exactly that. */
int scratch_reads(const struct scratch *scratch, const char *name, const char *text);

#endif
