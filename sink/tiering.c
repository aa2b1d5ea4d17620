/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks need every value at once: 16 bytes a customer are collected by all threads in whatever
 * order (a rank does not care), batch by batch, selected, and let go. */
#include "sink/tiering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/large.h"
#include "common/log.h"
#include "score/day.h"
#include "score/money.h"
#include "score/quantile.h"

#define ARENA_LIMIT   ((size_t)256 << 20)
#define CHURN_UNIT    4503599627370496.0 /* 2^52 */
#define THREADS_LIMIT 65
#define BATCH_PER     4 /* parts a thread and batch */
#define STRETCH       ((size_t)65536)

/* What tiers are cut from. */
struct worth {
    int64_t value;
    double churn_prob; /* < 0: none */
};

/* What a thread has found in the parts at hand. */
struct collector {
    struct arena *arena;
    struct worth *worth;
    size_t n, room;
    size_t n_last; /* refunds only: they count, after everybody */
    int failed;
};

struct collection {
    const struct committed *parts;
    struct collector by_thread[THREADS_LIMIT];
};

static int collector_room(struct collector *c, size_t more)
{
    if (c->n + more <= c->room)
        return 0;
    size_t room = c->room * 2 > c->n + more ? c->room * 2 : c->n + more;
    struct worth *worth = realloc(c->worth, room * sizeof *worth);
    if (!worth)
        return log_fail(STATUS_BUG, "out of memory for the values of %zu customers", room);
    c->worth = worth;
    c->room = room;
    return 0;
}

static void collect_part(void *context, size_t i, size_t who)
{
    struct collection *collection = context;
    struct collector *c = &collection->by_thread[who];
    struct score_columns columns;
    if (c->failed || !c->arena)
        return;
    arena_reset(c->arena);
    if (wire_scores_read_worth(collection->parts->part[i], c->arena, &columns) != 0 ||
        collector_room(c, columns.n) != 0) {
        c->failed = 1;
        return;
    }
    for (size_t k = 0; k < columns.n; k++) {
        uint32_t flags = columns.flags[k];
        if (flags & ROW_REFUND_ONLY)
            c->n_last++;
        else if (!(flags & ROW_INACTIVE))
            c->worth[c->n++] =
                (struct worth){columns.value[k], flags & ROW_MODEL ? columns.churn_prob[k] : -1};
    }
}

/* What the threads have found, behind what there is already. That there are no more than were gathered is the
 * workers' word. */
static int take_found(struct collection *collection, size_t threads, struct collector *all)
{
    for (size_t t = 0; t < threads; t++) {
        struct collector *c = &collection->by_thread[t];
        if (c->failed || !c->arena)
            return log_fail(STATUS_BUG, "scores that were committed cannot be read again");
        if (c->n > all->room - all->n)
            return log_fail(STATUS_BUG, "more customers were scored than were gathered");
        if (c->n > 0)
            memcpy(all->worth + all->n, c->worth, c->n * sizeof *c->worth);
        all->n += c->n;
        all->n_last += c->n_last;
        c->n = c->n_last = 0;
    }
    return 0;
}

/* All of it in one array, which has the room. */
static int collect(struct committed *parts, struct crew *crew, struct collector *all)
{
    struct collection *collection = calloc(1, sizeof *collection);
    size_t threads = crew_threads(crew);
    int r = collection ? 0 : log_fail(STATUS_BUG, "out of memory for the values of customers");
    if (r < 0)
        return r;
    collection->parts = parts;
    for (size_t t = 0; t < threads; t++)
        collection->by_thread[t].arena = arena_new(ARENA_LIMIT);
    committed_rewind(parts);
    while (r == 0 && (r = committed_next(parts, threads * BATCH_PER)) == 0) {
        crew_run(crew, parts->n, collect_part, collection);
        r = take_found(collection, threads, all);
    }
    for (size_t t = 0; t < threads; t++) {
        arena_destroy(&collection->by_thread[t].arena);
        free(collection->by_thread[t].worth);
    }
    free(collection);
    return r < 0 ? r : 0;
}

static void cut_tiers(struct tiering *tiering, const struct collector *all, const struct plan *plan,
                      int64_t *room)
{
    for (size_t i = 0; i < all->n; i++)
        room[i] = all->worth[i].value;
    tier_cut(plan->tiers, plan->n_tiers, room, all->n, all->n_last, &tiering->cutoffs);
}

/* The probabilities of all who have one, tier by tier, each tier's from first on. They are dealt in
 * stretches, which threads share. */
