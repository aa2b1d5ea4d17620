/* SPDX-License-Identifier: Apache-2.0 */
#include "score/history.h"

#include <string.h>

#include "score/day.h"
#include "score/money.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/lines.h"

#define MOST 200

__extension__ typedef __int128 wide;

static const struct plan plain = {.as_of = 1000,
                                  .first_day = 0,
                                  .inactive_after_days = 730,
                                  .rfm_window_days = PLAN_DAYS_ALL,
                                  .wallet_window_days = 365,
                                  .rfm_bins = 5};

struct outcome {
    int answer;
    struct features seen;
    struct tallies tallies;
};

static struct outcome outcome_of(const struct ledger_row *rows, size_t n, enum fold_orders orders,
                                 const struct plan *plan)
{
    struct outcome got = {0};
    struct folded folded = folded_of(rows, n, orders);
    got.answer = history_features(&folded.lines, plan, folded.scratch, &got.seen, &got.tallies);
    folded_free(&folded);
    return got;
}

#define ROWS(...)                                                                                  \
    (const struct ledger_row[]){__VA_ARGS__},                                                      \
        sizeof((struct ledger_row[]){__VA_ARGS__}) / sizeof(struct ledger_row)

static void nothing_up_to_as_of_is_nobody(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({1001, 5, 0}, {1002, -7, 0}), FOLD_WITHOUT_ORDERS, &plain);
    assert_int_equal(got.answer, 0);
    assert_int_equal(got.seen.seen, 0);
    assert_int_equal(got.seen.first_day, DAY_NONE);
    assert_int_equal(got.seen.last_day, DAY_NONE);
    assert_int_equal(got.seen.monetary_total, 0);
    assert_int_equal(got.tallies.after_as_of.rows, 2);
    assert_int_equal(got.tallies.after_as_of.amount, -2);
    assert_int_equal(outcome_of(NULL, 0, FOLD_BY_ORDER, &plain).seen.seen, 0);
}

static void purchases_of_one_day_are_one_purchase_day(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({10, 100, 0}, {20, 30, 0}, {20, 40, 0}, {30, 5, 0}),
                                    FOLD_WITHOUT_ORDERS, &plain);
    assert_int_equal(got.seen.purchase_days, 3);
    assert_int_equal(got.seen.orders, 4);
    assert_int_equal(got.seen.first_day, 10);
    assert_int_equal(got.seen.last_day, 30);
    assert_int_equal(got.seen.repeat_spend, 75); /* m = 75 / 2: the first day is left out */
    assert_int_equal(features_recency_days(&got.seen, plain.as_of), 970);
}

static void a_free_purchase_is_a_visit(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({10, 0, 0}, {20, 0, 0}), FOLD_WITHOUT_ORDERS, &plain);
    assert_int_equal(got.seen.purchase_days, 2);
    assert_int_equal(got.seen.orders, 2);
    assert_int_equal(got.seen.gross, 0);
    assert_int_equal(got.tallies.purchases.rows, 2);
}

static void a_customer_with_refunds_only_has_no_purchase_day(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({900, -70, 0}, {950, -5, 0}), FOLD_WITHOUT_ORDERS, &plain);
    assert_int_equal(got.seen.seen, 1);
    assert_int_equal(got.seen.first_day, DAY_NONE);
    assert_int_equal(got.seen.last_day, DAY_NONE);
    assert_int_equal(got.seen.purchase_days, 0);
    assert_int_equal(got.seen.orders, 0);
    assert_int_equal(got.seen.gross, 0);
    assert_int_equal(got.seen.monetary_total, -75);
    assert_int_equal(got.seen.spend_365d, -75);
    assert_int_equal(got.tallies.refunds.rows, 2);
    assert_int_equal(got.tallies.refunds.amount, -75);
}

static void a_refund_is_no_purchase_but_lowers_the_total(void **state)
{
    (void)state;
    struct outcome got =
        outcome_of(ROWS({5, -9, 0}, {10, 100, 0}, {40, -30, 0}), FOLD_WITHOUT_ORDERS, &plain);
    assert_int_equal(got.seen.first_day, 10);
    assert_int_equal(got.seen.last_day, 10);
    assert_int_equal(got.seen.purchase_days, 1);
    assert_int_equal(got.seen.gross, 100);
    assert_int_equal(got.seen.monetary_total, 61);
    assert_int_equal(got.seen.repeat_spend, 0);
}

