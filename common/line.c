/* SPDX-License-Identifier: Apache-2.0 */
/* What every line shares: parts, parcels and the way to whichever line is behind the port. The
 * functions behind a port are found in a table of the line's own rather than by the linker, because
 * a test joins a memory line and a real one in one process. */
#include "common/line.h"

#include <stdlib.h>

#include "common/log.h"

int peer_same(struct peer a, struct peer b)
{
    return a.gate == b.gate && a.route_low == b.route_low && a.route_high == b.route_high;
}

static void release_heap(void *data, void *hint)
{
    (void)hint;
    free(data);
}

struct part part_new(size_t size)
{
    /* An empty part has an address too: NULL says that there was no memory. */
    return (struct part){malloc(size ? size : 1), size, release_heap, NULL};
}

void part_release(struct part *part)
{
    if (part->release && part->data)
        part->release(part->data, part->hint);
    *part = (struct part){0};
}

void parcel_clear(struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->n; i++)
        part_release(&parcel->part[i]);
    parcel->n = 0;
}

int parcel_add(struct parcel *parcel, struct part *part)
{
    if (parcel->n == LINE_PARTS_LIMIT)
        return log_fail(STATUS_BUG, "a letter has no room for more than %d parts",
                        LINE_PARTS_LIMIT);
    parcel->part[parcel->n++] = *part;
    *part = (struct part){0};
    return STATUS_DONE;
}

int line_bind(struct line *line, const char *endpoint, uint32_t *gate)
{
    return line->ways->bind(line, endpoint, gate);
}

int line_connect(struct line *line, const char *endpoint, uint32_t *gate)
{
    return line->ways->connect(line, endpoint, gate);
}

const char *line_endpoint(struct line *line, uint32_t gate)
{
    return line->ways->endpoint(line, gate);
}

int line_send(struct line *line, struct peer to, struct parcel *parcel)
{
    return line->ways->send(line, to, parcel);
}

int line_post(struct line *line, struct peer to, struct parcel *parcel)
{
    int r = line_send(line, to, parcel);
    parcel_clear(parcel);
    return r;
}

int line_wait(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given)
{
    return line->ways->wait(line, wait_ms, from, given);
}

uint64_t line_refused(const struct line *line)
{
    return line->ways->refused(line);
}

void line_close(struct line **line)
{
    if (!line || !*line)
        return;
    (*line)->ways->close(*line);
    *line = NULL;
}
