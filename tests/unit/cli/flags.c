/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/flags.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "command_line.h"
#include "score/money.h"
#include "support/assert.h"

/* Each flag of the table that a user may give: a value it takes, one it refuses (NULL: it takes
 * anything that is not empty), and words of the refusal. rest completes the line. */
static const struct example {
    const char *verb;
    const char *flag;
    const char *good;
    const char *bad;
    const char *because;
    const char *rest;
} examples[] = {
    {"run", "map", "customer_id=Id,date=Day,amount=Quantity*Price", "id=Id",
     "'id=Id' is not field=Column; fields: customer_id date amount order_id currency", "x"},
    {"run", "map", "order_id=Order,currency=Cur", "date=A,date=B", "date is mapped twice", "x"},
    {"run", "map", "date=When=Then", "date", "'date' is not field=Column", "x"},
    {"run", "map", "date=\"Day,local\",amount=", "date=\"Day", "a quote does not close", "x"},
    {"run", "map", "date=D", "date=D,", "'' is not field=Column", "x"},
    {"run", "map", "date=D", "date=\"D\"x", "a quote does not close", "x"},
    {"run", "date-format", "%d/%m/%Y", NULL, NULL, "x"},
    {"run", "decimal", "point", "dot", "is one of point|comma", "x"},
    {"run", "decimal", "comma", "comm", "is one of point|comma", "x"},
    {"run", "delimiter", "tab", "ab", "wants tab, comma", "x"},
    {"run", "delimiter", ";", "\"", "wants tab, comma", "x"},
    {"run", "null", "NA,-", NULL, NULL, "x"},
    {"run", "timezone", "Europe/Berlin", NULL, NULL, "x"},
    {"run", "currency", "EUR", NULL, NULL, "x"},
    {"run", "input-kind", "summary", "summaries", "is one of ledger|summary", "x"},
    {"run", "input-kind", "ledger", "table", "is one of ledger|summary", "x"},
    {"run", "as-of", "2024-02-29", "2023-02-29", "is not a date YYYY-MM-DD", "x"},
    {"run", "as-of", "1997-09-30", "30.9.1997", "is not a date YYYY-MM-DD", "x"},
    {"backtest", "out", "spring", NULL, NULL, "x --split 1997-09-30"},
    {"backtest", "split", "1997-09-30", "1997-09-31", "is not a date YYYY-MM-DD", "x"},
    {"backtest", "split", "1997-09-30", "1998-06-30", "leaves no day up to --as-of",
     "x --as-of 1998-06-30"},
    {"run", "exclude", "status=cancelled,test", "status", "wants column=value,value", "x"},
    {"run", "exclude-customers", "test-ids.txt", NULL, NULL, "x"},
    {"run", "sample", "0.5%", "0%", "over 0% and at most 100%", "x"},
    {"run", "sample", "100%", "10", "wants a share of the customers", "x"},
    {"run", "sample", "12.5%", "0.00001%", "at most four decimals", "x"},
    {"run", "max-rejects", "0", "-1", "wants a number of rows, or a share", "x"},
    {"run", "max-rejects", "2.5%", "101%", "wants a number of rows, or a share", "x"},
    {"run", "customers", "crm.csv", NULL, NULL, "x --wallet-units u"},
    {"run", "customers-map", "customer_id=Kunde", "id=Kunde", "fields: customer_id",
     "x --customers crm.csv --wallet-units u"},
    {"run", "wallet-units", "employees", NULL, NULL, "x --customers crm.csv"},
    {"run", "wallet-peers", "branch,size", NULL, NULL, "x --customers crm.csv --wallet-units u"},
    {"run", "wallet-rank", "rank", NULL, NULL, "x --customers crm.csv --wallet-brands b"},
    {"run", "wallet-brands", "brands", NULL, NULL, "x --customers crm.csv --wallet-rank r"},
    {"run", "wallet-declared", "budget", NULL, NULL, "x --customers crm.csv --wallet-units u"},
    {"run", "horizon", "1", "0", "DAYS is a whole number from 1 to 100000", "x"},
    {"run", "horizon", "100000", "1.5", "DAYS is a whole number from 1 to 100000", "x"},
    {"run", "churn-horizon", "90", "100001", "DAYS is a whole number from 1 to 100000", "x"},
    {"run", "discount-rate", "1%/month", "0.01", "wants 1%/month or 12%/year", "x"},
    {"run", "discount-rate", "12%/year", "12%", "say 12%/month or 12%/year", "x"},
    {"run", "discount-rate", "0%", "1%/week", "wants 1%/month or 12%/year", "x"},
    {"run", "discount-rate", "0.000001%/month", "-1%/year", "wants 1%/month or 12%/year", "x"},
    {"run", "churn-model", "auto", "NBD", "is one of auto|bgnbd|", "x"},
    {"run", "churn-model", "mbgcnbd", "cnbd", "is one of auto|bgnbd|", "x"},
    {"run", "churn-model", "nbd", "bgcnbd-2", "pnbd|nbd|mbgcnbd|bgcnbd|stack|none", "x"},
    {"run", "churn-model", "stack", "stacks", "is one of auto|bgnbd|", "x"},
    {"run", "churn-model", "mbgnbd", "bg", "is one of auto|bgnbd|mbgnbd|", "x"},
    {"run", "calibrate", "auto", "yes", "is one of off|auto", "x"},
    {"run", "regularity", "20", "21", "K is a whole number from 1 to 20",
     "x --churn-model mbgcnbd"},
    {"run", "inactive-after", "off", "never", "or off", "x"},
    {"run", "inactive-after", "365", "0", "DAYS is a whole number from 1", "x"},
    {"run", "rfm-bins", "2", "1", "N is a whole number from 2 to 9", "x"},
    {"run", "rfm-bins", "9", "10", "N is a whole number from 2 to 9", "x"},
    {"run", "rfm-ties", "ntile", "average", "is one of together|ntile", "x"},
    {"run", "rfm-frequency", "orders", "rows", "is one of days|orders", "x"},
    {"run", "rfm-window", "all", "off", "or all", "x"},
    {"run", "model", "model.json", NULL, NULL, "x"},
    {"run", "segments", "rules.txt", NULL, NULL, "x"},
    {"check", "segments", "rules.txt", NULL, NULL, "x"},
    {"run", "refit", "churn,tiers", "churn,tears", "'tears' is not one of", "x --model m.json"},
    {"run", "refit", "rfm,churn,spend,wallet,tiers", "rfm,rfm", "each once", "x --model m.json"},
    {"run", "wallet", "quantile=0.9", "quantile=1", "a share between 0 and 1",
     "x --customers c --wallet-units u"},
    {"run", "wallet", "mean", "median", "is one of declared|mean|quantile=0.8|regression",
     "x --customers c --wallet-units u"},
    {"run", "wallet", "regression=0.9", "regression=1", "a share between 0 and 1",
     "x --customers c --wallet-units u"},
    {"run", "wallet", "declared", "quantile:0.8", "is one of declared|mean",
     "x --customers c --wallet-declared d"},
    {"run", "tiers", "top:20,middle:60,bottom:20", "top:20,middle:60", "sum to 80, not to 100",
     "x"},
    {"run", "tiers", "a:33.4,b:33.3,c:33.3", "a:33.3,b:33.3,c:33.3", "sum to 99.9, not", "x"},
    {"run", "tiers", "only:100", "a:50,a:50", "two tiers are called 'a'", "x"},
    {"run", "tiers", "a:50%,b:50%", "inactive:50,b:50", "the name inactive is taken", "x"},
    {"run", "tiers", "_x9:100", "9x:100", "'9x' is no name of a tier", "x"},
    {"run", "tiers", "A:100,a:0", "a-b:100", "'a-b' is no name of a tier", "x"},
    {"run", "tiers", "a:99.999999,b:0.000001", "a:100,b", "'b' is not name:percent", "x"},
    {"run", "tiers", "a:100", "a:1e2", "'a:1e2' has no percentage", "x"},
    {"run", "tiers", "a:100", "a:100.", "'a:100.' has no percentage", "x"},
    {"run", "tiers", "a:100", "a:120,b:-20", "'a:120' has no percentage", "x"},
    {"run", "tiers", "a:100", "a:99.9999999,b:0.0000001", "has no percentage", "x"},
    {"run", "tier-by", "profit", "sales", "is one of clv|revenue|profit", "x"},
    {"run", "margin", "0.35", "1.01", "a share of the revenue from 0 to 1", "x"},
    {"run", "margin", "35%", "0.1234567", "at most six decimals", "x"},
    {"run", "serve-cost", "12.3456", "12.34567", "at most four decimals", "x --tier-by profit"},
    {"run", "serve-cost", "0", "1,50", "a point before", "x --tier-by profit"},
    {"run", "rfm-cuts", "r=30,60;m=9.99,50.5", "r=60,30", "wants rising cut points", "x"},
    {"run", "rfm-cuts", "f=1,2,4,8", "f=1.5", "wants rising cut points", "x"},
    {"run", "rfm-cuts", "f=1;r=7", "r=7,8;f=1", "and r has 2", "x"},
    {"run", "rfm-cuts", "m=-5,0", "d=3", "wants rising cut points", "x"},
    {"run", "contact-cost", "0.25", "1,50", "an amount from 0 to", "x"},
    {"run", "offer-cost", "10", "-1", "an amount from 0 to", "x"},
    {"run", "save-rate", "30%", "130%", "a share of the customers from 0 to 1", "x"},
    {"run", "take-rate", "0.5", "half", "a share of the customers from 0 to 1", "x"},
    {"run", "churn-threshold", "0.75", "1.5", "a probability from 0 to 1", "x"},
    {"run", "columns", "minimal", "minimum", "'minimum' is neither a column of scores.csv", "x"},
    {"run", "columns", "tier,customer_id", "tier,tier", "'tier' stands there twice", "x"},
    {"run", "columns", "rfm,clv", "rfm,,clv", "names nothing", "x"},
    {"run", "time-unit", "day", "month", "is one of day|week", "x --columns lifetimes"},
    {"run", "digits", "17", "18", "N is a whole number from 1 to 17", "x"},
    {"run", "out", "d", NULL, NULL, "x"},
    {"explain", "run", "d", NULL, NULL, "4711"},
    {"sink", "bind", "tcp://127.0.0.1:0", "127.0.0.1:5555", "wants tcp://host:port or ipc://path",
     "--state s"},
    {"sink", "keys", "d", NULL, NULL, "--bind ipc://a --state s"},
    {"worker", "connect-timeout", "30", "0", "SECONDS is a whole number from 1 to 86400",
     "--ventilator ipc://v --sink ipc://s --state s"},
    {"worker", "replay", "f", NULL, NULL, ""},
    {"keygen", "worker", "n", NULL, NULL, "d"},
    {"keygen", "client", "n", NULL, NULL, "d"},
    {"ventilator", "slice", "60", "0", "SECONDS is a whole number from 1 to 86400",
     "--serve --bind ipc://v --sink ipc://s --state s"},
    {"submit", "to", "tcp://v:1", "v:1", "wants tcp://host:port or ipc://path", "x"},
    {"submit", "name", "nightly", "../x", "wants letters, digits and . _ -", "x --to ipc://v"},
    {"submit", "owner", "ada.l", "-a", "not beginning with . or -", "x --to ipc://v"},
    {"submit", "idempotency-key", "2026-01-31", NULL, NULL, "x --to ipc://v"},
    {"submit", "connect-timeout", "5", "0", "SECONDS is a whole number", "x --to ipc://v"},
    {"fetch", "out", "d", NULL, NULL, "1 --to ipc://v"},
    {"status", "job", "20260131-093000-1f2e", "a/b", "wants letters, digits", "ipc://v"},
    {"worker", "replay", "f", NULL, NULL, "--ventilator ipc://v --sink ipc://s --state s"},
    {"sink", "metrics", "[::1]:9100", "9100", "wants HOST:PORT", "--bind ipc://a --state s"},
    {"sink", "trace", "t.json", NULL, NULL, "--bind ipc://a --state s"},
    {"run", "trace", "t.json", NULL, NULL, "x"},
    {"sink", "bind", "ipc:///run/w", "inproc://w", "wants tcp://host:port or ipc://path",
     "--state s"},
    {"worker", "ventilator", "tcp://v:1", "tcp://v", "wants tcp://host:port",
     "--sink ipc://s --state s"},
    {"worker", "sink", "tcp://s:1", "ipc://", "wants tcp://host:port",
     "--ventilator ipc://v --state s"},
    {"run", "workers", "7", "0", "N is a whole number from 1 to 1024", "x"},
    {"run", "shards", "64", "63", "N is a power of two", "x"},
    {"run", "shards", "1", "131072", "N is a power of two from 1 to 65536", "x"},
    {"run", "state", "s", NULL, NULL, "x"},
    {"run", "log-format", "json", "xml", "is one of text|json", "x"},
    {"generate", "customers", "20000", "0", "N is a whole number from 1 to 2000000000", ""},
    {"generate", "seed", "18446744073709551615", "18446744073709551616",
     "S is a whole number from 0", "--customers 1"},
    {"generate", "days", "1", "0", "D is a whole number", "--customers 1"},
    {"generate", "start", "2020-02-29", "2021-02-29", "is not a date", "--customers 1"},
    {"generate", "joining", "730", "731", "is more than --days 730", "--customers 1"},
    {"generate", "r", "0.25", "0", "R is a decimal number over 0", "--customers 1"},
    {"generate", "alpha", "4.4", "-1", "ALPHA is a decimal number over 0", "--customers 1"},
    {"generate", "a", "0.8", "1e3", "A is a decimal number over 0", "--customers 1"},
    {"generate", "b", "2.5", "inf", "B is a decimal number over 0", "--customers 1"},
    {"generate", "p", "6", "nan", "P is a decimal number over 0", "--customers 1"},
    {"generate", "q", "4", "0x4", "Q is a decimal number over 0", "--customers 1"},
    {"generate", "v", "15", "1000000.1", "V is a decimal number over 0", "--customers 1"},
    {"generate", "refund-share", "2.5%", "2.5", "share of the purchases", "--customers 1"},
    {"generate", "truth", "t.csv", NULL, NULL, "--customers 1"},
};

