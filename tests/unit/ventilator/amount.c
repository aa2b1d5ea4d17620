/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/amount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/slow_decimal.h"
#include "ventilator/amount_guess.h"
#include "ventilator/currency.h"
#include "ventilator/plain_amount.h"

static struct slice text_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* Money of a text; INT64_MIN where it is no amount, INT64_MAX where it is too large. */
static int64_t money_of(const char *text, enum amount_mark mark)
{
    struct amount amount;
    int64_t money;
    int rounded = 0;
    if (amount_read(text_of(text), mark, &amount))
        return INT64_MIN;
    return amount_money(&amount, &money, &rounded) ? INT64_MAX : money;
}

static void assert_point(const char *text, int64_t want)
{
    int64_t got = money_of(text, AMOUNT_POINT);
    if (got != want) {
        print_error("'%s' gives %lld, wanted %lld\n", text, (long long)got, (long long)want);
        fail();
    }
}

static void assert_no_amount(const char *text)
{
    assert_point(text, INT64_MIN);
}

static void plain_numbers_are_read(void **state)
{
    (void)state;
    assert_point("0", 0);
    assert_point("12", 120000);
    assert_point("12.5", 125000);
    assert_point("12.", 120000);
    assert_point(".5", 5000);
    assert_point("0012.3400", 123400);
    assert_point("-12.34", -123400);
    assert_point("+12.34", 123400);
    assert_point("-0.00", 0);
    assert_point("99999999999.9999", INT64_C(999999999999999));
}

static void signs_parentheses_and_currencies_are_read(void **state)
{
    (void)state;
    assert_point("(12.00)", -120000);
    assert_point("( 12.00 )", -120000);
    assert_point("12.00-", -120000);
    assert_point("\u221212.00", -120000);
    assert_point("$12", 120000);
    assert_point("-$12", -120000);
    assert_point("$-12", -120000);
    assert_point("$ -12", -120000);
    assert_point("$(12.00)", -120000);
    assert_point("($12.00)", -120000);
    assert_point("12.00 \u20ac", 120000);
    assert_point("\u20ac12.00", 120000);
    assert_point("EUR 12.00", 120000);
    assert_point("12.00EUR", 120000);
    assert_point("12.00 EUR-", -120000);
    assert_point("R$ 12.00", 120000);
    assert_point("US$12.00", 120000);
    assert_point("12 kr", 120000);
    assert_point("12 kr.", 120000);
    assert_point("12.50 z\u0142", 125000);
    assert_point("  12.00\t", 120000);
}

static void thousands_are_read_in_groups(void **state)
{
    (void)state;
    assert_point("1,234", 12340000);
    assert_point("1,234.5", 12345000);
    assert_point("12,345,678.90", INT64_C(123456789000));
    assert_point("1 234.50", 12345000);
    assert_point("1\u00a0234.50", 12345000);
    assert_point("1\u202f234\u202f567", INT64_C(12345670000));
    assert_point("1'234.50", 12345000);
    assert_point("12,34,567.00", INT64_C(12345670000));
    assert_int_equal(money_of("1.234.567,89", AMOUNT_COMMA), INT64_C(12345678900));
    assert_int_equal(money_of("12,5", AMOUNT_COMMA), 125000);
    assert_int_equal(money_of("1 234,5 \u20ac", AMOUNT_COMMA), 12345000);
}

static void spreadsheets_exponents_are_read(void **state)
{
    (void)state;
    assert_point("1.2E+05", INT64_C(1200000000));
    assert_point("1E3", 10000000);
    assert_point("1.5e-3", 15);
    assert_point("1.5e-400", 0);
    assert_point("0e999999999", 0);
    assert_int_equal(money_of("1,2E+05", AMOUNT_COMMA), INT64_C(1200000000));
}

static void what_nobody_would_write_is_no_amount(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      ".",     "-",           "abc",        "1,23",   "1,2345",
        ",123",  "12,34", "0,123",       "1,23,45",    "1.2.3",  "1,234,5",
        "1..2",  "1 23",  "--1",         "(1",         "1)",     "(-1)",
        "12 34", "1e",    "1e+",         "e5",         "1'23",   "1,234'567",
        "$",     "$$1",   "EUR 1 EUR",   "nan",        "inf",    "0x10",
        "1/2",   "12%",   "1,234.567.8", "12,3456.00", "\"12\"", "1234,567.00",
        "1,,234"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_no_amount(bad[i]);
}

