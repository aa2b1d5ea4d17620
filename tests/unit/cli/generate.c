/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/generate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "score/day.h"
#include "support/assert.h"

#define CUSTOMERS 20000

/* What a generated ledger says, read back without any of the product's code. */
struct row {
    unsigned id;
    int32_t day;
    int64_t cents;
    unsigned order;
};

struct truth_row {
    unsigned id;
    double lambda;
    double leaving;
    double mean_spend;
    double age_weeks;
    unsigned purchases;
    int alive;
    unsigned seen; /* purchases found in the ledger */
};

struct ledger {
    struct people people;
    char *text;
    size_t size;
    struct row *row;
    size_t n;
    struct truth_row *truth; /* sorted by id */
};

static FILE *nameless(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    return file;
}

static char *text_of(FILE *file, size_t *size)
{
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *size, file), *size);
    text[*size] = '\0';
    return text;
}

static struct row row_of(const char *line, int has_orders)
{
    struct row row = {0};
    char date[11], sign[2] = "";
    unsigned units, cents;
    int n = 0;
    if (sscanf(line, "%u,%10[0-9-],%1[-]%n", &row.id, date, sign, &n) < 3)
        assert_int_equal(sscanf(line, "%u,%10[0-9-],%n", &row.id, date, &n), 2);
    assert_int_equal(day_read(date, &row.day), 0);
    int fields = sscanf(line + n, "%u.%2u,%u", &units, &cents, &row.order);
    assert_int_equal(fields, has_orders ? 3 : 2);
    row.cents = (int64_t)units * 100 + cents;
    if (*sign)
        row.cents = -row.cents;
    return row;
}

static void read_rows(struct ledger *ledger)
{
    size_t room = 0;
    char *rest = NULL, *text = strdup(ledger->text);
    strtok_r(text, "\n", &rest);
    for (char *line; (line = strtok_r(NULL, "\n", &rest));) {
        if (ledger->n == room) {
            room = room ? room * 2 : 4096;
            ledger->row = realloc(ledger->row, room * sizeof *ledger->row);
            assert_non_null(ledger->row);
        }
        ledger->row[ledger->n++] = row_of(line, ledger->people.has_orders);
    }
    free(text);
}

static int by_id(const void *a, const void *b)
{
    unsigned x = ((const struct truth_row *)a)->id, y = ((const struct truth_row *)b)->id;
    return (x > y) - (x < y);
}

static void read_truth(struct ledger *ledger, FILE *file)
{
    size_t size, n = 0;
    char *rest = NULL, *text = text_of(file, &size);
    ledger->truth = calloc((size_t)ledger->people.customers, sizeof *ledger->truth);
    strtok_r(text, "\n", &rest);
    for (char *line; (line = strtok_r(NULL, "\n", &rest));) {
        struct truth_row *row = &ledger->truth[n++];
        assert_int_equal(sscanf(line, "%u,%lf,%lf,%lf,%lf,%u,%d", &row->id, &row->lambda,
                                &row->leaving, &row->mean_spend, &row->age_weeks, &row->purchases,
                                &row->alive),
                         7);
    }
    assert_int_equal(n, ledger->people.customers);
    free(text);
    qsort(ledger->truth, n, sizeof *ledger->truth, by_id);
}

static struct truth_row *truth_of(const struct ledger *ledger, unsigned id)
{
    struct truth_row key = {.id = id};
    struct truth_row *row =
        bsearch(&key, ledger->truth, (size_t)ledger->people.customers, sizeof key, by_id);
    assert_non_null(row);
    return row;
}

static struct ledger ledger_of(struct people people)
{
    struct ledger ledger = {.people = people};
    FILE *rows = nameless(), *truth = nameless();
    assert_int_equal(generate_ledger(&people, fileno(rows), truth), 0);
    ledger.text = text_of(rows, &ledger.size);
    read_rows(&ledger);
    read_truth(&ledger, truth);
    for (size_t i = 0; i < ledger.n; i++)
        if (ledger.row[i].cents >= 0)
            truth_of(&ledger, ledger.row[i].id)->seen++;
    fclose(truth);
    fclose(rows);
    return ledger;
}

static void forget(struct ledger *ledger)
{
    free(ledger->truth);
    free(ledger->row);
    free(ledger->text);
}

static struct people some_people(void)
{
    struct people people = people_default();
    people.customers = CUSTOMERS;
    people.seed = 11;
    return people;
}

