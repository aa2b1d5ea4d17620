/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/assert.h"

static struct slice text_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void add_reject(struct facts *facts, uint32_t input, uint64_t offset, const char *value)
{
    const struct reject reject = {.input = input,
                                  .code = REJECT_BAD_DATE,
                                  .line = offset / 10,
                                  .offset = offset,
                                  .column = text_of("date"),
                                  .value = text_of(value),
                                  .raw = text_of("x,soon,\"1\n2\"")};
    facts->rejected[reject.code]++;
    assert_int_equal(rejects_add(facts->rejects, &reject), 0);
}

/* Facts with something of everything, different for each seed. */
static struct facts *some_facts(uint32_t seed)
{
    struct facts *facts = NULL;
    assert_int_equal(facts_new(&facts), 0);
    facts->rows_in = 100 + seed;
    facts->accepted = 50 + seed;
    facts->digest = (struct digest){seed, seed + 1};
    facts->anonymous = (struct facts_sum){3, -5};
    facts->left_out[LEFT_OUT_SAMPLE] = (struct facts_sum){seed, 7};
    *calendar_rows(&facts->days, CALENDAR_FIRST) = 1;
    *calendar_rows(&facts->days, 18000 + (int32_t)seed) = 49 + seed;
    assert_int_equal(crowd_add(&facts->reject_customers, 0), 0);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(crowd_add(&facts->reject_customers, i * 0x9e3779b97f4a7c15 + seed), 0);
    add_reject(facts, seed, 10, "soon");
    add_reject(facts, seed, 20, "");
    sightings_add(&facts->currencies, text_of("EUR"), seed, 2);
    sightings_add(&facts->offsets, text_of("+01:00"), seed, 3);
    return facts;
}

static char *file_of(const struct facts *facts, char path[32], size_t *size)
{
    strcpy(path, "/tmp/winnow-facts-XXXXXX");
    int file = mkstemp(path);
    assert_int_equal(facts_write(facts, path), 0);
    close(file);
    FILE *in = fopen(path, "rb");
    char *bytes = malloc(1 << 20);
    *size = fread(bytes, 1, 1 << 20, in);
    fclose(in);
    return bytes;
}

static void facts_come_back_from_their_file(void **state)
{
    (void)state;
    char path[32];
    size_t n, m;
    struct facts *facts = some_facts(1), *back = NULL;
    char *bytes = file_of(facts, path, &n);
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    assert_int_equal(facts_read(path, &back), 0);
    unlink(path);
    char *again = file_of(back, path, &m);
    unlink(path);
    assert_int_equal(back->rows_in, 101);
    assert_int_equal(back->reject_customers.n, facts->reject_customers.n);
    assert_int_equal(calendar_count(&back->days, 18001), 50);
    assert_memory_equal(rejects_at(back->rejects, 0).raw.data, "x,soon,\"1\n2\"", 12);
    assert_int_equal(n, m); /* the set's order may differ, its size does not */
    free(bytes);
    free(again);
    facts_destroy(&facts);
    facts_destroy(&back);
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *out = fopen(path, "wb");
    fwrite(bytes, 1, size, out);
    fclose(out);
}

static void a_damaged_file_is_no_facts(void **state)
{
    (void)state;
    char path[32];
    size_t size;
    struct facts *facts = some_facts(1), *back = NULL;
    char *bytes = file_of(facts, path, &size);
    srand(1);
    for (size_t cut = 0; cut < size; cut += 1 + (size_t)rand() % 97) {
        write_bytes(path, bytes, cut);
        assert_int_equal(facts_read(path, &back), FACTS_E_DAMAGED);
    }
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)rand() % size;
        bytes[at] = (char)(bytes[at] ^ (1 << rand() % 8));
        write_bytes(path, bytes, size);
        assert_int_equal(facts_read(path, &back), FACTS_E_DAMAGED);
        assert_null(back);
        bytes[at] = (char)~bytes[at];
    }
    unlink(path);
    assert_int_equal(facts_read(path, &back), FACTS_E_ABSENT);
    free(bytes);
    facts_destroy(&facts);
}

/* The same with a sum that is right, so that every length in it is believed at first. */
static void lengths_that_lie_are_found_out(void **state)
{
    (void)state;
    char path[32];
    size_t size;
    struct facts *facts = some_facts(1), *back = NULL;
    char *bytes = file_of(facts, path, &size), *changed = malloc(size);
    srand(2);
    for (int i = 0; i < 3000; i++) {
        memcpy(changed, bytes, size);
        for (int j = 0; j < 3; j++)
            changed[8 + (size_t)rand() % (size - 16)] = (char)(rand() % 3 ? 255 : rand());
        uint64_t sum = XXH3_64bits(changed, size - 8);
        memcpy(changed + size - 8, &sum, 8);
        write_bytes(path, changed, size);
        int r = facts_read(path, &back);
        assert_true(r == 0 || r == FACTS_E_DAMAGED);
        facts_destroy(&back);
    }
    unlink(path);
    free(changed);
    free(bytes);
    facts_destroy(&facts);
}