static void windows_hold_the_days_after_as_of_minus_their_length(void **state)
{
    (void)state;
    struct plan plan = plain;
    plan.rfm_window_days = 10;
    plan.wallet_window_days = 1;
    struct outcome got = outcome_of(ROWS({635, 1, 0}, {636, 10, 0}, {990, 100, 0}, {991, 1000, 0},
                                         {999, 10000, 0}, {1000, 100000, 0}, {1001, 1000000, 0}),
                                    FOLD_WITHOUT_ORDERS, &plan);
    assert_int_equal(got.seen.monetary_total, 111111);
    assert_int_equal(got.seen.spend_365d, 111110);
    assert_int_equal(got.seen.rfm_monetary, 111000);
    assert_int_equal(got.seen.rfm_frequency, 3);
    assert_int_equal(got.seen.spend_window, 100000);
    assert_int_equal(got.tallies.purchases.rows, 6);
    assert_int_equal(got.tallies.after_as_of.rows, 1);
}

static void no_window_reaches_back_to_the_first_year(void **state)
{
    (void)state;
    struct plan plan = plain;
    plan.as_of = -719162; /* 0001-01-01 */
    struct outcome got = outcome_of(ROWS({-719162, 7, 0}), FOLD_WITHOUT_ORDERS, &plan);
    assert_int_equal(got.seen.rfm_frequency, 1);
    assert_int_equal(got.seen.rfm_monetary, 7);
}

static void frequency_counts_orders_where_asked(void **state)
{
    (void)state;
    struct plan plan = plain;
    plan.rfm_frequency = RFM_ORDERS;
    struct outcome got = outcome_of(ROWS({10, 1, 0}, {10, 1, 0}, {20, 1, 0}, {20, -1, 0}),
                                    FOLD_WITHOUT_ORDERS, &plan);
    assert_int_equal(got.seen.rfm_frequency, 3);
    assert_int_equal(got.seen.purchase_days, 2);
}

static void the_rows_of_an_order_are_one_purchase_on_its_earliest_day(void **state)
{
    (void)state;
    struct outcome got =
        outcome_of(ROWS({30, 50, 7}, {10, 20, 7}, {20, 1, 8}, {40, -5, 7}), FOLD_BY_ORDER, &plain);
    assert_int_equal(got.seen.orders, 2);
    assert_int_equal(got.seen.purchase_days, 2);
    assert_int_equal(got.seen.first_day, 10);
    assert_int_equal(got.seen.last_day, 20);
    assert_int_equal(got.seen.gross, 66); /* an order's net is its purchase amount */
    assert_int_equal(got.seen.monetary_total, 66);
    assert_int_equal(got.seen.repeat_spend, 1);
    assert_int_equal(got.tallies.purchases.rows, 3);
    assert_int_equal(got.tallies.purchases.amount, 71);
    assert_int_equal(got.tallies.refunds.rows, 1);
    assert_int_equal(got.tallies.refunds.amount, -5);
}

static void an_order_that_nets_to_nothing_is_cancelled(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({10, 50, 7}, {20, -50, 7}, {30, 9, 8}, {31, -12, 8}),
                                    FOLD_BY_ORDER, &plain);
    assert_int_equal(got.seen.orders, 0);
    assert_int_equal(got.seen.first_day, DAY_NONE);
    assert_int_equal(got.seen.gross, 0);
    assert_int_equal(got.seen.monetary_total, -3); /* like a refund on day 30 */
    assert_int_equal(got.tallies.cancelled.rows, 4);
    assert_int_equal(got.tallies.cancelled.amount, -3);
    assert_int_equal(got.tallies.purchases.rows, 0);
    assert_int_equal(got.tallies.purchases.amount, 0);
    assert_int_equal(got.tallies.refunds.rows, 0);
    assert_int_equal(got.tallies.refunds.amount, 0);
}

