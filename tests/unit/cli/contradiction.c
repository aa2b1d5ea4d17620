/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/contradiction.h"

#include <stdio.h>
#include <string.h>

#include "command_line.h"
#include "support/assert.h"

static void answers(const char *words, int status, const char *said)
{
    struct command_line line;
    command_line_read(&line, words);
    if (line.status != status || !strstr(line.said.text, said))
        print_error("%s: status %d, said: %s", words, line.status, line.said.text);
    assert_int_equal(line.status, status);
    assert_non_null(strstr(line.said.text, said));
    command_line_close(&line);
}

static void refused(const char *words, const char *because)
{
    answers(words, STATUS_USAGE, because);
}

static void silent(const char *words)
{
    struct command_line line;
    command_line_read(&line, words);
    assert_int_equal(line.status, 0);
    assert_string_equal(line.said.text, "");
    command_line_close(&line);
}

static void roles_say_what_they_lack(void **state)
{
    (void)state;
    refused("ventilator x --sink ipc://s", "ventilator wants --bind, for example");
    refused("ventilator x --bind ipc://v", "ventilator wants --sink");
    refused("worker --sink ipc://s --state s", "worker wants --ventilator");
    refused("worker --ventilator ipc://v --state s", "worker wants --sink");
    refused("worker --ventilator ipc://v --sink ipc://s", "worker wants --state");
    refused("sink --state s", "sink wants --bind");
    refused("sink --bind ipc://s", "sink wants --state");
    refused("generate", "generate wants --customers");
    refused("backtest x", "backtest wants --split");
    silent("backtest x --split 2024-06-30 --as-of 2024-12-31");
    silent("ventilator x --bind ipc://v --sink ipc://s --tiers a:100");
    silent("sink --bind ipc://s --state s --out d");
}

static void a_model_freezes_what_it_holds_unless_refitted(void **state)
{
    (void)state;
    refused("run x --model m.json --rfm-bins 4", "--model m.json has frozen this; --refit rfm");
    refused("run x --model m.json --rfm-ties ntile", "--refit rfm");
    refused("run x --model m.json --rfm-frequency orders", "--refit rfm");
    refused("run x --model m.json --rfm-window 365", "--refit rfm");
    refused("run x --model m.json --churn-model bgnbd", "--refit churn");
    refused("run x --model m.json --churn-model mbgcnbd --regularity 2", "--refit churn");
    refused("run x --model m.json --calibrate auto", "--refit churn");
    refused("run x --model m.json --tiers a:100", "--refit tiers");
    refused("run x --model m.json --tier-by revenue --refit churn", "--refit tiers");
    refused("run x --model m.json --churn-threshold 0.5", "--refit tiers");
    refused("run x --model m.json --customers c --wallet-units u --wallet mean", "--refit wallet");
    silent("run x --model m.json --tiers a:100 --tier-by revenue --refit tiers");
    silent("run x --model m.json --rfm-bins 4 --churn-model bgnbd --refit rfm,churn");
    silent("run x --model m.json --horizon 90 --churn-horizon 30 --as-of 2024-01-31");
    silent("run x --model m.json --customers c --wallet-units u --wallet-peers p");
    refused("run x --refit tiers", "says nothing without --model");
}

static void wallets_need_customers_and_columns(void **state)
{
    (void)state;
    refused("run x --wallet mean", "says nothing without --customers FILE");
    refused("run x --wallet-units u", "says nothing without --customers FILE");
    refused("run x --customers-map customer_id=Id", "says nothing without --customers FILE");
    refused("run x --customers c --wallet-units u --wallet declared", "needs --wallet-declared");
    refused("run x --customers c --wallet war", "needs --wallet-rank COLUMN and --wallet-brands");
    refused("run x --customers c --wallet-rank r", "needs --wallet-brands COLUMN");
    refused("run x --customers c --wallet-brands b", "needs --wallet-rank COLUMN");
    refused("run x --wallet-rank r --wallet-brands b", "says nothing without --customers");
    refused("run x --customers c --wallet-rank r --wallet-brands b --wallet mean",
            "--wallet war does");
    answers("run x --customers c", 0, "warning: --customers has no effect without");
}

static enum wallet_method method_of(const char *words)
{
    struct command_line line;
    command_line_read(&line, words);
    assert_int_equal(line.status, 0);
    enum wallet_method method = line.options.settings.scoring.plan.wallet_method;
    command_line_close(&line);
    return method;
}

