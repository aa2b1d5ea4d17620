/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of facts on disk, little-endian:
 *
 *   "winnowF" version:u8  | numbers, in the order of walk_counts | three sightings
 *   | days: n:u64, (day:i32, rows:u64) each | customers: n:u64, hash:u64 each
 *   | rejects: n:u64, each numbers and three lengths, then the texts | XXH3-64 of all before:u64
 *
 * One function walks the fixed numbers for both directions, so writing and reading cannot differ.
 * The sum at the end tells damage from change; lengths are checked all the same. Another layout
 * needs another version, which makes old files absent work, never wrong work. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "ventilator/facts.h"

#define MAGIC       "winnowF\1"
#define MAGIC_BYTES 8
#define SUM_BYTES   8
#define FILE_LIMIT  ((off_t)1 << 30)

/* A roll of bytes that is written at its end, or read from `at` on. Reading behind the end gives
 * zeros and sets torn; writing without memory does. */
struct roll {
    unsigned char *bytes;
    size_t size;
    size_t room;
    size_t at;
    int writing;
    int torn;
};

static int roll_room(struct roll *roll, size_t more)
{
    if (roll->torn)
        return 0;
    if (roll->size + more > roll->room) {
        size_t room = (roll->size + more) * 2;
        unsigned char *bytes = realloc(roll->bytes, room);
        roll->torn = bytes == NULL;
        if (roll->torn)
            return 0;
        roll->bytes = bytes;
        roll->room = room;
    }
    return 1;
}

static int roll_has(struct roll *roll, size_t more)
{
    roll->torn |= more > roll->size - roll->at;
    return !roll->torn;
}

static void roll_put(struct roll *roll, const void *data, size_t size)
{
    if (!roll_room(roll, size))
        return;
    if (size)
        memcpy(roll->bytes + roll->size, data, size);
    roll->size += size;
}

static uint64_t get_number(struct roll *roll, int bytes)
{
    uint64_t value = 0;
    if (!roll_has(roll, (size_t)bytes))
        return 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)roll->bytes[roll->at + (size_t)i] << (8 * i);
    roll->at += (size_t)bytes;
    return value;
}

static void put_number(struct roll *roll, uint64_t value, int bytes)
{
    unsigned char out[8];
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> (8 * i));
    roll_put(roll, out, (size_t)bytes);
}

static void roll_u64(struct roll *roll, uint64_t *value)
{
    if (roll->writing)
        put_number(roll, *value, 8);
    else
        *value = get_number(roll, 8);
}

static void roll_i64(struct roll *roll, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    roll_u64(roll, &bits);
    *value = (int64_t)bits;
}

static void roll_u32(struct roll *roll, uint32_t *value)
{
    if (roll->writing)
        put_number(roll, *value, 4);
    else
        *value = (uint32_t)get_number(roll, 4);
}

static void roll_i32(struct roll *roll, int32_t *value)
{
    uint32_t bits = (uint32_t)*value;
    roll_u32(roll, &bits);
    *value = (int32_t)bits;
}

static void walk_sum(struct roll *roll, struct facts_sum *sum)
{
    roll_u64(roll, &sum->rows);
    roll_i64(roll, &sum->amount);
}

static void walk_counts(struct roll *roll, struct facts *facts)
{
    roll_u64(roll, &facts->raw_bytes);
    roll_u64(roll, &facts->digest.low);
    roll_u64(roll, &facts->digest.high);
    roll_u64(roll, &facts->lines);
    roll_i32(roll, &facts->ended_whole);
    roll_u64(roll, &facts->rows_in);
    roll_u64(roll, &facts->accepted);
    roll_u64(roll, &facts->rounded);
    roll_u32(roll, &facts->decimals);
    roll_u32(roll, &facts->has_amount);
    roll_u32(roll, &facts->has_order);
    walk_sum(roll, &facts->anonymous);
    for (int i = 0; i < LEFT_OUT_REASONS; i++)
        walk_sum(roll, &facts->left_out[i]);
    for (int i = 0; i < REJECT_CODES; i++)
        roll_u64(roll, &facts->rejected[i]);
}