static void an_order_of_nothing_but_free_rows_is_a_purchase(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({10, 0, 7}, {10, 0, 7}), FOLD_BY_ORDER, &plain);
    assert_int_equal(got.seen.orders, 1);
    assert_int_equal(got.seen.purchase_days, 1);
    assert_int_equal(got.tallies.cancelled.rows, 0);
}

static void a_cancellation_after_as_of_has_not_happened_yet(void **state)
{
    (void)state;
    struct outcome got = outcome_of(ROWS({990, 50, 7}, {1001, -50, 7}), FOLD_BY_ORDER, &plain);
    assert_int_equal(got.seen.orders, 1);
    assert_int_equal(got.seen.gross, 50);
    assert_int_equal(got.tallies.cancelled.rows, 0);
    assert_int_equal(got.tallies.after_as_of.rows, 1);
    assert_int_equal(got.tallies.after_as_of.amount, -50);
}

static void rows_without_an_order_id_stay_apart(void **state)
{
    (void)state;
    struct outcome got =
        outcome_of(ROWS({10, 50, 0}, {10, -50, 0}, {10, 7, 0}, {10, 3, 9}), FOLD_BY_ORDER, &plain);
    assert_int_equal(got.seen.orders, 3);
    assert_int_equal(got.seen.gross, 60);
    assert_int_equal(got.seen.monetary_total, 10);
    assert_int_equal(got.tallies.refunds.rows, 1);
    assert_int_equal(got.tallies.cancelled.rows, 0);
}

static void a_sum_that_does_not_fit_is_said_and_leaves_the_books(void **state)
{
    (void)state;
    struct folded folded = folded_of(ROWS({10, INT64_MAX, 0}, {20, 1, 0}), FOLD_WITHOUT_ORDERS);
    struct features seen;
    struct tallies tallies = {{1, 2}, {3, 4}, {5, 6}, {7, 8}}, before = tallies;
    assert_int_equal(history_features(&folded.lines, &plain, NULL, &seen, &tallies),
                     HISTORY_E_OVERFLOW);
    assert_memory_equal(&tallies, &before, sizeof tallies);
    struct plan earlier = plain;
    earlier.as_of = 10;
    assert_int_equal(history_features(&folded.lines, &earlier, NULL, &seen, &tallies),
                     HISTORY_E_OVERFLOW); /* the customer fits, the tally of all does not */
    assert_memory_equal(&tallies, &before, sizeof tallies);
    tallies.purchases.amount = 0;
    assert_int_equal(history_features(&folded.lines, &earlier, NULL, &seen, &tallies), 0);
    folded_free(&folded);
    assert_int_equal(outcome_of(ROWS({10, 1, 0}, {1001, INT64_MAX, 0}, {1002, 1, 0}),
                                FOLD_WITHOUT_ORDERS, &plain)
                         .answer,
                     HISTORY_E_OVERFLOW);
    assert_int_equal(
        outcome_of(ROWS({10, INT64_MIN + 1, 7}, {20, -2, 8}), FOLD_BY_ORDER, &plain).answer,
        HISTORY_E_OVERFLOW);
    assert_int_equal(outcome_of(ROWS({10, INT64_MAX, 7}, {20, INT64_MIN, 7}), FOLD_BY_ORDER, &plain)
                         .seen.monetary_total,
                     -1);
}

/* ---- against the definitions, word by word and quadratic ---- */

struct event {
    int32_t day;
    int bought; /* a purchase, else only money that went back */
    wide amount;
};

/* Order keys seen before row i make it part of an earlier event. */
static int told_before(const struct ledger_row *rows, size_t i, int32_t as_of)
{
    for (size_t j = 0; j < i; j++)
        if (rows[j].order == rows[i].order && rows[j].day <= as_of)
            return 1;
    return 0;
}