static struct digest digest_drawn(struct people people)
{
    struct ledger ledger = ledger_of(people);
    struct digest digest = digest_of(ledger.text, ledger.size);
    forget(&ledger);
    return digest;
}

static void a_seed_gives_the_same_bytes_and_another_seed_others(void **state)
{
    struct people people = some_people();
    const struct ledger *drawn_before = *state;
    struct digest first = digest_of(drawn_before->text, drawn_before->size);
    assert_true(digest_same(first, digest_drawn(people)));
    people.seed++;
    assert_false(digest_same(first, digest_drawn(people)));
}

static void rows_are_sorted_by_date_and_not_by_customer(void **state)
{
    const struct ledger *ledger = *state;
    size_t rising = 0, same_day = 0;
    for (size_t i = 1; i < ledger->n; i++) {
        assert_true(ledger->row[i].day >= ledger->row[i - 1].day);
        same_day += ledger->row[i].day == ledger->row[i - 1].day;
        rising += ledger->row[i].day == ledger->row[i - 1].day &&
                  ledger->row[i].id > ledger->row[i - 1].id;
    }
    assert_int_equal(ledger->row[0].day, ledger->people.first_day);
    assert_int_equal(ledger->row[ledger->n - 1].day,
                     ledger->people.first_day + ledger->people.days - 1);
    /* a fair coin for each pair of neighbours, but for those of one customer */
    assert_within((double)rising / (double)same_day, 0.5, 0.02);
}

static void the_truth_names_each_customer_once_and_counts_his_rows(void **state)
{
    const struct ledger *ledger = *state;
    for (int i = 0; i < CUSTOMERS; i++) {
        const struct truth_row *row = &ledger->truth[i];
        if (i > 0)
            assert_true(row->id > ledger->truth[i - 1].id);
        assert_in_range(row->id, 1000000, 99999999);
        assert_int_equal(row->seen, row->purchases);
        assert_true(row->purchases >= 1);
        assert_true(row->purchases > 1 || row->alive);
        assert_true(row->lambda > 0 && row->leaving >= 0 && row->leaving <= 1);
    }
}

/* A sum of independent terms, each minus its expectation: 0 within five standard errors, estimated
 * from the terms themselves. */
struct residual {
    double sum;
    double squares;
};

static void add(struct residual *residual, double term)
{
    residual->sum += term;
    residual->squares += term * term;
}

static void vanishes(struct residual residual)
{
    assert_within(residual.sum, 0, 5 * sqrt(residual.squares));
}

static void customers_are_drawn_from_the_population(void **state)
{
    const struct ledger *ledger = *state;
    const struct people *p = &ledger->people;
    struct residual lambda = {0}, leaving = {0}, spend = {0}, joined = {0};
    for (int i = 0; i < CUSTOMERS; i++) {
        const struct truth_row *row = &ledger->truth[i];
        add(&lambda, row->lambda - p->r / p->alpha);
        add(&leaving, row->leaving - p->a / (p->a + p->b));
        add(&spend, row->mean_spend - p->p * p->v / (p->q - 1));
        add(&joined, p->days - row->age_weeks * 7 - p->joining_days / 2.0);
    }
    vanishes(lambda);
    vanishes(leaving);
    vanishes(spend);
    vanishes(joined);
}

/* Given lambda, p and T: E[X] = (1 - e^(-lambda p T)) / p, P(alive) = e^(-lambda p T). Fader, Hardie
 * & Lee 2005, equations 4 and 9 before mixing. */
static void each_buys_and_leaves_as_his_rates_say(void **state)
{
    const struct ledger *ledger = *state;
    struct residual repeats = {0}, alive = {0};
    for (int i = 0; i < CUSTOMERS; i++) {
        const struct truth_row *row = &ledger->truth[i];
        double left = -expm1(-row->lambda * row->leaving * row->age_weeks);
        double expected = row->leaving > 0 ? left / row->leaving : row->lambda * row->age_weeks;
        add(&repeats, row->purchases - 1 - expected);
        add(&alive, row->alive - (1 - left));
    }
    vanishes(repeats);
    vanishes(alive);
}

