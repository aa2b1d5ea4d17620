/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"
#include "support/raw_message.h"

static void same_letter(const struct letter *got, const struct letter *want)
{
    assert_int_equal(got->kind, want->kind);
    assert_true(digest_same(got->job, want->job));
    assert_int_equal(got->stage, want->stage);
    assert_int_equal(got->shard, want->shard);
    assert_int_equal(got->attempt, want->attempt);
    assert_int_equal(got->sequence, want->sequence);
    assert_int_equal(got->boot, want->boot);
    assert_int_equal(got->code, want->code);
    assert_true(digest_same(got->digest, want->digest));
    assert_string_equal(got->text, want->text);
}

static void goes_round(const struct letter *letter)
{
    struct letter got;
    struct parcel parcel;
    memset(&got, 0x77, sizeof got);
    assert_int_equal(wire_letter_put(letter, &parcel), 0);
    assert_int_equal(parcel.n, 1);
    assert_int_equal(wire_letter_read(&parcel, &got), 0);
    same_letter(&got, letter);
    parcel_clear(&parcel);
}

static void every_kind_of_letter_goes_round(void **state)
{
    (void)state;
    for (int kind = 0; kind <= LETTER_LAST; kind++) {
        const struct letter letter = {.kind = (enum letter_kind)kind,
                                      .job = {1, 2},
                                      .stage = 2,
                                      .shard = 65535,
                                      .attempt = 3,
                                      .sequence = 17,
                                      .boot = 99,
                                      .code = -1,
                                      .digest = {0, 5},
                                      .text = "words"};
        goes_round(&letter);
    }
}

static void the_ends_of_every_field_go_round(void **state)
{
    (void)state;
    struct letter letter = {.kind = LETTER_REFUSED,
                            .job = {UINT64_MAX, UINT64_MAX},
                            .stage = UINT32_MAX,
                            .shard = UINT32_MAX,
                            .attempt = UINT32_MAX,
                            .sequence = UINT64_MAX,
                            .boot = UINT64_MAX,
                            .code = INT32_MIN,
                            .digest = {UINT64_MAX, 0}};
    memset(letter.text, '\xc3', WIRE_TEXT_LIMIT);
    goes_round(&letter);
    letter.code = INT32_MAX;
    goes_round(&letter);
}

static void a_letter_of_noughts_goes_round(void **state)
{
    (void)state;
    goes_round(&(struct letter){.kind = LETTER_HELLO});
}

/* The envelope alone, of a raw message. */
static int reads(const struct raw_message *raw)
{
    struct letter letter;
    struct parcel parcel = {.n = 1};
    parcel.part[0] = (struct part){(void *)(uintptr_t)raw->bytes, raw->size, NULL, NULL};
    return wire_letter_read(&parcel, &letter);
}

static struct raw_message envelope(uint64_t protocol, uint64_t kind)
{
    struct raw_message raw = {.size = 0};
    raw_number(&raw, 1, protocol);
    raw_number(&raw, 2, kind);
    return raw;
}

static void another_version_is_told_from_nonsense(void **state)
{
    (void)state;
    struct raw_message raw = envelope(2, LETTER_HELLO);
    assert_int_equal(reads(&raw), WIRE_E_VERSION);
    raw = envelope(0, LETTER_HELLO);
    assert_int_equal(reads(&raw), WIRE_E_VERSION);
    raw = envelope(2, 4000); /* its letters may be other ones, its digests longer */
    raw_bytes(&raw, 3, "0123456789abcdef0123456789abcdef", 32);
    assert_int_equal(reads(&raw), WIRE_E_VERSION);
    raw = envelope(1, LETTER_HELLO);
    assert_int_equal(reads(&raw), 0);
}

static void a_kind_that_there_is_not_is_malformed(void **state)
{
    (void)state;
    struct raw_message raw = envelope(1, LETTER_LAST + 1);
    assert_int_equal(reads(&raw), WIRE_E_MALFORMED);
    raw = envelope(1, UINT32_MAX);
    assert_int_equal(reads(&raw), WIRE_E_MALFORMED);
}

static void a_digest_of_another_length_is_malformed(void **state)
{
    (void)state;
    static const char bytes[40] = "0123456789abcdef";
    for (uint32_t field = 3; field <= 11; field += 8)
        for (size_t size = 0; size < sizeof bytes; size++) {
            struct raw_message raw = envelope(1, LETTER_HELLO);
            raw_bytes(&raw, field, bytes, size);
            assert_int_equal(reads(&raw), size == 0 || size == 16 ? 0 : WIRE_E_MALFORMED);
        }
}

static void words_beyond_the_limit_are_malformed(void **state)
{
    (void)state;
    char words[WIRE_TEXT_LIMIT + 2];
    memset(words, 'w', sizeof words);
    struct raw_message raw = envelope(1, LETTER_REFUSED);
    raw_bytes(&raw, 10, words, WIRE_TEXT_LIMIT);
    assert_int_equal(reads(&raw), 0);
    raw = envelope(1, LETTER_REFUSED);
    raw_bytes(&raw, 10, words, WIRE_TEXT_LIMIT + 1);
    assert_int_equal(reads(&raw), WIRE_E_MALFORMED);
}