static struct event event_of_order(const struct ledger_row *rows, size_t n, uint64_t order,
                                   int32_t as_of, struct tallies *tallies)
{
    struct event event = {INT32_MAX, 1, 0};
    struct tally bought = {0}, back = {0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].order != order || rows[i].day > as_of)
            continue;
        event.day = rows[i].day < event.day ? rows[i].day : event.day;
        event.amount += rows[i].amount;
        struct tally *tally = rows[i].amount < 0 ? &back : &bought;
        tally->rows++;
        tally->amount += rows[i].amount;
    }
    event.bought = !(back.rows > 0 && event.amount <= 0);
    struct tally *to = event.bought ? &tallies->purchases : &tallies->cancelled;
    to->rows += bought.rows;
    to->amount += bought.amount;
    to = event.bought ? &tallies->refunds : &tallies->cancelled;
    to->rows += back.rows;
    to->amount += back.amount;
    return event;
}

static size_t events_of(const struct ledger_row *rows, size_t n, enum fold_orders orders,
                        int32_t as_of, struct event *events, struct tallies *tallies)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        int bought = rows[i].amount >= 0;
        struct event alone = {rows[i].day, bought, rows[i].amount};
        if (rows[i].day > as_of) {
            tallies->after_as_of.rows++;
            tallies->after_as_of.amount += rows[i].amount;
        } else if (orders == FOLD_WITHOUT_ORDERS || rows[i].order == 0) {
            struct tally *tally = bought ? &tallies->purchases : &tallies->refunds;
            tally->rows++;
            tally->amount += rows[i].amount;
            events[found++] = alone;
        } else if (!told_before(rows, i, as_of)) {
            events[found++] = event_of_order(rows, n, rows[i].order, as_of, tallies);
        }
    }
    return found;
}

/* Purchases (RFM_ORDERS) or days with one (RFM_DAYS) among events of the last n days. */
static uint32_t counted(const struct event *events, size_t n, const struct plan *plan, int32_t days,
                        enum rfm_frequency what)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        int again = 0;
        for (size_t j = 0; j < i; j++)
            again |= events[j].bought && events[j].day == events[i].day;
        if (events[i].bought && (int64_t)events[i].day > (int64_t)plan->as_of - days)
            count += what == RFM_ORDERS || !again;
    }
    return count;
}

static int64_t net_of(const struct event *events, size_t n, const struct plan *plan, int32_t days)
{
    wide net = 0;
    for (size_t i = 0; i < n; i++)
        if ((int64_t)events[i].day > (int64_t)plan->as_of - days)
            net += events[i].amount;
    return (int64_t)net;
}

static struct outcome slow_outcome(const struct ledger_row *rows, size_t n, enum fold_orders orders,
                                   const struct plan *plan)
{
    struct outcome out = {.seen = {.first_day = DAY_NONE, .last_day = DAY_NONE}};
    struct event events[MOST];
    size_t m = events_of(rows, n, orders, plan->as_of, events, &out.tallies);
    struct features *seen = &out.seen;
    for (size_t i = 0; i < m; i++) {
        if (!events[i].bought)
            continue;
        seen->gross += (int64_t)events[i].amount;
        if (seen->first_day == DAY_NONE || events[i].day < seen->first_day)
            seen->first_day = events[i].day;
        if (events[i].day > seen->last_day)
            seen->last_day = events[i].day;
    }
    for (size_t i = 0; i < m; i++)
        if (events[i].bought && events[i].day != seen->first_day)
            seen->repeat_spend += (int64_t)events[i].amount;
    seen->seen = m > 0;
    seen->purchase_days = counted(events, m, plan, PLAN_DAYS_ALL, RFM_DAYS);
    seen->orders = counted(events, m, plan, PLAN_DAYS_ALL, RFM_ORDERS);
    seen->rfm_frequency = counted(events, m, plan, plan->rfm_window_days, plan->rfm_frequency);
    seen->monetary_total = net_of(events, m, plan, PLAN_DAYS_ALL);
    seen->spend_365d = net_of(events, m, plan, 365);
    seen->spend_window = net_of(events, m, plan, plan->wallet_window_days);
    seen->rfm_monetary = net_of(events, m, plan, plan->rfm_window_days);
    return out;
}

