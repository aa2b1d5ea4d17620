/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/date_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/assert.h"
#include "ventilator/date_guess.h"
#include "ventilator/plain.h"
#include "ventilator/zone.h"

static struct slice text_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

/* Reads text by a pattern and writes the day, "bad" or "impossible". */
static struct moment read_as(const char *pattern, const char *text, char out[16])
{
    struct date_format format;
    struct moment moment = {.day = DAY_NONE};
    assert_int_equal(date_format_parse(pattern, &format), 0);
    int r = date_read(&format, text_of(text), &moment);
    if (r)
        strcpy(out, r == DATE_E_BAD ? "bad" : "impossible");
    else
        day_print(moment.day, out);
    return moment;
}

static void assert_day(const char *pattern, const char *text, const char *want)
{
    char got[16];
    read_as(pattern, text, got);
    if (strcmp(got, want) != 0) {
        print_error("'%s' as %s is %s, wanted %s\n", text, pattern, got, want);
        fail();
    }
}

static void iso_dates_and_date_times_are_read(void **state)
{
    (void)state;
    assert_day("%Y-%m-%d", "2020-01-31", "2020-01-31");
    assert_day("%Y-%m-%d", " 2020-01-31 ", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-1-5", "2020-01-05");
    assert_day("%Y-%m-%d", "2020-01-31T09:30", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31 09:30:15", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31 09:30:15.123456", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31T23:30:00Z", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31T23:30:00-05:00", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31 23:30:00+0530", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31 23:30:00+00", "2020-01-31");
    assert_day("%Y-%m-%d", "2020-01-31 23:30:00 UTC", "2020-01-31");
    assert_day("%Y-%m-%d", "0001-01-01", "0001-01-01");
    assert_day("%Y-%m-%d", "9999-12-31", "9999-12-31");
}

static void other_orders_and_separators_are_read(void **state)
{
    (void)state;
    assert_day("%Y/%m/%d", "2020/1/5", "2020-01-05");
    assert_day("%Y%m%d", "20200131", "2020-01-31");
    assert_day("%Y%m%d", "20200131T093000Z", "2020-01-31");
    assert_day("%d/%m/%Y", "31/1/2020", "2020-01-31");
    assert_day("%m/%d/%Y", "1/31/2020 8:26", "2020-01-31");
    assert_day("%m/%d/%Y", "1/31/2020, 8:26:00 AM", "2020-01-31");
    assert_day("%d.%m.%Y", "31.01.2020", "2020-01-31");
    assert_day("%d-%m-%y", "31-01-68", "2068-01-31");
    assert_day("%d-%m-%y", "31-01-69", "1969-01-31");
    assert_day("%y-%m-%d", "20-01-31", "2020-01-31");
}

static void seconds_since_1970_are_days_of_utc(void **state)
{
    (void)state;
    assert_day("%s", "0", "1970-01-01");
    assert_day("%s", "-1", "1969-12-31");
    assert_day("%s", "1577836799", "2019-12-31");
    assert_day("%s", "1577836800", "2020-01-01");
    assert_day("%s", "1577836800.25", "2020-01-01");
    assert_day("%s", "12345678901234", "bad");
}

static void dates_that_no_calendar_has_are_impossible(void **state)
{
    (void)state;
    assert_day("%Y-%m-%d", "2021-02-29", "impossible");
    assert_day("%Y-%m-%d", "2021-13-01", "impossible");
    assert_day("%Y-%m-%d", "2021-00-10", "impossible");
    assert_day("%Y-%m-%d", "0000-01-01", "impossible");
    assert_day("%d/%m/%Y", "01/13/2020", "impossible");
    assert_day("%Y%m%d", "20200231", "impossible");
    assert_day("%b %d, %Y", "Feb 30, 2020", "impossible");
}

static void other_formats_are_bad(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "x",
                                      "2020-01",
                                      "2020/01/31",
                                      "31-01-2020",
                                      "20-01-31",
                                      "2020-01-311",
                                      "2020-01-31x",
                                      "2020-01-31T",
                                      "2020-01-31 25:00",
                                      "2020-01-31 09:61",
                                      "2020-01-31 9",
                                      "2020-01-31 09:30+1",
                                      "2020-01-31Z",
                                      "2020-01-31 09:30:00 CET",
                                      "2020--01-31",
                                      "-2020-01-31",
                                      "20200131",
                                      "2020-01-31 09:30:00.",
                                      "2020-01-31 13:00 PM"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_day("%Y-%m-%d", bad[i], "bad");
}

static void strptime_patterns_are_read(void **state)
{
    (void)state;
    assert_day("%d %b %Y", "5 Jan 2020", "2020-01-05");
    assert_day("%d %b %Y", "05 january 2020", "2020-01-05");
    assert_day("%a %b %d %H:%M:%S %Y", "Sun Jan  5 10:00:00 2020", "2020-01-05");
    assert_day("%B %e, %Y", "May 7, 2020", "2020-05-07");
    assert_day("%Y-%j", "2020-366", "2020-12-31");
    assert_day("%Y-%j", "2021-366", "impossible");
    assert_day("%d/%m/%Y %H:%M", "31/01/2020 09:30", "2020-01-31");
    assert_day("%d/%m/%Y %H:%M", "31/01/2020", "bad");
    assert_day("%d/%m/%Y %I:%M %p", "31/01/2020 09:30 PM", "2020-01-31");
    assert_day("%FT%T%z", "2020-01-31T09:30:00+02:00", "2020-01-31");
    assert_day("%FT%T.%f", "2020-01-31T09:30:00.123", "2020-01-31");
    assert_day("%d|%m|%Y", "31|01|2020 10:00", "2020-01-31");
    assert_day("%D", "01/31/20", "2020-01-31");
    assert_day("%%%Y%m%d", "%20200131", "2020-01-31");
    assert_day("%d %b %Y", "5 Foo 2020", "bad");
}

static void patterns_without_a_date_are_refused(void **state)
{
    (void)state;
    struct date_format format;
    assert_int_equal(date_format_parse("%H:%M", &format), STATUS_USAGE);
    assert_int_equal(date_format_parse("%Y-%m", &format), STATUS_USAGE);
    assert_int_equal(date_format_parse("%Y-%m-%Q", &format), STATUS_USAGE);
    assert_int_equal(date_format_parse("%Y-%m-%d %", &format), STATUS_USAGE);
    assert_int_equal(date_format_parse("", &format), STATUS_USAGE);
}

static void offsets_and_clocks_are_told_apart(void **state)
{
    (void)state;
    char out[16];
    struct moment moment = read_as("%Y-%m-%d", "2020-01-31 09:30:15", out);
    assert_int_equal(moment.clock, MOMENT_LOCAL);
    assert_int_equal(moment.second, 9 * 3600 + 30 * 60 + 15);
    moment = read_as("%Y-%m-%d", "2020-01-31T09:30-03:30", out);
    assert_int_equal(moment.clock, MOMENT_OFFSET);
    assert_int_equal(moment.offset_minutes, -210);
    moment = read_as("%m/%d/%Y", "1/31/2020 12:05 AM", out);
    assert_int_equal(moment.second, 300);
    moment = read_as("%s", "1577836800", out);
    assert_int_equal(moment.clock, MOMENT_UTC);
}

static int all_digits_and_hyphens(const char *text)
{
    for (int i = 0; i < 10; i++)
        if ((i == 4 || i == 7) ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return 0;
    return 1;
}

static void the_plain_way_and_the_general_way_agree(void **state)
{
    (void)state;
    const struct date_format iso = date_format_make(DATE_YMD, '-', 4);
    struct plain_months months = {0};
    static const char alphabet[] = "0123456789-/ :";
    char text[11] = "2020-01-31";
    srand(1);
    for (int i = 0; i < 300000; i++) {
        int32_t day;
        struct moment moment;
        snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)rand() % 10000,
                 (unsigned)rand() % 15, (unsigned)rand() % 35);
        if (i % 3)
            text[rand() % 10] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        int plain = plain_moment(text_of(text), &months, &day);
        int r = date_read(&iso, text_of(text), &moment);
        if (plain)
            assert_true(r == 0 && moment.day == day);
        else
            assert_true(r != 0 || !all_digits_and_hyphens(text));
    }
}

