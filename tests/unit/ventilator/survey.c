/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/reading.h"

/* Surveys a ledger of one text and expects a status and words. */
static void assert_refused(const char *text, int status, const char *words)
{
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, text);
    reading_survey(&reading);
    if (reading.status != status || !strstr(reading.words.text, words)) {
        print_error("status %d, wanted %d; said: %s", reading.status, status, reading.words.text);
        print_error("which lacks: %s\n", words);
        fail();
    }
    reading_end(&reading);
}

static int32_t column(const struct reading *reading, enum field field)
{
    return survey_sheet(reading->survey, 0)->mapping.column[field] + 1;
}

/* Surveys a header and one row, and expects columns (from 1, 0 is none). */
static void assert_columns(const char *text, const int want[FIELDS])
{
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, text);
    if (reading_survey(&reading))
        fail_msg("%s", reading.words.text);
    for (int i = 0; i < FIELDS; i++)
        assert_int_equal(column(&reading, (enum field)i), want[i]);
    reading_end(&reading);
}

static void columns_are_guessed_from_their_names(void **state)
{
    (void)state;
    assert_columns("customer_id,date,amount,units,master_id\n1,1997-01-01,29.33,2,4\n",
                   (int[]){1, 2, 3, 0, 0, 0});
    assert_columns("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,"
                   "Country\n1,a,b,6,12/13/2010 8:26,2.55,17850,UK\n",
                   (int[]){7, 5, 4, 6, 1, 0});
    assert_columns("Order ID;Order Date;Customer ID;Sales;Quantity;Currency\n"
                   "1;2020-01-01;x;12,50;1;EUR\n",
                   (int[]){3, 2, 4, 0, 1, 6});
    assert_columns("user_id\tpurchase_date\tprice\n1\t2020-01-01\t5.5\n",
                   (int[]){1, 2, 3, 0, 0, 0});
    assert_columns("client|timestamp\n1|1577836800\n", (int[]){1, 2, 0, 0, 0, 0});
    assert_columns("Customer ID,Item,Purchase Amount (USD),Order Date\n1,x,5.5,2020-01-01\n",
                   (int[]){1, 4, 3, 0, 0, 0});
    assert_columns("Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID\n"
                   "5,x,2,2010-12-01 08:26:00,6.95,13085.0\n",
                   (int[]){6, 4, 3, 5, 1, 0});
    assert_columns("id,created_at,total\n1,2020-01-01T00:00:00Z,1.5\n", (int[]){1, 2, 3, 0, 0, 0});
}

static void a_file_without_header_is_read_by_content_or_position(void **state)
{
    (void)state;
    assert_columns("c1,2020-01-31,12.50\nc2,2020-02-01,3.00\n", (int[]){1, 2, 3, 0, 0, 0});
    assert_columns("2020-01-31,12.50,17\n2020-02-01,3.00,18\n", (int[]){3, 1, 2, 0, 0, 0});
    assert_columns("c1,2020-01-31\nc2,2020-02-01\n", (int[]){1, 2, 0, 0, 0, 0});
    assert_refused("1,2020-01-31,2,12.50\n", STATUS_DATA, "--map customer_id=");
}

static void excels_line_about_the_delimiter_is_understood(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "\xef\xbb\xbfsep=|\r\ncustomer_id|date,time\r\nx|2020-01-31\r\n");
    reading.settings.map = "date=\"date,time\"";
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(survey_sheet(reading.survey, 0)->dialect.delimiter, '|');
    assert_int_equal(survey_sheet(reading.survey, 0)->data_line, 3);
    reading_end(&reading);
}

static void a_map_by_position_needs_no_header(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "00001,19970101,1,11.77\n00002,19970112,1,12.00\n");
    reading.settings.map = "customer_id=1,date=2,amount=4";
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(column(&reading, FIELD_AMOUNT), 4);
    assert_int_equal(survey_sheet(reading.survey, 0)->has_header, 0);
    assert_int_equal(survey_sheet(reading.survey, 0)->data_offset, 0);
    reading_end(&reading);
}

static int survey_with_map(const char *text, const char *map, const char *words)
{
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.settings.map = map;
    int status = reading_survey(&reading);
    if (!strstr(reading.words.text, words))
        fail_msg("said: %s", reading.words.text);
    reading_end(&reading);
    return status;
}

