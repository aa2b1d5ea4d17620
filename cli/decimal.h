/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DECIMAL_H
#define CLI_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* Numbers as people write them, exact: no double between the text and the integer, so that
 * shares of 33.4, 33.3 and 33.3 sum to 100 and 0.1 is a tenth. */

enum {
    DECIMAL_E_WORD = 1, /* not a number */
    DECIMAL_E_PLACES,   /* more digits after the point than asked for, and not all 0 */
    DECIMAL_E_RANGE     /* does not fit */
};

/* Reads exactly size bytes of the form [+-]digits[.digits]; *out is the value times 10^places,
 * 0 <= places <= 18. No exponent, no blanks, no thousands separators. */
int decimal_read(const char *text, size_t size, int places, int64_t *out);

/* The same with all digits being required to lie in least..most (already times 10^places). */
int decimal_read_within(const char *text, int places, int64_t least, int64_t most, int64_t *out);

/* A share, "0.3" or "30%", 0 to 1, to millionths. */
int decimal_read_share(const char *text, int64_t *millionths);

#endif
