/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PACKING_H
#define VENTILATOR_PACKING_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* How a file's bytes are packed, told by its first bytes and never by its name: as they are,
 * gzip (also of several members) or zstd (also of several frames). */

enum packing_kind { PACKING_PLAIN, PACKING_GZIP, PACKING_ZSTD };

/* As many bytes of a file's beginning as packing_of wants to see (fewer where it is shorter). */
#define PACKING_MAGIC_BYTES 8

enum packing_kind packing_of(const void *magic, size_t size);
const char *packing_name(enum packing_kind kind);

/* Words about a file that is no text and that we do not unpack ("a zip archive or workbook"), or
 * NULL. */
const char *packing_foreign(const void *magic, size_t size);

/* Unpacks one of the two. */
struct packing;
int packing_new(enum packing_kind kind, struct packing **packing) MUST_USE;
void packing_destroy(struct packing **packing);

/* Moves what it can from in to out; both are advanced and shrunk. PACKING_E_DAMAGED: these are
 * no bytes of that packing. */
struct packing_flow {
    const unsigned char *in;
    size_t in_size;
    unsigned char *out;
    size_t out_size;
};
enum { PACKING_E_DAMAGED = 1 };
int packing_step(struct packing *packing, struct packing_flow *flow) MUST_USE;

/* Whether the file may end here: between members or frames. */
int packing_complete(const struct packing *packing);

#endif
