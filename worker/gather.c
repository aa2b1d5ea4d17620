/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the customers fills lists in their order; the lists that are kept sorted and counted
 * (triples, recencies, frequencies) are sorted once at the end. */
#include "worker/gather.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/log.h"
#include "common/radix.h"
#include "score/day.h"
#include "score/row.h"
#include "score/wallet.h"
#include "worker/census.h"
#include "worker/gaps.h"
#include "worker/trials.h"
#include "worker/triples.h"

struct gather {
    const struct work_plan *work;
    const struct histories *histories;
    const struct attribute_table *attributes;
    uint32_t culprit;
    size_t room; /* customers that every list below holds */
    struct order_line *orders;
    size_t room_orders;
    struct gaps gaps;
    uint32_t *customer; /* by triple as they come: his place in the histories */

    struct gathered out;
    size_t n_triples, n_base, n_spenders, n_peers;
    struct radix_item *triple, *sample, *sampled, *scratch; /* sampled: customers */
    struct census recencies, frequencies;
    int64_t *monetary, *spender_repeat_spend;
    uint32_t *spender_x;
    uint16_t *base_id_length;
    char *base_ids;
    size_t base_ids_size, room_base_ids;
    int32_t *base_recency;
    uint32_t *base_frequency;
    uint32_t *peer_group;
    int64_t *peer_value, *per_unit;
    int64_t *units_value, *spend_value, *peer_units, *peer_spend; /* as these two */
    struct trials trials;
    /* what gather_end makes of them */
    uint32_t *triple_x, *triple_n, *recency_value, *recency_n, *frequency_value, *frequency_n,
        *sample_x;
    int32_t *triple_span, *triple_age, *sample_span, *sample_age;
    uint64_t *sample_hash;
    double *sample_log_gap;
    uint16_t *group_length;
    char *group_names;
    uint32_t *group_n, *group_rank;
    size_t room_groups, room_group_names;
};

int gather_new(struct gather **gather)
{
    *gather = calloc(1, sizeof **gather);
    return *gather ? 0 : log_fail(STATUS_BUG, "out of memory for a digest");
}

/* Every list with room for one entry a customer, and the size of its entries. */
struct list {
    void *array; /* a T ** */
    size_t size;
};

#define LISTS 31

static void lists_of(struct gather *g, struct list lists[LISTS])
{
    const struct list all[LISTS] = {
        {&g->triple, sizeof *g->triple},
        {&g->sample, sizeof *g->sample},
        {&g->sampled, sizeof *g->sampled},
        {&g->scratch, sizeof *g->scratch},
        {&g->monetary, sizeof *g->monetary},
        {&g->spender_repeat_spend, sizeof *g->spender_repeat_spend},
        {&g->spender_x, sizeof *g->spender_x},
        {&g->base_id_length, sizeof *g->base_id_length},
        {&g->base_recency, sizeof *g->base_recency},
        {&g->base_frequency, sizeof *g->base_frequency},
        {&g->peer_group, sizeof *g->peer_group},
        {&g->peer_value, sizeof *g->peer_value},
        {&g->per_unit, sizeof *g->per_unit},
        {&g->units_value, sizeof *g->units_value},
        {&g->spend_value, sizeof *g->spend_value},
        {&g->peer_units, sizeof *g->peer_units},
        {&g->peer_spend, sizeof *g->peer_spend},
        {&g->triple_x, sizeof *g->triple_x},
        {&g->triple_n, sizeof *g->triple_n},
        {&g->triple_span, sizeof *g->triple_span},
        {&g->triple_age, sizeof *g->triple_age},
        {&g->recency_value, sizeof *g->recency_value},
        {&g->recency_n, sizeof *g->recency_n},
        {&g->frequency_value, sizeof *g->frequency_value},
        {&g->frequency_n, sizeof *g->frequency_n},
        {&g->sample_hash, sizeof *g->sample_hash},
        {&g->sample_x, sizeof *g->sample_x},
        {&g->sample_span, sizeof *g->sample_span},
        {&g->sample_age, sizeof *g->sample_age},
        {&g->sample_log_gap, sizeof *g->sample_log_gap},
        {&g->customer, sizeof *g->customer},
    };
    memcpy(lists, all, sizeof all);
}