static const char *line_of(const struct example *example, const char *value, char out[300])
{
    snprintf(out, 300, "%s --%s %s %s", example->verb, example->flag, value, example->rest);
    return out;
}

static void every_example_is_taken(void **state)
{
    (void)state;
    struct command_line line;
    char words[300];
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        command_line_read(&line, line_of(&examples[i], examples[i].good, words));
        if (line.status || *line.said.text)
            print_error("%s: %s", words, line.said.text);
        assert_int_equal(line.status, 0);
        assert_string_equal(line.said.text, "");
        assert_string_equal(options_given(&line.options, examples[i].flag)->text, examples[i].good);
        command_line_close(&line);
    }
}

static void every_counterexample_is_refused_in_words(void **state)
{
    (void)state;
    struct command_line line;
    char words[300], named[300];
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        if (!example->bad)
            continue;
        command_line_read(&line, line_of(example, example->bad, words));
        snprintf(named, sizeof named, "error: --%s %s: ", example->flag, example->bad);
        if (line.status != STATUS_USAGE || !strstr(line.said.text, example->because))
            print_error("%s: status %d, said: %s", words, line.status, line.said.text);
        assert_int_equal(line.status, STATUS_USAGE);
        assert_non_null(strstr(line.said.text, example->because));
        assert_non_null(strstr(line.said.text, named));
        command_line_close(&line);
    }
}

