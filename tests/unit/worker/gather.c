/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "score/money.h"
#include "support/assert.h"
#include "support/people.h"
#include "support/shard.h"
#include "support/slow_digest.h"

struct scene {
    struct chance chance;
    struct gather *gather;
    struct arena *arena;
    struct attribute_table attributes;
    struct slice people; /* --customers of all shards */
    struct work_plan work;
};

static int begin(void **state)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    scene.chance.state = 51;
    scene.arena = arena_new((size_t)64 << 20);
    scene.work = (struct work_plan){.shards = 1, .sample_per_shard = 50};
    scene.work.plan = (struct plan){.as_of = 900,
                                    .first_day = -1000,
                                    .inactive_after_days = 730,
                                    .rfm_window_days = PLAN_DAYS_ALL,
                                    .wallet_window_days = 365,
                                    .rfm_bins = 5,
                                    .has_amount = 1};
    *state = &scene;
    return gather_new(&scene.gather) || attributes_new(&scene.attributes);
}

static int end(void **state)
{
    struct scene *scene = *state;
    gather_destroy(&scene->gather);
    gather_destroy(&scene->gather);
    attributes_free(&scene->attributes);
    arena_destroy(&scene->arena);
    people_free(&scene->people);
    return 0;
}

/* A plan in whose middle the rows of a shard of chance lie. */
static void draw_plan(struct scene *scene)
{
    struct chance *chance = &scene->chance;
    struct plan *plan = &scene->work.plan;
    plan->as_of = -900 + (int32_t)chance_below(chance, 4500);
    plan->inactive_after_days = chance_below(chance, 3) ? 400 : PLAN_DAYS_ALL;
    plan->rfm_window_days = chance_below(chance, 2) ? 300 : PLAN_DAYS_ALL;
    plan->rfm_frequency = chance_below(chance, 2) ? RFM_ORDERS : RFM_DAYS;
    plan->rfm_ties = chance_below(chance, 2) ? RFM_NTILE : RFM_TOGETHER;
    plan->wallet_method = chance_below(chance, 3) ? WALLET_QUANTILE : WALLET_NONE;
    plan->wallet_window_days = (int32_t)chance_below(chance, 500);
    scene->work.sample_per_shard = (uint32_t)chance_below(chance, 3) * 20;
}

/* About half of the customers get attributes, in one of five groups. */
static void draw_people(struct scene *scene, const struct histories *histories)
{
    static const char *const groups[] = {"no\x1ftelecom", "no", "se", "",
                                         "no\x1f"
                                         "retail"};
    struct person *people = calloc(histories->n + 1, sizeof *people);
    size_t n = 0;
    for (uint32_t i = 0; i < histories->n; i++) {
        if (chance_below(&scene->chance, 2))
            continue;
        struct person *person = &people[n++];
        person->id = histories_id(histories, i, &person->id_length);
        person->has_units = chance_below(&scene->chance, 5) > 0;
        person->units = (int64_t)chance_below(&scene->chance, 4) * 12500;
        person->group = groups[chance_below(&scene->chance, 5)];
    }
    people_free(&scene->people);
    scene->people = people_bytes(people, n, 100);
    free(people);
}

static void join(struct scene *scene, const struct histories *histories)
{
    arena_reset(scene->arena);
    assert_int_equal(attributes_join(&scene->attributes, scene->people, histories, scene->arena),
                     0);
}

static void gathered_of(struct scene *scene, const struct histories *histories,
                        struct gathered *out)
{
    join(scene, histories);
    assert_int_equal(gather_begin(scene->gather, &scene->work, histories, &scene->attributes), 0);
    for (uint32_t at = 0; at < histories->n;) {
        uint32_t to = at + 1 + (uint32_t)chance_below(&scene->chance, 40);
        to = to < histories->n ? to : histories->n;
        assert_int_equal(gather_some(scene->gather, at, to), 0);
        at = to;
    }
    assert_int_equal(gather_end(scene->gather, out), 0);
}

static struct slow_digest got, want, whole, piece;

static void digests_are_those_made_the_plain_way(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 120; i++) {
        struct shard shard = {.has_order = i & 1};
        struct gathered gathered;
        draw_plan(scene);
        shard_fill(&shard, chance_below(&scene->chance, 300), &scene->chance);
        struct histories histories = shard_histories(&shard);
        draw_people(scene, &histories);
        gathered_of(scene, &histories, &gathered);
        slow_digest_of(&gathered, &got);
        slow_digest_make(&histories, &scene->attributes, &scene->work, &want);
        slow_digest_same(&got, &want);
        histories_free(&histories);
        shard_free(&shard);
    }
}

/* The rows of all, those of one shard. */
static struct histories histories_among(const struct shard *all, uint32_t shards, uint32_t which)
{
    struct shard one = {.has_order = all->has_order};
    for (size_t i = 0; i < all->n; i++) {
        const struct shard_row *row = &all->row[i];
        if (hash_shard(row->hash, shards) == which)
            shard_add(&one, row->id, row->id_length, *row);
    }
    struct histories out = shard_histories(&one);
    shard_free(&one);
    return out;
}

