/* SPDX-License-Identifier: Apache-2.0 */
/* Shards come in order, so a group's values end up in the order of (hash, id) by one counting sort
 * over the pieces; nothing is compared. */
#include "sink/peerage.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/money.h"

int peerage_open(struct peerage *peerage)
{
    *peerage = (struct peerage){0};
    return roster_new(&peerage->names);
}

void peerage_close(struct peerage *peerage)
{
    roster_destroy(&peerage->names);
    free(peerage->pieces);
    for (int i = 0; i < PEERAGE_COLUMNS; i++) {
        free(peerage->came[i]);
        free(peerage->grouped[i]);
    }
    free(peerage->order);
    free(peerage->first);
    free(peerage->members);
    *peerage = (struct peerage){0};
}

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu peers", n);
    *at = more;
    return 0;
}

static int make_room(struct peerage *p, size_t pieces, size_t values)
{
    int r = 0;
    if (p->n_pieces + pieces > p->room_pieces) {
        size_t room = (p->n_pieces + pieces) * 2 + 64;
        r = grow(&p->pieces, room, sizeof *p->pieces);
        p->room_pieces = r == 0 ? room : p->room_pieces;
    }
    if (r < 0 || p->n + values <= p->room)
        return r;
    size_t room = (p->n + values) * 2 + 1024;
    for (int i = 0; r == 0 && i < PEERAGE_COLUMNS; i++)
        r = grow(&p->came[i], room, sizeof *p->came[i]);
    p->room = r == 0 ? room : p->room;
    return r;
}

int peerage_add(struct peerage *peerage, const struct gathered *part)
{
    const char *name = part->group_names;
    int r = make_room(peerage, part->n_groups, part->n_peers);
    for (size_t i = 0; r == 0 && i < part->n_groups; i++) {
        struct peerage_piece *piece = &peerage->pieces[peerage->n_pieces++];
        piece->n = part->group_n[i];
        r = roster_number(peerage->names, name, part->group_length[i], &piece->group);
        name += part->group_length[i];
    }
    if (r < 0)
        return r;
    for (size_t i = 0; i < part->n_peers; i++) {
        size_t at = peerage->n + i;
        peerage->came[PEERAGE_PER_UNIT][at] = part->per_unit[i];
        peerage->came[PEERAGE_UNITS][at] = part->peer_units ? part->peer_units[i] : MONEY_PER_UNIT;
        peerage->came[PEERAGE_SPEND][at] =
            part->peer_units ? part->peer_spend[i] : part->per_unit[i];
    }
    peerage->n += part->n_peers;
    return 0;
}

static int make_order(struct peerage *p)
{
    size_t n = roster_size(p->names);
    p->order = malloc((n * 2 + 1) * sizeof *p->order);
    p->first = calloc(n + 1, sizeof *p->first);
    p->members = calloc(n + 1, sizeof *p->members);
    int whole = p->order && p->first && p->members;
    for (int i = 0; i < PEERAGE_COLUMNS; i++) {
        p->grouped[i] = malloc(p->n * sizeof *p->grouped[i] + 1);
        whole = whole && p->grouped[i];
    }
    return whole ? 0 : log_fail(STATUS_BUG, "out of memory for %zu peer groups", n);
}

static void place(struct peerage *p)
{
    size_t from = 0;
    memset(p->members, 0, roster_size(p->names) * sizeof *p->members);
    for (size_t i = 0; i < p->n_pieces; i++) {
        const struct peerage_piece *piece = &p->pieces[i];
        size_t *filled = &p->members[piece->group], to = p->first[piece->group] + *filled;
        for (int k = 0; k < PEERAGE_COLUMNS && piece->n > 0; k++)
            memcpy(p->grouped[k] + to, p->came[k] + from, piece->n * sizeof *p->grouped[k]);
        *filled += piece->n;
        from += piece->n;
    }
}

int peerage_end(struct peerage *peerage)
{
    struct peerage *p = peerage;
    size_t n = roster_size(p->names), at = 0;
    int r = make_order(p);
    if (r < 0)
        return r;
    roster_by_name(p->names, p->order, p->order + n);
    for (size_t i = 0; i < p->n_pieces; i++)
        p->members[p->pieces[i].group] += p->pieces[i].n;
    for (size_t i = 0; i < n; i++) { /* in the order of names: parents' members are neighbours */
        p->first[p->order[i]] = at;
        at += p->members[p->order[i]];
    }
    if (at != p->n)
        return log_fail(STATUS_BUG, "peer groups of %zu values, and %zu values", at, p->n);
    place(p);
    for (int k = 0; k < PEERAGE_COLUMNS; k++) {
        free(p->came[k]);
        p->came[k] = NULL;
    }
    return 0;
}

struct peerage_group peerage_group(const struct peerage *peerage, size_t i)
{
    uint32_t number = peerage->order[i];
    struct peerage_group group = {.from = peerage->first[number], .n = peerage->members[number]};
    group.name = roster_id(peerage->names, number, &group.length);
    return group;
}
