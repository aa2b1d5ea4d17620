/* SPDX-License-Identifier: Apache-2.0 */
#include "common/log.h"

#include <string.h>

#include "support/assert.h"
#include "support/said.h"

static void the_first_error_is_kept_for_whoever_asks(void **state)
{
    struct log_first first = {0};
    struct said said;
    (void)state;
    said_begin(&said);
    log_keep(&first);
    log_say(LOG_WARN, "a warning");
    assert_string_equal(log_kept(&first), "");
    assert_int_equal(log_fail(STATUS_IO, "disk %d is full", 3), STATUS_IO);
    log_say(LOG_ERROR, "and nothing can be written");
    log_keep(NULL);
    said_end(&said);
    assert_string_equal(log_kept(&first), "disk 3 is full");
}

static void who_is_asked_in_between_has_his_own(void **state)
{
    struct log_first outer = {0}, inner = {0};
    struct said said;
    (void)state;
    said_begin(&said);
    log_keep(&outer);
    struct log_first *before = log_keep(&inner);
    assert_ptr_equal(before, &outer);
    log_say(LOG_ERROR, "inner");
    log_keep(before);
    log_say(LOG_ERROR, "outer");
    log_keep(NULL);
    log_say(LOG_ERROR, "nobody's");
    said_end(&said);
    assert_string_equal(log_kept(&inner), "inner");
    assert_string_equal(log_kept(&outer), "outer");
}

static void what_is_too_long_is_cut(void **state)
{
    struct log_first first = {0};
    struct said said;
    char words[2000];
    (void)state;
    memset(words, 'x', sizeof words);
    words[sizeof words - 1] = '\0';
    said_begin(&said);
    log_keep(&first);
    log_say(LOG_ERROR, "%s", words);
    log_keep(NULL);
    said_end(&said);
    assert_int_equal(strlen(log_kept(&first)), sizeof first.words - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_is_kept_for_whoever_asks),
        cmocka_unit_test(who_is_asked_in_between_has_his_own),
        cmocka_unit_test(what_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
