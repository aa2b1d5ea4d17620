/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every repeat-buying model, whoever the customer. */
#include <math.h>
#include <string.h>

#include "score/churn_memory.h"
#include "support/assert.h"

#define CUSTOMERS 40
#define ROUNDING  1e-11 /* relative, of numbers that are right to 1e-10 at least */

static double drawn(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*seed >> 11) * 0x1p-53;
}

static double drawn_between(uint64_t *seed, double least, double most)
{
    return least * pow(most / least, drawn(seed));
}

/* Parameters as fits of real ledgers have them, and somewhat beyond; time in weeks. */
static struct churn_model drawn_model(uint64_t *seed, enum churn_kind kind)
{
    struct churn_model model = {kind, 1, {0}};
    model.parameter[0] = drawn_between(seed, 0.05, 20);
    model.parameter[1] = drawn_between(seed, 0.3, 100);
    if (churn_parameters(kind) == CHURN_PARAMETERS) {
        model.parameter[2] = drawn_between(seed, 0.05, 5);
        model.parameter[3] = drawn_between(seed, 0.1, kind == CHURN_PNBD ? 100 : 20);
    }
    if (kind == CHURN_BGCNBD || kind == CHURN_MBGCNBD)
        model.regularity = 1 + (int32_t)(5 * drawn(seed));
    return model;
}

static struct repeat drawn_seen(uint64_t *seed)
{
    struct repeat seen = {.age_days = 1 + (int32_t)drawn_between(seed, 1, 1500)};
    seen.x = (uint32_t)(drawn(seed) * drawn(seed) * (seen.age_days < 60 ? seen.age_days : 60));
    if (seen.x > 0)
        seen.span_days =
            (int32_t)seen.x + (int32_t)(drawn(seed) * (seen.age_days - (int32_t)seen.x));
    return seen;
}

/* A law is broken by failing an assertion. */
static void check_all(void (*law)(const struct churn_model *model, struct repeat seen))
{
    uint64_t seed = 17;
    for (int kind = CHURN_NONE + 1; kind <= CHURN_MBGCNBD; kind++)
        for (int i = 0; i < CUSTOMERS && churn_kind_supported((enum churn_kind)kind); i++) {
            struct churn_model model = drawn_model(&seed, (enum churn_kind)kind);
            law(&model, drawn_seen(&seed));
        }
}

static struct churn_outlook outlook_of(const struct churn_model *model, struct repeat seen,
                                       int32_t days)
{
    struct churn_horizon horizon = {days, days, 0.01};
    return churn_outlook(model, seen, &horizon);
}

static void probabilities_are_probabilities(const struct churn_model *model, struct repeat seen)
{
    struct churn_outlook outlook = outlook_of(model, seen, 400);
    assert_true(outlook.p_alive >= 0 && outlook.p_alive <= 1);
    assert_true(outlook.churn_prob >= 0 && outlook.churn_prob <= 1);
    assert_true(outlook.churn_prob >= (1 - outlook.p_alive) * (1 - ROUNDING));
    assert_true(outlook.p_alive == churn_alive(model, seen));
}

/* Whoever buys at all buys once at least, and at most at the expected rate. */
static void activity_and_expectation_fit(const struct churn_model *model, struct repeat seen)
{
    for (int32_t days = 1; days < 5000; days *= 5) {
        struct churn_outlook outlook = outlook_of(model, seen, days);
        assert_true(1 - outlook.churn_prob <= outlook.expected_purchases + ROUNDING);
        assert_true(outlook.discounted <= outlook.expected_purchases);
        assert_true(outlook.discounted >= outlook.expected_purchases * pow(1.01, -days / 30. - 1));
        assert_true(outlook.expected_purchases == churn_expected(model, seen, days));
    }
}

static void a_longer_horizon_has_more_in_it(const struct churn_model *model, struct repeat seen)
{
    struct churn_outlook before = outlook_of(model, seen, 0);
    assert_true(before.expected_purchases == 0 && before.discounted == 0);
    for (int32_t days = 1; days < 8000; days += 1 + days) {
        struct churn_outlook now = outlook_of(model, seen, days);
        assert_true(now.expected_purchases >= before.expected_purchases * (1 - ROUNDING));
        assert_true(now.discounted >= before.discounted * (1 - ROUNDING));
        assert_true(now.churn_prob <= before.churn_prob * (1 + ROUNDING));
        before = now;
    }
    assert_true(before.expected_purchases > 0);
}

