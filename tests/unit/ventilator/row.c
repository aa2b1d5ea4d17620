/* SPDX-License-Identifier: Apache-2.0 */
/* What a row can be, seen through a whole reading. */
#include "ventilator/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "score/purchase.h"
#include "support/assert.h"
#include "support/reading.h"

static void run(struct reading *reading, const char *text)
{
    reading_begin(reading);
    reading_text(reading, text);
    if (reading_run(reading))
        fail_msg("said: %s", reading->words.text);
}

/* The only row that was accepted. */
static const struct spooled_row *only_row(struct reading *reading)
{
    size_t n;
    const struct spooled_row *rows = spool_memory_rows(reading->segment, &n);
    assert_int_equal(n, 1);
    return rows;
}

static void an_accepted_row_goes_to_the_shard_of_its_hash(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date,amount,order_id\n  a b ,2020-01-31,-2.50,o1\n");
    const struct spooled_row *row = only_row(&reading);
    assert_string_equal(row->id, "  a b ");
    assert_int_equal(row->shard, hash_shard(hash_customer("  a b ", 6), 4));
    assert_int_equal(row->day, reading_day("2020-01-31"));
    assert_int_equal(row->amount, -25000);
    assert_int_equal(row->order, hash_order("o1", 2));
    reading_end(&reading);
}

static void quoted_ids_are_bytes_after_unquoting(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date\n\"a\"\"b,\nc\",\"2020-01-31\"\n");
    assert_string_equal(only_row(&reading)->id, "a\"b,\nc");
    assert_int_equal(only_row(&reading)->has_order, 0);
    reading_end(&reading);
}

static void an_empty_order_is_an_order_of_its_own(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date,order_id\nx,2020-01-31,\n");
    assert_int_equal(only_row(&reading)->has_order, 1);
    assert_int_equal(only_row(&reading)->order, 0);
    reading_end(&reading);
}

static void a_row_without_customer_is_an_anonymous_sale(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date,amount\n,2020-01-31,2.50\n  ,2020-01-31,1\n\\N,x,-0.50\n"
                  "\"\",2020-01-31,soon\ny,2020-01-31,1\n");
    assert_int_equal(reading.facts->anonymous.rows, 4);
    assert_int_equal(reading.facts->anonymous.amount, 30000);
    assert_int_equal(facts_rejects(reading.facts), 0);
    assert_int_equal(reading.facts->rows_in, 5);
    assert_int_equal(reading.facts->accepted, 1);
    reading_end(&reading);
}

static void a_product_of_columns_is_exact_before_it_is_rounded(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date,quantity,unit_price\nx,2020-01-31,-3,0.33335\n");
    assert_int_equal(only_row(&reading)->amount, -10000); /* 1.00005, half to even */
    assert_int_equal(reading.facts->rounded, 1);
    assert_int_equal(reading.facts->decimals, 4);
    reading_end(&reading);
}

static void a_ledger_without_amounts_is_read(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date\nx,2020-01-31\n");
    assert_int_equal(only_row(&reading)->amount, 0);
    assert_int_equal(reading.facts->has_amount, 0);
    assert_int_equal(reading.facts->decimals, 0);
    reading_end(&reading);
}

static void decimals_are_the_most_of_an_accepted_row(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date,amount\nx,2020-01-31,2.5\ny,2020-01-31,2.50\n"
                  ",2020-01-31,1.2345\nz,2020-02-30,1.234\n");
    assert_int_equal(reading.facts->decimals, 2);
    reading_end(&reading);
    /* One that is not accepted comes first. */
    run(&reading,
        "customer_id,date,amount\nx,2020-01-31,2.5\n,2020-01-31,1.25\ny,2020-01-31,2.75\n");
    assert_int_equal(reading.facts->decimals, 2);
    reading_end(&reading);
}

/* What a row of its own is refused for, between good ones. */
static void assert_reject(const char *row, enum reject_code code, const char *column,
                          const char *value)
{
    char text[1024];
    struct reading reading;
    int n = snprintf(text, sizeof text, "customer_id,date,amount\nx,2020-01-31,2.50\n%s\n", row);
    for (int i = 0; i < 10; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "y,2020-02-01,1.5\n");
    run(&reading, text);
    assert_int_equal(reading.facts->accepted, 11);
    assert_int_equal(reading.facts->rejected[code], 1);
    assert_int_equal(rejects_size(reading.facts->rejects), 1);
    struct reject reject = rejects_at(reading.facts->rejects, 0);
    assert_int_equal(reject.code, code);
    assert_int_equal(reject.line, 3);
    assert_int_equal(reject.offset, 42);
    assert_int_equal(reject.column.size, strlen(column));
    assert_memory_equal(reject.column.data, column, strlen(column));
    assert_int_equal(reject.value.size, strlen(value));
    assert_memory_equal(reject.value.data, value, strlen(value));
    assert_int_equal(reject.raw.size, strlen(row));
    assert_memory_equal(reject.raw.data, row, strlen(row));
    reading_end(&reading);
}

