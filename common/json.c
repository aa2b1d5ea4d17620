/* SPDX-License-Identifier: Apache-2.0 */
/* A writer, not a tree: what the roles write they know in order, and numbers must leave as exactly
 * as they are, money as a decimal and doubles with 17 digits, which a library's number type would
 * not promise. Two bits a level are all that nesting needs. */
#include "common/json.h"

#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/log.h"

#define FIRST_CAPACITY 4096

static void mistake(struct json *json, const char *words)
{
    if (json->status == STATUS_DONE)
        json->status = log_fail(STATUS_BUG, "cannot write JSON: %s", words);
}

/* Where size more bytes may go, and a NUL; NULL after a mistake. */
static char *room(struct json *json, size_t size)
{
    if (json->status != STATUS_DONE)
        return NULL;
    if (json->capacity - json->size <= size) {
        size_t capacity = json->capacity * 2 + FIRST_CAPACITY;
        while (capacity - json->size <= size)
            capacity *= 2;
        char *text = realloc(json->text, capacity);
        if (!text) {
            mistake(json, "no memory");
            return NULL;
        }
        json->text = text;
        json->capacity = capacity;
    }
    return json->text + json->size;
}

static void put(struct json *json, const void *bytes, size_t size)
{
    char *at = room(json, size);
    if (!at)
        return;
    memcpy(at, bytes, size);
    json->size += size;
}

static uint64_t level(const struct json *json)
{
    return UINT64_C(1) << json->depth;
}

static int in_array(const struct json *json)
{
    return (json->arrays & level(json)) != 0;
}

static void put_line(struct json *json)
{
    char *at = room(json, 1 + 2 * (size_t)json->depth);
    if (!at)
        return;
    *at = '\n';
    memset(at + 1, ' ', 2 * (size_t)json->depth);
    json->size += 1 + 2 * (size_t)json->depth;
}

/* A comma where there was a member before, and a line for the next. */
static void begin_member(struct json *json)
{
    if (json->filled & level(json))
        put(json, ",", 1);
    json->filled |= level(json);
    if (json->depth > 0)
        put_line(json);
}

static void begin_value(struct json *json)
{
    if (json->keyed)
        json->keyed = 0;
    else if (json->depth > 0 && !in_array(json))
        mistake(json, "a value without a key");
    else if (json->depth == 0 && json->filled)
        mistake(json, "a second value");
    else
        begin_member(json);
}

static void begin_container(struct json *json, const char *bracket, uint64_t array)
{
    begin_value(json);
    if (json->depth == JSON_DEPTH_LIMIT) {
        mistake(json, "nested too deep");
        return;
    }
    put(json, bracket, 1);
    json->depth++;
    json->filled &= ~level(json);
    json->arrays = (json->arrays & ~level(json)) | array << json->depth;
}

void json_open_object(struct json *json)
{
    begin_container(json, "{", 0);
}

void json_open_array(struct json *json)
{
    begin_container(json, "[", 1);
}

void json_close(struct json *json)
{
    if (json->depth == 0 || json->keyed) {
        mistake(json, json->keyed ? "a key without a value" : "an end too many");
        return;
    }
    const char *bracket = in_array(json) ? "]" : "}";
    uint64_t filled = json->filled & level(json);
    json->depth--;
    if (filled)
        put_line(json);
    put(json, bracket, 1);
}

/* Bytes at the start of a string that form one character, or one maximal part of an ill-formed
 * one (The Unicode Standard, table 3-7 and section 3.9); size >= 1. */
static size_t character(const unsigned char *at, size_t size, int *valid)
{
    unsigned char lead = at[0], low = 0x80, high = 0xbf;
    size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *valid = 0;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4)
        return 1;
    if (lead == 0xe0)
        low = 0xa0;
    if (lead == 0xed)
        high = 0x9f; /* surrogates */
    if (lead == 0xf0)
        low = 0x90;
    if (lead == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < length; i++) {
        if (i == size || at[i] < low || at[i] > high)
            return i;
        low = 0x80;
        high = 0xbf;
    }
    *valid = 1;
    return length;
}

static void put_escaped(struct json *json, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char plain[] = "\"\\\b\f\n\r\t", named[] = "\"\\bfnrt";
    const char *known = c ? strchr(plain, c) : NULL;
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (known)
        text[1] = named[known - plain];
    put(json, text, known ? 2 : sizeof text);
}

static int is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void put_string(struct json *json, const unsigned char *bytes, size_t size)
{
    put(json, "\"", 1);
    for (size_t i = 0; i < size;) {
        size_t length = 0;
        while (i + length < size && is_plain(bytes[i + length]))
            length++;
        int valid = 1;
        if (length == 0 && bytes[i] >= 0x80)
            length = character(bytes + i, size - i, &valid);
        if (length == 0)
            put_escaped(json, bytes[i++]);
        else if (valid)
            put(json, bytes + i, length);
        else
            put(json, "\xef\xbf\xbd", 3);
        i += length;
    }
    put(json, "\"", 1);
}

void json_put_key(struct json *json, const char *key)
{
    if (json->depth == 0 || in_array(json) || json->keyed) {
        mistake(json, json->keyed ? "a key after a key" : "a key outside an object");
        return;
    }
    begin_member(json);
    put_string(json, (const unsigned char *)key, strlen(key));
    put(json, ": ", 2);
    json->keyed = 1;
}

void json_put_bytes(struct json *json, const void *bytes, size_t size)
{
    begin_value(json);
    put_string(json, bytes, size);
}

void json_put_text(struct json *json, const char *text)
{
    if (text)
        json_put_bytes(json, text, strlen(text));
    else
        json_put_null(json);
}

void json_put_raw(struct json *json, const char *text, size_t size)
{
    begin_value(json);
    put(json, text, size);
}

void json_put_bool(struct json *json, int value)
{
    if (value)
        json_put_raw(json, "true", 4);
    else
        json_put_raw(json, "false", 5);
}

void json_put_null(struct json *json)
{
    json_put_raw(json, "null", 4);
}

void json_put_int(struct json *json, int64_t value)
{
    char text[DIGITS_ROOM];
    json_put_raw(json, text, (size_t)(digits_int(text, value) - text));
}

void json_put_money(struct json *json, int64_t money)
{
    char text[DIGITS_ROOM];
    json_put_raw(json, text, (size_t)(digits_money_exact(text, money) - text));
}

void json_put_double(struct json *json, double value)
{
    char text[DIGITS_ROOM];
    if (value - value == 0) /* neither infinite nor NaN */
        json_put_raw(json, text, (size_t)(digits_double(text, value, 17) - text));
    else
        json_put_null(json);
}

void json_drop(struct json *json)
{
    struct json none = {0};
    free(json->text);
    *json = none;
}

int json_take(struct json *json, char **text, size_t *size)
{
    if (json->depth > 0 || json->filled == 0)
        mistake(json, "it is not complete");
    put(json, "\n", 1);
    int status = json->status;
    if (status != STATUS_DONE) {
        json_drop(json);
        return status;
    }
    struct json none = {0};
    *text = json->text;
    *size = json->size;
    (*text)[*size] = '\0';
    *json = none;
    return STATUS_DONE;
}
