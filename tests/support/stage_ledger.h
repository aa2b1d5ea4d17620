/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_STAGE_LEDGER_H
#define SUPPORT_STAGE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#define STAGE_LEDGERS 4

/* A made-up ledger to play with: customers, rows with refunds, odd ids, anonymous rows
 * and a few rejects, the same for the same seed. Rows are dealt out to n files below a scratch
 * directory, in the order of `shuffle` (0: by date). */
struct stage_ledger {
    char directory[64];
    char path[STAGE_LEDGERS][96];
    size_t n;
};
struct stage_ledger stage_ledger_make(size_t rows, size_t n_files, uint64_t shuffle);
void stage_ledger_remove(struct stage_ledger *ledger);

/* A file, whole, with a NUL behind it; NULL: there is none. The caller frees it. */
char *stage_text(const char *path, size_t *size);

#endif