static void what_cannot_be_read_is_a_reject_with_its_place(void **state)
{
    (void)state;
    assert_reject("z,2020-01-31", REJECT_WRONG_FIELD_COUNT, "", "");
    assert_reject("z,2020-01-31,1,2", REJECT_WRONG_FIELD_COUNT, "", "");
    assert_reject("\"z\"z,2020-01-31,1", REJECT_BAD_QUOTE, "", "");
    assert_reject("z,,1", REJECT_NULL_DATE, "date", "");
    assert_reject("z,31/01/2020,1", REJECT_BAD_DATE, "date", "31/01/2020");
    assert_reject("z,2020-02-30,1", REJECT_IMPOSSIBLE_DATE, "date", "2020-02-30");
    assert_reject("z,2024-01-02,1", REJECT_FUTURE_DATE, "date", "2024-01-02");
    assert_reject("z,2020-01-31,", REJECT_NULL_AMOUNT, "amount", "");
    assert_reject("z,2020-01-31,x", REJECT_BAD_AMOUNT, "amount", "x");
    assert_reject("z,2020-01-31,\"1,5\"", REJECT_BAD_AMOUNT, "amount", "1,5");
    assert_reject("z,2020-01-31,1e12", REJECT_AMOUNT_TOO_LARGE, "amount", "1e12");
    assert_reject("\xff,2020-01-31,1", REJECT_INVALID_UTF8, "customer_id", "\xff");
    assert_reject("\xed\xa0\x80,2020-01-31,1", REJECT_INVALID_UTF8, "customer_id", "\xed\xa0\x80");
    assert_reject("\"z,2020-01-31,1", REJECT_UNCLOSED_QUOTE, "", "");
}

static void a_nul_byte_is_a_reject(void **state)
{
    (void)state;
    char text[1200];
    struct reading reading;
    int n = snprintf(text, sizeof text, "customer_id,date\n");
    for (int i = 0; i < 40; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "x%02d,2020-01-31\n", i);
    text[n - 12] = '\0';
    reading_begin(&reading);
    reading_file(&reading, text, (size_t)n);
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->rejected[REJECT_NUL_BYTE], 1);
    assert_int_equal(reading.facts->accepted, 39);
    reading_end(&reading);
}

static void an_id_may_have_4096_bytes_and_no_more(void **state)
{
    (void)state;
    static char text[10000];
    struct reading reading;
    char *at = text + sprintf(text, "customer_id,date\n");
    for (size_t size = CUSTOMER_ID_LIMIT; size <= CUSTOMER_ID_LIMIT + 1; size++) {
        memset(at, 'x', size);
        at += size;
        at += sprintf(at, ",2020-01-31\n");
    }
    run(&reading, text);
    assert_int_equal(only_row(&reading)->id_size, CUSTOMER_ID_LIMIT);
    assert_int_equal(reading.facts->rejected[REJECT_ID_TOO_LONG], 1);
    reading_end(&reading);
}

static void a_value_that_no_sample_explains_is_a_reject(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    size_t size = 4 << 20, n = 0;
    char *text = malloc(size);
    n += (size_t)sprintf(text, "customer_id;date;amount\n");
    while (n < size - 300000)
        n += (size_t)sprintf(text + n, "x;2020-01-31;12\n");
    memcpy(text + 300000 / 16 * 16 + 24, "y;2020-01-31;1,234\n", 19);
    text[n] = '\0';
    reading_text(&reading, text);
    int r = reading_run(&reading);
    if (r)
        fail_msg("said: %s", reading.words.text);
    assert_int_equal(reading.facts->rejected[REJECT_OPEN_DECIMAL], 1);
    reading_end(&reading);
    free(text);
}

static void excluded_rows_are_counted_with_their_amount(void **state)
{
    (void)state;
    struct reading reading;
    const char *excludes[] = {"status=test,void", "shop=9"};
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount,status,shop\nx,2020-01-31,1,ok,1\n"
                           "y,2020-01-31,2,test,1\n,bad,4,void,1\nz,2020-01-31,x,ok,9\n");
    reading.settings.excludes = excludes;
    reading.settings.n_excludes = 2;
    assert_int_equal(reading_run(&reading), 0);
    assert_string_equal(only_row(&reading)->id, "x");
    assert_int_equal(reading.facts->left_out[LEFT_OUT_COLUMN].rows, 3);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_COLUMN].amount, 60000);
    assert_int_equal(facts_rejects(reading.facts), 0);
    reading_end(&reading);
}