static void a_map_names_columns_and_products(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "a,\"b, c\",d,e,f\nx,2020-01-01,2,3.5,o1\n");
    reading.settings.map = "customer_id=a,date=\"b, c\",amount=d*e,order_id=f";
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(column(&reading, FIELD_DATE), 2);
    assert_int_equal(column(&reading, FIELD_AMOUNT), 3);
    assert_int_equal(column(&reading, FIELD_FACTOR), 4);
    assert_int_equal(column(&reading, FIELD_ORDER), 5);
    reading_end(&reading);
}

static void an_empty_column_in_a_map_does_without_the_field(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount,order_id\nx,2020-01-01,2,o\n");
    reading.settings.map = "order_id=,amount=";
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(column(&reading, FIELD_AMOUNT), 0);
    assert_int_equal(column(&reading, FIELD_ORDER), 0);
    assert_int_equal(column(&reading, FIELD_CUSTOMER), 1);
    reading_end(&reading);
}

static void a_wrong_map_is_told_what_there_is(void **state)
{
    (void)state;
    const char *ledger = "cid,when,much\nx,2020-01-01,2\n";
    assert_int_equal(survey_with_map(ledger, "customer_id=nope,date=when", "cid, when, much"),
                     STATUS_DATA);
    assert_int_equal(survey_with_map(ledger, "date=When,customer_id=cid", "no column 'When'"),
                     STATUS_DATA);
    assert_int_equal(survey_with_map("a,a,b\n1,2,2020-01-01\n", "customer_id=a,date=b",
                                     "more than one column 'a'"),
                     STATUS_DATA);
    assert_int_equal(survey_with_map(ledger, "who=cid", "fields are customer_id"), STATUS_USAGE);
    assert_int_equal(survey_with_map(ledger, "date", "without a column"), STATUS_USAGE);
    assert_int_equal(survey_with_map(ledger, "date=a,date=b", "twice"), STATUS_USAGE);
    assert_int_equal(survey_with_map(ledger, "customer_id=", "cannot be left out"), STATUS_USAGE);
}

static void a_missing_or_doubled_guess_is_refused(void **state)
{
    (void)state;
    assert_refused("foo,bar\n1,2\n", STATUS_DATA, "the header has: foo, bar");
    assert_refused("customer_id,amount\n1,2\n", STATUS_DATA, "which column is date");
    assert_refused("Customer ID,customer_id,date\n1,2,2020-01-01\n", STATUS_DATA,
                   "could be customer_id");
}

static void what_is_no_ledger_is_refused_with_words(void **state)
{
    (void)state;
    assert_refused("", STATUS_DATA, "is empty");
    assert_refused("\n\r\n\n", STATUS_DATA, "is empty");
    assert_refused("customer_id,date\n\n", STATUS_DATA, "no rows");
    assert_refused("customer_id\n1\n", STATUS_DATA, "single column");
    assert_refused("\xff\xfe"
                   "c,d\n",
                   STATUS_DATA, "UTF-16");
    assert_refused("a,b\rc,d\r", STATUS_DATA, "CR alone");
    assert_refused("PK\x03\x04zip", STATUS_DATA, ".xlsx");
    assert_refused("\x1f\x8bnonsense", STATUS_DATA, "damaged gzip");
    assert_refused("\"customer_id,date\n1,2020-01-01\n", STATUS_DATA, "is a quote open");
}

static void utf16_without_a_mark_is_refused(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_file(&reading, "c\0,\0d\0\n\0", 8);
    assert_int_equal(reading_survey(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "UTF-16"));
    reading_end(&reading);
}

static int survey_path(const char *path)
{
    struct reading reading;
    reading_begin(&reading);
    reading.ledgers[0] = path;
    reading.settings.n_ledgers = 1;
    int status = reading_survey(&reading);
    reading_end(&reading);
    return status;
}

static void a_directory_or_no_file_is_no_input(void **state)
{
    (void)state;
    assert_int_equal(survey_path("/tmp"), STATUS_NO_INPUT);
    assert_int_equal(survey_path("/nonexistent/ledger.csv"), STATUS_NO_INPUT);
}

static void an_open_date_order_is_refused_with_both_flags(void **state)
{
    (void)state;
    assert_refused("customer_id,date\nx,03/03/2020\ny,01/02/2020\n", STATUS_DATA,
                   ":3:2: '01/02/2020'");
    assert_refused("customer_id,date\nx,01/02/2020\n", STATUS_DATA,
                   "--date-format %d/%m/%Y or --date-format %m/%d/%Y");
    assert_refused("customer_id,date\nx,13/01/2020\ny,01/13/2020\n", STATUS_DATA, "only");
    assert_refused("customer_id,date\nx,soon\n", STATUS_DATA, "--date-format");
    assert_refused("customer_id,date\nx,\n", STATUS_DATA, "column of dates is empty");
    assert_refused("customer_id,date\nx,2020-01-31,\ny,2020-01-31,\n", STATUS_DATA,
                   "rows have 3 fields where the header has 2");
}