static int has_example(const char *verb, const char *flag)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        if (strcmp(examples[i].verb, verb) == 0 && strcmp(examples[i].flag, flag) == 0)
            return 1;
    return 0;
}

/* The first verb in whose examples a flag could stand. */
static const char *verb_of(const struct flag *flag)
{
    for (int verb = 0; verb < VERBS; verb++)
        if (flag->verbs & FLAG_OF(verb) &&
            has_example(verbs_row((enum verb_kind)verb)->name, flag->name))
            return verbs_row((enum verb_kind)verb)->name;
    return NULL;
}

static void no_flag_with_a_value_lacks_an_example(void **state)
{
    (void)state;
    const struct flag *flag;
    size_t n = 0;
    for (size_t i = 0; (flag = flags_row(i)); i++, n++) {
        if (flag->kind == FLAG_SWITCH)
            continue;
        if (!verb_of(flag))
            print_error("--%s has no example\n", flag->name);
        assert_non_null(verb_of(flag));
    }
    assert_in_range(n, 60, FLAGS_LIMIT - 1);
}

/* Two rows of one name must belong to different verbs, and every row says what users need. */
static void no_verb_has_two_flags_of_one_name(void **state)
{
    (void)state;
    const struct flag *flag;
    for (size_t i = 0; (flag = flags_row(i)); i++) {
        for (int verb = 0; verb < VERBS; verb++)
            if (flag->verbs & FLAG_OF(verb))
                assert_ptr_equal(flags_find((enum verb_kind)verb, flag->name), flag);
        assert_true(strlen(flag->help) > 8);
        assert_non_null(flag->standard);
        assert_true(strlen(flag->name) + sizeof "WINNOW_" <= FLAG_VARIABLE_BYTES);
    }
}