static void plain_times_are_those_a_clock_shows(void **state)
{
    (void)state;
    const struct date_format iso = date_format_make(DATE_YMD, '-', 4);
    struct plain_months months = {0};
    char text[32];
    srand(2);
    for (int i = 0; i < 200000; i++) {
        int32_t day;
        struct moment moment;
        snprintf(text, sizeof text, "2020-01-31%c%02d:%02d:%02d", i % 2 ? 'T' : ' ', rand() % 30,
                 rand() % 70, rand() % 70);
        if (i % 3 == 0)
            text[10 + rand() % 9] = (char)(rand() % 96 + 32);
        int r = date_read(&iso, text_of(text), &moment);
        if (plain_moment(text_of(text), &months, &day))
            assert_true(r == 0 && moment.day == day && moment.clock == MOMENT_LOCAL);
        else if (i % 3)
            assert_true(r != 0 || moment.second % 60 == 0); /* a leap second */
    }
}

/* Guesses from texts separated by |. */
static int guess(const char *texts, struct date_verdict *verdict, struct date_guess *into)
{
    struct proof place = {.column = 1};
    date_guess_begin(into);
    for (const char *at = texts; *at; at += *at == '|') {
        size_t size = strcspn(at, "|");
        place.line++;
        date_guess_see(into, (struct slice){at, size}, &place);
        at += size;
    }
    return date_guess_end(into, verdict);
}

