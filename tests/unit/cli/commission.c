/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_line.h"
#include "support/assert.h"

/* The words of a submission, which are then n. */
static struct commission_words words_of(const char *line_words)
{
    struct command_line line;
    struct commission_words words;
    command_line_read(&line, line_words);
    if (line.status)
        print_error("%s: %s", line_words, line.said.text);
    assert_int_equal(line.status, 0);
    assert_int_equal(commission_write(&line.options, &words), 0);
    command_line_close(&line);
    return words;
}

static void has_words(const char *line_words, const char *const *wanted, size_t n)
{
    struct commission_words words = words_of(line_words);
    assert_int_equal(words.n, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(words.words[i], wanted[i]);
    commission_free(&words);
}

static void flags_come_first_as_they_were_given_then_ledgers(void **state)
{
    static const char *const wanted[] = {"--horizon=30", "--", "/data/a.csv", "/data/-b.csv"};
    (void)state;
    has_words("submit /data/a.csv /data/-b.csv --horizon 30 --to ipc://v --name n --wait", wanted,
              4);
}

static void what_is_repeated_is_there_as_often(void **state)
{
    static const char *const wanted[] = {"--exclude=status=a,b", "--exclude=shop=--c", "--redact",
                                         "--", "/x"};
    (void)state;
    has_words("submit /x --exclude status=a,b --redact --exclude shop=--c --to ipc://v", wanted, 5);
}

static void the_environment_of_who_submits_is_the_job_s(void **state)
{
    static const char *const wanted[] = {"--tiers=a:100", "--", "/x"};
    (void)state;
    setenv("WINNOW_TIERS", "a:100", 1);
    has_words("submit /x --to ipc://v", wanted, 3);
    unsetenv("WINNOW_TIERS");
}

static void the_environment_of_who_reads_is_not(void **state)
{
    static const char *const words[] = {"--", "/x"};
    (void)state;
    setenv("WINNOW_HORIZON", "never", 1);
    assert_int_equal(commission_check(words, 2), 0);
    unsetenv("WINNOW_HORIZON");
}

static void paths_are_made_absolute_and_links_are_kept(void **state)
{
    char here[512], wanted[600];
    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    struct commission_words words =
        words_of("submit a/../b.csv --customers c.csv --wallet-units u --to ipc://v");
    assert_int_equal(words.n, 4);
    snprintf(wanted, sizeof wanted, "--customers=%s/c.csv", here);
    assert_string_equal(words.words[0], wanted);
    assert_string_equal(words.words[1], "--wallet-units=u");
    snprintf(wanted, sizeof wanted, "%s/a/../b.csv", here);
    assert_string_equal(words.words[3], wanted);
    commission_free(&words);
}

static void is_refused(const char *const *words, size_t n, const char *because)
{
    struct said said;
    said_begin(&said);
    int r = commission_check(words, n);
    said_end(&said);
    assert_int_equal(r, STATUS_USAGE);
    if (!strstr(said.text, because))
        print_error("%s\n", said.text);
    assert_non_null(strstr(said.text, because));
}

static void a_ventilator_reads_words_as_run_does(void **state)
{
    static const char *const odd[] = {"--horizon=0", "--", "/x"};
    static const char *const unknown[] = {"--to=ipc://v", "--", "/x"};
    static const char *const nothing[] = {"--horizon=3", "--"};
    static const char *const relative[] = {"--", "x.csv"};
    static const char *const alone[] = {"--regularity=2", "--", "/x"};
    static const char *const help[] = {"--help", "--", "/x"};
    (void)state;
    is_refused(odd, 3, "--horizon 0: DAYS is a whole number");
    is_refused(unknown, 3, "run has no flag --to");
    is_refused(nothing, 2, "run wants LEDGER");
    is_refused(relative, 2, "must be absolute");
    is_refused(alone, 3, "says nothing without --churn-model");
    assert_int_equal(commission_check(help, 3), 0); /* and it helps nobody */
}

static void a_job_gives_the_ventilator_its_settings(void **state)
{
    static const char *words[] = {"--horizon=30", "--redact", "--", "/x", "/y"};
    struct docket_job job = {.words = words, .n_words = 5};
    struct ventilator_settings role = {.settings = NULL};
    void *held = NULL;
    (void)state;
    assert_int_equal(commission_read(&job, &role, &held), 0);
    assert_int_equal(role.settings->scoring.plan.horizon_days, 30);
    assert_int_equal(role.settings->reading.redact, 1);
    assert_int_equal(role.settings->reading.n_ledgers, 2);
    assert_string_equal(role.settings->reading.ledgers[1], "/y");
    assert_int_equal(role.settings->running.restart, 1);
    commission_release(&held);
    assert_null(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_come_first_as_they_were_given_then_ledgers),
        cmocka_unit_test(what_is_repeated_is_there_as_often),
        cmocka_unit_test(the_environment_of_who_submits_is_the_job_s),
        cmocka_unit_test(the_environment_of_who_reads_is_not),
        cmocka_unit_test(paths_are_made_absolute_and_links_are_kept),
        cmocka_unit_test(a_ventilator_reads_words_as_run_does),
        cmocka_unit_test(a_job_gives_the_ventilator_its_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
