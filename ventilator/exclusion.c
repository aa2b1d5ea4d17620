/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/exclusion.h"

#include <string.h>

#include "common/log.h"

int exclusion_parse(const char *text, struct exclusion *exclusion)
{
    const char *equals = strchr(text, '=');
    memset(exclusion, 0, sizeof *exclusion);
    if (!equals || equals == text)
        return log_fail(STATUS_USAGE, "--exclude %s: like 'column=value,value'", text);
    exclusion->column = (struct slice){text, (size_t)(equals - text)};
    const char *at = equals;
    do {
        if (exclusion->n == EXCLUSION_VALUES)
            return log_fail(STATUS_USAGE, "--exclude %s: more than %d values; say it twice", text,
                            EXCLUSION_VALUES);
        at++;
        size_t size = strcspn(at, ",");
        exclusion->value[exclusion->n++] = (struct slice){at, size};
        at += size;
    } while (*at);
    return 0;
}

int exclusion_has(const struct exclusion *exclusion, struct slice value)
{
    for (size_t i = 0; i < exclusion->n; i++)
        if (value.size == exclusion->value[i].size &&
            memcmp(value.data, exclusion->value[i].data, value.size) == 0)
            return 1;
    return 0;
}