static void walk_sightings(struct roll *roll, struct sightings *sightings)
{
    roll_u32(roll, &sightings->n);
    roll->torn |= sightings->n > SIGHTINGS_KEPT;
    for (uint32_t i = 0; !roll->torn && i < sightings->n; i++) {
        struct sighting *seen = &sightings->seen[i];
        uint32_t size = seen->size;
        roll_u32(roll, &size);
        roll->torn |= size > SIGHTING_SIZE;
        seen->size = (uint8_t)size;
        roll_u32(roll, &seen->input);
        roll_u64(roll, &seen->line);
        if (roll->writing)
            roll_put(roll, seen->value, size);
        else if (!roll->torn && roll_has(roll, size))
            memcpy(seen->value, roll->bytes + roll->at, size);
        roll->at += roll->writing || roll->torn ? 0 : size;
    }
}

static void put_days(struct roll *roll, const struct calendar *days)
{
    uint64_t n = 0;
    int32_t day = calendar_from(days, CALENDAR_FIRST);
    for (; day != DAY_NONE; day = calendar_from(days, day + 1))
        n++;
    put_number(roll, n, 8);
    day = calendar_from(days, CALENDAR_FIRST);
    for (; day != DAY_NONE; day = calendar_from(days, day + 1)) {
        put_number(roll, (uint32_t)day, 4);
        put_number(roll, calendar_count(days, day), 8);
    }
}

static void get_days(struct roll *roll, struct calendar *days)
{
    uint64_t n = get_number(roll, 8);
    for (; !roll->torn && n; n--) {
        int32_t day = (int32_t)(uint32_t)get_number(roll, 4);
        uint64_t count = get_number(roll, 8);
        roll->torn |= day < CALENDAR_FIRST || day >= CALENDAR_FIRST + CALENDAR_DAYS;
        uint64_t *rows = roll->torn ? NULL : calendar_rows(days, day);
        roll->torn |= rows == NULL;
        if (rows)
            *rows = count;
    }
}

static void put_crowd(struct roll *roll, const struct crowd *crowd)
{
    put_number(roll, crowd->n, 8);
    if (crowd->has_zero)
        put_number(roll, 0, 8);
    for (size_t i = 0; i < crowd->n_slots; i++)
        if (crowd->slots[i])
            put_number(roll, crowd->slots[i], 8);
}

static void get_crowd(struct roll *roll, struct crowd *crowd)
{
    uint64_t n = get_number(roll, 8);
    for (; !roll->torn && n; n--)
        roll->torn |= crowd_add(crowd, get_number(roll, 8)) != 0;
}

static void put_reject(struct roll *roll, const struct reject *reject)
{
    put_number(roll, reject->input, 4);
    put_number(roll, reject->code, 4);
    put_number(roll, reject->line, 8);
    put_number(roll, reject->offset, 8);
    put_number(roll, reject->found, 4);
    put_number(roll, reject->wanted, 4);
    put_number(roll, reject->raw_bytes, 8);
    put_number(roll, reject->column.size, 8);
    put_number(roll, reject->value.size, 8);
    put_number(roll, reject->raw.size, 8);
    roll_put(roll, reject->column.data, reject->column.size);
    roll_put(roll, reject->value.data, reject->value.size);
    roll_put(roll, reject->raw.data, reject->raw.size);
}

static struct slice get_text(struct roll *roll, uint64_t size)
{
    struct slice text = {NULL, 0};
    roll->torn |= size > roll->size;
    if (!roll->torn && roll_has(roll, size)) {
        text = (struct slice){roll->bytes + roll->at, size};
        roll->at += size;
    }
    return text;
}

static void get_reject(struct roll *roll, struct rejects *rejects)
{
    struct reject reject = {.input = (uint32_t)get_number(roll, 4)};
    uint64_t code = get_number(roll, 4);
    roll->torn |= code >= REJECT_CODES;
    reject.code = (enum reject_code)(roll->torn ? 0 : code);
    reject.line = get_number(roll, 8);
    reject.offset = get_number(roll, 8);
    reject.found = (uint32_t)get_number(roll, 4);
    reject.wanted = (uint32_t)get_number(roll, 4);
    reject.raw_bytes = get_number(roll, 8);
    uint64_t column = get_number(roll, 8), value = get_number(roll, 8), raw = get_number(roll, 8);
    reject.column = get_text(roll, column);
    reject.value = get_text(roll, value);
    reject.raw = get_text(roll, raw);
    if (!roll->torn)
        roll->torn = rejects_add(rejects, &reject) != 0;
}