static void merge_all(struct scene *scene, const struct shard *rows, uint32_t shards)
{
    memset(&whole, 0, sizeof whole);
    for (uint32_t which = 0; which < shards; which++) {
        struct gathered gathered;
        struct histories histories = histories_among(rows, shards, which);
        gathered_of(scene, &histories, &gathered);
        slow_digest_of(&gathered, &piece);
        slow_digest_merge(&whole, &piece, scene->work.sample_per_shard);
        histories_free(&histories);
    }
}

static void digests_of_shards_merge_to_the_digest_of_all(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 30; i++) {
        struct shard rows = {.has_order = i & 1};
        struct gathered gathered;
        draw_plan(scene);
        shard_fill(&rows, 400, &scene->chance);
        struct histories all = shard_histories(&rows);
        draw_people(scene, &all);
        gathered_of(scene, &all, &gathered);
        slow_digest_of(&gathered, &got);
        for (uint32_t shards = 1; shards <= 64; shards *= 4) {
            merge_all(scene, &rows, shards);
            slow_digest_same(&whole, &got);
        }
        histories_free(&all);
        shard_free(&rows);
    }
}

static struct digest wire_digest_of(struct scene *scene, const struct shard *rows)
{
    struct gathered gathered;
    struct parcel parcel = {.n = 0};
    struct histories histories = shard_histories(rows);
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(wire_gathered_put(&gathered, scene->arena, &parcel), 0);
    struct digest digest = wire_digest(&parcel, 0);
    parcel_clear(&parcel);
    histories_free(&histories);
    return digest;
}

static void the_same_rows_in_any_order_are_the_same_bytes(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 20; i++) {
        struct shard rows = {.has_order = i & 1};
        draw_plan(scene);
        shard_fill(&rows, 300, &scene->chance);
        struct histories histories = shard_histories(&rows);
        draw_people(scene, &histories);
        histories_free(&histories);
        struct digest first = wire_digest_of(scene, &rows);
        for (int k = 0; k < 4; k++) {
            shard_shuffle(&rows, &scene->chance);
            assert_true(digest_same(wire_digest_of(scene, &rows), first));
        }
        shard_free(&rows);
    }
}

/* A shard of hand-made rows; the histories are the caller's to free. */
static struct histories of_rows(const struct shard_row *rows, const char *const *ids, size_t n)
{
    struct shard shard = {.n = 0};
    for (size_t i = 0; i < n; i++)
        shard_add(&shard, ids[i], strlen(ids[i]), rows[i]);
    struct histories out = shard_histories(&shard);
    shard_free(&shard);
    return out;
}

static void nobody_is_a_digest_of_noughts(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct histories nobody = of_rows(NULL, NULL, 0);
    scene->work.plan.rfm_ties = RFM_NTILE;
    scene->work.plan.wallet_method = WALLET_MEAN;
    gathered_of(scene, &nobody, &gathered);
    slow_digest_of(&gathered, &got);
    memset(&want, 0, sizeof want);
    slow_digest_same(&got, &want);
    histories_free(&nobody);
}

static void a_customer_of_refunds_alone_is_counted_and_in_no_list(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct histories histories = of_rows((const struct shard_row[]){{.day = 5, .amount = -300}},
                                         (const char *const[]){"sorry"}, 1);
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.customers, 1);
    assert_int_equal(gathered.refund_only, 1);
    assert_int_equal(gathered.base, 0);
    assert_int_equal(gathered.n_triples + gathered.n_samples + gathered.n_spenders, 0);
    assert_int_equal(gathered.tallies.refunds.rows, 1);
    assert_int_equal(gathered.tallies.refunds.amount, -300);
    histories_free(&histories);
}

static void a_customer_of_the_future_has_no_row_and_is_in_the_books(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct histories histories = of_rows((const struct shard_row[]){{.day = 901, .amount = 300}},
                                         (const char *const[]){"soon"}, 1);
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.customers, 0);
    assert_int_equal(gathered.refund_only, 0);
    assert_int_equal(gathered.tallies.after_as_of.rows, 1);
    assert_int_equal(gathered.tallies.after_as_of.amount, 300);
    histories_free(&histories);
}

static void an_inactive_customer_is_in_the_fit_and_not_in_the_base(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct histories histories =
        of_rows((const struct shard_row[]){{.day = 169, .amount = 1}, {.day = 170, .amount = 1}},
                (const char *const[]){"gone", "there"}, 2);
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.customers, 2);
    assert_int_equal(gathered.base, 1);
    assert_int_equal(gathered.n_recencies, 1);
    assert_int_equal(gathered.recency[0], 730);
    assert_int_equal(gathered.n_triples, 2);
    assert_int_equal(gathered.n_samples, 2);
    histories_free(&histories);
}