struct by_tier {
    const struct collector *all;
    const struct tier_cutoffs *cutoffs;
    size_t (*in_stretch)[PLAN_TIERS_LIMIT]; /* how many, then where the next one goes */
    double *share;
    size_t first[PLAN_TIERS_LIMIT + 1];
    double *threshold;
};

static size_t stretches_of(const struct collector *all)
{
    return (all->n + STRETCH - 1) / STRETCH;
}

/* Counts who has a probability, tier by tier, or puts it where it goes. */
static void walk_stretch(struct by_tier *by_tier, size_t stretch, double *share)
{
    size_t *n = by_tier->in_stretch[stretch], from = stretch * STRETCH;
    size_t end = by_tier->all->n - from < STRETCH ? by_tier->all->n : from + STRETCH;
    for (size_t i = from; i < end; i++) {
        const struct worth *worth = &by_tier->all->worth[i];
        if (worth->churn_prob < 0)
            continue;
        size_t at = n[tier_of(by_tier->cutoffs, worth->value)]++;
        if (share)
            share[at] = worth->churn_prob;
    }
}

static void count_stretch(void *context, size_t stretch, size_t who)
{
    (void)who;
    walk_stretch(context, stretch, NULL);
}

static void deal_stretch(void *context, size_t stretch, size_t who)
{
    struct by_tier *by_tier = context;
    (void)who;
    walk_stretch(by_tier, stretch, by_tier->share);
}

static void deal(struct by_tier *by_tier, struct crew *crew)
{
    size_t at = 0, stretches = stretches_of(by_tier->all);
    crew_run(crew, stretches, count_stretch, by_tier);
    for (int32_t tier = 0; tier < PLAN_TIERS_LIMIT; tier++) {
        by_tier->first[tier] = at;
        for (size_t i = 0; i < stretches; i++) {
            size_t n = by_tier->in_stretch[i][tier];
            by_tier->in_stretch[i][tier] = at;
            at += n;
        }
    }
    by_tier->first[PLAN_TIERS_LIMIT] = at;
    crew_run(crew, stretches, deal_stretch, by_tier);
}

static void cut_one(void *context, size_t tier, size_t who)
{
    static const struct quantile p80 = {8, 10};
    struct by_tier *by_tier = context;
    size_t n = by_tier->first[tier + 1] - by_tier->first[tier];
    (void)who;
    by_tier->threshold[tier] =
        n > 0 ? quantile_of_shares(by_tier->share + by_tier->first[tier], n, p80) : -1;
}

/* The .8 quantile of churn_prob in each tier, or what was asked for. */
static int cut_thresholds(struct tiering *tiering, const struct collector *all,
                          const struct plan *plan, double *room, struct crew *crew)
{
    for (int32_t tier = 0; plan->churn_threshold >= 0 && tier < plan->n_tiers; tier++)
        tiering->churn_threshold[tier] = plan->churn_threshold;
    if (plan->churn_threshold >= 0)
        return 0;
    struct by_tier by_tier = {.all = all,
                              .cutoffs = &tiering->cutoffs,
                              .share = room,
                              .threshold = tiering->churn_threshold};
    by_tier.in_stretch = calloc(stretches_of(all) + 1, sizeof *by_tier.in_stretch);
    if (!by_tier.in_stretch)
        return log_fail(STATUS_BUG, "out of memory for the churn of %zu customers", all->n);
    deal(&by_tier, crew);
    crew_run(crew, (size_t)plan->n_tiers, cut_one, &by_tier);
    free(by_tier.in_stretch);
    return 0;
}

static int cut_all(struct tiering *tiering, const struct collector *all, const struct plan *plan,
                   const struct fitted *fitted, struct crew *crew)
{
    size_t size = all->n * sizeof(int64_t) + 1;
    void *room = large_new(size); /* of values, then of probabilities */
    int r = 0;
    if (!room)
        return log_fail(STATUS_BUG, "out of memory for the values of %zu customers", all->n);
    if (fitted->has_cutoffs)
        tiering->cutoffs = fitted->cutoffs;
    else
        cut_tiers(tiering, all, plan, room);
    if (fitted->has_thresholds && plan->churn_threshold < 0)
        memcpy(tiering->churn_threshold, fitted->churn_threshold, sizeof tiering->churn_threshold);
    else
        r = cut_thresholds(tiering, all, plan, room, crew);
    large_free(room, size);
    return r;
}