static void assert_guess(const char *texts, int answer, const char *pattern, unsigned line)
{
    struct date_guess into;
    struct date_verdict verdict;
    int r = guess(texts, &verdict, &into);
    assert_int_equal(r, answer);
    if (pattern)
        assert_string_equal(verdict.a->format.pattern, pattern);
    if (!answer)
        assert_int_equal(verdict.proof.line, line);
}

/* What is told at a glance, or remembered, is what reading gives. */
static void every_format_is_credited_with_what_it_reads(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "2020-01-31", "31/01/2020",           "1.2.20",     "20200131",
        "1577836800", "31-Jan-2020",          "31Jan2020",  "Jan 31, 2020",
        "31-jan-20",  "2020-01-31T10:00:00Z", "1 Feb 2020", " 1-2-03",
        "12-11-10 ",  "03 may 2021",          "31 \t2020",  "sept 1, 2020"};
    static const char alphabet[] = "0123456789-/. \tTjanFebMAYsZ,:";
    struct date_guess *guess = malloc(sizeof *guess);
    const struct proof place = {.column = 1};
    uint64_t reads = 0;
    date_guess_begin(guess);
    srand(8);
    for (int i = 0; i < 60000; i++) {
        char text[40];
        uint64_t before[DATE_GUESS_FORMATS];
        struct moment moment;
        int times = 1 + i % 2;
        snprintf(text, sizeof text, "%s", seeds[i % 16]);
        for (int k = rand() % 4; k > 0; k--)
            text[(size_t)rand() % strlen(text)] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        for (int k = 0; k < DATE_GUESS_FORMATS; k++)
            before[k] = guess->candidate[k].read;
        for (int k = 0; k < times; k++)
            date_guess_see(guess, text_of(text), &place);
        for (int k = 0; k < DATE_GUESS_FORMATS; k++) {
            const struct date_candidate *it = &guess->candidate[k];
            int read = date_read(&it->format, text_of(text), &moment) == 0;
            assert_int_equal(it->read - before[k], read ? times : 0);
            reads += (uint64_t)read;
        }
    }
    assert_true(reads > 20000);
    free(guess);
}

static void formats_are_guessed_with_the_row_that_proves_them(void **state)
{
    (void)state;
    assert_guess("2020-01-02|2020-01-03 10:00:00", 0, "%Y-%m-%d", 1);
    assert_guess("20200102|20200103", 0, "%Y%m%d", 1);
    assert_guess("1577836800|1577836801", 0, "%s", 1);
    assert_guess("2020/01/02", 0, "%Y/%m/%d", 1);
    assert_guess("01/02/2020|31/01/2020", 0, "%d/%m/%Y", 2);
    assert_guess("01/02/2020|02/03/2020|01/31/2020 8:00", 0, "%m/%d/%Y", 3);
    assert_guess("01.02.2020|31.01.2020", 0, "%d.%m.%Y", 2);
    assert_guess("01/02/20|31/01/20", 0, "%d/%m/%y", 2);
    assert_guess("03/03/2020|04/04/2020", 0, "%d/%m/%Y", 1);
    assert_guess("31-Jan-2020|1-FEB-2020", 0, "%d-%b-%Y", 1);
    assert_guess("31 January 2020|1 May 2020 10:00", 0, "%d %b %Y", 1);
    assert_guess("Jan 31, 2020|May 1, 2020", 0, "%b %d, %Y", 1);
}