static void the_wallet_is_estimated_where_it_is_not_declared(void **state)
{
    (void)state;
    assert_int_equal(method_of("run x --customers c --wallet-units u"), WALLET_QUANTILE);
    assert_int_equal(method_of("run x --customers c --wallet-declared d"), WALLET_DECLARED);
    assert_int_equal(method_of("run x --customers c --wallet-rank r --wallet-brands b"),
                     WALLET_WAR);
    assert_int_equal(method_of("run x --customers c --wallet-declared d --wallet-units u"),
                     WALLET_QUANTILE);
    assert_int_equal(method_of("run x --customers c --wallet-peers p"), WALLET_QUANTILE);
    assert_int_equal(method_of("run x --customers c --wallet-declared d --wallet-units u "
                               "--wallet quantile=0.9"),
                     WALLET_QUANTILE);
}

static void state_and_out_are_two_directories(void **state)
{
    (void)state;
    refused("run x --out d --state d/", "is the directory of --out");
    refused("run x --state winnow-out", "is the directory of --out");
    silent("run x --out d --state d.state");
    silent("worker --ventilator ipc://v --sink ipc://s --state winnow-out");
}

static void stdin_is_read_once(void **state)
{
    (void)state;
    refused("run - -", "stdin can be read once, it is named 2 times");
    refused("run - --customers - --wallet-units u", "stdin can be read once");
    silent("run -");
}

static void a_door_open_to_strangers_is_a_matter_of_configuration(void **state)
{
    (void)state;
    static const char *const open[] = {"tcp://*:5555",     "tcp://0.0.0.0:1",
                                       "tcp://10.0.0.1:1", "tcp://127.example.com:1",
                                       "tcp://[::]:1",     "tcp://eth0:1"};
    static const char *const shut[] = {"tcp://127.0.0.1:1", "tcp://127.1.2.3:0", "tcp://[::1]:1",
                                       "tcp://localhost:1", "tcp://lo:*",        "ipc://x"};
    char words[120];
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        snprintf(words, sizeof words, "sink --state s --bind %s", open[i]);
        answers(words, STATUS_CONFIG, "--insecure allows it");
        snprintf(words, sizeof words, "sink --state s --insecure --bind %s", open[i]);
        silent(words);
    }
    for (size_t i = 0; i < sizeof shut / sizeof shut[0]; i++) {
        snprintf(words, sizeof words, "sink --state s --bind %s", shut[i]);
        silent(words);
    }
}

static void a_flag_without_effect_is_warned_of(void **state)
{
    (void)state;
    answers("run x --time-unit day", 0, "warning: --time-unit has no effect without --columns");
    silent("run x --serve-cost 3"); /* tiers.csv counts who costs more than he brings */
    silent("run x --time-unit day --columns lifetimes");
}

static void a_generated_ledger_ends_before_the_calendar(void **state)
{
    (void)state;
    refused("generate --customers 1 --start 9999-12-31 --days 2", "past 9999-12-31");
    silent("generate --customers 1 --start 9999-12-31 --days 1");
    silent("generate --customers 1 --days 1");
}

static void regularity_is_of_the_regular_models(void **state)
{
    (void)state;
    refused("run x --regularity 2", "--churn-model mbgcnbd or bgcnbd");
    refused("run x --regularity 2 --churn-model pnbd", "--churn-model mbgcnbd or bgcnbd");
    silent("run x --regularity 2 --churn-model mbgcnbd");
    silent("run x --regularity 20 --churn-model bgcnbd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_say_what_they_lack),
        cmocka_unit_test(regularity_is_of_the_regular_models),
        cmocka_unit_test(a_model_freezes_what_it_holds_unless_refitted),
        cmocka_unit_test(wallets_need_customers_and_columns),
        cmocka_unit_test(the_wallet_is_estimated_where_it_is_not_declared),
        cmocka_unit_test(state_and_out_are_two_directories),
        cmocka_unit_test(stdin_is_read_once),
        cmocka_unit_test(a_door_open_to_strangers_is_a_matter_of_configuration),
        cmocka_unit_test(a_flag_without_effect_is_warned_of),
        cmocka_unit_test(a_generated_ledger_ends_before_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