static void excluded_customers_are_left_out(const char *list)
{
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,1\ny,2020-01-31,2\n"
                           "\"a,b\",2020-01-31,4\n");
    reading.settings.exclude_customers = reading_other_file(&reading, list);
    if (reading_run(&reading))
        fail_msg("said: %s", reading.words.text);
    assert_string_equal(only_row(&reading)->id, "x");
    assert_int_equal(reading.facts->left_out[LEFT_OUT_CUSTOMER].rows, 2);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_CUSTOMER].amount, 60000);
    reading_end(&reading);
}

static void a_list_of_customers_may_be_lines_or_a_csv(void **state)
{
    (void)state;
    excluded_customers_are_left_out("y\n\"a,b\"\nnobody\n");
    excluded_customers_are_left_out("y\r\n\r\na,b");
    excluded_customers_are_left_out("reason,customer_id\nspam,y\nother,\"a,b\"\n");
    excluded_customers_are_left_out("CustomerID;reason\ny;spam\na,b;\n");
}

static void a_sample_keeps_customers_by_their_seeded_hash(void **state)
{
    (void)state;
    static char text[40000];
    struct reading reading;
    char *at = text + sprintf(text, "customer_id,date\n");
    unsigned want = 0;
    for (int i = 0; i < 1000; i++) {
        char id[16];
        int n = sprintf(id, "c%d", i);
        want += hash_customer_seeded(id, (size_t)n, HASH_KEEP_SEED) < UINT64_MAX / 4;
        at += sprintf(at, "%s,2020-01-31\n%s,2020-02-01\n", id, id);
    }
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.settings.sample_millionths = 250000;
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->accepted, 2 * want);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_SAMPLE].rows, 2000 - 2 * want);
    assert_in_range(want, 200, 300);
    reading_end(&reading);
}

/* Also where nothing but numbers and dates is in the way of the quickest reading. */
static void a_number_and_a_date_may_stand_for_nothing(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading.settings.null_list = "0.00,1970-01-01";
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,0.00\ny,1970-01-01,2\n"
                           "z,2020-01-31,4\n");
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->accepted, 1);
    assert_int_equal(reading.facts->rejected[REJECT_NULL_AMOUNT], 1);
    assert_int_equal(reading.facts->rejected[REJECT_NULL_DATE], 1);
    reading_end(&reading);
}

static void two_currencies_are_refused_unless_one_is_named(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount,currency\nx,2020-01-31,1,EUR\n"
                           "y,2020-01-31,2,eur\nz,2020-01-31,4,\nw,2020-01-31,8,USD\n");
    assert_int_equal(reading_run(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "ledger0.csv:2"));
    assert_non_null(strstr(reading.words.text, "ledger0.csv:5"));
    assert_non_null(strstr(reading.words.text, "--currency"));
    reading.settings.currency = "EUR";
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->accepted, 2);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_CURRENCY].rows, 2);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_CURRENCY].amount, 120000);
    reading_end(&reading);
}

static void two_currency_signs_are_refused_unless_one_is_named(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,$1\ny,2020-01-31,2\n"
                           "z,2020-01-31,\u20ac4\n");
    assert_int_equal(reading_run(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "--currency"));
    reading.settings.currency = "USD";
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->accepted, 2);
    assert_int_equal(reading.facts->left_out[LEFT_OUT_CURRENCY].amount, 40000);
    reading_end(&reading);
}

static void offsets_that_differ_need_a_time_zone(void **state)
{
    (void)state;
    size_t n;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date\nx,2020-01-31T23:30:00Z\ny,2020-01-31 09:00\n"
                           "z,2020-01-31T23:30:00-05:00\n");
    assert_int_equal(reading_run(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "+00:00"));
    assert_non_null(strstr(reading.words.text, "-05:00"));
    reading.settings.timezone = "Asia/Tokyo";
    assert_int_equal(reading_run(&reading), 0);
    const struct spooled_row *rows = spool_memory_rows(reading.segment, &n);
    assert_int_equal(n, 3);
    assert_int_equal(rows[0].day, reading_day("2020-02-01"));
    assert_int_equal(rows[1].day, reading_day("2020-01-31"));
    assert_int_equal(rows[2].day, reading_day("2020-02-01"));
    reading_end(&reading);
}