static void amounts_vary_as_gamma_about_their_customers_mean(void **state)
{
    const struct ledger *ledger = *state;
    struct residual mean = {0}, variance = {0};
    for (size_t i = 0; i < ledger->n; i++) {
        double relative =
            (double)ledger->row[i].cents / 100 / truth_of(ledger, ledger->row[i].id)->mean_spend -
            1;
        add(&mean, relative);
        add(&variance, relative * relative - 1 / ledger->people.p);
    }
    vanishes(mean);
    vanishes(variance);
}

static void a_million_customers_give_about_ten_million_rows(void **state)
{
    const struct ledger *ledger = *state;
    double rows = (double)ledger->n / CUSTOMERS, bytes = (double)ledger->size / (double)ledger->n;
    assert_within(rows, 10.0, 0.5);
    assert_within(bytes, 26.5, 1.0);
}

static void a_refund_belongs_to_an_earlier_order_of_its_customer(void **state)
{
    (void)state;
    struct people people = some_people();
    people.refund_millionths = 50000;
    people.has_orders = 1;
    struct ledger ledger = ledger_of(people);
    const struct row **purchase = calloc(ledger.n + 1, sizeof *purchase);
    struct residual given_back = {0};
    size_t partial = 0, refunds = 0;
    int32_t safe = people.first_day + people.days - 31;
    for (size_t i = 0; i < ledger.n; i++) {
        const struct row *row = &ledger.row[i];
        if (row->cents >= 0) {
            assert_null(purchase[row->order]);
            purchase[row->order] = row;
            if (row->day <= safe)
                add(&given_back, -0.05);
            continue;
        }
        const struct row *bought = purchase[row->order];
        assert_non_null(bought);
        assert_int_equal(bought->id, row->id);
        assert_in_range(row->day - bought->day, 1, 30);
        assert_true(-row->cents <= bought->cents);
        partial += -row->cents < bought->cents;
        refunds++;
        if (bought->day <= safe) { /* its term was -.05 and is .95 */
            given_back.sum += 1;
            given_back.squares += 0.95 * 0.95 - 0.05 * 0.05;
        }
    }
    vanishes(given_back);
    assert_within((double)partial / (double)refunds, 0.5, 5 * 0.5 / sqrt((double)refunds));
    free(purchase);
    forget(&ledger);
}

static void names_are_distinct_whatever_the_seed(void **state)
{
    (void)state;
    enum { N = 200000 };
    static unsigned char taken[100000000 / 8];
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct people people = {.customers = N, .seed = seed};
        struct people_names names = people_names_of(&people);
        memset(taken, 0, sizeof taken);
        for (uint32_t i = 0; i < N; i++) {
            uint64_t name = people_name(&names, i);
            assert_in_range(name, 1000000, 99999999);
            assert_false(taken[name / 8] >> (name % 8) & 1);
            taken[name / 8] = (unsigned char)(taken[name / 8] | 1u << (name % 8));
        }
    }
}

/* Pinned, because "the same bytes on every host" is a promise: any compiler, at any level of
 * optimisation, on any processor. It changes only with the generator's design. */
static void the_bytes_are_these(void **state)
{
    (void)state;
    char text[DIGEST_TEXT];
    struct people people = some_people();
    people.customers = 2000;
    people.refund_millionths = 20000;
    people.has_orders = 1;
    digest_print(digest_drawn(people), text);
    assert_string_equal(text, "52877bf0d1b75e78cc97bef0f5de7bb7");
}

/* One ledger for all tests that only look. */
static int draw_once(void **state)
{
    struct ledger *ledger = malloc(sizeof *ledger);
    if (ledger)
        *ledger = ledger_of(some_people());
    *state = ledger;
    return ledger ? 0 : -1;
}

static int forget_it(void **state)
{
    forget(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_bytes_and_another_seed_others),
        cmocka_unit_test(rows_are_sorted_by_date_and_not_by_customer),
        cmocka_unit_test(the_truth_names_each_customer_once_and_counts_his_rows),
        cmocka_unit_test(customers_are_drawn_from_the_population),
        cmocka_unit_test(each_buys_and_leaves_as_his_rates_say),
        cmocka_unit_test(amounts_vary_as_gamma_about_their_customers_mean),
        cmocka_unit_test(a_million_customers_give_about_ten_million_rows),
        cmocka_unit_test(a_refund_belongs_to_an_earlier_order_of_its_customer),
        cmocka_unit_test(names_are_distinct_whatever_the_seed),
        cmocka_unit_test(the_bytes_are_these),
    };
    return cmocka_run_group_tests(tests, draw_once, forget_it);
}
