/* SPDX-License-Identifier: Apache-2.0 */
/* All parts in one read of the store was refused: each page that is read in place stays resident until
 * the read ends, 70 bytes a customer for the whole of the seal. */
#include "sink/committed.h"

#include <stdlib.h>

#include "common/log.h"
#include "sink/commit.h"

void committed_open(struct committed *parts, struct commit *commit, uint32_t stage, uint32_t shards)
{
    *parts = (struct committed){.commit = commit, .stage = stage, .shards = shards};
}

void committed_rewind(struct committed *parts)
{
    parts->shard = parts->next = 0;
    parts->begun = 0;
}

static int room_for_one(struct committed *parts)
{
    if (parts->n < parts->room)
        return 0;
    size_t room = parts->room ? parts->room * 2 : 16;
    struct slice *more = realloc(parts->part, room * sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for a list of %zu parts", room);
    parts->part = more;
    parts->room = room;
    return 0;
}

/* One more part, of the shard at hand or the next that has any. */
static int take_part(struct committed *parts)
{
    for (; parts->shard < parts->shards; parts->shard++, parts->next = 0) {
        int r = commit_part(parts->commit, parts->stage, parts->shard, parts->next,
                            &parts->part[parts->n]);
        if (r == COMMIT_E_ABSENT)
            continue;
        parts->n += r == 0;
        parts->next += r == 0;
        return r;
    }
    return COMMITTED_E_END;
}

int committed_next(struct committed *parts, size_t most)
{
    int r = 0;
    if (!parts->commit) {
        r = parts->begun || parts->n == 0 ? COMMITTED_E_END : 0;
        parts->begun = 1;
        return r;
    }
    commit_release(parts->commit);
    parts->n = 0;
    while (r == 0 && parts->n < most) {
        r = room_for_one(parts);
        if (r == 0)
            r = take_part(parts);
    }
    if (r < 0)
        return r;
    return parts->n > 0 ? 0 : COMMITTED_E_END;
}

void committed_close(struct committed *parts)
{
    if (parts->commit) {
        commit_release(parts->commit);
        free(parts->part);
    }
    *parts = (struct committed){.part = NULL};
}
