/* SPDX-License-Identifier: Apache-2.0 */
/* A rule is one text, "loyal: r=3-4 f=4-5": as members and arrays of its own, sixty of them would make
 * model.json longer than it may be. Scores stand in the order r, f, m and have both ends. */
#include "sink/segments_json.h"

#include <stdio.h>
#include <string.h>

#define RULE_BYTES (PLAN_SEGMENT_NAME_LIMIT + 32)

static const char letter[] = "rfm";

void segments_json_put(struct json *json, const struct plan_segments *segments)
{
    char text[RULE_BYTES];
    json_put_key(json, "segments");
    json_open_array(json);
    for (int32_t i = 0; i < segments->n; i++) {
        const struct plan_segment *rule = &segments->rule[i];
        int n = snprintf(text, sizeof text, "%s:", rule->name);
        for (int metric = 0; metric < 3; metric++)
            if (rule->to[metric] > 0)
                n += snprintf(text + n, sizeof text - (size_t)n, " %c=%d-%d", letter[metric],
                              rule->from[metric], rule->to[metric]);
        json_put_text(json, text);
    }
    json_close(json);
}

/* " r=3-4", where it is there; answers what follows it. */
static const char *read_range(const char *at, int metric, struct plan_segment *rule)
{
    rule->from[metric] = rule->to[metric] = 0;
    if (at[0] != ' ' || at[1] != letter[metric] || at[2] != '=' || at[3] < '1' || at[3] > '9' ||
        at[4] != '-' || at[5] < at[3] || at[5] > '9')
        return at;
    rule->from[metric] = (int8_t)(at[3] - '0');
    rule->to[metric] = (int8_t)(at[5] - '0');
    return at + 6;
}

/* A rule's name stands in a cell of scores.csv as it is. */
static int read_rule(const char *text, int32_t bins, struct plan_segment *rule)
{
    size_t size = text ? strcspn(text, ":,\"\r\n") : 0;
    if (size == 0 || size > PLAN_SEGMENT_NAME_LIMIT || text[size] != ':')
        return SEGMENTS_JSON_E_UNREADABLE;
    memcpy(rule->name, text, size);
    rule->name[size] = '\0';
    const char *at = text + size + 1;
    for (int metric = 0; metric < 3; metric++) {
        at = read_range(at, metric, rule);
        if (rule->to[metric] > bins)
            return SEGMENTS_JSON_E_UNREADABLE;
    }
    return *at ? SEGMENTS_JSON_E_UNREADABLE : 0;
}

int segments_json_read(const json_t *value, int32_t bins, struct plan_segments *segments)
{
    size_t n = json_array_size(value);
    segments->n = 0;
    if (!value)
        return 0;
    if (!json_is_array(value) || n > PLAN_SEGMENTS_LIMIT)
        return SEGMENTS_JSON_E_UNREADABLE;
    for (size_t i = 0; i < n; i++)
        if (read_rule(json_string_value(json_array_get(value, i)), bins, &segments->rule[i]) != 0)
            return SEGMENTS_JSON_E_UNREADABLE;
    segments->n = (int32_t)n;
    return 0;
}