static void silence_makes_him_likelier_gone(const struct churn_model *model, struct repeat seen)
{
    double before = 1;
    for (seen.age_days = seen.span_days; seen.age_days < 20000; seen.age_days += 97) {
        double alive = churn_alive(model, seen);
        assert_true(alive <= before * (1 + ROUNDING));
        before = alive;
    }
}

static struct repeat stretched(struct repeat seen, int32_t times)
{
    return (struct repeat){seen.x, times * seen.span_days, times * seen.age_days};
}

/* Days may be called hours: with every time, alpha and beta so many times as long nothing changes,
 * but for L, which has the dimension of time^-kx. */
static void the_unit_of_time_does_not_matter(const struct churn_model *model, struct repeat seen)
{
    const int32_t times = 7;
    struct churn_model slow = *model;
    slow.parameter[1] *= times;
    if (model->kind == CHURN_PNBD)
        slow.parameter[3] *= times;
    struct repeat late = stretched(seen, times);
    struct churn_outlook one = outlook_of(model, seen, 300);
    struct churn_outlook other = outlook_of(&slow, late, 300 * times);
    assert_within(other.p_alive, one.p_alive, ROUNDING * one.p_alive);
    assert_within(other.churn_prob, one.churn_prob, ROUNDING * one.churn_prob);
    assert_within(other.expected_purchases, one.expected_purchases,
                  ROUNDING * one.expected_purchases);
    double events = (double)model->regularity * seen.x;
    double likelihood = churn_log_likelihood(model, seen) - events * log(times);
    assert_within(churn_log_likelihood(&slow, late), likelihood,
                  ROUNDING * (1 + fabs(likelihood) + events));
}

static void check_remembered(const struct churn_model *model, const struct churn_memory *memory,
                             const struct repeat *seen, size_t n)
{
    const struct churn_horizon horizon = {400, 90, 0.01};
    struct churn_outlooks got;
    churn_outlooks(model, seen, n, &horizon, memory, &got);
    for (size_t i = 0; i < n; i++) {
        struct churn_outlook fresh = churn_outlook(model, seen[i], &horizon);
        assert_memory_equal(&fresh.p_alive, &got.p_alive[i], sizeof(double));
        assert_memory_equal(&fresh.churn_prob, &got.churn_prob[i], sizeof(double));
        assert_memory_equal(&fresh.expected_purchases, &got.expected_purchases[i], sizeof(double));
        assert_memory_equal(&fresh.discounted, &got.discounted[i], sizeof(double));
        for (int j = 0; j < memory->n_moved; j++) {
            fresh = churn_outlook(&memory->moved[j], seen[i], &horizon);
            assert_memory_equal(&fresh.discounted, &got.moved[j][i], sizeof(double));
        }
    }
}

/* By handfuls of all sizes, with memories too small, and with none. */
static void remembering_changes_nothing(const struct churn_model *model, struct repeat seen)
{
    struct churn_memory_slot slots[16] = {{0}};
    struct churn_memory_shelf shelf = {{{0}}};
    struct churn_model moved[3] = {*model, *model, *model};
    struct churn_memory memory = {
        .slot = slots, .n = 16, .shelf = &shelf, .shelves = 1, .moved = moved, .n_moved = 3};
    moved[0].parameter[0] *= 1.01;
    moved[1].parameter[1] *= 0.98;
    moved[2].parameter[2] *= 1.02;
    for (size_t n = 1; n <= CHURN_HANDFUL; n += 1 + n / 2) {
        struct repeat handful[CHURN_HANDFUL];
        for (size_t i = 0; i < n; i++) {
            int32_t less = (int32_t)(i % 3);
            handful[i] = seen;
            handful[i].span_days -= less < seen.span_days ? less : 0;
            handful[i].age_days += (int32_t)(i % 2);
        }
        memory.shelves = n == 2 ? 0 : 1;
        check_remembered(model, &memory, handful, n);
    }
    const struct churn_memory none = {.moved = moved, .n_moved = 3};
    check_remembered(model, &none, &seen, 1);
}

#define LAW(name)                                                                                  \
    static void name##_always(void **state)                                                        \
    {                                                                                              \
        (void)state;                                                                               \
        check_all(name);                                                                           \
    }
LAW(probabilities_are_probabilities)
LAW(activity_and_expectation_fit)
LAW(a_longer_horizon_has_more_in_it)
LAW(silence_makes_him_likelier_gone)
LAW(the_unit_of_time_does_not_matter)
LAW(remembering_changes_nothing)

/* A model that is another one at a limit of its parameters, there; for customers who have not been
 * silent for long, as silence of a regular buyer outdoes any faith in a model. */
