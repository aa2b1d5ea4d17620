/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_REDACTION_H
#define VENTILATOR_REDACTION_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"

/* What may be said of a value from a ledger. Under --redact ids and values become keyed hashes:
 * equal values have equal hashes within a run, and without the key nobody can try out ids. */

struct redaction {
    int on;
    struct digest key; /* of this run; as secret as the ledger */
};

/* SipHash-2-4 of Aumasson & Bernstein 2012, 64 bits. */
uint64_t redaction_hash(struct digest key, const void *data, size_t size);

/* "#", 16 hexadecimal digits and a NUL. */
#define REDACTION_TEXT 18
void redaction_print(struct digest key, struct slice value, char out[REDACTION_TEXT]);

/* A value for a message: in quotes, control bytes as \xNN, cut off after some 60 bytes; or its
 * hash. Answers out. */
#define REDACTION_WORDS 96
const char *redaction_words(const struct redaction *redaction, struct slice value,
                            char out[REDACTION_WORDS]);

#endif
