/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_UTF8_H
#define VENTILATOR_UTF8_H

#include <stdint.h>
#include <string.h>

#include "common/status.h"

/* Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
int utf8_valid_slow(struct slice text);

/* Ids are short and nearly always ASCII: of up to 16 bytes the first and the last eight are looked
 * at, which may be the same ones. Eight bytes are readable. */
static inline int utf8_valid(struct slice text)
{
    const char *bytes = text.data;
    const size_t size = text.size < 8 ? text.size : 8;
    uint64_t first, last;
    if (text.size - 1 >= 16)
        return utf8_valid_slow(text);
    memcpy(&first, bytes, 8);
    memcpy(&last, bytes + (text.size - size), 8);
    return ((first | last) << (64 - 8 * size) & UINT64_C(0x8080808080808080)) == 0 ||
           utf8_valid_slow(text);
}

#endif