static void more_than_a_hundred_billion_is_too_large(void **state)
{
    (void)state;
    assert_point("100000000000", MONEY_ROW_LIMIT);
    assert_point("-100000000000.00004", -MONEY_ROW_LIMIT);
    assert_point("100000000000.0001", INT64_MAX);
    assert_point("1e400", INT64_MAX);
    assert_point("99999999999999999999999999999999999999", INT64_MAX);
    assert_no_amount("999999999999999999999999999999999999999");
}

static void halves_go_to_the_even_neighbour_and_are_counted(void **state)
{
    (void)state;
    struct amount amount;
    int64_t money;
    int rounded = 0;
    assert_point("0.00005", 0);
    assert_point("0.00015", 2);
    assert_point("0.00025", 2);
    assert_point("0.000250000000000000000000001", 3);
    assert_point("-0.00015", -2);
    assert_int_equal(amount_read(text_of("1.50000000"), AMOUNT_POINT, &amount), 0);
    assert_int_equal(amount_money(&amount, &money, &rounded), 0);
    assert_int_equal(rounded, 0);
    assert_int_equal(amount.decimals, 8);
    assert_int_equal(amount_read(text_of("1.50001"), AMOUNT_POINT, &amount), 0);
    assert_int_equal(amount_money(&amount, &money, &rounded), 0);
    assert_int_equal(rounded, 1);
}

/* A random amount: its text as somebody might write it, and its value. */
struct sample {
    char text[SLOW_DIGITS * 2];
    struct slow_decimal value;
    int negative;
};

static void random_digits(char *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (char)('0' + (rand() % 3 ? rand() % 10 : rand() % 2 ? 0 : 9));
    out[n] = '\0';
}

static char *write_whole(char *out, const char *digits, const char *group)
{
    size_t n = strlen(digits);
    for (size_t i = 0; i < n; i++) {
        if (*group && i && (n - i) % 3 == 0)
            out += sprintf(out, "%s", group);
        *out++ = digits[i];
    }
    return out;
}

static void make_sample(struct sample *sample, enum amount_mark mark)
{
    const char *groups[] = {"", mark == AMOUNT_POINT ? "," : ".", " ", "'"};
    char whole[32], fraction[40], *out = sample->text;
    int exponent = rand() % 8 ? 0 : rand() % 20 - 10;
    random_digits(whole, 1 + rand() % 13);
    random_digits(fraction, rand() % 3 ? rand() % 8 : rand() % 22);
    const char *group = whole[0] == '0' ? "" : groups[rand() % 4];
    sample->negative = rand() % 2;
    sprintf(sample->value.digit, "%s%s", whole, fraction);
    sample->value.scale = (int)strlen(fraction) - exponent;
    out += sprintf(out, "%s", sample->negative ? "-" : "");
    out += sprintf(out, "%s", rand() % 4 ? "" : "$");
    out = write_whole(out, whole, group);
    if (*fraction)
        out += sprintf(out, "%c%s", mark == AMOUNT_POINT ? '.' : ',', fraction);
    if (exponent)
        sprintf(out, "E%+03d", exponent);
}

static void random_amounts_are_those_of_school_arithmetic(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 100000; i++) {
        enum amount_mark mark = i % 2 ? AMOUNT_POINT : AMOUNT_COMMA;
        struct sample sample = {0};
        struct amount amount;
        int64_t money = 0;
        int rounded = 0, wanted_rounded = 0;
        make_sample(&sample, mark);
        int64_t want = slow_decimal_money(&sample.value, &wanted_rounded);
        assert_int_equal(amount_read(text_of(sample.text), mark, &amount), 0);
        int r = amount_money(&amount, &money, &rounded);
        if (r != (want < 0 ? AMOUNT_E_TOO_LARGE : 0) ||
            (!r && (money != (sample.negative ? -want : want) || rounded != wanted_rounded))) {
            print_error("seed 3, %d: '%s' gives %lld, wanted %lld\n", i, sample.text,
                        (long long)money, (long long)want);
            fail();
        }
    }
}

static void random_products_are_exact_before_they_are_rounded(void **state)
{
    (void)state;
    srand(4);
    for (int i = 0; i < 100000; i++) {
        struct sample a = {0}, b = {0};
        struct amount x, y;
        int64_t money = 0;
        int rounded = 0, wanted_rounded = 0;
        make_sample(&a, AMOUNT_POINT);
        make_sample(&b, AMOUNT_POINT);
        struct slow_decimal product = slow_decimal_multiply(&a.value, &b.value);
        int64_t want = slow_decimal_money(&product, &wanted_rounded);
        assert_int_equal(amount_read(text_of(a.text), AMOUNT_POINT, &x), 0);
        assert_int_equal(amount_read(text_of(b.text), AMOUNT_POINT, &y), 0);
        int r = amount_product(&x, &y, &money, &rounded);
        int64_t signed_want = a.negative != b.negative ? -want : want;
        if (r != (want < 0 ? AMOUNT_E_TOO_LARGE : 0) ||
            (!r && (money != signed_want || rounded != wanted_rounded))) {
            print_error("seed 4, %d: '%s' * '%s' gives %lld, wanted %lld\n", i, a.text, b.text,
                        (long long)money, (long long)want);
            fail();
        }
    }
}