static void an_open_decimal_mark_is_refused_with_both_flags(void **state)
{
    (void)state;
    assert_refused("customer_id,date,amount\nx,2020-01-01,7\ny,2020-01-01,\"1,234\"\n", STATUS_DATA,
                   "--decimal point or --decimal comma");
    assert_refused("customer_id;date;amount\nx;2020-01-01;1.50\ny;2020-01-01;1,50\n", STATUS_DATA,
                   ":3:3: '1,50'");
}

/* A ledger whose only decisive date stands far behind the sample. */
static char *long_ledger(size_t rows, size_t decisive, const char *value)
{
    char *text = malloc(rows * 24 + 64), *at = text;
    at += sprintf(at, "customer_id,date\n");
    for (size_t i = 0; i < rows; i++)
        at += sprintf(at, "c%06zu,%s\n", i, i == decisive ? value : "01/02/2020");
    return text;
}

static void an_open_sample_is_settled_by_the_whole_column(void **state)
{
    (void)state;
    char words[SURVEY_WORDS];
    struct reading reading;
    char *text = long_ledger(120000, 81234, "31/01/2020");
    reading_begin(&reading);
    reading_text(&reading, text);
    assert_int_equal(reading_survey(&reading), 0);
    survey_words(reading.survey, FIELD_DATE, words);
    assert_non_null(strstr(words, "%d/%m/%Y"));
    assert_non_null(strstr(words, ":81236:2 '31/01/2020'"));
    reading_end(&reading);
    free(text);
    text = long_ledger(120000, 81234, "02/01/2020");
    assert_refused(text, STATUS_DATA, "--date-format %d/%m/%Y or");
    free(text);
}

static void places_in_the_middle_are_part_of_the_sample(void **state)
{
    (void)state;
    struct reading reading;
    char *text = long_ledger(120000, 999999, "");
    char *at = strstr(text + 1200000, ",01/02/2020");
    for (; at && at < text + 1700000; at = strstr(at, ",01/02/2020"))
        memcpy(at + 1, "31/01", 5);
    reading_begin(&reading);
    reading_text(&reading, text);
    assert_int_equal(reading_survey(&reading), 0);
    assert_null(strstr(reading.words.text, "whole columns"));
    assert_string_equal(survey_formats(reading.survey)->date.pattern, "%d/%m/%Y");
    uint64_t rows = sheet_rows(survey_sheet(reading.survey, 0));
    assert_true(rows > 110000 && rows < 130000);
    reading_end(&reading);
    free(text);
}

static void the_first_rows_are_shown_as_read(void **state)
{
    (void)state;
    struct survey_row rows[SURVEY_ROWS];
    struct reading reading;
    size_t n = 0;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\n\nx,2020-01-01,2.50\n,2020-01-02,3\n"
                           "z,2020-02-30,1\nq,2020-01-04\n\"a\"b,2020-01-05,1\nw,2020-01-06,1\n");
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(survey_rows(reading.survey, rows, &n), 0);
    assert_int_equal(n, 5);
    assert_int_equal(rows[0].line, 3);
    assert_string_equal(rows[0].verdict, "accepted");
    assert_string_equal(rows[0].customer, "x");
    assert_int_equal(rows[0].amount, 25000);
    assert_string_equal(rows[1].verdict, "anonymous");
    assert_string_equal(rows[2].verdict, "impossible_date");
    assert_string_equal(rows[3].verdict, "wrong_field_count");
    assert_string_equal(rows[4].verdict, "bad_quote");
    reading_end(&reading);
}

static struct digest digest_with(void (*change)(struct settings_reading *))
{
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount,status\nx,2020-01-31,2.50,ok\n");
    if (change)
        change(&reading.settings);
    assert_int_equal(reading_survey(&reading), 0);
    struct digest digest = survey_digest(reading.survey, 0);
    reading_end(&reading);
    return digest;
}