void gather_destroy(struct gather **gather)
{
    struct list lists[LISTS];
    if (!*gather)
        return;
    lists_of(*gather, lists);
    for (size_t i = 0; i < LISTS; i++)
        free(*(void **)lists[i].array);
    free((*gather)->orders);
    gaps_free(&(*gather)->gaps);
    census_free(&(*gather)->recencies);
    census_free(&(*gather)->frequencies);
    trials_free(&(*gather)->trials);
    free((*gather)->base_ids);
    free((*gather)->group_length);
    free((*gather)->group_names);
    free((*gather)->group_n);
    free((*gather)->group_rank);
    free(*gather);
    *gather = NULL;
}

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG,
                        "out of memory for %zu entries of a digest; --shards makes shards smaller",
                        n);
    *at = more;
    return 0;
}

static int lists_room(struct gather *g, size_t n)
{
    struct list lists[LISTS];
    int r = 0;
    if (n <= g->room && g->triple)
        return 0;
    lists_of(g, lists);
    for (size_t i = 0; r == 0 && i < LISTS; i++)
        r = grow(lists[i].array, n + 1, lists[i].size);
    if (r == 0)
        g->room = n;
    return r;
}

/* As many entries as the longest history has lines. */
static int history_room(struct gather *g)
{
    const struct histories *h = g->histories;
    size_t most = 1;
    for (uint32_t i = 0; i < h->n; i++)
        if (h->line_first[i + 1] - h->line_first[i] > most)
            most = h->line_first[i + 1] - h->line_first[i];
    int r = gaps_begin(&g->gaps, most);
    if (r < 0 || !h->has_order || most <= g->room_orders)
        return r;
    r = grow(&g->orders, most, sizeof *g->orders);
    if (r == 0)
        g->room_orders = most;
    return r;
}

int gather_begin(struct gather *gather, const struct work_plan *work,
                 const struct histories *histories, const struct attribute_table *attributes)
{
    gather->work = work;
    gather->histories = histories;
    gather->attributes = attributes;
    gather->out = (struct gathered){.unmatched = attributes->unmatched};
    gather->n_triples = gather->n_base = gather->n_spenders = gather->n_peers = 0;
    gather->base_ids_size = 0;
    int r = lists_room(gather, histories->n);
    if (r == 0)
        r = census_begin(&gather->recencies, histories->n);
    if (r == 0)
        r = census_begin(&gather->frequencies, histories->n);
    return r < 0 ? r : history_room(gather);
}

static void add_triple(struct gather *g, uint32_t i, const struct features *seen)
{
    struct repeat repeat = features_repeat(seen, g->work->plan.as_of);
    g->triple[g->n_triples] = (struct radix_item){triples_key(&repeat), 1};
    if (g->work->sample_per_shard > 0) {
        size_t length;
        const char *id = histories_id(g->histories, i, &length);
        uint64_t hash = hash_customer_seeded(id, length, HASH_SAMPLE_SEED);
        g->sample[g->n_triples] = (struct radix_item){hash, g->n_triples};
        g->customer[g->n_triples] = i;
    }
    g->n_triples++;
    if (repeat.x > 0 && seen->repeat_spend > 0) {
        g->spender_x[g->n_spenders] = repeat.x;
        g->spender_repeat_spend[g->n_spenders++] = seen->repeat_spend;
    }
}

static int add_base_id(struct gather *g, uint32_t i)
{
    size_t length;
    const char *id = histories_id(g->histories, i, &length);
    if (g->base_ids_size + length > g->room_base_ids) {
        size_t room = (g->base_ids_size + length) * 2 + 65536;
        int r = grow(&g->base_ids, room, 1);
        if (r < 0)
            return r;
        g->room_base_ids = room;
    }
    memcpy(g->base_ids + g->base_ids_size, id, length);
    g->base_ids_size += length;
    g->base_id_length[g->n_base] = (uint16_t)length;
    return 0;
}

static int add_base(struct gather *g, uint32_t i, const struct features *seen)
{
    int32_t recency = features_recency_days(seen, g->work->plan.as_of);
    int r = 0;
    if (!features_active(seen, &g->work->plan))
        return 0;
    census_add(&g->recencies, (uint32_t)recency);
    census_add(&g->frequencies, seen->rfm_frequency);
    g->monetary[g->n_base] = seen->rfm_monetary;
    if (g->work->plan.rfm_ties == RFM_NTILE) {
        g->base_recency[g->n_base] = recency;
        g->base_frequency[g->n_base] = seen->rfm_frequency;
        r = add_base_id(g, i);
    }
    g->n_base++;
    return r;
}