static void the_plain_way_and_the_general_way_agree(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789..,--$ ";
    char text[24];
    int longer = 0;
    srand(5);
    for (int i = 0; i < 400000; i++) {
        size_t size = (size_t)rand() % 20;
        for (size_t j = 0; j < size; j++)
            text[j] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        text[size] = '\0';
        enum amount_mark mark = i % 2 ? AMOUNT_POINT : AMOUNT_COMMA;
        struct amount amount;
        int64_t plain, general;
        uint32_t decimals;
        int rounded = 0;
        if (!plain_amount_any(text_of(text), mark, &plain, &decimals))
            continue;
        longer += size > 9;
        assert_int_equal(amount_read(text_of(text), mark, &amount), 0);
        assert_int_equal(amount_money(&amount, &general, &rounded), 0);
        assert_int_equal(plain, general);
        assert_int_equal(decimals, amount.decimals);
        assert_int_equal(rounded, 0);
    }
    assert_true(longer > 100);
}

static void a_long_amount_is_plain_up_to_the_limit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t money; /* 0: not plain */
    } known[] = {{"123456789", INT64_C(1234567890000)},
                 {"-1234567.89", -INT64_C(12345678900)},
                 {"100000000000.000", INT64_C(1000000000000000)},
                 {"-99999999999.999", -INT64_C(999999999999990)},
                 {"100000000000.001", 0},
                 {"1000000000000000", 0},
                 {"00000000000012.50", 0},
                 {"12345.67890", 0},
                 {"1234567.8.9", 0},
                 {"1234567,89", 0},
                 {"1234567-89", 0},
                 {"--12345678", 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int64_t money = 0;
        uint32_t decimals;
        int plain = plain_amount_any(text_of(known[i].text), AMOUNT_POINT, &money, &decimals);
        assert_int_equal(plain, known[i].money != 0);
        assert_int_equal(money, known[i].money);
    }
}

/* As eight readable bytes before and behind it, whatever they are. */
static void an_amount_of_a_form_is_read_as_any_other(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789012345678901234567890123456789..,--$ ";
    char text[48];
    int formed = 0;
    srand(6);
    for (int i = 0; i < 1000000; i++) {
        size_t size = (size_t)rand() % 11;
        for (size_t j = 0; j < 16 + size; j++)
            text[j] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        enum amount_mark mark = i % 2 ? AMOUNT_POINT : AMOUNT_COMMA;
        struct slice value = {text + 8, size};
        struct plain_amount_form form;
        int64_t plain, of_form;
        uint64_t odd;
        uint32_t decimals, tried = (uint32_t)rand() % 5;
        plain_amount_form(mark, tried, &form);
        assert_int_equal(form.decimals, tried);
        int is_plain = plain_amount(value, mark, &plain, &decimals);
        of_form = plain_amount_formed(plain_amount_text(value), &form, &odd);
        if (!odd) {
            assert_true(is_plain);
            assert_int_equal(of_form, plain);
            assert_int_equal(decimals, tried);
            formed++;
        } else if (is_plain && decimals == tried) {
            assert_int_equal(((const char *)value.data)[size - 1],
                             mark == AMOUNT_POINT ? '.' : ',');
        }
    }
    assert_true(formed > 20000);
}

static enum amount_evidence slow_evidence(struct slice text)
{
    struct amount point, comma;
    int no_point = amount_read(text, AMOUNT_POINT, &point);
    int no_comma = amount_read(text, AMOUNT_COMMA, &comma);
    if (no_point || no_comma)
        return no_point && no_comma ? AMOUNT_NONE
               : no_comma           ? AMOUNT_ONLY_POINT
                                    : AMOUNT_ONLY_COMMA;
    return point.digits == comma.digits && point.scale == comma.scale ? AMOUNT_SILENT : AMOUNT_OPEN;
}

