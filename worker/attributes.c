/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire_rows.h"

int attributes_new(struct attribute_table *table)
{
    *table = (struct attribute_table){0};
    int r = roster_new(&table->groups);
    if (r == 0)
        r = roster_new(&table->customers);
    if (r < 0)
        attributes_free(table);
    return r;
}

void attributes_free(struct attribute_table *table)
{
    roster_destroy(&table->groups);
    roster_destroy(&table->customers);
    free(table->of);
    free(table->taken);
    *table = (struct attribute_table){0};
}

/* Room for n, all zeros. Mostly there are no attributes, and then nothing has to be cleared. */
static int table_room(struct attribute_table *table, uint32_t n)
{
    if (n > table->room || !table->of) {
        struct attributes *more = calloc((size_t)n + 1, sizeof *more);
        if (!more)
            return log_fail(STATUS_BUG, "out of memory for the attributes of %u customers", n);
        free(table->of);
        table->of = more;
        table->room = n;
    } else if (table->known) {
        memset(table->of, 0, (table->room + 1) * sizeof *table->of);
    }
    table->known = 0;
    return 0;
}

static int taken_room(struct attribute_table *table, uint32_t number)
{
    if (number < table->room_taken)
        return 0;
    size_t room = (size_t)number * 2 + 4096;
    unsigned char *more = realloc(table->taken, room);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %u customers with attributes", number);
    memset(more + table->room_taken, 0, room - table->room_taken);
    table->taken = more;
    table->room_taken = room;
    return 0;
}

static int known_customers(struct attribute_table *table, const struct histories *histories)
{
    roster_forget(table->customers);
    for (uint32_t i = 0; i < histories->n; i++) {
        size_t length;
        uint32_t number;
        const char *id = histories_id(histories, i, &length);
        int r = roster_number(table->customers, id, length, &number);
        if (r < 0)
            return r;
    }
    return 0;
}

/* One row: whose it is, and what it says. */
struct entry {
    const char *id, *group;
    size_t id_length, group_length;
    uint8_t known;
    int64_t units, declared;
    uint32_t rank;
};

static int entry_take(struct attribute_table *table, const struct entry *entry, uint32_t n)
{
    uint32_t number, group;
    int r = roster_number(table->customers, entry->id, entry->id_length, &number);
    if (r == 0)
        r = taken_room(table, number);
    if (r == 0)
        r = roster_number(table->groups, entry->group, entry->group_length, &group);
    if (r < 0)
        return r;
    if (table->taken[number]) {
        table->culprit = (struct slice){entry->id, entry->id_length};
        return ATTRIBUTES_E_DOUBLED;
    }
    table->taken[number] = 1;
    if (number >= n) {
        table->unmatched++;
        return 0;
    }
    table->of[number] =
        (struct attributes){.known = 1,
                            .has_units = (entry->known & ATTRIBUTE_UNITS) != 0,
                            .units = entry->units,
                            .has_declared = (entry->known & ATTRIBUTE_DECLARED) != 0,
                            .declared = entry->declared,
                            .rank = entry->rank,
                            .group = group};
    return 0;
}

static int chunk_take(struct attribute_table *table, const struct attribute_rows *rows, uint32_t n)
{
    struct entry entry = {.id = rows->ids, .group = rows->groups};
    for (size_t i = 0; i < rows->n; i++) {
        entry.id_length = rows->id_length[i];
        entry.group_length = rows->group_length[i];
        entry.known = rows->known[i];
        entry.units = rows->units[i];
        entry.declared = rows->declared[i];
        entry.rank = rows->rank ? rows->rank[i] : 0;
        int r = entry_take(table, &entry, n);
        if (r != 0)
            return r;
        entry.id += entry.id_length;
        entry.group += entry.group_length;
    }
    return 0;
}

int attributes_join(struct attribute_table *table, struct slice bytes,
                    const struct histories *histories, struct arena *arena)
{
    const struct attribute_rows *chunks;
    size_t n;
    struct parcel parcel;
    parcel.n = 1;
    parcel.part[0] = (struct part){(void *)(uintptr_t)bytes.data, bytes.size, NULL, NULL};
    table->unmatched = 0;
    roster_forget(table->groups);
    int r = table_room(table, histories->n);
    if (r < 0 || bytes.size == 0)
        return r;
    table->known = 1;
    if (table->taken)
        memset(table->taken, 0, table->room_taken);
    r = known_customers(table, histories);
    if (r < 0)
        return r;
    if (wire_attributes_read(&parcel, 0, arena, &chunks, &n) != 0)
        return ATTRIBUTES_E_MALFORMED;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = chunk_take(table, &chunks[i], histories->n);
    return r;
}

int attributes_regroup(struct attribute_table *table, uint32_t n, const struct model_groups *groups)
{
    uint32_t n_groups = roster_size(table->groups);
    if (!table->known)
        return 0;
    uint32_t *to = malloc(((size_t)n_groups + 1) * sizeof *to);
    if (!to)
        return log_fail(STATUS_BUG, "out of memory for %u peer groups", n_groups);
    for (uint32_t g = 0; g < n_groups; g++) {
        size_t length;
        const char *name = roster_id(table->groups, g, &length);
        to[g] = model_group(groups, name, length);
    }
    for (uint32_t i = 0; i < n; i++)
        if (table->of[i].known)
            table->of[i].group = to[table->of[i].group];
    free(to);
    return 0;
}