static void merging_adds_what_was_found(void **state)
{
    (void)state;
    struct facts *a = some_facts(1), *b = some_facts(2);
    assert_int_equal(facts_merge(a, b), 0);
    assert_int_equal(a->rows_in, 203);
    assert_int_equal(a->anonymous.rows, 6);
    assert_int_equal(a->anonymous.amount, -10);
    assert_int_equal(facts_rejects(a), 4);
    assert_int_equal(facts_first_day(a, DAY_NONE), CALENDAR_FIRST);
    assert_int_equal(facts_last_day(a, DAY_NONE), 18002);
    assert_int_equal(facts_last_day(a, 18001), 18001);
    assert_int_equal(facts_last_day(a, 0), CALENDAR_FIRST);
    assert_int_equal(calendar_count(&a->days, CALENDAR_FIRST), 2);
    assert_int_equal(a->reject_customers.n, 2000 + 1);
    assert_int_equal(a->currencies.n, 1);
    assert_int_equal(a->currencies.seen[0].input, 1);
    facts_destroy(&a);
    facts_destroy(&b);
}

static void the_order_of_merging_does_not_matter(void **state)
{
    (void)state;
    struct facts *ab = some_facts(1), *ba = some_facts(2), *a = some_facts(1), *b = some_facts(2);
    assert_int_equal(facts_merge(ab, b), 0);
    assert_int_equal(facts_merge(ba, a), 0);
    assert_int_equal(rejects_size(ab->rejects), rejects_size(ba->rejects));
    for (size_t i = 0; i < rejects_size(ab->rejects); i++) {
        struct reject x = rejects_at(ab->rejects, i), y = rejects_at(ba->rejects, i);
        assert_int_equal(x.input, y.input);
        assert_int_equal(x.offset, y.offset);
    }
    assert_memory_equal(&ab->currencies.seen[0], &ba->currencies.seen[0],
                        sizeof ab->currencies.seen[0]);
    facts_destroy(&a);
    facts_destroy(&b);
    facts_destroy(&ab);
    facts_destroy(&ba);
}

static void sums_that_do_not_fit_stay_at_the_largest(void **state)
{
    (void)state;
    struct facts_sum sum = {0};
    facts_sum_row(&sum, INT64_MAX);
    facts_sum_row(&sum, 1);
    assert_int_equal(sum.amount, INT64_MAX);
    assert_int_equal(sum.rows, 2);
}

static void raw_rows_are_kept_up_to_a_sum_of_bytes(void **state)
{
    (void)state;
    size_t large = REJECTS_RAW_BYTES / 3 + 1;
    char *row = calloc(1, large);
    struct rejects *whole = NULL, *odd = NULL, *even = NULL;
    assert_int_equal(rejects_new(&whole) | rejects_new(&odd) | rejects_new(&even), 0);
    for (uint64_t i = 0; i < 6; i++) {
        const struct reject reject = {.offset = i, .raw = {row, i == 3 ? 5 : large}};
        assert_int_equal(rejects_add(whole, &reject), 0);
        assert_int_equal(rejects_add(i % 2 ? odd : even, &reject), 0);
    }
    assert_int_equal(rejects_merge(odd, even), 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rejects_at(odd, i).offset, i);
        assert_int_equal(rejects_at(odd, i).raw.size, rejects_at(whole, i).raw.size);
        assert_int_equal(rejects_at(odd, i).raw.size, i < 2 ? large : 0);
    }
    rejects_destroy(&whole);
    rejects_destroy(&odd);
    rejects_destroy(&even);
    free(row);
}

static void the_first_sightings_stay(void **state)
{
    (void)state;
    struct sightings a = {0}, b = {0};
    static const char *const values[] = {"A", "B", "C", "D", "E", "F"};
    for (uint64_t i = 0; i < 6; i++)
        sightings_add(i % 2 ? &a : &b, text_of(values[i]), 0, i);
    sightings_add(&a, text_of("A"), 0, 9);
    sightings_merge(&a, &b);
    assert_int_equal(a.n, SIGHTINGS_KEPT);
    for (uint32_t i = 0; i < SIGHTINGS_KEPT; i++) {
        assert_memory_equal(a.seen[i].value, values[i], 1);
        assert_int_equal(a.seen[i].line, i);
    }
}

static void a_crowd_counts_up_to_its_limit(void **state)
{
    (void)state;
    struct crowd crowd = {0};
    for (uint64_t i = 0; i < CROWD_LIMIT + 10; i++)
        assert_int_equal(crowd_add(&crowd, i * 0x9e3779b97f4a7c15), 0);
    assert_int_equal(crowd.n, CROWD_LIMIT);
    assert_true(crowd_full(&crowd));
    crowd_release(&crowd);
}

static void every_code_has_a_name_and_words(void **state)
{
    (void)state;
    char words[256];
    for (int i = 0; i < REJECT_CODES; i++) {
        const struct reject reject = {.code = (enum reject_code)i, .found = 2, .wanted = 3};
        reject_words(&reject, words, sizeof words);
        assert_true(strlen(words) > 5);
        assert_true(strlen(reject_name(reject.code)) > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_come_back_from_their_file),
        cmocka_unit_test(a_damaged_file_is_no_facts),
        cmocka_unit_test(lengths_that_lie_are_found_out),
        cmocka_unit_test(merging_adds_what_was_found),
        cmocka_unit_test(the_order_of_merging_does_not_matter),
        cmocka_unit_test(sums_that_do_not_fit_stay_at_the_largest),
        cmocka_unit_test(raw_rows_are_kept_up_to_a_sum_of_bytes),
        cmocka_unit_test(the_first_sightings_stay),
        cmocka_unit_test(a_crowd_counts_up_to_its_limit),
        cmocka_unit_test(every_code_has_a_name_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