static void evidence_is_what_reading_with_either_mark_gives(void **state)
{
    (void)state;
    static const char alphabet[] = "01234567890123456789..,,- ";
    char text[16];
    int seen[AMOUNT_NONE + 1] = {0};
    srand(9);
    for (int i = 0; i < 400000; i++) {
        size_t size = (size_t)rand() % 12;
        for (size_t j = 0; j < size; j++)
            text[j] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        text[size] = '\0';
        enum amount_evidence evidence = amount_evidence(text_of(text));
        assert_int_equal(evidence, slow_evidence(text_of(text)));
        seen[evidence]++;
    }
    for (int i = 0; i <= AMOUNT_NONE; i++)
        assert_true(seen[i] > 1000);
}

static void a_text_proves_a_mark_when_only_that_one_can_read_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum amount_evidence evidence;
    } cases[] = {
        {"12", AMOUNT_SILENT},
        {"1 234", AMOUNT_SILENT},
        {"12.50", AMOUNT_ONLY_POINT},
        {"12,50", AMOUNT_ONLY_COMMA},
        {"1,234", AMOUNT_OPEN},
        {"1.234", AMOUNT_OPEN},
        {"-$1,234", AMOUNT_OPEN},
        {"0.125", AMOUNT_ONLY_POINT},
        {"1234.567", AMOUNT_ONLY_POINT},
        {"1,234.56", AMOUNT_ONLY_POINT},
        {"1.234,56", AMOUNT_ONLY_COMMA},
        {"1.234.567", AMOUNT_ONLY_COMMA},
        {"1,234,567", AMOUNT_ONLY_POINT},
        {"1.000", AMOUNT_OPEN},
        {"abc", AMOUNT_NONE},
        {"", AMOUNT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(amount_evidence(text_of(cases[i].text)), cases[i].evidence);
}

static int guess_of(const char *const *texts, size_t n, enum amount_mark *mark)
{
    struct amount_guess guess;
    const struct proof place = {.column = 1};
    amount_guess_begin(&guess);
    for (size_t i = 0; i < n; i++)
        amount_guess_see(&guess, text_of(texts[i]), &place);
    return amount_guess_end(&guess, mark);
}

static void the_mark_is_guessed_from_what_only_one_can_read(void **state)
{
    (void)state;
    enum amount_mark mark;
    static const char *const comma[] = {"1.234", "12,5", "7"};
    static const char *const open[] = {"1.234", "12", "7"};
    static const char *const mixed[] = {"1.5", "12,5", "7"};
    static const char *const silent[] = {"1", "12", "x"};
    assert_int_equal(guess_of(comma, 3, &mark), 0);
    assert_int_equal(mark, AMOUNT_COMMA);
    assert_int_equal(guess_of(open, 3, &mark), AMOUNT_GUESS_E_OPEN);
    assert_int_equal(guess_of(mixed, 3, &mark), AMOUNT_GUESS_E_MIXED);
    assert_int_equal(guess_of(silent, 3, &mark), AMOUNT_GUESS_E_SILENT);
}

static void a_sign_stands_for_its_code(void **state)
{
    (void)state;
    assert_true(currency_is(text_of("\u20ac"), "EUR"));
    assert_true(currency_is(text_of("eur"), "EUR"));
    assert_true(currency_is(text_of("$"), "USD"));
    assert_true(currency_is(text_of("$"), "$"));
    assert_false(currency_is(text_of("\u00a3"), "EUR"));
    assert_false(currency_is(text_of(""), "EUR"));
    assert_memory_equal(currency_name(text_of("\u20ac")).data, "EUR", 3);
    assert_memory_equal(currency_name(text_of("$")).data, "$", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers_are_read),
        cmocka_unit_test(signs_parentheses_and_currencies_are_read),
        cmocka_unit_test(thousands_are_read_in_groups),
        cmocka_unit_test(spreadsheets_exponents_are_read),
        cmocka_unit_test(what_nobody_would_write_is_no_amount),
        cmocka_unit_test(more_than_a_hundred_billion_is_too_large),
        cmocka_unit_test(halves_go_to_the_even_neighbour_and_are_counted),
        cmocka_unit_test(random_amounts_are_those_of_school_arithmetic),
        cmocka_unit_test(random_products_are_exact_before_they_are_rounded),
        cmocka_unit_test(the_plain_way_and_the_general_way_agree),
        cmocka_unit_test(a_long_amount_is_plain_up_to_the_limit),
        cmocka_unit_test(an_amount_of_a_form_is_read_as_any_other),
        cmocka_unit_test(evidence_is_what_reading_with_either_mark_gives),
        cmocka_unit_test(a_text_proves_a_mark_when_only_that_one_can_read_it),
        cmocka_unit_test(the_mark_is_guessed_from_what_only_one_can_read),
        cmocka_unit_test(a_sign_stands_for_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
