/* SPDX-License-Identifier: Apache-2.0 */
#include "support/people.h"

#include <stdlib.h>
#include <string.h>

#include "common/wire_rows.h"
#include "support/assert.h"

static size_t id_size(const struct person *person)
{
    return person->id_length ? person->id_length : strlen(person->id);
}

static struct slice chunk_of(const struct person *people, size_t n, struct arena *arena)
{
    char *ids = arena_take(arena, n * 4096 + 1), *groups = arena_take(arena, n * 256 + 1);
    uint16_t *id_length = arena_take(arena, n * sizeof *id_length);
    uint16_t *group_length = arena_take(arena, n * sizeof *group_length);
    uint8_t *known = arena_take(arena, n);
    int64_t *units = arena_take(arena, n * sizeof *units);
    int64_t *declared = arena_take(arena, n * sizeof *declared);
    uint32_t *rank = arena_take(arena, n * sizeof *rank);
    const struct attribute_rows rows = {n,        ids,    id_length,    known, units,
                                        declared, groups, group_length, rank};
    struct slice chunk;
    for (size_t i = 0; i < n; i++) {
        id_length[i] = (uint16_t)id_size(&people[i]);
        memcpy(ids, people[i].id, id_length[i]);
        ids += id_length[i];
        group_length[i] = (uint16_t)strlen(people[i].group);
        memcpy(groups, people[i].group, group_length[i]);
        groups += group_length[i];
        known[i] = (uint8_t)((people[i].has_units ? ATTRIBUTE_UNITS : 0) |
                             (people[i].has_declared ? ATTRIBUTE_DECLARED : 0));
        units[i] = people[i].units;
        declared[i] = people[i].declared;
        rank[i] = people[i].rank;
    }
    assert_int_equal(wire_attributes_chunk(&rows, arena, &chunk), 0);
    return chunk;
}

struct slice people_bytes(const struct person *people, size_t n, size_t per_chunk)
{
    struct arena *arena = arena_new((size_t)256 << 20);
    char *bytes = malloc(1);
    size_t size = 0;
    for (size_t from = 0; from < n; from += per_chunk) {
        struct slice chunk =
            chunk_of(people + from, n - from < per_chunk ? n - from : per_chunk, arena);
        bytes = realloc(bytes, size + chunk.size + 1);
        assert_non_null(bytes);
        memcpy(bytes + size, chunk.data, chunk.size);
        size += chunk.size;
        arena_reset(arena);
    }
    arena_destroy(&arena);
    return (struct slice){bytes, size};
}

void people_free(struct slice *bytes)
{
    free((void *)(uintptr_t)bytes->data);
    *bytes = (struct slice){NULL, 0};
}