int tiering_run(struct tiering *tiering, struct committed *parts, const struct plan *plan,
                const struct fitted *fitted, struct crew *crew)
{
    struct collector all = {.room = fitted->totals.customers + 1};
    *tiering = (struct tiering){0};
    all.worth = large_new(all.room * sizeof *all.worth);
    if (!all.worth)
        return log_fail(STATUS_BUG, "out of memory for the values of %zu customers", all.room);
    int r = collect(parts, crew, &all);
    tiering->active = all.n + all.n_last;
    if (r == 0)
        r = cut_all(tiering, &all, plan, fitted, crew);
    large_free(all.worth, all.room * sizeof *all.worth);
    return r;
}

struct standing_of tiering_stand(const struct tiering *tiering, const struct plan *plan,
                                 const struct score_columns *columns, size_t i)
{
    uint32_t flags = columns->flags[i];
    int32_t tier =
        flags & ROW_REFUND_ONLY ? plan->n_tiers - 1 : tier_of(&tiering->cutoffs, columns->value[i]);
    struct standing standing = {
        .inactive = (flags & ROW_INACTIVE) != 0,
        .tier = tier,
        .n_tiers = plan->n_tiers,
        .purchase_days = columns->purchase_days[i],
        .tenure_days = flags & ROW_REFUND_ONLY ? INT32_MAX : plan->as_of - columns->first_day[i],
        .churn_prob = flags & ROW_MODEL ? columns->churn_prob[i] : -1,
        .churn_threshold = tiering->churn_threshold[tier],
    };
    return (struct standing_of){standing.inactive ? plan->n_tiers : tier, tier_action(&standing)};
}

struct tier_ends tiering_ends(const struct tiering *tiering, int32_t tier)
{
    const struct tier_cutoffs *cutoffs = &tiering->cutoffs;
    struct tier_ends ends = {INT64_MIN, INT64_MAX};
    if (tier < cutoffs->n - 1 && cutoffs->cutoff[tier].present)
        ends.low = cutoffs->cutoff[tier].value;
    for (int32_t above = 0; above < tier; above++)
        if (cutoffs->cutoff[above].present)
            ends.high = cutoffs->cutoff[above].value;
    return ends;
}

static int add(int64_t *sum, int64_t more)
{
    return __builtin_add_overflow(*sum, more, sum);
}

static void add_churn(struct tier_sums *sums, double churn_prob)
{
    sums->churn_low += (uint64_t)(churn_prob * CHURN_UNIT);
    sums->churn_high += sums->churn_low >> 52;
    sums->churn_low &= (UINT64_C(1) << 52) - 1;
    sums->with_churn++;
}

static int add_wallet(struct tier_sums *sums, int64_t size, int64_t spend)
{
    int64_t whole = size > spend ? size : spend;
    sums->wallet_customers++;
    return add(&sums->wallet_spend, spend) || add(&sums->wallet_whole, whole) ||
           add(&sums->wallet_headroom, whole - spend);
}

int tier_sums_add(struct tier_sums *sums, const struct score_columns *columns, size_t i)
{
    uint32_t flags = columns->flags[i];
    int over = add(&sums->revenue, columns->spend_365d[i]);
    sums->customers++;
    if (flags & ROW_SPEND)
        over |= add(&sums->clv, columns->clv[i]);
    if (flags & ROW_MODEL) {
        add_churn(sums, columns->churn_prob[i]);
        over |= add(&sums->revenue_at_risk,
                    money_from_units(money_units(columns->spend_365d[i]) * columns->churn_prob[i]));
    }
    if (flags & ROW_WALLET)
        over |= add_wallet(sums, columns->wallet_size[i], columns->wallet_spend[i]);
    return over;
}

int tier_sums_merge(struct tier_sums *into, const struct tier_sums *from)
{
    into->customers += from->customers;
    into->with_churn += from->with_churn;
    into->wallet_customers += from->wallet_customers;
    into->churn_low += from->churn_low;
    into->churn_high += from->churn_high + (into->churn_low >> 52);
    into->churn_low &= (UINT64_C(1) << 52) - 1;
    return add(&into->revenue, from->revenue) || add(&into->clv, from->clv) ||
           add(&into->revenue_at_risk, from->revenue_at_risk) ||
           add(&into->wallet_spend, from->wallet_spend) ||
           add(&into->wallet_whole, from->wallet_whole) ||
           add(&into->wallet_headroom, from->wallet_headroom) ||
           yield_merge(&into->yield, &from->yield);
}

double tier_sums_mean_churn(const struct tier_sums *sums)
{
    return ((double)sums->churn_high + (double)sums->churn_low / CHURN_UNIT) /
           (double)sums->with_churn;
}