static void a_customer_whose_later_purchases_were_free_is_no_spender(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct histories histories =
        of_rows((const struct shard_row[]){{.day = 1, .amount = 700}, {.day = 2, .amount = 0}},
                (const char *const[]){"free", "free"}, 2);
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.triple_x[0], 1);
    assert_int_equal(gathered.n_spenders, 0);
    assert_int_equal(gathered.gross, 700);
    assert_int_equal(gathered.purchase_days, 2);
    histories_free(&histories);
}

static void a_sample_keeps_the_smallest_second_hashes(void **state)
{
    struct scene *scene = *state;
    struct shard rows = {.n = 0};
    struct gathered gathered;
    char id[16];
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "c%d", i);
        shard_add(&rows, id, strlen(id), (struct shard_row){.day = i, .amount = 1});
    }
    struct histories histories = shard_histories(&rows);
    scene->work.sample_per_shard = 20;
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.n_samples, 20);
    assert_int_equal(gathered.sample_cut, 1);
    for (size_t i = 1; i < 20; i++)
        assert_true(gathered.sample_hash[i - 1] < gathered.sample_hash[i]);
    size_t smaller = 0;
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "c%d", i);
        smaller +=
            hash_customer_seeded(id, strlen(id), HASH_SAMPLE_SEED) <= gathered.sample_hash[19];
    }
    assert_int_equal(smaller, 20);
    scene->work.sample_per_shard = 300;
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.n_samples, 300);
    assert_int_equal(gathered.sample_cut, 0);
    scene->work.sample_per_shard = 0;
    gathered_of(scene, &histories, &gathered);
    assert_int_equal(gathered.n_samples, 0);
    assert_int_equal(gathered.sample_cut, 0);
    histories_free(&histories);
    shard_free(&rows);
}

/* Money of one customer, or of all, that does not fit. */
static uint32_t overflows(struct scene *scene, const struct histories *histories)
{
    join(scene, histories);
    assert_int_equal(gather_begin(scene->gather, &scene->work, histories, &scene->attributes), 0);
    assert_int_equal(gather_some(scene->gather, 0, histories->n), GATHER_E_OVERFLOW);
    return gather_culprit(scene->gather);
}

static void a_customer_whose_lines_do_not_fit_is_named(void **state)
{
    struct scene *scene = *state;
    struct histories histories = of_rows((const struct shard_row[]){{.day = 1, .amount = 1},
                                                                    {.day = 2, .amount = INT64_MAX},
                                                                    {.day = 3, .amount = 1}},
                                         (const char *const[]){"poor", "rich", "rich"}, 3);
    size_t length;
    const char *id = histories_id(&histories, overflows(scene, &histories), &length);
    assert_int_equal(length, 4);
    assert_memory_equal(id, "rich", 4);
    histories_free(&histories);
}

static void a_gather_begun_again_knows_nothing_of_the_shard_before(void **state)
{
    struct scene *scene = *state;
    struct gathered gathered;
    struct shard rows = {.has_order = 1};
    draw_plan(scene);
    scene->work.plan.rfm_ties = RFM_NTILE;
    scene->work.plan.wallet_method = WALLET_MEAN;
    shard_fill(&rows, 300, &scene->chance);
    struct histories histories = shard_histories(&rows);
    draw_people(scene, &histories);
    gathered_of(scene, &histories, &gathered);
    struct histories one = of_rows((const struct shard_row[]){{.day = 5, .amount = 3}},
                                   (const char *const[]){"one"}, 1);
    scene->work.plan.rfm_ties = RFM_TOGETHER;
    gathered_of(scene, &one, &gathered);
    slow_digest_of(&gathered, &got);
    slow_digest_make(&one, &scene->attributes, &scene->work, &want);
    slow_digest_same(&got, &want);
    assert_null(gathered.base_id_length);
    histories_free(&histories);
    histories_free(&one);
    shard_free(&rows);
}

#define in_a_scene(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(digests_are_those_made_the_plain_way),
        in_a_scene(digests_of_shards_merge_to_the_digest_of_all),
        in_a_scene(the_same_rows_in_any_order_are_the_same_bytes),
        in_a_scene(nobody_is_a_digest_of_noughts),
        in_a_scene(a_customer_of_refunds_alone_is_counted_and_in_no_list),
        in_a_scene(a_customer_of_the_future_has_no_row_and_is_in_the_books),
        in_a_scene(an_inactive_customer_is_in_the_fit_and_not_in_the_base),
        in_a_scene(a_customer_whose_later_purchases_were_free_is_no_spender),
        in_a_scene(a_sample_keeps_the_smallest_second_hashes),
        in_a_scene(a_customer_whose_lines_do_not_fit_is_named),
        in_a_scene(a_gather_begun_again_knows_nothing_of_the_shard_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
