/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_UTF8_H
#define VENTILATOR_UTF8_H

#include <stdint.h>
#include <string.h>

#include "common/status.h"

/* Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
int utf8_valid_slow(struct slice text);

/* Ids are short and nearly always ASCII. */
static inline int utf8_valid(struct slice text)
{
    const char *bytes = text.data;
    uint64_t high = 0;
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        high |= word;
    }
    for (; i < text.size; i++)
        high |= (unsigned char)bytes[i];
    return (high & UINT64_C(0x8080808080808080)) == 0 || utf8_valid_slow(text);
}

#endif
