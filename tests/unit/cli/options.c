/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "score/day.h"
#include "support/assert.h"

/* Reads a line that must be accepted, without a word. */
static const struct options *accepted(struct command_line *line, const char *words)
{
    command_line_read(line, words);
    if (line->status)
        print_error("%s: %s", words, line->said.text);
    assert_int_equal(line->status, 0);
    assert_string_equal(line->said.text, "");
    return &line->options;
}

static void refused(const char *words, const char *because)
{
    struct command_line line;
    command_line_read(&line, words);
    if (line.status != STATUS_USAGE || !strstr(line.said.text, because))
        print_error("%s: status %d, said: %s", words, line.status, line.said.text);
    assert_int_equal(line.status, STATUS_USAGE);
    assert_non_null(strstr(line.said.text, because));
    command_line_close(&line);
}

static void nothing_said_leaves_the_defaults(void **state)
{
    (void)state;
    struct command_line line;
    const struct options *options = accepted(&line, "run ledger.csv");
    const struct settings *settings = &options->settings;
    assert_int_equal(settings->reading.n_ledgers, 1);
    assert_string_equal(settings->reading.ledgers[0], "ledger.csv");
    assert_int_equal(settings->reading.as_of, DAY_NONE);
    assert_int_equal(settings->reading.max_rejects, -1);
    assert_int_equal(settings->reading.max_rejects_millionths, 10000);
    assert_int_equal(settings->reading.sample_millionths, 1000000);
    assert_int_equal(settings->scoring.plan.horizon_days, 365);
    assert_int_equal(settings->scoring.plan.wallet_method, WALLET_NONE);
    assert_int_equal(settings->scoring.digits, 6);
    assert_string_equal(settings->running.out, "winnow-out");
    command_line_close(&line);
}

static void operands_and_flags_come_in_any_order(void **state)
{
    (void)state;
    struct command_line line;
    setenv("POSIXLY_CORRECT", "1", 1);
    const struct options *options =
        accepted(&line, "run a.csv --horizon 30 b.csv --out=d - -- --odd.csv");
    unsetenv("POSIXLY_CORRECT");
    assert_int_equal(options->settings.reading.n_ledgers, 4);
    assert_string_equal(options->settings.reading.ledgers[1], "b.csv");
    assert_string_equal(options->settings.reading.ledgers[2], "-");
    assert_string_equal(options->settings.reading.ledgers[3], "--odd.csv");
    assert_int_equal(options->settings.scoring.plan.horizon_days, 30);
    assert_string_equal(options->settings.running.out, "d");
    command_line_close(&line);
}

static void a_flag_beats_the_environment_beats_the_default(void **state)
{
    (void)state;
    struct command_line line;
    setenv("WINNOW_HORIZON", "30", 1);
    setenv("WINNOW_CHURN_HORIZON", "10", 1);
    setenv("WINNOW_REDACT", "yes", 1);
    setenv("WINNOW_NO_HEADER", "0", 1);
    setenv("WINNOW_TIERS", "", 1);
    const struct options *options = accepted(&line, "run x --horizon 60");
    assert_int_equal(options->settings.scoring.plan.horizon_days, 60);
    assert_int_equal(options->settings.scoring.plan.churn_horizon_days, 10);
    assert_int_equal(options->settings.reading.redact, 1);
    assert_int_equal(options->settings.reading.no_header, 0);
    assert_int_equal(options->settings.scoring.plan.n_tiers, 3);
    assert_int_equal(options_given(options, "horizon")->source, SETTING_FLAG);
    assert_int_equal(options_given(options, "churn-horizon")->source, SETTING_ENVIRONMENT);
    assert_null(options_given(options, "tiers"));
    command_line_close(&line);
    unsetenv("WINNOW_HORIZON");
    unsetenv("WINNOW_CHURN_HORIZON");
    unsetenv("WINNOW_REDACT");
    unsetenv("WINNOW_NO_HEADER");
    unsetenv("WINNOW_TIERS");
}

static void a_variable_is_checked_as_its_flag_is_and_named(void **state)
{
    (void)state;
    setenv("WINNOW_HORIZON", "never", 1);
    refused("run x", "WINNOW_HORIZON=never: DAYS is a whole number from 1 to 100000");
    unsetenv("WINNOW_HORIZON");
    setenv("WINNOW_SLICE", "soon", 1);
    refused("ventilator --serve --bind ipc://a --sink ipc://b --state s",
            "WINNOW_SLICE=soon: SECONDS is a whole number from 1 to 86400");
    unsetenv("WINNOW_SLICE");
    setenv("WINNOW_REDACT", "perhaps", 1);
    refused("run x", "WINNOW_REDACT=perhaps: wants 1 or 0");
    unsetenv("WINNOW_REDACT");
}

static void variables_of_other_verbs_are_left_alone(void **state)
{
    (void)state;
    struct command_line line;
    setenv("WINNOW_TIERS", "nonsense", 1);
    setenv("WINNOW_CUSTOMERS", "crm.csv", 1);
    accepted(&line, "worker --ventilator ipc://a --sink ipc://b --state s");
    command_line_close(&line);
    const struct options *options = accepted(&line, "generate --customers 5");
    assert_int_equal(options->people.customers, 5);
    command_line_close(&line);
    unsetenv("WINNOW_TIERS");
    unsetenv("WINNOW_CUSTOMERS");
}

