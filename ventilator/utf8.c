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

/* Behind the ASCII that text begins with, eight bytes at a time. */
static const unsigned char *behind_ascii(const unsigned char *at, const unsigned char *end)
{
    uint64_t word;
    for (; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        if (word & UINT64_C(0x8080808080808080))
            return at;
    }
    return at;
}

int utf8_valid_slow(struct slice text)
{
    const unsigned char *end = (const unsigned char *)text.data + text.size;
    const unsigned char *at = behind_ascii(text.data, end);
    while (at < end) {
        size_t size = character(at, (size_t)(end - at));
        if (!size)
            return 0;
        at += size;
    }
    return 1;
}