static void assert_same(const struct outcome *got, const struct outcome *want)
{
    const struct features *a = &got->seen, *b = &want->seen;
    assert_int_equal(got->answer, 0);
    assert_int_equal(a->first_day, b->first_day);
    assert_int_equal(a->last_day, b->last_day);
    assert_int_equal(a->seen, b->seen);
    assert_int_equal(a->purchase_days, b->purchase_days);
    assert_int_equal(a->orders, b->orders);
    assert_int_equal(a->monetary_total, b->monetary_total);
    assert_int_equal(a->gross, b->gross);
    assert_int_equal(a->spend_365d, b->spend_365d);
    assert_int_equal(a->spend_window, b->spend_window);
    assert_int_equal(a->rfm_frequency, b->rfm_frequency);
    assert_int_equal(a->rfm_monetary, b->rfm_monetary);
    assert_int_equal(a->repeat_spend, b->repeat_spend);
    assert_memory_equal(&got->tallies, &want->tallies, sizeof got->tallies);
}

static size_t draw_rows(struct chance *chance, struct ledger_row *rows)
{
    size_t n = chance_below(chance, chance_below(chance, 8) ? 20 : MOST);
    uint64_t span = 1 + chance_below(chance, 1200), orders = 1 + chance_below(chance, 60);
    int64_t scale = chance_below(chance, 5) ? 3 : 1000000;
    int64_t least = chance_below(chance, 3) ? -scale : 0; /* purchases only go another way */
    for (size_t i = 0; i < n; i++) {
        rows[i].day = (int32_t)(1050 - (int64_t)chance_below(chance, span));
        rows[i].amount = (int64_t)chance_below(chance, (uint64_t)scale * 4) + least;
        rows[i].order =
            chance_below(chance, 4) ? chance_below(chance, orders) * 0x9e3779b97f4a7c15 : 0;
    }
    return n;
}

static struct plan draw_plan(struct chance *chance)
{
    struct plan plan = plain;
    plan.as_of = (int32_t)(900 + chance_below(chance, 160));
    plan.rfm_frequency = chance_below(chance, 2) ? RFM_DAYS : RFM_ORDERS;
    plan.rfm_window_days =
        chance_below(chance, 2) ? PLAN_DAYS_ALL : (int32_t)(1 + chance_below(chance, 900));
    plan.wallet_window_days = (int32_t)(1 + chance_below(chance, 400));
    return plan;
}

static void features_follow_the_definitions_word_by_word(void **state)
{
    (void)state;
    struct chance chance = {41};
    struct ledger_row rows[MOST];
    for (int round = 0; round < 20000; round++) {
        size_t n = draw_rows(&chance, rows);
        struct plan plan = draw_plan(&chance);
        enum fold_orders orders = round % 2 ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS;
        struct outcome got = outcome_of(rows, n, orders, &plan);
        struct outcome want = slow_outcome(rows, n, orders, &plan);
        assert_same(&got, &want);
    }
}

/* Deals rows to three folds and merges those in either order. */
static struct folded dealt(struct chance *chance, const struct ledger_row *rows, size_t n,
                           enum fold_orders orders)
{
    struct ledger_row part[3][MOST];
    size_t size[3] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t to = chance_below(chance, 3);
        part[to][size[to]++] = rows[i];
    }
    struct folded of[3], both, all;
    for (size_t i = 0; i < 3; i++)
        of[i] = folded_of(part[i], size[i], orders);
    size_t first = chance_below(chance, 3), second = (first + 1 + chance_below(chance, 2)) % 3;
    both = folded_merge(&of[first], &of[second]);
    all = chance_below(chance, 2) ? folded_merge(&both, &of[3 - first - second])
                                  : folded_merge(&of[3 - first - second], &both);
    folded_free(&both);
    for (size_t i = 0; i < 3; i++)
        folded_free(&of[i]);
    return all;
}

static void disjoint_rows_merge_in_any_order_to_the_same_features(void **state)
{
    (void)state;
    struct chance chance = {43};
    struct ledger_row rows[MOST];
    for (int round = 0; round < 5000; round++) {
        size_t n = draw_rows(&chance, rows);
        struct plan plan = draw_plan(&chance);
        enum fold_orders orders = round % 2 ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS;
        struct folded merged = dealt(&chance, rows, n, orders);
        struct outcome got = {0}, want = outcome_of(rows, n, orders, &plan);
        got.answer =
            history_features(&merged.lines, &plan, merged.scratch, &got.seen, &got.tallies);
        assert_same(&got, &want);
        folded_free(&merged);
    }
}