static void add_peer(struct gather *g, uint32_t i, const struct features *seen)
{
    const struct attributes *attributes = &g->attributes->of[i];
    int64_t per_unit;
    if (g->work->plan.wallet_method == WALLET_NONE ||
        wallet_spend_per_unit(seen, attributes, &g->work->plan, &per_unit) != 0)
        return;
    g->peer_group[g->n_peers] = attributes->group;
    g->units_value[g->n_peers] = attributes->units;
    g->spend_value[g->n_peers] = wallet_spend(seen);
    g->peer_value[g->n_peers++] = per_unit;
}

static int add_customer(struct gather *g, uint32_t i)
{
    struct lines lines = histories_lines(g->histories, i);
    struct features seen;
    const struct history_room room = {g->orders, g->gaps.own};
    int r = history_features_gaps(&lines, &g->work->plan, &room, &seen, &g->out.tallies);
    if (r != 0)
        return r == HISTORY_E_DOUBLED ? GATHER_E_DOUBLED : GATHER_E_OVERFLOW;
    if (!seen.seen)
        return 0;
    g->out.customers++;
    if (seen.last_day == DAY_NONE) {
        g->out.refund_only++;
        return 0;
    }
    g->out.purchase_days += seen.purchase_days;
    if (__builtin_add_overflow(g->out.gross, seen.gross, &g->out.gross))
        return GATHER_E_OVERFLOW;
    r = gaps_add(&g->gaps, g->work->plan.summary ? 0 : seen.purchase_days - 1);
    if (r < 0)
        return r;
    add_triple(g, i, &seen);
    add_peer(g, i, &seen);
    return add_base(g, i, &seen);
}

int gather_some(struct gather *gather, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        gather->culprit = i;
        int r = add_customer(gather, i);
        if (r != 0)
            return r;
    }
    return 0;
}

static void end_triples(struct gather *g)
{
    const struct triples_columns columns = {g->triple_x, g->triple_age, g->triple_span,
                                            g->triple_n};
    g->out.n_triples = triples_count(g->triple, g->scratch, g->n_triples, &columns);
    g->out.triple_x = g->triple_x;
    g->out.triple_age = g->triple_age;
    g->out.triple_span = g->triple_span;
    g->out.triple_n = g->triple_n;
}

/* Moves the items that may be among the `most` smallest to the front: all up to a limit of their upper
 * bits that leaves enough. Answers how many; to sort those only is most of the work saved. */
static size_t keep_smallest(struct radix_item *items, size_t n, size_t most)
{
    size_t count[256] = {0}, kept = 0, upto = 0, limit = 0;
    for (size_t i = 0; i < n; i++)
        count[items[i].key >> 56]++;
    for (; limit < 255 && upto + count[limit] < most; limit++)
        upto += count[limit];
    for (size_t i = 0; i < n; i++)
        if (items[i].key >> 56 <= limit)
            items[kept++] = items[i];
    return kept;
}

/* Before triples are sorted, as samples know theirs by their place. What takes a logarithm a gap is
 * made for the sampled alone. */
static void end_samples(struct gather *g)
{
    size_t n = g->n_triples, most = g->work->sample_per_shard;
    if (most == 0)
        return;
    size_t kept = keep_smallest(g->sample, n, most);
    radix_sort_even(g->sample, g->scratch, kept);
    g->out.sample_cut = n > most;
    n = kept < most ? kept : most;
    for (size_t i = 0; i < n; i++) {
        struct repeat repeat = triples_repeat(g->triple[g->sample[i].value].key);
        uint32_t customer = g->customer[g->sample[i].value];
        struct lines lines = histories_lines(g->histories, customer);
        g->sampled[i] = (struct radix_item){g->sample[i].key, customer};
        g->sample_log_gap[i] = gaps_log_days(&g->gaps, &lines, &g->work->plan, g->orders);
        g->sample_hash[i] = g->sample[i].key;
        g->sample_x[i] = repeat.x;
        g->sample_age[i] = repeat.age_days;
        g->sample_span[i] = repeat.span_days;
    }
    g->out.n_samples = n;
    g->out.sample_hash = g->sample_hash;
    g->out.sample_x = g->sample_x;
    g->out.sample_age = g->sample_age;
    g->out.sample_log_gap = g->sample_log_gap;
    g->out.sample_span = g->sample_span;
}

