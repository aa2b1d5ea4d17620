/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

#include <string.h>

#include "common/clock.h"

const char *listing_state(enum entry_state state)
{
    static const char *const names[ENTRY_STATES] = {[ENTRY_QUEUED] = "queued",
                                                    [ENTRY_RUNNING] = "running",
                                                    [ENTRY_DONE] = "done",
                                                    [ENTRY_FAILED] = "failed",
                                                    [ENTRY_CANCELLED] = "cancelled"};
    return names[state];
}

/* "2026-01-31T09:30:00Z", or "-". */
static const char *moment(int64_t wall_ms, char text[25])
{
    if (wall_ms <= 0)
        return "-";
    clock_print(wall_ms, text);
    strcpy(text + 19, "Z");
    return text;
}

void listing_print(const struct entries *entries, FILE *out)
{
    char when[25];
    fprintf(out, "%-20s  %-9s  %-12s  %-12s  %-20s  %4s  %s\n", "JOB", "STATE", "OWNER", "NAME",
            "SUBMITTED", "EXIT", "WORDS");
    for (size_t i = 0; i < entries->n; i++) {
        const struct entry *entry = &entries->entry[i];
        char code[12] = "-";
        if (entry->state > ENTRY_RUNNING)
            snprintf(code, sizeof code, "%d", (int)entry->code);
        fprintf(out, "%-20s  %-9s  %-12s  %-12s  %-20s  %4s  %s\n", entry->id,
                listing_state(entry->state), entry->order.owner,
                *entry->order.name ? entry->order.name : "-", moment(entry->submitted_ms, when),
                code, entry->text);
    }
}

void listing_print_one(const struct entry *entry, FILE *out)
{
    char when[25];
    fprintf(out, "job: %s\nstate: %s\n", entry->id, listing_state(entry->state));
    if (entry->state > ENTRY_RUNNING)
        fprintf(out, "exit code: %d\n", (int)entry->code);
    if (*entry->text)
        fprintf(out, "words: %s\n", entry->text);
    fprintf(out, "owner: %s\n", entry->order.owner);
    if (*entry->order.name)
        fprintf(out, "name: %s\n", entry->order.name);
    fprintf(out, "idempotency key: %s\n", entry->order.key);
    fprintf(out, "submitted: %s\n", moment(entry->submitted_ms, when));
    fprintf(out, "began: %s\n", moment(entry->began_ms, when));
    fprintf(out, "ended: %s\n", moment(entry->ended_ms, when));
    fputs("told:", out);
    for (size_t i = 0; i < entry->order.n_words; i++)
        fprintf(out, " %s", entry->order.words[i]);
    fputc('\n', out);
}
