/* SPDX-License-Identifier: Apache-2.0 */
#include "common/program.h"

#include "support/assert.h"

/* Every program of the tree is linked with a build id; without one nothing of an earlier job would be kept. */
static void a_program_knows_itself(void **state)
{
    (void)state;
    assert_false(digest_none(program_digest()));
    assert_true(digest_same(program_digest(), program_digest()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_program_knows_itself)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