static const char *const excludes[] = {"status=test"};
static void set_nulls(struct settings_reading *s)
{
    s->null_list = "NA";
}
static void set_exclude(struct settings_reading *s)
{
    s->excludes = excludes, s->n_excludes = 1;
}
static void set_sample(struct settings_reading *s)
{
    s->sample_millionths = 500000;
}
static void set_zone(struct settings_reading *s)
{
    s->timezone = "UTC";
}
static void set_map(struct settings_reading *s)
{
    s->map = "order_id=status";
}
static void set_comma(struct settings_reading *s)
{
    s->decimal = DECIMAL_COMMA;
}
static void set_currency(struct settings_reading *s)
{
    s->currency = "EUR";
}
static void set_redact(struct settings_reading *s)
{
    s->redact = 1;
}
static void set_as_of(struct settings_reading *s)
{
    s->as_of = 17000;
}
static void set_limit(struct settings_reading *s)
{
    s->max_rejects = 5;
}

static void what_decides_about_rows_is_in_the_digest(void **state)
{
    (void)state;
    void (*const changes[])(struct settings_reading *) = {
        set_nulls, set_exclude, set_sample, set_zone, set_map, set_comma, set_currency, set_redact};
    struct digest plain = digest_with(NULL);
    assert_true(digest_same(plain, digest_with(NULL)));
    assert_true(digest_same(plain, digest_with(set_as_of)));
    assert_true(digest_same(plain, digest_with(set_limit)));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_false(digest_same(plain, digest_with(changes[i])));
}

static void files_of_one_ledger_must_have_the_same_fields(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,2.50\n");
    reading_text(&reading, "amount;date;customer_id\n2.50;2020-01-31;x\n");
    assert_int_equal(reading_survey(&reading), 0);
    assert_int_equal(survey_sheet(reading.survey, 1)->mapping.column[FIELD_AMOUNT], 0);
    reading_text(&reading, "customer_id,date,amount,order_id\nx,2020-01-31,2.50,1\n");
    assert_int_equal(reading_survey(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "--map order_id="));
    reading_end(&reading);
}

static void redacted_errors_do_not_show_values(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date\nx,01/02/2020\n");
    reading.settings.redact = 1;
    assert_int_equal(reading_survey(&reading), STATUS_DATA);
    assert_null(strstr(reading.words.text, "01/02/2020"));
    assert_non_null(strstr(reading.words.text, ":2:2: #"));
    reading_end(&reading);
    reading_begin(&reading);
    reading_text(&reading, "secret1,soon\nsecret2,later\n");
    reading.settings.redact = 1;
    assert_int_equal(reading_survey(&reading), STATUS_DATA);
    assert_null(strstr(reading.words.text, "secret"));
    assert_non_null(strstr(reading.words.text, "2 columns"));
    reading_end(&reading);
}

static void flags_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    struct reading reading;
    const char *bad_excludes[] = {"status"};
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date\nx,2020-01-01\n");
    reading.settings.date_format = "%H";
    assert_int_equal(reading_survey(&reading), STATUS_USAGE);
    reading.settings.date_format = NULL;
    reading.settings.excludes = bad_excludes;
    reading.settings.n_excludes = 1;
    assert_int_equal(reading_survey(&reading), STATUS_USAGE);
    bad_excludes[0] = "status=x";
    assert_int_equal(reading_survey(&reading), STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "no column 'status' (--exclude)"));
    reading.settings.n_excludes = 0;
    reading.settings.delimiter = '"';
    assert_int_equal(reading_survey(&reading), STATUS_USAGE);
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_guessed_from_their_names),
        cmocka_unit_test(a_file_without_header_is_read_by_content_or_position),
        cmocka_unit_test(excels_line_about_the_delimiter_is_understood),
        cmocka_unit_test(a_map_by_position_needs_no_header),
        cmocka_unit_test(a_map_names_columns_and_products),
        cmocka_unit_test(an_empty_column_in_a_map_does_without_the_field),
        cmocka_unit_test(a_wrong_map_is_told_what_there_is),
        cmocka_unit_test(a_missing_or_doubled_guess_is_refused),
        cmocka_unit_test(what_is_no_ledger_is_refused_with_words),
        cmocka_unit_test(utf16_without_a_mark_is_refused),
        cmocka_unit_test(a_directory_or_no_file_is_no_input),
        cmocka_unit_test(an_open_date_order_is_refused_with_both_flags),
        cmocka_unit_test(an_open_decimal_mark_is_refused_with_both_flags),
        cmocka_unit_test(an_open_sample_is_settled_by_the_whole_column),
        cmocka_unit_test(places_in_the_middle_are_part_of_the_sample),
        cmocka_unit_test(the_first_rows_are_shown_as_read),
        cmocka_unit_test(what_decides_about_rows_is_in_the_digest),
        cmocka_unit_test(files_of_one_ledger_must_have_the_same_fields),
        cmocka_unit_test(redacted_errors_do_not_show_values),
        cmocka_unit_test(flags_that_make_no_sense_are_usage_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