static void with_an_as_of_later_rows_are_accepted_but_do_not_move_it(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date\nx,2020-01-31\ny,2020-02-01\nz,2099-01-01\n");
    reading.settings.as_of = reading_day("2020-01-31");
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->accepted, 3);
    assert_int_equal(facts_last_day(reading.facts, reading.settings.as_of),
                     reading_day("2020-01-31"));
    assert_int_equal(facts_last_day(reading.facts, DAY_NONE), reading_day("2099-01-01"));
    assert_int_equal(calendar_count(&reading.facts->days, reading_day("2020-02-01")), 1);
    assert_false(facts_still_hold(reading.facts, DAY_NONE, reading.today));
    assert_true(facts_still_hold(reading.facts, reading.settings.as_of, reading.today));
    reading_end(&reading);
}

static void without_an_as_of_a_row_from_the_future_moves_nobody(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date\nx,2020-01-31\ny,2024-01-01\nz,2024-01-02\n");
    assert_int_equal(reading.facts->rejected[REJECT_FUTURE_DATE], 1);
    assert_int_equal(facts_last_day(reading.facts, DAY_NONE), reading_day("2024-01-01"));
    assert_false(facts_still_hold(reading.facts, DAY_NONE, reading.today + 1));
    reading_end(&reading);
}

static void null_words_can_be_said(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,1\nNA,2020-01-31,1\n"
                           "y,NULL,1\nz,2020-01-31,NA\n\\N,2020-01-31,1\n");
    reading.settings.null_list = "NA,NULL";
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->anonymous.rows, 1);
    assert_int_equal(reading.facts->rejected[REJECT_NULL_DATE], 1);
    assert_int_equal(reading.facts->rejected[REJECT_NULL_AMOUNT], 1);
    assert_int_equal(reading.facts->accepted, 2); /* \N is a customer now */
    reading_end(&reading);
}

static void redacted_rejects_show_hashes_and_no_rows(void **state)
{
    (void)state;
    struct reading reading;
    char want[REDACTION_TEXT];
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date\nx,2020-01-31\ny,2020-02-30\n");
    reading.settings.redact = 1;
    assert_int_equal(reading_run(&reading), 0);
    struct reject reject = rejects_at(reading.facts->rejects, 0);
    redaction_print((struct digest){1, 2}, (struct slice){"2020-02-30", 10}, want);
    assert_int_equal(reject.value.size, strlen(want));
    assert_memory_equal(reject.value.data, want, strlen(want));
    assert_int_equal(reject.raw.size, 0);
    reading_end(&reading);
}

static void siphash_gives_its_authors_vector(void **state)
{
    (void)state;
    unsigned char input[15];
    const struct digest key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    for (unsigned i = 0; i < sizeof input; i++)
        input[i] = (unsigned char)i;
    assert_true(redaction_hash(key, input, sizeof input) == UINT64_C(0xa129ca6149be45e5));
}

static void customers_with_rejects_are_counted_once(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, "customer_id,date\nx,2020-02-30\nx,soon\ny,soon\nz,2020-01-31\n,soon\nq\n");
    assert_int_equal(facts_rejects(reading.facts), 4);
    assert_int_equal(reading.facts->reject_customers.n, 2);
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_row_goes_to_the_shard_of_its_hash),
        cmocka_unit_test(quoted_ids_are_bytes_after_unquoting),
        cmocka_unit_test(an_empty_order_is_an_order_of_its_own),
        cmocka_unit_test(a_row_without_customer_is_an_anonymous_sale),
        cmocka_unit_test(a_product_of_columns_is_exact_before_it_is_rounded),
        cmocka_unit_test(a_ledger_without_amounts_is_read),
        cmocka_unit_test(decimals_are_the_most_of_an_accepted_row),
        cmocka_unit_test(what_cannot_be_read_is_a_reject_with_its_place),
        cmocka_unit_test(a_nul_byte_is_a_reject),
        cmocka_unit_test(an_id_may_have_4096_bytes_and_no_more),
        cmocka_unit_test(a_value_that_no_sample_explains_is_a_reject),
        cmocka_unit_test(excluded_rows_are_counted_with_their_amount),
        cmocka_unit_test(a_list_of_customers_may_be_lines_or_a_csv),
        cmocka_unit_test(a_sample_keeps_customers_by_their_seeded_hash),
        cmocka_unit_test(a_number_and_a_date_may_stand_for_nothing),
        cmocka_unit_test(two_currencies_are_refused_unless_one_is_named),
        cmocka_unit_test(two_currency_signs_are_refused_unless_one_is_named),
        cmocka_unit_test(offsets_that_differ_need_a_time_zone),
        cmocka_unit_test(with_an_as_of_later_rows_are_accepted_but_do_not_move_it),
        cmocka_unit_test(without_an_as_of_a_row_from_the_future_moves_nobody),
        cmocka_unit_test(null_words_can_be_said),
        cmocka_unit_test(redacted_rejects_show_hashes_and_no_rows),
        cmocka_unit_test(siphash_gives_its_authors_vector),
        cmocka_unit_test(customers_with_rejects_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
