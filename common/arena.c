/* SPDX-License-Identifier: Apache-2.0 */
#include "common/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define BLOCK_LEAST ((size_t)256 << 10)

struct block {
    struct block *next;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

struct arena {
    size_t limit;
    size_t out;            /* bytes taken since the last reset, with their alignment */
    struct block *blocks;  /* all of them, in the order in which they are filled */
    struct block *current; /* the one being filled; NULL before the first take */
    size_t used;           /* of current */
};

struct arena *arena_new(size_t limit)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena)
        arena->limit = limit;
    return arena;
}

/* The next block with room for size: one kept from before, or a new one twice as large as the last. */
static struct block *block_after(struct arena *arena, size_t size)
{
    struct block **link = arena->current ? &arena->current->next : &arena->blocks;
    size_t last = arena->current ? arena->current->size : 0;
    while (*link && (*link)->size < size)
        link = &(*link)->next;
    if (*link)
        return *link;
    size_t want = last * 2 > BLOCK_LEAST ? last * 2 : BLOCK_LEAST;
    if (want < size)
        want = size;
    struct block *block = malloc(sizeof *block + want);
    if (!block)
        return NULL;
    block->next = NULL;
    block->size = want;
    *link = block;
    return block;
}

void *arena_take(struct arena *arena, size_t size)
{
    if (size > arena->limit - arena->out)
        return NULL;
    size_t whole = size ? (size + 15) & ~(size_t)15 : 16;
    if (whole > arena->limit - arena->out)
        return NULL;
    if (!arena->current || arena->current->size - arena->used < whole) {
        struct block *block = block_after(arena, whole);
        if (!block)
            return NULL;
        arena->current = block;
        arena->used = 0;
    }
    void *piece = arena->current->bytes + arena->used;
    arena->used += whole;
    arena->out += whole;
    return piece;
}

void arena_reset(struct arena *arena)
{
    arena->current = NULL;
    arena->used = 0;
    arena->out = 0;
}

void arena_destroy(struct arena **arena)
{
    if (!*arena)
        return;
    for (struct block *block = (*arena)->blocks; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(*arena);
    *arena = NULL;
}