static void put_facts(struct roll *roll, const struct facts *facts)
{
    struct facts counts = *facts; /* the walk takes it as its own; pointers stay borrowed */
    roll->writing = 1;
    roll_put(roll, MAGIC, MAGIC_BYTES);
    walk_counts(roll, &counts);
    walk_sightings(roll, &counts.currencies);
    walk_sightings(roll, &counts.signs);
    walk_sightings(roll, &counts.offsets);
    put_days(roll, &facts->days);
    put_crowd(roll, &facts->reject_customers);
    put_number(roll, rejects_size(facts->rejects), 8);
    for (size_t i = 0; i < rejects_size(facts->rejects); i++) {
        struct reject reject = rejects_at(facts->rejects, i);
        put_reject(roll, &reject);
    }
    put_number(roll, XXH3_64bits(roll->bytes, roll->size), SUM_BYTES);
}

static void get_facts(struct roll *roll, struct facts *facts)
{
    roll->at = MAGIC_BYTES;
    walk_counts(roll, facts);
    walk_sightings(roll, &facts->currencies);
    walk_sightings(roll, &facts->signs);
    walk_sightings(roll, &facts->offsets);
    get_days(roll, &facts->days);
    get_crowd(roll, &facts->reject_customers);
    for (uint64_t n = get_number(roll, 8); !roll->torn && n; n--)
        get_reject(roll, facts->rejects);
    roll->torn |= roll->at != roll->size;
}

static int write_all(int file, const unsigned char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(file, bytes, size);
        if (n < 0 && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int write_aside(const struct roll *roll, const char *aside, const char *path)
{
    int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    int failed = write_all(file, roll->bytes, roll->size) || fsync(file);
    failed |= close(file);
    return failed ? -1 : rename(aside, path);
}

int facts_write(const struct facts *facts, const char *path)
{
    struct roll roll = {0};
    char aside[4096];
    int r = 0;
    put_facts(&roll, facts);
    if (roll.torn || snprintf(aside, sizeof aside, "%s.new", path) >= (int)sizeof aside)
        r = log_fail(STATUS_BUG, "no memory to keep the facts in %s", path);
    else if (write_aside(&roll, aside, path))
        r = log_fail(STATUS_IO, "cannot write %s: %s", path, strerror(errno));
    free(roll.bytes);
    return r;
}

static int load(const char *path, struct roll *roll)
{
    struct stat stat;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? FACTS_E_ABSENT
                               : log_fail(STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    if (fstat(file, &stat) || stat.st_size < MAGIC_BYTES + SUM_BYTES || stat.st_size > FILE_LIMIT ||
        !roll_room(roll, (size_t)stat.st_size)) {
        close(file);
        return FACTS_E_DAMAGED;
    }
    ssize_t n = read(file, roll->bytes, (size_t)stat.st_size);
    close(file);
    roll->size = n > 0 ? (size_t)n : 0;
    return n == stat.st_size ? 0 : FACTS_E_DAMAGED;
}

/* Cuts off the sum; 0 unless bytes and sum are what was written. */
static int intact(struct roll *roll)
{
    struct roll sum = {.bytes = roll->bytes, .size = roll->size};
    roll->size -= SUM_BYTES;
    sum.at = roll->size;
    return roll->bytes && memcmp(roll->bytes, MAGIC, MAGIC_BYTES) == 0 &&
           get_number(&sum, SUM_BYTES) == XXH3_64bits(roll->bytes, roll->size);
}

int facts_read(const char *path, struct facts **out)
{
    struct roll roll = {0};
    struct facts *facts = NULL;
    int r = load(path, &roll);
    if (!r && !intact(&roll))
        r = FACTS_E_DAMAGED;
    if (!r)
        r = facts_new(&facts);
    if (!r) {
        get_facts(&roll, facts);
        r = roll.torn ? FACTS_E_DAMAGED : 0;
    }
    free(roll.bytes);
    if (r)
        facts_destroy(&facts);
    else
        *out = facts;
    return r;
}
