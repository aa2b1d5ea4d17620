/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/record.h"

#include <string.h>

#define DONE_SIZE 6 /* bytes of a key of KEY_DONE */

static void add_number(struct key *key, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        key->bytes[key->size++] = (unsigned char)(number >> shift);
}

struct key key_of(enum key_family family)
{
    struct key key = {{(unsigned char)family}, 1};
    return key;
}

struct key key_letter(uint32_t part)
{
    struct key key = key_of(KEY_LETTER);
    add_number(&key, part);
    return key;
}

struct key key_stage(enum key_family family, uint32_t stage)
{
    struct key key = key_of(family);
    key.bytes[key.size++] = (unsigned char)stage;
    return key;
}

struct key key_done(uint32_t stage, uint32_t shard)
{
    struct key key = key_stage(KEY_DONE, stage);
    add_number(&key, shard);
    return key;
}

struct key key_result(uint32_t stage, uint32_t shard, uint32_t part)
{
    struct key key = key_stage(KEY_RESULT, stage);
    add_number(&key, shard);
    add_number(&key, part);
    return key;
}

uint32_t key_shard(struct slice key)
{
    const unsigned char *bytes = key.data;
    if (key.size < DONE_SIZE)
        return UINT32_MAX;
    return (uint32_t)bytes[2] << 24 | (uint32_t)bytes[3] << 16 | (uint32_t)bytes[4] << 8 | bytes[5];
}

int mark_read(struct slice value, struct mark *mark)
{
    if (value.size != sizeof *mark)
        return -1;
    memcpy(mark, value.data, sizeof *mark);
    return 0;
}