/* The default that help shows, given as a flag, changes nothing. */
static void the_defaults_shown_are_the_defaults(void **state)
{
    (void)state;
    static const char *const shown[] = {
        "input-kind",    "sample",      "max-rejects",    "horizon",  "churn-horizon",
        "discount-rate", "churn-model", "inactive-after", "rfm-bins", "rfm-ties",
        "rfm-frequency", "rfm-window",  "tiers",          "tier-by",  "margin",
        "digits",        "log-format",
    };
    struct command_line plain, given;
    char words[200];
    command_line_read(&plain, "run x");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const struct flag *flag = flags_find(VERB_RUN, shown[i]);
        snprintf(words, sizeof words, "run x --%s %s", flag->name, flag->standard);
        command_line_read(&given, words);
        assert_int_equal(given.status, 0);
        given.options.settings.reading.ledgers = plain.options.settings.reading.ledgers;
        given.options.settings.reading.excludes = plain.options.settings.reading.excludes;
        assert_memory_equal(&given.options.settings.reading, &plain.options.settings.reading,
                            sizeof plain.options.settings.reading);
        assert_memory_equal(&given.options.settings.scoring, &plain.options.settings.scoring,
                            sizeof plain.options.settings.scoring);
        assert_int_equal(given.options.settings.running.log_format, LOG_TEXT);
        command_line_close(&given);
    }
    command_line_close(&plain);
}

