/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hash.h"

#include "support/assert.h"
#include "support/chance.h"
#include "support/namesakes.h"

/* What Debian's xxhsum 0.8.1 -H3 and -H2 print. */
static void hashes_are_xxh3_as_others_compute_it(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        uint64_t hash;
    } known[] = {{"", UINT64_C(0x2d06800538d394c2)},
                 {"1", UINT64_C(0x65cd25028f98f158)},
                 {"customer-0042", UINT64_C(0xcd79b6ab473a783c)},
                 {"Grunerl\xc3\xb8kka AS", UINT64_C(0x162c2bece5fe5702)}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(hash_customer(known[i].id, strlen(known[i].id)), known[i].hash);
    assert_int_equal(hash_customer_seeded("1", 1, 0), known[1].hash);
}

static void a_digest_is_printed_high_half_first(void **state)
{
    (void)state;
    char text[DIGEST_TEXT];
    digest_print(digest_of("", 0), text);
    assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
    digest_print(digest_of("customer-0042", 13), text);
    assert_string_equal(text, "cfedecc74cd463a491a52aba80057df7");
    digest_print((struct digest){1, 0}, text);
    assert_string_equal(text, "00000000000000000000000000000001");
}

static void a_shard_is_the_top_bits_so_that_shards_are_ranges_of_hashes(void **state)
{
    (void)state;
    struct chance chance = {1};
    assert_int_equal(hash_shard(UINT64_MAX, 0), 0);
    assert_int_equal(hash_shard(UINT64_MAX, 1), 0);
    for (uint32_t shards = 2; shards <= 65536; shards *= 2)
        for (int i = 0; i < 100; i++) {
            uint64_t hash = chance_next(&chance);
            uint32_t shard = hash_shard(hash, shards);
            assert_true(shard < shards);
            assert_int_equal(shard, hash / (UINT64_MAX / shards + 1));
        }
}

static void seeds_and_the_order_s_key_are_other_functions(void **state)
{
    (void)state;
    uint64_t plain = hash_customer("customer-0042", 13);
    uint64_t sample = hash_customer_seeded("customer-0042", 13, HASH_SAMPLE_SEED);
    uint64_t keep = hash_customer_seeded("customer-0042", 13, HASH_KEEP_SEED);
    assert_true(plain != sample && plain != keep && sample != keep);
    assert_int_equal(hash_order("customer-0042", 13), plain);
}

/* The one input of four to eight bytes whose hash is 0 is found backwards. */
static void an_order_that_hashes_to_nothing_still_has_a_key(void **state)
{
    (void)state;
    char id[8];
    assert_true(namesakes_invert(0, 8, id));
    assert_int_equal(hash_customer(id, 8), 0);
    assert_int_equal(hash_order(id, 8), 1);
}

static void digests_are_the_same_in_both_halves_or_not_at_all(void **state)
{
    (void)state;
    const struct digest a = {1, 2};
    assert_true(digest_same(a, (struct digest){1, 2}));
    assert_false(digest_same(a, (struct digest){1, 3}));
    assert_false(digest_same(a, (struct digest){2, 2}));
    assert_true(digest_none((struct digest){0, 0}));
    assert_false(digest_none((struct digest){0, 1}));
    assert_false(digest_none((struct digest){1, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_xxh3_as_others_compute_it),
        cmocka_unit_test(a_digest_is_printed_high_half_first),
        cmocka_unit_test(a_shard_is_the_top_bits_so_that_shards_are_ranges_of_hashes),
        cmocka_unit_test(seeds_and_the_order_s_key_are_other_functions),
        cmocka_unit_test(an_order_that_hashes_to_nothing_still_has_a_key),
        cmocka_unit_test(digests_are_the_same_in_both_halves_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
