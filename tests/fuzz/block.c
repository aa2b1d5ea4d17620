/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a block of the cache. A block's hash would turn nearly all of them away, so it is made
 * right first: what the disk may not do, a block of another version might. Either the block is
 * unreadable, or the histories add up to what its head says; and those go round. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "worker/block.h"

#define HASH_AT     8 /* in the block, behind its magic; drawn in worker/block.c */
#define HASHED_FROM 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz/block: not so: %s\n", words);
    abort();
}

/* Reads them all, so that a sanitizer sees what is not there. */
static void look(const void *data, size_t size)
{
    const volatile unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        (void)bytes[i];
}

static void check_histories(const struct histories *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        size_t length;
        const char *id = histories_id(h, i, &length);
        struct lines lines = histories_lines(h, i);
        look(id, length);
        look(lines.day, lines.n * sizeof *lines.day);
        look(lines.bought, lines.n * sizeof *lines.bought);
        look(lines.purchases, lines.n * sizeof *lines.purchases);
        if (lines.returned)
            look(lines.returned, lines.n * sizeof *lines.returned);
        if (lines.refunds)
            look(lines.refunds, lines.n * sizeof *lines.refunds);
        if (lines.order)
            look(lines.order, lines.n * sizeof *lines.order);
        must(h->hash[i] == hash_customer(id, length), "hashes are those of the ids");
    }
    must(h->line_first[h->n] == h->n_lines, "every line is of somebody");
}

/* What was read is written and read again: the same bytes. */
static void goes_round(const struct histories *h, const struct block_set *set)
{
    struct slice once, twice;
    struct histories again = {0};
    must(block_write(h, set->segments, set->n, &once) == 0, "what was read can be written");
    must(block_read(once, BLOCK_WITHOUT_HASHES, &again) == 0, "and read again");
    must(block_write(&again, set->segments, set->n, &twice) == 0, "and written again");
    must(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0,
         "to the same bytes");
    free((void *)(uintptr_t)once.data);
    free((void *)(uintptr_t)twice.data);
    histories_free(&again);
}

/* The bytes in memory of their own size, aligned as LMDB aligns them, with their hash set right. */
static char *block_of(const uint8_t *data, size_t size)
{
    char *block = malloc(size ? size : 1);
    must(block != NULL, "there is memory");
    memcpy(block, data, size);
    if (size >= HASHED_FROM) {
        uint64_t hash = XXH3_64bits(block + HASHED_FROM, size - HASHED_FROM);
        memcpy(block + HASH_AT, &hash, sizeof hash);
    }
    return block;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *block = block_of(data, size);
    struct slice bytes = {block, size};
    struct histories histories = {0};
    struct block_set set;
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    int head = block_read_set(bytes, &set), r = block_read(bytes, BLOCK_WITH_HASHES, &histories);
    must(head == 0 || head == BLOCK_E_UNREADABLE, "a head is read, or it is not");
    must(r == 0 || r == BLOCK_E_UNREADABLE, "a block is read, or it is not");
    must(head == 0 || r != 0, "a block that is read has a head");
    if (head == 0)
        look(set.segments, set.n * sizeof *set.segments);
    if (r == 0) {
        check_histories(&histories);
        goes_round(&histories, &set);
    }
    histories_free(&histories);
    free(block);
    return 0;
}
