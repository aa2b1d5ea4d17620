/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/customers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/wallet.h"
#include "support/assert.h"
#include "support/reading.h"

/* What came of reading a file of customers, as text. */
struct gathered {
    char text[4096];
    int status;
    struct facts facts;  /* its numbers only */
    struct reject first; /* reject; its slices are gone */
    char column[64];
    struct digest digest;
    struct words words;
};

static int take(void *context, uint32_t shard, const struct customers_row *row)
{
    struct gathered *gathered = context;
    char *at = gathered->text + strlen(gathered->text);
    assert_int_equal(shard, hash_shard(hash_customer(row->id.data, row->id.size), 8));
    at += sprintf(at, "%.*s:", (int)row->id.size, (const char *)row->id.data);
    at += row->has_units ? sprintf(at, "%lld:", (long long)row->units) : sprintf(at, "-:");
    at += row->has_declared ? sprintf(at, "%lld:", (long long)row->declared) : sprintf(at, "-:");
    for (size_t i = 0; i < row->group.size; i++) {
        char c = ((const char *)row->group.data)[i];
        *at++ = c == '\x1f' ? '/' : c;
    }
    if (row->rank)
        at += sprintf(at, "%d/%d", (int)wallet_rank_place(row->rank),
                      (int)wallet_rank_brands(row->rank));
    strcpy(at, " ");
    return 0;
}

static int read_all(const struct customers_order *order, struct gathered *gathered)
{
    struct customers *customers = NULL;
    int r = customers_open(order, &customers);
    if (r)
        return r;
    do
        r = customers_step(customers);
    while (r == CUSTOMERS_E_BUSY);
    const struct facts *facts = customers_facts(customers);
    gathered->facts = *facts;
    if (rejects_size(facts->rejects)) {
        gathered->first = rejects_at(facts->rejects, 0);
        snprintf(gathered->column, sizeof gathered->column, "%.*s",
                 (int)gathered->first.column.size, (const char *)gathered->first.column.data);
    }
    gathered->digest = customers_digest(customers);
    customers_close(&customers);
    return r;
}

/* Reads a file with the settings of reading. */
static void gather(struct reading *reading, const char *text, struct gathered *gathered)
{
    const struct customers_order order = {
        .settings = &reading->settings, .shards = 8, .context = gathered, .take = take};
    memset(gathered, 0, sizeof *gathered);
    reading->settings.customers = reading_other_file(reading, text);
    words_listen(&gathered->words);
    gathered->status = read_all(&order, gathered);
    words_end(&gathered->words);
}

static void a_row_carries_units_declared_and_peers(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered gathered;
    reading_begin(&reading);
    reading.settings.wallet_units = "employees";
    reading.settings.wallet_declared = "budget";
    reading.settings.wallet_peers = "industry,region";
    gather(&reading,
           "region;customer_id;employees;budget;industry\nnorth;x;2,5;1.000,50;steel\n"
           ";y;;;\"a;b\"\n",
           &gathered);
    assert_int_equal(gathered.status, 0);
    assert_string_equal(gathered.text, "x:25000:10005000:steel/north y:-:-:a;b/ ");
    assert_int_equal(gathered.facts.accepted, 2);
    assert_int_equal(gathered.facts.rows_in, 2);
    reading_end(&reading);
}

static void bad_numbers_are_rejects_of_their_column(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered gathered;
    reading_begin(&reading);
    reading.settings.wallet_units = "n";
    gather(&reading, "id,n\nx,many\n,2\ny,3\nz\n", &gathered);
    assert_int_equal(gathered.status, 0);
    assert_string_equal(gathered.text, "y:30000:-: ");
    assert_int_equal(gathered.facts.rejected[REJECT_BAD_AMOUNT], 1);
    assert_int_equal(gathered.facts.rejected[REJECT_NULL_CUSTOMER], 1);
    assert_int_equal(gathered.facts.rejected[REJECT_WRONG_FIELD_COUNT], 1);
    assert_int_equal(gathered.first.line, 2);
    assert_int_equal(gathered.first.input, 0); /* the number behind the last ledger */
    assert_string_equal(gathered.column, "n");
    reading_end(&reading);
}

