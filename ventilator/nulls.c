/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/nulls.h"

#include <string.h>

#include "common/log.h"

int nulls_parse(const char *list, struct nulls *nulls)
{
    memset(nulls, 0, sizeof *nulls);
    nulls->starts[' '] = nulls->starts['\t'] = 1;
    for (const char *at = list ? list : "\\N"; at; at = strchr(at, ',')) {
        at += *at == ',';
        size_t size = strcspn(at, ",");
        if (!size)
            continue;
        if (nulls->n == NULLS_LIMIT)
            return log_fail(STATUS_USAGE, "--null of more than %d words", NULLS_LIMIT);
        nulls->word[nulls->n++] = (struct slice){at, size};
        nulls->starts[*(const unsigned char *)at] = 1;
    }
    return 0;
}

static int all_blank(struct slice value)
{
    const char *bytes = value.data;
    size_t i = 0;
    while (i < value.size && (bytes[i] == ' ' || bytes[i] == '\t'))
        i++;
    return i == value.size;
}

int nulls_slow(const struct nulls *nulls, struct slice value)
{
    for (size_t i = 0; i < nulls->n; i++)
        if (value.size == nulls->word[i].size &&
            memcmp(value.data, nulls->word[i].data, value.size) == 0)
            return 1;
    return all_blank(value);
}