static void fields_of_a_later_minor_version_are_passed_over(void **state)
{
    (void)state;
    struct raw_message raw = envelope(1, LETTER_HELLO);
    raw_number(&raw, 15, 7);
    raw_bytes(&raw, 300, "later", 5);
    raw_double(&raw, 301, 0.5);
    assert_int_equal(reads(&raw), 0);
}

static void an_envelope_of_thousands_of_fields_is_malformed(void **state)
{
    (void)state;
    struct raw_message raw = envelope(1, LETTER_HELLO);
    while (raw.size < 4000)
        raw_number(&raw, 15, 1);
    assert_int_equal(reads(&raw), WIRE_E_MALFORMED);
}

static void a_letter_without_parts_is_malformed(void **state)
{
    (void)state;
    struct letter letter;
    assert_int_equal(wire_letter_read(&(struct parcel){.n = 0}, &letter), WIRE_E_MALFORMED);
}

static void an_empty_envelope_is_of_another_version(void **state)
{
    (void)state;
    assert_int_equal(reads(&(struct raw_message){.size = 0}), WIRE_E_VERSION);
}

static void a_letter_begins_its_parcel(void **state)
{
    (void)state;
    struct parcel parcel;
    memset(&parcel, 0x7f, sizeof parcel); /* whatever was there is not looked at */
    assert_int_equal(wire_letter_put(&(struct letter){.kind = LETTER_BYE}, &parcel), 0);
    assert_int_equal(parcel.n, 1);
    parcel_clear(&parcel);
}

static void the_digest_of_parts_is_that_of_their_bytes_in_a_row(void **state)
{
    (void)state;
    struct parcel parcel = {.n = 0};
    static const char text[] = "work|rows of the first part|and of the second";
    assert_int_equal(wire_bytes_put((struct slice){text, 5}, &parcel), 0);
    assert_int_equal(wire_bytes_put((struct slice){text + 5, 0}, &parcel), 0);
    assert_int_equal(wire_bytes_put((struct slice){text + 5, 23}, &parcel), 0);
    assert_int_equal(wire_bytes_put((struct slice){text + 28, 17}, &parcel), 0);
    assert_true(digest_same(wire_digest(&parcel, 0), digest_of(text, 45)));
    assert_true(digest_same(wire_digest(&parcel, 1), digest_of(text + 5, 40)));
    assert_true(digest_same(wire_digest(&parcel, 4), digest_of("", 0)));
    assert_true(digest_same(wire_digest(&parcel, 9), digest_of("", 0)));
    parcel_clear(&parcel);
}

static void bytes_are_copied_into_a_part(void **state)
{
    (void)state;
    char text[] = "settings";
    struct parcel parcel = {.n = 0};
    assert_int_equal(wire_bytes_put((struct slice){text, 8}, &parcel), 0);
    assert_int_equal(wire_bytes_put((struct slice){NULL, 0}, &parcel), 0);
    text[0] = 'S';
    assert_memory_equal(parcel.part[0].data, "settings", 8);
    assert_int_equal(parcel.part[1].size, 0);
    parcel_clear(&parcel);
}

static void a_full_parcel_takes_no_more_bytes(void **state)
{
    (void)state;
    struct parcel parcel = {.n = 0};
    for (int i = 0; i < LINE_PARTS_LIMIT; i++)
        assert_int_equal(wire_bytes_put((struct slice){"x", 1}, &parcel), 0);
    assert_int_equal(wire_bytes_put((struct slice){"x", 1}, &parcel), STATUS_BUG);
    assert_int_equal(parcel.n, LINE_PARTS_LIMIT);
    parcel_clear(&parcel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_letter_goes_round),
        cmocka_unit_test(the_ends_of_every_field_go_round),
        cmocka_unit_test(a_letter_of_noughts_goes_round),
        cmocka_unit_test(another_version_is_told_from_nonsense),
        cmocka_unit_test(a_kind_that_there_is_not_is_malformed),
        cmocka_unit_test(a_digest_of_another_length_is_malformed),
        cmocka_unit_test(words_beyond_the_limit_are_malformed),
        cmocka_unit_test(fields_of_a_later_minor_version_are_passed_over),
        cmocka_unit_test(an_envelope_of_thousands_of_fields_is_malformed),
        cmocka_unit_test(a_letter_without_parts_is_malformed),
        cmocka_unit_test(an_empty_envelope_is_of_another_version),
        cmocka_unit_test(a_letter_begins_its_parcel),
        cmocka_unit_test(the_digest_of_parts_is_that_of_their_bytes_in_a_row),
        cmocka_unit_test(bytes_are_copied_into_a_part),
        cmocka_unit_test(a_full_parcel_takes_no_more_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
