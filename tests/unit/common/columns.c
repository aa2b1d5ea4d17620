/* SPDX-License-Identifier: Apache-2.0 */
#include "common/columns.h"

#include <string.h>

#include "support/assert.h"

static void names_of(const char *words, char out[2048])
{
    struct columns_chosen chosen;
    assert_int_equal(columns_choose(words, &chosen, NULL, NULL), 0);
    out[0] = '\0';
    for (size_t i = 0; i < chosen.n; i++) {
        strcat(out, i ? "," : "");
        strcat(out, columns_row(chosen.column[i])->name);
    }
}

static void chooses(const char *words, const char *names)
{
    char got[2048];
    names_of(words, got);
    assert_string_equal(got, names);
}

#define ALL                                                                                        \
    "customer_id,first_purchase_date,last_purchase_date,recency_days,purchase_days,order_count,"   \
    "monetary_total,spend_365d,r_score,f_score,m_score,rfm_score,rfm_segment,repeat_purchases,"    \
    "active_span_weeks,tenure_weeks,mean_repeat_spend,p_alive,churn_prob,expected_purchases,"      \
    "expected_spend,clv,clv_if_alive,wallet_size,wallet_share,wallet_headroom,wallet_capped,"      \
    "wallet_basis,value,tier,action,clv_low,clv_high,tier_hold_prob,retention_gain,"               \
    "retention_worth,break_even_save_rate"

static void the_file_has_the_columns_of_its_contract(void **state)
{
    (void)state;
    chooses("all", ALL);
    chooses("warehouse", "run_id,as_of," ALL);
}

static void lifetimes_has_the_names_that_lifetimes_has(void **state)
{
    (void)state;
    chooses("lifetimes", "customer_id,frequency,recency,T,monetary_value,p_alive,churn_prob,"
                         "expected_purchases,expected_spend,clv,clv_if_alive");
}

static void names_come_out_in_the_order_of_the_file(void **state)
{
    (void)state;
    chooses("tier,clv,customer_id", "customer_id,clv,tier");
    chooses("minimal", "customer_id,value,tier,action");
    chooses("minimal,clv,value", "customer_id,clv,value,tier,action");
}

static void a_word_at_fault_is_pointed_at(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int answer;
        const char *word;
        size_t size;
    } cases[] = {
        {"tier,clvs,value", COLUMNS_E_UNKNOWN, "clvs", 4},
        {"tier,value,tier", COLUMNS_E_TWICE, "tier", 4},
        {"tier,", COLUMNS_E_EMPTY, "", 0},
        {"", COLUMNS_E_EMPTY, "", 0},
        {"t", COLUMNS_E_UNKNOWN, "t", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct columns_chosen chosen;
        const char *word;
        size_t size;
        assert_int_equal(columns_choose(cases[i].words, &chosen, &word, &size), cases[i].answer);
        assert_int_equal(size, cases[i].size);
        assert_memory_equal(word, cases[i].word, size);
    }
}

static void every_column_has_a_meaning_and_belongs_to_a_preset(void **state)
{
    (void)state;
    for (int i = 0; i < COLUMNS; i++) {
        const struct column_row *row = columns_row((enum column)i);
        assert_non_null(row->name);
        assert_true(strlen(row->meaning) > 8);
        assert_true(strlen(row->presets) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_the_columns_of_its_contract),
        cmocka_unit_test(lifetimes_has_the_names_that_lifetimes_has),
        cmocka_unit_test(names_come_out_in_the_order_of_the_file),
        cmocka_unit_test(a_word_at_fault_is_pointed_at),
        cmocka_unit_test(every_column_has_a_meaning_and_belongs_to_a_preset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
