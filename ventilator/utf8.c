/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/utf8.h"

/* Bytes of the character that begins here; 0 if none does. */
static size_t character(const unsigned char *at, size_t left)
{
    uint32_t code;
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (size < 2)
        return size;
    if (size > left || at[0] > 0xf4)
        return 0;
    code = at[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fU);
    }
    if ((size == 3 && code < 0x800) || (size == 4 && (code < 0x10000 || code > 0x10ffff)))
        return 0;
    return code >= 0xd800 && code <= 0xdfff ? 0 : size;
}

int utf8_valid_slow(struct slice text)
{
    const unsigned char *at = text.data, *end = at + text.size;
    while (at < end) {
        size_t size = character(at, (size_t)(end - at));
        if (!size)
            return 0;
        at += size;
    }
    return 1;
}
