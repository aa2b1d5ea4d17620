/* SPDX-License-Identifier: Apache-2.0 */
/* Parts are whole traces, one event a line, so that joining them is copying lines: the alternative, spans
 * sent to the parent as they end, would make a pipe that a role can be blocked on. */
#include "cli/timeline.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/resident.h"

#define PART "trace-"

int timeline_open(const char *path, struct trace **trace)
{
    struct trace_clock clock = {clock_monotonic_us, clock_thread_us};
    *trace = NULL;
    if (!path)
        return 0;
    FILE *file = fopen(path, "we");
    if (!file)
        return log_fail(STATUS_NO_OUTPUT, "cannot write the trace %s: %s", path, strerror(errno));
    fclose(file);
    return trace_new(clock, trace);
}

void timeline_close(struct trace **trace, const struct timeline_role *role, const char *path)
{
    char name[64], number[16] = "", again[32] = "";
    if (!*trace)
        return;
    if (role->number >= 0)
        snprintf(number, sizeof number, " %d", role->number);
    if (role->starts > 1)
        snprintf(again, sizeof again, ", start %d", role->starts);
    snprintf(name, sizeof name, "%s%s%s", role->name, number, again);
    struct trace_owner owner = {.name = name,
                                .place = role->place,
                                .pid = (int32_t)getpid(),
                                .cpu_us = clock_process_us(),
                                .resident_kib = (int64_t)resident_peak_kib()};
    if (trace_save(*trace, &owner, path) < 0)
        log_say(LOG_WARN, "the job is no worse for it");
    trace_destroy(trace);
}

void timeline_part(const char *directory, const char *name, int number, int starts,
                   char path[TIMELINE_PATH])
{
    snprintf(path, TIMELINE_PATH, "%s/" PART "%s-%d-%d", directory, name, number, starts);
}

/* The events of a part: every line but the first and the last, each without its comma. A part that was
 * cut short (its process was ended while it wrote) brings the lines that are whole. */
static void copy_part(FILE *from, FILE *to, int *any)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, from)) > 0) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == ','))
            line[--n] = '\0';
        if (n < 3 || line[0] != '{' || line[n - 1] != '}')
            continue;
        fprintf(to, "%s%s", *any ? ",\n" : "", line);
        *any = 1;
    }
    free(line);
}

static void join_part(const char *directory, const char *name, FILE *to, int *any)
{
    char path[TIMELINE_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *from = fopen(path, "re");
    if (!from)
        return;
    copy_part(from, to, any);
    fclose(from);
}

void timeline_join(const char *directory, const char *path)
{
    DIR *list = opendir(directory);
    FILE *file = list ? fopen(path, "we") : NULL;
    int any = 0, bad = !file;
    if (file) {
        fputs(TRACE_FILE_HEAD "\n", file);
        for (struct dirent *entry; (entry = readdir(list)) != NULL;)
            if (strncmp(entry->d_name, PART, sizeof PART - 1) == 0)
                join_part(directory, entry->d_name, file, &any);
        fputs("\n" TRACE_FILE_END "\n", file);
        bad = ferror(file);
        bad |= fclose(file) != 0;
    }
    if (list)
        closedir(list);
    if (bad)
        log_say(LOG_WARN, "cannot write the trace %s: %s", path, strerror(errno));
}