static void check_limit(const struct churn_model *of, const struct churn_model *limit)
{
    const double tolerance = 1e-7;
    uint64_t seed = 5;
    for (int i = 0; i < CUSTOMERS; i++) {
        struct repeat seen = drawn_seen(&seed);
        seen.span_days = seen.x ? seen.age_days - seen.age_days / 8 : 0;
        struct churn_outlook got = outlook_of(of, seen, 200), want = outlook_of(limit, seen, 200);
        assert_within(got.p_alive, want.p_alive, tolerance);
        assert_within(got.churn_prob, want.churn_prob, tolerance);
        assert_within(got.expected_purchases, want.expected_purchases,
                      tolerance * want.expected_purchases);
        assert_within(churn_log_likelihood(of, seen), churn_log_likelihood(limit, seen), tolerance);
    }
}

/* Every event a purchase. */
static void with_a_regularity_of_1_nothing_is_regular(void **state)
{
    (void)state;
    uint64_t seed = 29;
    for (int i = 0; i < CUSTOMERS; i++) {
        struct churn_model regular = drawn_model(&seed, i % 2 ? CHURN_MBGCNBD : CHURN_BGCNBD);
        struct repeat seen = drawn_seen(&seed);
        regular.regularity = 1;
        struct churn_model plain = regular;
        plain.kind = i % 2 ? CHURN_MBGNBD : CHURN_BGNBD;
        struct churn_outlook got = outlook_of(&regular, seen, 200);
        struct churn_outlook want = outlook_of(&plain, seen, 200);
        assert_true(got.p_alive == want.p_alive && got.discounted == want.discounted);
        assert_true(got.expected_purchases == want.expected_purchases);
        assert_within(got.churn_prob, want.churn_prob, ROUNDING * want.churn_prob);
        assert_true(churn_log_likelihood(&regular, seen) == churn_log_likelihood(&plain, seen));
    }
}

static void a_regularity_out_of_range_is_no_model(void **state)
{
    (void)state;
    struct churn_model model = {CHURN_MBGCNBD, 0, {0.8, 6, 0.5, 2}};
    assert_true(churn_alive(&model, (struct repeat){3, 20, 56}) == 0);
    model.regularity = CHURN_REGULARITY_MOST + 1;
    assert_true(outlook_of(&model, (struct repeat){3, 20, 56}, 70).expected_purchases == 0);
}

/* Nobody is gone, P(alive) is 1, and all expect (r + x) t / (alpha + T). */
static void without_dropping_out_it_is_nbd(void **state)
{
    (void)state;
    const struct churn_model nbd = {CHURN_NBD, 1, {0.8, 6}};
    const struct churn_model near[] = {
        {CHURN_BGNBD, 1, {0.8, 6, 1e-12, 2}},
        {CHURN_MBGNBD, 1, {0.8, 6, 1e-12, 2}},
        {CHURN_PNBD, 1, {0.8, 6, 1e-12, 30}},
        {CHURN_PNBD, 1, {0.8, 6, 2, 1e12}},
    };
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (churn_kind_supported(near[i].kind))
            check_limit(&near[i], &nbd);
}

static void nbd_is_what_it_says(void **state)
{
    (void)state;
    const struct churn_model nbd = {CHURN_NBD, 1, {0.8, 6}};
    struct churn_outlook outlook = outlook_of(&nbd, (struct repeat){3, 20, 56}, 70);
    assert_true(outlook.p_alive == 1);
    assert_close(outlook.expected_purchases, 3.8 * 10 / 14, 4);
    assert_close(outlook.churn_prob, pow(14.0 / 24, 3.8), 8);
    /* Two whole months of 30.4375 days and the rest of 70 days, at 1 percent. */
    double month = 3.8 * 30.4375 / 7 / 14, rest = 3.8 * 9.125 / 7 / 14;
    assert_close(outlook.discounted, month / 1.01 + month / 1.0201 + rest / 1.030301, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_are_probabilities_always),
        cmocka_unit_test(activity_and_expectation_fit_always),
        cmocka_unit_test(a_longer_horizon_has_more_in_it_always),
        cmocka_unit_test(silence_makes_him_likelier_gone_always),
        cmocka_unit_test(the_unit_of_time_does_not_matter_always),
        cmocka_unit_test(remembering_changes_nothing_always),
        cmocka_unit_test(without_dropping_out_it_is_nbd),
        cmocka_unit_test(with_a_regularity_of_1_nothing_is_regular),
        cmocka_unit_test(a_regularity_out_of_range_is_no_model),
        cmocka_unit_test(nbd_is_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