static void what_the_data_leaves_open_stays_open(void **state)
{
    (void)state;
    assert_guess("01/02/2020|03/04/2020", DATE_GUESS_E_OPEN, NULL, 0);
    assert_guess("01-02-03|20-01-15", DATE_GUESS_E_OPEN, NULL, 0);
    assert_guess("13/01/2020|01/13/2020", DATE_GUESS_E_MIXED, NULL, 0);
    assert_guess("x|y", DATE_GUESS_E_NONE, NULL, 0);
    assert_guess("", DATE_GUESS_E_NONE, NULL, 0);
}

static void one_row_in_ten_may_be_an_error(void **state)
{
    (void)state;
    char texts[400] = "01/13/2020";
    for (int i = 0; i < 9; i++)
        strcat(texts, "|13/01/2020");
    assert_guess(texts, 0, "%d/%m/%Y", 2);
    strcat(texts, "|01/13/2020");
    assert_guess(texts, DATE_GUESS_E_MIXED, NULL, 0);
}

static int32_t day_in_zone(struct zone *zone, const char *text)
{
    struct date_format format;
    struct moment moment;
    assert_int_equal(date_format_parse("%F", &format), 0);
    assert_int_equal(date_read(&format, text_of(text), &moment), 0);
    return zone_day(zone, &moment);
}

static void offsets_become_days_of_the_zone(void **state)
{
    (void)state;
    struct zone zone = {0};
    int32_t first;
    assert_int_equal(day_read("2020-01-01", &first), 0);
    assert_int_equal(zone_set("Europe/Berlin"), 0);
    assert_int_equal(day_in_zone(&zone, "2020-01-01T22:59:59Z"), first);
    assert_int_equal(day_in_zone(&zone, "2020-01-01T23:00:00Z"), first + 1);
    assert_int_equal(day_in_zone(&zone, "2020-01-01T23:30:00+01:00"), first);
    assert_int_equal(day_in_zone(&zone, "2020-01-02T00:30:00+09:00"), first);
    assert_int_equal(day_in_zone(&zone, "2020-01-02 00:30:00"), first + 1);
    assert_int_equal(day_in_zone(&zone, "2020-07-01T22:30:00Z"), first + 183);
}

static void zone_days_are_those_of_the_c_library(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/New_York", "Asia/Kolkata", "Africa/Monrovia",
                                        "Australia/Lord_Howe", "UTC"};
    srand(6);
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        struct zone zone = {0};
        assert_int_equal(zone_set(zones[z]), 0);
        for (int i = 0; i < 20000; i++) {
            time_t second = i % 4 ? (time_t)(rand() % 2000000000) : 63593000 + rand() % 200000;
            struct tm local;
            const struct moment moment = {.day = (int32_t)(second / 86400),
                                          .second = (int32_t)(second % 86400),
                                          .clock = MOMENT_UTC};
            struct civil date;
            int32_t want;
            localtime_r(&second, &local);
            date = (struct civil){local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
            assert_int_equal(day_from_civil(date, &want), 0);
            assert_int_equal(zone_day(&zone, &moment), want);
        }
    }
}

static void an_unknown_zone_is_refused(void **state)
{
    (void)state;
    assert_int_equal(zone_set("Mars/Olympus"), STATUS_USAGE);
    assert_int_equal(zone_set("../../etc/passwd"), STATUS_USAGE);
    assert_int_equal(zone_set(""), STATUS_USAGE);
    assert_int_equal(zone_set("CET-1CEST"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_dates_and_date_times_are_read),
        cmocka_unit_test(other_orders_and_separators_are_read),
        cmocka_unit_test(seconds_since_1970_are_days_of_utc),
        cmocka_unit_test(dates_that_no_calendar_has_are_impossible),
        cmocka_unit_test(other_formats_are_bad),
        cmocka_unit_test(strptime_patterns_are_read),
        cmocka_unit_test(patterns_without_a_date_are_refused),
        cmocka_unit_test(offsets_and_clocks_are_told_apart),
        cmocka_unit_test(the_plain_way_and_the_general_way_agree),
        cmocka_unit_test(plain_times_are_those_a_clock_shows),
        cmocka_unit_test(every_format_is_credited_with_what_it_reads),
        cmocka_unit_test(formats_are_guessed_with_the_row_that_proves_them),
        cmocka_unit_test(what_the_data_leaves_open_stays_open),
        cmocka_unit_test(one_row_in_ten_may_be_an_error),
        cmocka_unit_test(offsets_become_days_of_the_zone),
        cmocka_unit_test(zone_days_are_those_of_the_c_library),
        cmocka_unit_test(an_unknown_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