static int end_trials(struct gather *g)
{
    const struct plan *plan = &g->work->plan;
    struct trials_order order = {g->histories, plan, g->sampled, g->out.n_samples, g->orders};
    if (plan->trial_days == 0 || g->out.n_samples == 0)
        return 0;
    return trials_make(&g->trials, &order, &g->out);
}

static void end_base(struct gather *g)
{
    g->out.n_recencies = census_end(&g->recencies, g->scratch, g->recency_value, g->recency_n);
    g->out.n_frequencies =
        census_end(&g->frequencies, g->scratch, g->frequency_value, g->frequency_n);
    g->out.base = (uint32_t)g->n_base;
    g->out.recency = (const int32_t *)g->recency_value;
    g->out.recency_n = g->recency_n;
    g->out.frequency = g->frequency_value;
    g->out.frequency_n = g->frequency_n;
    g->out.monetary = g->monetary;
    if (g->work->plan.rfm_ties != RFM_NTILE)
        return;
    g->out.base_id_length = g->base_id_length;
    g->out.base_ids = g->base_ids;
    g->out.base_ids_size = g->base_ids_size;
    g->out.base_recency = g->base_recency;
    g->out.base_frequency = g->base_frequency;
}

static int groups_room(struct gather *g, uint32_t n, size_t names)
{
    int r = 0;
    if (n > g->room_groups || !g->group_n) {
        r = grow(&g->group_n, (size_t)n + 1, sizeof *g->group_n);
        if (r == 0)
            r = grow(&g->group_rank, ((size_t)n + 1) * 2, sizeof *g->group_rank);
        if (r == 0)
            r = grow(&g->group_length, (size_t)n + 1, sizeof *g->group_length);
        if (r == 0)
            g->room_groups = n;
    }
    if (r == 0 && names + 1 > g->room_group_names) {
        r = grow(&g->group_names, names + 1, 1);
        if (r == 0)
            g->room_group_names = names + 1;
    }
    return r;
}

/* Names with at least one peer, sorted, and the peers' values group by group. */
static int end_groups(struct gather *g)
{
    const struct roster *groups = g->attributes->groups;
    uint32_t n = roster_size(groups), used = 0, at = 0;
    int r = groups_room(g, n, roster_ids_size(groups));
    if (r < 0)
        return r;
    uint32_t *order = g->group_rank, *place = g->group_rank + n;
    size_t names = 0;
    roster_by_name(groups, order, place);
    memset(place, 0, n * sizeof *place);
    for (size_t i = 0; i < g->n_peers; i++)
        place[g->peer_group[i]]++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t here = place[order[i]];
        size_t length;
        const char *name = roster_id(groups, order[i], &length);
        place[order[i]] = at;
        at += here;
        if (here == 0)
            continue;
        memcpy(g->group_names + names, name, length);
        names += length;
        g->group_length[used] = (uint16_t)length;
        g->group_n[used++] = here;
    }
    for (size_t i = 0; i < g->n_peers; i++) {
        uint32_t to = place[g->peer_group[i]]++;
        g->per_unit[to] = g->peer_value[i];
        g->peer_units[to] = g->units_value[i];
        g->peer_spend[to] = g->spend_value[i];
    }
    g->out.n_groups = used;
    g->out.group_length = g->group_length;
    g->out.group_names = g->group_names;
    g->out.group_n = g->group_n;
    g->out.per_unit = g->per_unit;
    g->out.peer_units = g->n_peers > 0 ? g->peer_units : NULL;
    g->out.peer_spend = g->n_peers > 0 ? g->peer_spend : NULL;
    g->out.n_peers = g->n_peers;
    return 0;
}

int gather_end(struct gather *gather, struct gathered *gathered)
{
    end_samples(gather);
    end_triples(gather);
    gaps_end(&gather->gaps, &gather->out);
    end_base(gather);
    gather->out.n_spenders = gather->n_spenders;
    gather->out.spender_x = gather->spender_x;
    gather->out.spender_repeat_spend = gather->spender_repeat_spend;
    int r = end_trials(gather);
    if (r == 0)
        r = end_groups(gather);
    *gathered = gather->out;
    return r;
}

uint32_t gather_culprit(const struct gather *gather)
{
    return gather->culprit;
}