static const struct plan *plan_of(struct command_line *line, const char *words)
{
    command_line_read(line, words);
    assert_int_equal(line->status, 0);
    return &line->options.settings.scoring.plan;
}

static void tiers_are_kept_to_a_millionth_of_a_percent(void **state)
{
    (void)state;
    struct command_line line;
    const struct plan *plan =
        plan_of(&line, "run x --tiers gold:0.1,silver:33.333333,rest:66.566667");
    assert_int_equal(plan->n_tiers, 3);
    assert_string_equal(plan->tiers[1].name, "silver");
    assert_int_equal(plan->tiers[0].share, 100000);
    assert_int_equal(plan->tiers[1].share, 33333333);
    assert_int_equal(plan->tiers[2].share, 66566667);
    command_line_close(&line);
}

static void rates_and_shares_are_exact(void **state)
{
    (void)state;
    struct command_line line;
    assert_true(plan_of(&line, "run x --discount-rate 1%/month")->monthly_discount == 0.01);
    command_line_close(&line);
    /* (1 + d)^12 = 1.12, by bc */
    assert_close(plan_of(&line, "run x --discount-rate 12%/year")->monthly_discount,
                 0.009488792934582974126, 4);
    command_line_close(&line);
    assert_true(plan_of(&line, "run x --discount-rate 0%")->monthly_discount == 0);
    command_line_close(&line);
    assert_int_equal(plan_of(&line, "run x --margin 12.5%")->margin_millionths, 125000);
    command_line_close(&line);
    assert_int_equal(plan_of(&line, "run x --tier-by profit --serve-cost 12.3456")->serve_cost,
                     123456);
    command_line_close(&line);
    assert_true(plan_of(&line, "run x --churn-threshold 0.7")->churn_threshold == 0.7);
    command_line_close(&line);
}

static void words_for_no_limit_lift_it(void **state)
{
    (void)state;
    struct command_line line;
    const struct plan *plan = plan_of(&line, "run x --inactive-after off --rfm-window 365");
    assert_int_equal(plan->inactive_after_days, PLAN_DAYS_ALL);
    assert_int_equal(plan->rfm_window_days, 365);
    command_line_close(&line);
}

static void the_delimiter_has_words_and_signs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char sign;
    } pairs[] = {{"tab", '\t'}, {"\\t", '\t'}, {"comma", ','}, {"semicolon", ';'},
                 {"pipe", '|'}, {",", ','},    {";", ';'},     {"|", '|'}};
    struct command_line line;
    char words[60];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        snprintf(words, sizeof words, "run x --delimiter %s", pairs[i].text);
        command_line_read(&line, words);
        assert_int_equal(line.options.settings.reading.delimiter, pairs[i].sign);
        command_line_close(&line);
    }
}

static void limits_on_rejects_are_rows_or_a_share(void **state)
{
    (void)state;
    struct command_line line;
    command_line_read(&line, "run x --max-rejects 5");
    assert_int_equal(line.options.settings.reading.max_rejects, 5);
    command_line_close(&line);
    command_line_read(&line, "run x --max-rejects 0.5%");
    assert_int_equal(line.options.settings.reading.max_rejects, -1);
    assert_int_equal(line.options.settings.reading.max_rejects_millionths, 5000);
    command_line_close(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_taken),
        cmocka_unit_test(every_counterexample_is_refused_in_words),
        cmocka_unit_test(no_flag_with_a_value_lacks_an_example),
        cmocka_unit_test(no_verb_has_two_flags_of_one_name),
        cmocka_unit_test(the_defaults_shown_are_the_defaults),
        cmocka_unit_test(tiers_are_kept_to_a_millionth_of_a_percent),
        cmocka_unit_test(rates_and_shares_are_exact),
        cmocka_unit_test(words_for_no_limit_lift_it),
        cmocka_unit_test(the_delimiter_has_words_and_signs),
        cmocka_unit_test(limits_on_rejects_are_rows_or_a_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
