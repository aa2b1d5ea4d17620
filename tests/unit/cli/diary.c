/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diary.h"

#include "cli/chance.h"
#include "support/assert.h"

static void a_day_gives_back_what_was_put_on_it_last_first(void **state)
{
    (void)state;
    struct diary diary;
    assert_int_equal(diary_open(&diary, 3, 200), 0);
    for (uint32_t i = 0; i < 200; i++)
        diary_put(&diary, (int32_t)(i % 2) * 2, i);
    assert_int_equal(diary_take(&diary, 1), DIARY_NONE);
    assert_int_equal(diary_peek(&diary, 1, 0), DIARY_NONE);
    for (uint32_t left = 100; left > 0; left--) {
        uint32_t soon = diary_peek(&diary, 2, 3);
        assert_int_equal(soon, left > 3 ? 2 * (left - 4) + 1 : DIARY_NONE);
        assert_int_equal(diary_take(&diary, 2), 2 * (left - 1) + 1);
    }
    assert_int_equal(diary_take(&diary, 2), DIARY_NONE);
    assert_int_equal(diary_take(&diary, 0), 198);
    diary_close(&diary);
}

/* Whatever the order of puts and takes, the sheets suffice (asan watches) and nothing is lost. */
static void sheets_suffice_however_things_are_dealt(void **state)
{
    (void)state;
    enum { DAYS = 40, THINGS = 1000 };
    struct diary diary;
    struct chance chance = chance_seeded(3);
    uint32_t out[THINGS], n_out = 0, size = 100;
    assert_int_equal(diary_open(&diary, DAYS, size), 0);
    for (uint32_t i = 0; i < size; i++)
        out[n_out++] = i;
    for (int step = 0; step < 200000; step++) {
        int32_t day = (int32_t)(chance_bits(&chance) % DAYS);
        if (step == 50000) {
            assert_int_equal(diary_grow(&diary, THINGS), 0);
            for (; size < THINGS; size++)
                out[n_out++] = size;
        }
        uint32_t thing = chance_bits(&chance) % 3 ? DIARY_NONE : diary_take(&diary, day);
        if (thing != DIARY_NONE)
            out[n_out++] = thing;
        else if (n_out > 0)
            diary_put(&diary, day, out[--n_out]);
    }
    for (int32_t day = 0; day < DAYS; day++)
        for (uint32_t thing; (thing = diary_take(&diary, day)) != DIARY_NONE;)
            out[n_out++] = thing;
    assert_int_equal(n_out, THINGS);
    diary_close(&diary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_gives_back_what_was_put_on_it_last_first),
        cmocka_unit_test(sheets_suffice_however_things_are_dealt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