static void every_row_is_in_exactly_one_tally(void **state)
{
    (void)state;
    struct chance chance = {47};
    struct ledger_row rows[MOST];
    for (int round = 0; round < 5000; round++) {
        size_t n = draw_rows(&chance, rows);
        int64_t amount = 0;
        for (size_t i = 0; i < n; i++)
            amount += rows[i].amount;
        struct plan plan = draw_plan(&chance);
        struct tallies sums = outcome_of(rows, n, FOLD_BY_ORDER, &plan).tallies;
        assert_int_equal(sums.purchases.rows + sums.refunds.rows + sums.cancelled.rows +
                             sums.after_as_of.rows,
                         n);
        assert_int_equal(sums.purchases.amount + sums.refunds.amount + sums.cancelled.amount +
                             sums.after_as_of.amount,
                         amount);
    }
}

/* Order 7 nets to nothing; day 40 is after as-of 35. */
static void gaps_lie_between_purchase_days_that_count(void **state)
{
    (void)state;
    struct plan plan = plain;
    int32_t gaps[8];
    const struct ledger_row rows[] = {{10, 100, 1}, {12, 5, 7},  {13, -5, 7}, {15, 1, 2},
                                      {15, 2, 3},   {20, -1, 0}, {31, 4, 4},  {40, 1, 5}};
    plan.as_of = 35;
    for (int orders = 0; orders < 2; orders++) {
        struct folded folded = folded_of(rows, 8, orders ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS);
        size_t n = history_gaps(&folded.lines, &plan, folded.scratch, gaps);
        const int32_t want[2][3] = {{2, 3, 16}, {5, 16, 0}};
        assert_int_equal(n, orders ? 2 : 3);
        assert_memory_equal(gaps, want[orders], n * sizeof *gaps);
        plan.summary = PLAN_SUMMARY_DATED;
        assert_int_equal(history_gaps(&folded.lines, &plan, folded.scratch, gaps), 0);
        plan.summary = PLAN_LEDGER;
        folded_free(&folded);
    }
    struct folded nobody = folded_of(NULL, 0, FOLD_WITHOUT_ORDERS);
    assert_int_equal(history_gaps(&nobody.lines, &plan, nobody.scratch, gaps), 0);
    folded_free(&nobody);
}

static void gaps_add_up_to_the_span(void **state)
{
    (void)state;
    struct chance chance = {59};
    struct ledger_row rows[MOST];
    for (int round = 0; round < 500; round++) {
        size_t n = draw_rows(&chance, rows);
        int32_t gaps[MOST], sum = 0;
        enum fold_orders orders = round % 2 ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS;
        struct outcome got = outcome_of(rows, n, orders, &plain);
        struct folded folded = folded_of(rows, n, orders);
        size_t found = history_gaps(&folded.lines, &plain, folded.scratch, gaps);
        for (size_t i = 0; i < found; i++) {
            assert_true(gaps[i] > 0);
            sum += gaps[i];
        }
        assert_int_equal(found + (got.seen.purchase_days > 0), got.seen.purchase_days);
        if (found > 0)
            assert_int_equal(sum, got.seen.last_day - got.seen.first_day);
        folded_free(&folded);
    }
}

/* Another customer's lines behind his: what is there does not matter, nor how much. */
static void put_others_behind(struct folded *folded, struct chance *chance)
{
    size_t n = folded->lines.n, all = folded->lines.readable;
    for (size_t i = n; i < all; i++) {
        folded->day[i] = (int32_t)chance_below(chance, 1200);
        folded->bought[i] = (int64_t)chance_below(chance, 2) << 50;
        folded->purchases[i] = (uint32_t)chance_below(chance, 3);
    }
    folded->lines.readable = n + chance_below(chance, all - n + 1);
}