static void columns_that_are_not_there_are_refused_by_flag(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered gathered;
    reading_begin(&reading);
    reading.settings.wallet_units = "n";
    gather(&reading, "id,m\nx,2\n", &gathered);
    assert_int_equal(gathered.status, STATUS_DATA);
    assert_non_null(strstr(gathered.words.text, "--wallet-units"));
    reading.settings.wallet_units = NULL;
    reading.settings.wallet_peers = "m,q";
    gather(&reading, "id,m\nx,2\n", &gathered);
    assert_int_equal(gathered.status, STATUS_DATA);
    assert_non_null(strstr(gathered.words.text, "'q' (--wallet-peers)"));
    gather(&reading, "nobody,m\nx,2\n", &gathered);
    assert_int_equal(gathered.status, STATUS_DATA);
    assert_non_null(strstr(gathered.words.text, "--customers-map customer_id="));
    reading_end(&reading);
}

static void the_id_can_be_mapped(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered gathered;
    reading_begin(&reading);
    reading.settings.customers_map = "customer_id=nobody";
    gather(&reading, "nobody,date\nx,2020-01-01\n", &gathered);
    assert_int_equal(gathered.status, 0);
    assert_string_equal(gathered.text, "x:-:-: ");
    reading.settings.customers_map = "date=date";
    gather(&reading, "nobody,date\nx,2020-01-01\n", &gathered);
    assert_int_equal(gathered.status, STATUS_USAGE);
    reading_end(&reading);
}

static void how_rows_are_read_is_in_the_digest(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered one, other;
    reading_begin(&reading);
    reading.settings.wallet_units = "n";
    gather(&reading, "id,n,m\nx,2,3\n", &one);
    gather(&reading, "id,n,m\nx,5,6\n", &other);
    assert_true(digest_same(one.digest, other.digest));
    reading.settings.wallet_units = "m";
    gather(&reading, "id,n,m\nx,2,3\n", &other);
    assert_false(digest_same(one.digest, other.digest));
    reading_end(&reading);
}

static void ranks_come_with_their_brands_or_not_at_all(void **state)
{
    (void)state;
    struct reading reading;
    struct gathered gathered;
    reading_begin(&reading);
    reading.settings.wallet_rank = "rank";
    reading.settings.wallet_brands = "n";
    gather(&reading, "id;rank;n\na;2;5\nb;1,5;3\nc;;3\nd;1;\ne;5,0;5\n", &gathered);
    assert_int_equal(gathered.status, 0);
    assert_string_equal(gathered.text, "a:-:-:20000/5 b:-:-:15000/3 c:-:-: d:-:-: e:-:-:50000/5 ");
    assert_int_equal(gathered.facts.rejected[REJECT_BAD_RANK], 0);
    reading_end(&reading);
}

static void ranks_that_cannot_be_are_rejects_of_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *row, *column;
    } bad[] = {{"6,5", "rank"}, {"0.9,5", "rank"}, {"-1,5", "rank"},
               {"1,0", "n"},    {"1,2.5", "n"},    {"1,401", "n"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct reading reading;
        struct gathered gathered;
        char text[80];
        reading_begin(&reading);
        reading.settings.wallet_rank = "rank";
        reading.settings.wallet_brands = "n";
        reading.settings.decimal = DECIMAL_POINT;
        snprintf(text, sizeof text, "id,rank,n\na,%s\n", bad[i].row);
        gather(&reading, text, &gathered);
        assert_int_equal(gathered.status, 0);
        assert_int_equal(gathered.facts.rejected[REJECT_BAD_RANK], 1);
        assert_string_equal(gathered.column, bad[i].column);
        reading_end(&reading);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_carries_units_declared_and_peers),
        cmocka_unit_test(bad_numbers_are_rejects_of_their_column),
        cmocka_unit_test(columns_that_are_not_there_are_refused_by_flag),
        cmocka_unit_test(the_id_can_be_mapped),
        cmocka_unit_test(how_rows_are_read_is_in_the_digest),
        cmocka_unit_test(ranks_come_with_their_brands_or_not_at_all),
        cmocka_unit_test(ranks_that_cannot_be_are_rejects_of_their_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
