/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/currency.h"

#include <string.h>

/* Signs and the codes they may stand for; `only` where there is no other. */
static const struct {
    const char *sign;
    const char *codes; /* three letters each */
    int only;
} signs[] = {
    {"$", "USDCADAUDNZDSGDHKDMXNARSCLPCOP", 0},
    {"US$", "USD", 1},
    {"C$", "CAD", 0},
    {"CA$", "CAD", 1},
    {"A$", "AUD", 1},
    {"AU$", "AUD", 1},
    {"NZ$", "NZD", 1},
    {"HK$", "HKD", 1},
    {"S$", "SGD", 1},
    {"MX$", "MXN", 1},
    {"NT$", "TWD", 1},
    {"R$", "BRL", 1},
    {"\u20ac", "EUR", 1},
    {"\u00a3", "GBPEGP", 0},
    {"\u00a5", "JPYCNY", 0},
    {"\uffe5", "JPYCNY", 0},
    {"\u20b9", "INR", 1},
    {"Rs", "INRPKRLKR", 0},
    {"Rs.", "INRPKRLKR", 0},
    {"\u20bd", "RUB", 1},
    {"\u20a9", "KRW", 1},
    {"\u20ba", "TRY", 1},
    {"TL", "TRY", 1},
    {"\u20aa", "ILS", 1},
    {"\u20ab", "VND", 1},
    {"\u20b4", "UAH", 1},
    {"\u20a6", "NGN", 1},
    {"\u20b1", "PHP", 1},
    {"\u0e3f", "THB", 1},
    {"kr", "SEKNOKDKKISK", 0},
    {"kr.", "SEKNOKDKKISK", 0},
    {"K\u010d", "CZK", 1},
    {"z\u0142", "PLN", 1},
    {"Ft", "HUF", 1},
    {"lei", "RON", 1},
    {"Fr.", "CHF", 1},
    {"SFr.", "CHF", 1},
    {"RM", "MYR", 1},
    {"Rp", "IDR", 1},
};
#define N_SIGNS (sizeof signs / sizeof *signs)

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Unicode's block of currency symbols, U+20A0..U+20CF. */
static int in_block(const unsigned char *bytes, size_t size)
{
    return size >= 3 && bytes[0] == 0xe2 &&
           ((bytes[1] == 0x82 && bytes[2] >= 0xa0) || (bytes[1] == 0x83 && bytes[2] <= 0x8f));
}

static int letter_follows(struct slice text, size_t at)
{
    return at < text.size && is_letter(((const char *)text.data)[at]);
}

/* The longest of the table that text begins with; one of letters ends where letters end. */
static size_t in_table(struct slice text)
{
    const char *bytes = text.data;
    size_t best = 0;
    for (size_t i = 0; i < N_SIGNS; i++) {
        if (*signs[i].sign != *bytes)
            continue;
        size_t size = strlen(signs[i].sign);
        if (size <= best || size > text.size || memcmp(text.data, signs[i].sign, size) != 0)
            continue;
        if (!is_letter(signs[i].sign[size - 1]) || !letter_follows(text, size))
            best = size;
    }
    return best;
}

static size_t symbol_behind_letters(struct slice text)
{
    const char *bytes = text.data;
    size_t n = 0;
    while (n < 3 && n < text.size && is_letter(bytes[n]))
        n++;
    return n && n < text.size && bytes[n] == '$' ? n + 1 : 0;
}

size_t currency_sign(struct slice text)
{
    const char *bytes = text.data;
    if (!text.size) /* as behind most amounts */
        return 0;
    size_t size = in_table(text);
    if (size)
        return size;
    if (in_block(text.data, text.size))
        return 3;
    if (text.size >= 3 && is_capital(bytes[0]) && is_capital(bytes[1]) && is_capital(bytes[2]) &&
        !letter_follows(text, 3))
        return 3;
    return symbol_behind_letters(text);
}

static int same_but_case(struct slice text, const char *other, size_t size)
{
    const char *bytes = text.data;
    if (text.size != size)
        return 0;
    for (size_t i = 0; i < size; i++) {
        char a = bytes[i], b = other[i];
        if (a != b && !(is_letter(a) && is_letter(b) && (a | 0x20) == (b | 0x20)))
            return 0;
    }
    return 1;
}

static int stands_for(size_t i, const char *code)
{
    for (const char *at = signs[i].codes; *at; at += 3)
        if (same_but_case((struct slice){at, 3}, code, strlen(code)))
            return 1;
    return 0;
}

int currency_is(struct slice seen, const char *wanted)
{
    if (same_but_case(seen, wanted, strlen(wanted)))
        return 1;
    for (size_t i = 0; i < N_SIGNS; i++)
        if (seen.size == strlen(signs[i].sign) &&
            memcmp(seen.data, signs[i].sign, seen.size) == 0 && stands_for(i, wanted))
            return 1;
    return 0;
}

struct slice currency_name(struct slice sign)
{
    for (size_t i = 0; i < N_SIGNS; i++)
        if (signs[i].only && sign.size == strlen(signs[i].sign) &&
            memcmp(sign.data, signs[i].sign, sign.size) == 0)
            return (struct slice){signs[i].codes, 3};
    return sign;
}