/* A history of purchases goes the short way; with order keys that say nothing, the long one. */
static void purchases_only_are_what_they_are_with_orders_unknown(void **state)
{
    (void)state;
    struct chance chance = {46};
    struct ledger_row rows[MOST];
    struct order_line scratch[MOST];
    static const uint64_t nothing[MOST];
    int32_t gaps[2][MOST];
    for (int round = 0; round < 4000; round++) {
        size_t n = draw_rows(&chance, rows);
        struct plan plan = draw_plan(&chance);
        for (size_t i = 0; i < n; i++) {
            rows[i].amount = rows[i].amount < 0 ? -rows[i].amount : rows[i].amount;
            if (round % 9 == 0)
                rows[i].amount += (int64_t)1 << (36 + chance_below(&chance, 12));
        }
        plan.as_of = round % 3 ? 1100 : plan.as_of;
        struct folded folded = folded_of(rows, n, FOLD_WITHOUT_ORDERS);
        put_others_behind(&folded, &chance);
        struct lines lines = folded.lines, long_way = lines;
        struct outcome got = {0}, want = {0};
        memset(gaps, 0, sizeof gaps);
        long_way.order = nothing;
        got.answer = history_features_gaps(&lines, &plan, &(struct history_room){scratch, gaps[0]},
                                           &got.seen, &got.tallies);
        want.answer = history_features_gaps(
            &long_way, &plan, &(struct history_room){scratch, gaps[1]}, &want.seen, &want.tallies);
        assert_same(&got, &want);
        assert_memory_equal(gaps[0], gaps[1],
                            got.seen.purchase_days ? (got.seen.purchase_days - 1) * 4 : 0);
        folded_free(&folded);
    }
}

static void columns_of_zeros_may_be_left_out(void **state)
{
    (void)state;
    struct chance chance = {53};
    struct ledger_row rows[MOST];
    for (int round = 0; round < 1000; round++) {
        size_t n = draw_rows(&chance, rows);
        for (size_t i = 0; i < n; i++)
            rows[i].amount = rows[i].amount < 0 ? -rows[i].amount : rows[i].amount;
        struct folded folded = folded_of(rows, n, round % 2 ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS);
        struct outcome with = {0}, without = {0};
        with.answer =
            history_features(&folded.lines, &plain, folded.scratch, &with.seen, &with.tallies);
        folded.lines.returned = NULL;
        folded.lines.refunds = NULL;
        without.answer = history_features(&folded.lines, &plain, folded.scratch, &without.seen,
                                          &without.tallies);
        assert_same(&with, &without);
        folded_free(&folded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_up_to_as_of_is_nobody),
        cmocka_unit_test(purchases_of_one_day_are_one_purchase_day),
        cmocka_unit_test(a_free_purchase_is_a_visit),
        cmocka_unit_test(a_customer_with_refunds_only_has_no_purchase_day),
        cmocka_unit_test(a_refund_is_no_purchase_but_lowers_the_total),
        cmocka_unit_test(windows_hold_the_days_after_as_of_minus_their_length),
        cmocka_unit_test(no_window_reaches_back_to_the_first_year),
        cmocka_unit_test(frequency_counts_orders_where_asked),
        cmocka_unit_test(the_rows_of_an_order_are_one_purchase_on_its_earliest_day),
        cmocka_unit_test(an_order_that_nets_to_nothing_is_cancelled),
        cmocka_unit_test(an_order_of_nothing_but_free_rows_is_a_purchase),
        cmocka_unit_test(a_cancellation_after_as_of_has_not_happened_yet),
        cmocka_unit_test(rows_without_an_order_id_stay_apart),
        cmocka_unit_test(a_sum_that_does_not_fit_is_said_and_leaves_the_books),
        cmocka_unit_test(features_follow_the_definitions_word_by_word),
        cmocka_unit_test(disjoint_rows_merge_in_any_order_to_the_same_features),
        cmocka_unit_test(every_row_is_in_exactly_one_tally),
        cmocka_unit_test(gaps_lie_between_purchase_days_that_count),
        cmocka_unit_test(gaps_add_up_to_the_span),
        cmocka_unit_test(purchases_only_are_what_they_are_with_orders_unknown),
        cmocka_unit_test(columns_of_zeros_may_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