static const struct settings_entry *entry_of(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->settings.n_entries; i++)
        if (strcmp(options->settings.entries[i].name, name) == 0)
            return &options->settings.entries[i];
    return NULL;
}

static void the_entries_say_each_setting_and_where_it_came_from(void **state)
{
    (void)state;
    struct command_line line;
    setenv("WINNOW_DIGITS", "9", 1);
    const struct options *options =
        accepted(&line, "run x --exclude status=test --redact --exclude a=b --tier-by revenue");
    unsetenv("WINNOW_DIGITS");
    assert_string_equal(entry_of(options, "digits")->value, "9");
    assert_int_equal(entry_of(options, "digits")->source, SETTING_ENVIRONMENT);
    assert_string_equal(entry_of(options, "tier-by")->value, "revenue");
    assert_int_equal(entry_of(options, "tier-by")->source, SETTING_FLAG);
    assert_string_equal(entry_of(options, "horizon")->value, "365");
    assert_int_equal(entry_of(options, "horizon")->source, SETTING_DEFAULT);
    assert_string_equal(entry_of(options, "redact")->value, "yes");
    assert_string_equal(entry_of(options, "no-header")->value, "no");
    assert_string_equal(entry_of(options, "exclude")->value, "status=test");
    assert_string_equal((entry_of(options, "exclude") + 1)->value, "a=b");
    assert_null(entry_of(options, "keys"));
    assert_null(entry_of(options, "help"));
    assert_null(entry_of(options, "bind"));
    command_line_close(&line);
}

static void help_wins_over_whatever_else_is_wrong(void **state)
{
    (void)state;
    struct command_line line;
    command_line_read(&line, "run --bogus --help");
    assert_int_equal(line.status, OPTIONS_E_HELP);
    assert_string_equal(line.said.text, "");
    command_line_close(&line);
    command_line_read(&line, "worker -h");
    assert_int_equal(line.status, OPTIONS_E_HELP);
    command_line_close(&line);
    assert_string_equal(accepted(&line, "run -- --help")->settings.reading.ledgers[0], "--help");
    command_line_close(&line);
}

static void an_unknown_flag_is_refused_with_the_nearest(void **state)
{
    (void)state;
    refused("run x --horizn 3", "run has no flag --horizn; did you mean --horizon?");
    refused("run x --tiesr a:100", "did you mean --tiers?");
    refused("run x --max-reject=3", "did you mean --max-rejects?");
    refused("run x --bind ipc://a", "run has no flag --bind; it belongs to ventilator, sink");
    refused("run x --zzzzzz", "winnow help run lists them");
    refused("run x -q", "-q: there is no such flag; they have two dashes");
    refused("run x -horizon 3", "-h: there is no such flag; they have two dashes");
    refused("run x -h3", "-h: there is no such flag");
}

static void abbreviations_and_repetitions_are_refused(void **state)
{
    (void)state;
    refused("run x --horiz 3", "--horiz: flags are written out; did you mean --horizon?");
    refused("run x --horiz=3", "--horiz=3: flags are written out; did you mean --horizon?");
    refused("run x --rfm 3", "did you mean --rfm-");
    refused("run x --digits 3 --digits 4", "--digits is given twice");
    refused("run x --redact --redact", "--redact is given twice");
}

static void a_missing_value_is_seen(void **state)
{
    (void)state;
    refused("run x --out", "--out: wants DIR, got nothing");
    refused("run x --out --workers 2", "--out: wants DIR, got the flag --workers");
    refused("run x --out=", "--out: wants DIR, got nothing");
    refused("run x --redact=1", "--redact=1: --redact takes no value");
}

static void operands_are_counted(void **state)
{
    (void)state;
    struct command_line line;
    refused("run", "run wants LEDGER...; winnow help run shows how");
    refused("explain", "explain wants CUSTOMER");
    refused("explain 1 2", "2: explain takes one CUSTOMER");
    refused("worker x --ventilator ipc://a --sink ipc://b --state s", "x: worker takes flags only");
    assert_string_equal(accepted(&line, "explain 4711 --run d")->customer, "4711");
    assert_string_equal(line.options.run, "d");
    command_line_close(&line);
    assert_string_equal(accepted(&line, "help run")->topic, "run");
    command_line_close(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_leaves_the_defaults),
        cmocka_unit_test(operands_and_flags_come_in_any_order),
        cmocka_unit_test(a_flag_beats_the_environment_beats_the_default),
        cmocka_unit_test(a_variable_is_checked_as_its_flag_is_and_named),
        cmocka_unit_test(variables_of_other_verbs_are_left_alone),
        cmocka_unit_test(the_entries_say_each_setting_and_where_it_came_from),
        cmocka_unit_test(help_wins_over_whatever_else_is_wrong),
        cmocka_unit_test(an_unknown_flag_is_refused_with_the_nearest),
        cmocka_unit_test(abbreviations_and_repetitions_are_refused),
        cmocka_unit_test(a_missing_value_is_seen),
        cmocka_unit_test(operands_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
