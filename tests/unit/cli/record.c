/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"

#include <string.h>

#include "common/status.h"
#include "support/assert.h"
#include "support/said.h"
#include "support/scratch.h"

/* Looks for a customer in a file of that text. */
static int find(const char *text, const char *customer, struct record *record)
{
    struct scratch scratch = scratch_new();
    scratch_file(&scratch, "scores.csv", text);
    int r = record_find(scratch_at(&scratch, "scores.csv"),
                        (struct slice){customer, strlen(customer)}, record);
    scratch_remove(&scratch);
    return r;
}

static void assert_found(const char *text, const char *customer, const char *tier)
{
    struct record record;
    assert_int_equal(find(text, customer, &record), 0);
    assert_string_equal(record.cell[COLUMN_CUSTOMER_ID], customer);
    assert_int_equal(record.size[COLUMN_CUSTOMER_ID], strlen(customer));
    assert_string_equal(record.cell[COLUMN_TIER], tier);
    assert_null(record.cell[COLUMN_CLV]);
    record_free(&record);
}

static const char some[] = "customer_id,value,tier\n"
                           "12,3.0000,top\n"
                           "\"a,b\",2.0000,middle\n"
                           "\"say \"\"hi\"\"\",,bottom\n"
                           "\"two\nlines\",1.0000,low\n"
                           "2,0.0000,last\n";

static void a_customer_is_found_whatever_his_id_is(void **state)
{
    (void)state;
    assert_found(some, "12", "top");
    assert_found(some, "2", "last");
    assert_found(some, "a,b", "middle");
    assert_found(some, "say \"hi\"", "bottom");
    assert_found(some, "two\nlines", "low");
}

static void an_empty_cell_is_there_and_says_nothing(void **state)
{
    (void)state;
    struct record record;
    assert_int_equal(find(some, "say \"hi\"", &record), 0);
    assert_string_equal(record.cell[COLUMN_VALUE], "");
    assert_int_equal(record.size[COLUMN_VALUE], 0);
    record_free(&record);
}

static void a_line_inside_quotes_is_no_customer(void **state)
{
    (void)state;
    struct record record;
    assert_int_equal(find("tier,customer_id\n\"x\nlow,7\n\",8\n", "7", &record), RECORD_E_ABSENT);
    record_free(&record);
    assert_found("tier,customer_id\n\"x\nlow,7\n\",8\n", "8", "x\nlow,7\n");
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    assert_found("customer_id,tier\na,x\nb,y", "b", "y");
}

static void columns_not_known_are_passed_over(void **state)
{
    (void)state;
    assert_found("mood,customer_id,weather,tier\n1,a,2,x\n", "a", "x");
}

static void an_id_that_is_nearly_his_is_offered(void **state)
{
    (void)state;
    static const char *const near[] = {"say \"HI\"", "012", " 12 ", "A,b"};
    static const char *const means[] = {"say \"hi\"", "12", "12", "a,b"};
    for (size_t i = 0; i < 4; i++) {
        struct record record;
        assert_int_equal(find(some, near[i], &record), RECORD_E_ABSENT);
        assert_string_equal(record.text, means[i]);
        record_free(&record);
    }
    struct record record;
    assert_int_equal(find(some, "13", &record), RECORD_E_ABSENT);
    assert_null(record.text);
    record_free(&record);
}

static void refused(const char *text, const char *customer, int status, const char *words)
{
    struct said said;
    struct record record;
    said_begin(&said);
    int r = find(text, customer, &record);
    said_end(&said);
    record_free(&record);
    assert_int_equal(r, status);
    assert_non_null(strstr(said.text, words));
}

static void a_file_that_is_no_scores_csv_is_refused(void **state)
{
    (void)state;
    refused("", "a", STATUS_NO_INPUT, "it is empty");
    refused("id,tier\na,x\n", "a", STATUS_DATA, "no column customer_id");
    refused("customer_id,tier\na\n", "a", STATUS_DATA, "not as many fields");
    refused("customer_id,tier\na,x,y\n", "a", STATUS_DATA, "not as many fields");
}

static void a_short_line_is_nobody(void **state)
{
    (void)state;
    assert_found("tier,customer_id\na\nx,a\n", "a", "x");
}

static void a_line_is_read_by_its_head(void **state)
{
    (void)state;
    const struct record_head head = {2, {COLUMN_TIER, COLUMNS}};
    struct record record;
    assert_int_equal(record_read(&head, (struct slice){"top,z\n", 6}, &record), 0);
    assert_string_equal(record.cell[COLUMN_TIER], "top");
    record_free(&record);
    assert_int_equal(record_read(&head, (struct slice){"top\n", 4}, &record), RECORD_E_MALFORMED);
    record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_customer_is_found_whatever_his_id_is),
        cmocka_unit_test(an_empty_cell_is_there_and_says_nothing),
        cmocka_unit_test(a_line_inside_quotes_is_no_customer),
        cmocka_unit_test(the_last_line_needs_no_end),
        cmocka_unit_test(columns_not_known_are_passed_over),
        cmocka_unit_test(an_id_that_is_nearly_his_is_offered),
        cmocka_unit_test(a_file_that_is_no_scores_csv_is_refused),
        cmocka_unit_test(a_short_line_is_nobody),
        cmocka_unit_test(a_line_is_read_by_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
