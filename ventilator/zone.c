/* SPDX-License-Identifier: Apache-2.0 */
/* localtime_r takes a lock and some 100 ns. Clocks change on quarters of an hour, so one answer
 * serves a quarter; the one in which Liberia's changed (1972-01-07 00:44:30 UTC) and any like it
 * are found out, because both ends of a quarter are asked, and are asked anew each time. */
#include "ventilator/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

#define QUARTER 900 /* seconds */

/* A rule in the words of POSIX, "CET-1CEST": letters, then a digit or a sign. */
static int spells_rule(const char *name)
{
    size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return letters >= 3 && name[letters] && strchr("+-0123456789", name[letters]);
}

static int file_exists(const char *name)
{
    char path[4096];
    const char *directory = getenv("TZDIR");
    if (!*name || *name == '/' || strstr(name, ".."))
        return 0;
    int n =
        snprintf(path, sizeof path, "%s/%s", directory ? directory : "/usr/share/zoneinfo", name);
    return n < (int)sizeof path && access(path, R_OK) == 0;
}

int zone_set(const char *name)
{
    if (strcmp(name, "UTC") != 0 && !file_exists(name) && !spells_rule(name))
        return log_fail(STATUS_USAGE, "--timezone %s: no such zone; like Europe/Berlin or UTC",
                        name);
    if (setenv("TZ", name, 1))
        return log_fail(STATUS_BUG, "no memory for a time zone");
    tzset();
    return 0;
}

static int32_t ask(int64_t second)
{
    time_t when = (time_t)second;
    struct tm local;
    return localtime_r(&when, &local) ? (int32_t)local.tm_gmtoff : 0;
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int32_t offset_at(struct zone *zone, int64_t second)
{
    int64_t quarter = floor_divide(second, QUARTER);
    size_t i = (size_t)((uint64_t)quarter % ZONE_QUARTERS);
    if (zone->known[i].quarter == quarter + 1 && quarter != -1)
        return zone->known[i].offset;
    int32_t first = ask(quarter * QUARTER);
    if (first != ask(quarter * QUARTER + QUARTER - 1))
        return ask(second);
    zone->known[i].quarter = quarter + 1;
    zone->known[i].offset = first;
    return first;
}

int32_t zone_day(struct zone *zone, const struct moment *moment)
{
    if (moment->clock == MOMENT_LOCAL)
        return moment->day;
    int64_t utc =
        (int64_t)moment->day * 86400 + moment->second - (int64_t)moment->offset_minutes * 60;
    return (int32_t)floor_divide(utc + offset_at(zone, utc), 86400);
}
