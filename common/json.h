/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Writes one JSON value, indented by 2, into a buffer that grows. Start from struct json = {0}.
 * Nothing is answered on the way: the first mistake (no memory, a value without a key, an end too
 * many) is said and remembered, the calls after it do nothing, and json_take answers it. Every
 * name keeps clear of jansson's, which reads what is written here and shares the prefix. */
struct json {
    char *text;
    size_t size;
    size_t capacity;
    uint64_t arrays; /* bit d: the container at depth d is an array */
    uint64_t filled; /* bit d: it has a member */
    int depth;
    int keyed; /* a key waits for its value */
    int status;
};

#define JSON_DEPTH_LIMIT 63

/* Containers; json_close closes the one opened last. An empty one is {} or []. */
void json_open_object(struct json *json);
void json_open_array(struct json *json);
void json_close(struct json *json);

/* Inside an object, before each value. */
void json_put_key(struct json *json, const char *key);

/* A string of any bytes, NUL included: what is not UTF-8 becomes U+FFFD, one for each maximal part
 * of a sequence, as Unicode recommends. */
void json_put_bytes(struct json *json, const void *bytes, size_t size);
/* Up to the NUL; NULL is null. */
void json_put_text(struct json *json, const char *text);

void json_put_int(struct json *json, int64_t value);
void json_put_bool(struct json *json, int value);
void json_put_null(struct json *json);
/* Money (1/10,000) as the shortest exact decimal. */
void json_put_money(struct json *json, int64_t money);
/* 17 significant digits; what is not finite has no number in JSON and is null. */
void json_put_double(struct json *json, double value);
/* A value that is JSON already, as it is. */
void json_put_raw(struct json *json, const char *text, size_t size);

/* Ends the text with a newline and gives it away: *text is the caller's, to free(), with a NUL
 * behind its size bytes. STATUS_BUG (said) after a mistake or before the value is complete; there
 * is no text then. The struct is as new in either case. */
int json_take(struct json *json, char **text, size_t *size) MUST_USE;

/* Lets go of what was written so far. */
void json_drop(struct json *json);

#endif
