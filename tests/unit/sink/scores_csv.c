/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/scores_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/said.h"
#include "support/scored.h"

#define UNIT  MONEY_PER_UNIT
#define AS_OF 19723 /* 2024-01-01 */

/* What a row is written with, all of it boring. */
struct scene {
    struct plan plan;
    struct fitted fitted;
    struct tiering tiering;
    struct scores_csv csv;
};

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){
        .plan = {.as_of = AS_OF,
                 .churn_threshold = -1,
                 .n_tiers = 2,
                 .tiers = {{"best", PLAN_SHARE_WHOLE / 2}, {"rest", PLAN_SHARE_WHOLE / 2}},
                 .wallet_method = WALLET_QUANTILE,
                 .wallet_tau_millionths = 800000,
                 .has_amount = 1,
                 .decimals = 2},
        .fitted = {.chosen = -1, .model.rfm.bins = 5},
        .tiering = {.cutoffs = {2, {{1, 50 * UNIT}, {1, 0}}}, .churn_threshold = {-1, -1}},
        .csv = {.digits = 6, .unit_days = 7, .run_id = "0123456789abcdef"},
    };
    scene->csv.plan = &scene->plan;
    scene->csv.fitted = &scene->fitted;
    scene->csv.tiering = &scene->tiering;
}

static void scene_end(struct scene *scene)
{
    peers_free(&scene->fitted.peers);
}

/* The head (or not) and the rows of some customers, with the chosen columns; the caller's. */
/* Appends the rows of a part of the scored to a string. */
static void text_on(struct scene *scene, const struct scored *scored, size_t part, char **all,
                    size_t *length)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct tier_sums sums[TIER_ROWS] = {{0}};
    char *text;
    size_t size;
    struct score_columns columns = scored_columns(scored, part, arena);
    assert_int_equal(scores_csv_rows(&scene->csv, &columns, &text, &size, sums), 0);
    *all = realloc(*all, *length + size + 1);
    assert_non_null(*all);
    memcpy(*all + *length, text, size);
    *length += size;
    (*all)[*length] = '\0';
    free(text);
    arena_destroy(&arena);
}

static char *text_of(struct scene *scene, const char *columns, const struct scored_customer *of,
                     size_t n)
{
    struct scored scored;
    char *all = NULL;
    size_t length = 0;
    assert_int_equal(columns_choose(columns, &scene->csv.columns, NULL, NULL), 0);
    assert_int_equal(scores_csv_prepare(&scene->csv), 0);
    scored_of(&scored, of, n);
    for (size_t part = 0; part < scored.parcel.n; part++)
        text_on(scene, &scored, part, &all, &length);
    scores_csv_free(&scene->csv);
    scored_free(&scored);
    return all;
}

/* One cell of one customer. */
#define assert_cell(scene, customer, column, want)                                                 \
    do {                                                                                           \
        char *cell_text = text_of((scene), (column), (customer), 1);                               \
        assert_string_equal(cell_text, want "\n");                                                 \
        free(cell_text);                                                                           \
    } while (0)

/* Two purchase days, 2023-01-01 and 2023-12-31, and everything a row can hold. */
static struct scored_customer somebody(void)
{
    return (struct scored_customer){"C-1",
                                    {.flags = ROW_MODEL | ROW_SPEND | ROW_WALLET | ROW_VALUE,
                                     .first_day = AS_OF - 365,
                                     .last_day = AS_OF - 1,
                                     .purchase_days = 2,
                                     .orders = 3,
                                     .monetary_total = 1234567,
                                     .spend_365d = -45000,
                                     .score = {5, 4, 1},
                                     .repeat_spend = 333333,
                                     .p_alive = 2.0 / 3.0,
                                     .churn_prob = 1e-7 / 3.0,
                                     .expected_purchases = 12345.678912345,
                                     .expected_spend = 123456,
                                     .clv = 99999,
                                     .clv_if_alive = 149999,
                                     .wallet_basis = WALLET_BASIS_DECLARED,
                                     .wallet_size = 400000,
                                     .wallet_spend = 100000,
                                     .value = 70 * UNIT}};
}

static void facts_of_the_ledger_are_written_as_it_has_them(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "run_id", "0123456789abcdef");
    assert_cell(&scene, &c, "as_of", "2024-01-01");
    assert_cell(&scene, &c, "customer_id", "C-1");
    assert_cell(&scene, &c, "first_purchase_date", "2023-01-01");
    assert_cell(&scene, &c, "last_purchase_date", "2023-12-31");
    assert_cell(&scene, &c, "recency_days", "1");
    assert_cell(&scene, &c, "purchase_days", "2");
    assert_cell(&scene, &c, "order_count", "3");
    assert_cell(&scene, &c, "monetary_total", "123.46");
    assert_cell(&scene, &c, "spend_365d", "-4.50");
    scene_end(&scene);
}

static void money_has_the_ledgers_own_decimals(void **state)
{
    (void)state;
    static const char *const want[] = {"123\n", "123.5\n", "123.46\n", "123.457\n", "123.4567\n"};
    const struct scored_customer c = somebody();
    for (int32_t decimals = 0; decimals <= 4; decimals++) {
        struct scene scene;
        scene_begin(&scene);
        scene.plan.decimals = decimals;
        char *text = text_of(&scene, "monetary_total", &c, 1);
        assert_string_equal(text, want[decimals]);
        free(text);
        scene_end(&scene);
    }
}

static void scores_are_digits_in_a_row(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "r_score", "5");
    assert_cell(&scene, &c, "f_score", "4");
    assert_cell(&scene, &c, "m_score", "1");
    assert_cell(&scene, &c, "rfm_score", "541");
    assert_cell(&scene, &c, "rfm_segment", "champions");
    scene_end(&scene);
}

static void segments_have_names_with_five_bins_only(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    scene.fitted.model.rfm.bins = 9;
    assert_cell(&scene, &c, "rfm_segment", "");
    assert_cell(&scene, &c, "rfm_score", "541");
    scene_end(&scene);
}

static void the_repeat_buying_view_is_in_weeks(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "repeat_purchases", "1");
    assert_cell(&scene, &c, "active_span_weeks", "52"); /* 364 / 7 */
    assert_cell(&scene, &c, "tenure_weeks", "52.1429"); /* 365 / 7 */
    assert_cell(&scene, &c, "mean_repeat_spend", "33.3333");
    scene_end(&scene);
}

static void lifetimes_columns_are_in_the_unit_that_was_asked_for(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "lifetimes",
                "C-1,1,52,52.1429,33.3333,0.666667,3.33333e-08,12345.7,"
                "12.3456,9.9999,14.9999");
    scene.csv.unit_days = 1;
    assert_cell(&scene, &c, "frequency,recency,T,monetary_value", "1,364,365,33.3333");
    assert_cell(&scene, &c, "active_span_weeks", "52"); /* weeks whatever the unit is */
    scene_end(&scene);
}

/* 1,234,567.8910 a day: six significant digits would be no amount any more. */
static void large_amounts_are_written_out(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.repeat_spend = INT64_C(12345678910);
    assert_cell(&scene, &c, "monetary_value", "1234567.8910");
    assert_cell(&scene, &c, "mean_repeat_spend", "1234567.8910");
    scene_end(&scene);
}

static void a_mean_asked_for_in_more_digits_can_be_read_back(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    scene.csv.digits = 15;
    c.row.purchase_days = 4;
    c.row.repeat_spend = 1000000; /* 100 over three days */
    assert_cell(&scene, &c, "monetary_value", "33.3333333333333");
    assert_cell(&scene, &c, "mean_repeat_spend", "33.3333");
    scene_end(&scene);
}

static void what_an_offer_brings_has_its_columns(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.churn_prob = 0.5;
    c.row.clv_if_alive = 110 * UNIT;
    assert_cell(&scene, &c, "retention_gain,retention_worth,break_even_save_rate", ",,");
    scene.plan.offer = (struct plan_offer){1, UNIT, 10 * UNIT, 200000, PLAN_MILLION};
    /* .5 * .2 * 100 - .5 * 10 - 1; 6 / 50 */
    assert_cell(&scene, &c, "retention_gain,retention_worth,break_even_save_rate", "4.0000,1,0.12");
    c.row.flags &= ~(uint32_t)ROW_SPEND;
    assert_cell(&scene, &c, "retention_gain,retention_worth,break_even_save_rate", ",,");
    scene_end(&scene);
}

static void a_mean_is_rounded_half_to_even(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.purchase_days = 3;
    c.row.repeat_spend = 5; /* .00025 a day */
    assert_cell(&scene, &c, "mean_repeat_spend", "0.0002");
    c.row.repeat_spend = 7; /* .00035 */
    assert_cell(&scene, &c, "mean_repeat_spend", "0.0004");
    scene_end(&scene);
}

static void who_never_came_back_has_a_mean_of_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.purchase_days = 1;
    c.row.last_day = c.row.first_day;
    c.row.repeat_spend = 0;
    assert_cell(&scene, &c, "repeat_purchases,active_span_weeks,mean_repeat_spend", "0,0,0.0000");
    scene_end(&scene);
}

static void probabilities_have_the_digits_that_were_asked_for(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "p_alive,churn_prob,expected_purchases",
                "0.666667,3.33333e-08,12345.7");
    scene.csv.digits = 15;
    assert_cell(&scene, &c, "p_alive", "0.666666666666667");
    scene.csv.digits = 1;
    assert_cell(&scene, &c, "p_alive,expected_purchases", "0.7,1e+04");
    scene_end(&scene);
}

static void money_of_the_models_has_four_decimals(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "expected_spend,clv,clv_if_alive", "12.3456,9.9999,14.9999");
    assert_cell(&scene, &c, "value", "70.0000");
    scene_end(&scene);
}

static void columns_of_a_model_are_empty_without_one(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.flags = ROW_VALUE;
    assert_cell(&scene, &c, "p_alive,churn_prob,expected_purchases,expected_spend,clv,clv_if_alive",
                ",,,,,");
    scene_end(&scene);
}

static void a_ledger_without_amounts_leaves_money_empty(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    scene.plan.has_amount = 0;
    c.row.flags = ROW_MODEL | ROW_VALUE;
    c.row.score[RFM_MONETARY] = 0;
    assert_cell(&scene, &c, "monetary_total,spend_365d,mean_repeat_spend,expected_spend,clv",
                ",,,,");
    assert_cell(&scene, &c, "monetary_value,frequency", "1,");
    assert_cell(&scene, &c, "r_score,f_score,m_score,rfm_score", "5,4,,54");
    assert_cell(&scene, &c, "p_alive,value", "0.666667,70.0000");
    scene_end(&scene);
}

static void who_only_sent_back_has_no_dates_scores_or_value(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = scored_returner("R");
    scene_begin(&scene);
    c.row.monetary_total = -15 * UNIT;
    c.row.spend_365d = -5 * UNIT;
    c.row.wallet_basis = WALLET_BASIS_TOO_NEW;
    assert_cell(&scene, &c, "all",
                "R,,,,0,0,-15.00,-5.00,,,,,,,,,,,,,,,,,,,,too_new,,rest,low_cost,,,,,,");
    assert_cell(&scene, &c, "frequency,recency,T,monetary_value", ",,,");
    scene_end(&scene);
}

static void a_base_without_edges_has_no_scores(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    scene.fitted.model.rfm.bins = 0;
    memset(c.row.score, 0, sizeof c.row.score);
    assert_cell(&scene, &c, "r_score,f_score,m_score,rfm_score,rfm_segment", ",,,,");
    scene_end(&scene);
}

/* ---- wallets ---- */

static void a_wallet_is_a_size_a_share_and_a_rest(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "wallet_size,wallet_share,wallet_headroom,wallet_capped,wallet_basis",
                "40.0000,0.25,30.0000,0,declared");
    c.row.wallet_spend = 400000; /* S is the estimate */
    assert_cell(&scene, &c, "wallet_share,wallet_headroom,wallet_capped", "1,0.0000,1");
    c.row.wallet_spend = 800000;
    assert_cell(&scene, &c, "wallet_size,wallet_share,wallet_headroom,wallet_capped",
                "40.0000,1,0.0000,1");
    scene_end(&scene);
}

static void without_a_wallet_the_basis_says_why(void **state)
{
    (void)state;
    static const struct {
        enum wallet_basis basis;
        const char *want;
    } row[] = {{WALLET_BASIS_NONE, ",,,,no_attributes\n"},
               {WALLET_BASIS_NO_ATTRIBUTES, ",,,,no_attributes\n"},
               {WALLET_BASIS_NO_UNITS, ",,,,no_units\n"},
               {WALLET_BASIS_NO_SPEND, ",,,,no_spend\n"},
               {WALLET_BASIS_TOO_NEW, ",,,,too_new\n"}};
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    c.row.flags = ROW_VALUE;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        c.row.wallet_basis = row[i].basis;
        char *text = text_of(
            &scene, "wallet_size,wallet_share,wallet_headroom,wallet_capped,wallet_basis", &c, 1);
        assert_string_equal(text, row[i].want);
        free(text);
    }
    scene_end(&scene);
}

static void a_basis_among_peers_names_method_number_and_group(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_int_equal(peers_add(&scene.fitted.peers, "", 0, 123, 1), 0);
    assert_int_equal(peers_add(&scene.fitted.peers, "DE\x1fretail\x1f", 10, 12, 1), 0);
    scene.fitted.model.groups = scene.fitted.peers.groups;
    c.row.wallet_basis = WALLET_BASIS_GROUP;
    assert_cell(&scene, &c, "wallet_basis", "quantile=0.8 of 123");
    c.row.wallet_group = 1;
    assert_cell(&scene, &c, "wallet_basis", "quantile=0.8 of 12 in DE/retail");
    scene.plan.wallet_tau_millionths = 123456;
    assert_cell(&scene, &c, "wallet_basis", "quantile=0.123456 of 12 in DE/retail");
    scene.plan.wallet_method = WALLET_MEAN;
    assert_cell(&scene, &c, "wallet_basis", "mean of 12 in DE/retail");
    scene_end(&scene);
}

static void a_group_with_a_comma_in_its_name_is_quoted(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    scene.plan.wallet_method = WALLET_MEAN;
    assert_int_equal(peers_add(&scene.fitted.peers, "a,\"b\"\x1f", 6, 3, 1), 0);
    scene.fitted.model.groups = scene.fitted.peers.groups;
    c.row.wallet_basis = WALLET_BASIS_GROUP;
    assert_cell(&scene, &c, "wallet_basis", "\"mean of 3 in a,\"\"b\"\"\"");
    scene_end(&scene);
}

/* A group's name may be as long as a row of --customers lets it be; the cell is cut. */
static void a_very_long_group_is_cut_and_does_no_harm(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    char name[4000];
    memset(name, '"', sizeof name);
    name[sizeof name - 1] = PEERS_END;
    scene_begin(&scene);
    assert_int_equal(peers_add(&scene.fitted.peers, name, sizeof name, 3, 1), 0);
    scene.fitted.model.groups = scene.fitted.peers.groups;
    c.row.wallet_basis = WALLET_BASIS_GROUP;
    char *text = text_of(&scene, "all", &c, 1);
    assert_true(strlen(text) < 2000);
    assert_non_null(strstr(text, "quantile=0.8 of 3 in "));
    assert_non_null(strstr(text, ",70.0000,best,keep,,,,,,\n"));
    free(text);
    scene_end(&scene);
}

/* ---- rows ---- */

static void tiers_and_actions_are_words(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    scene_begin(&scene);
    assert_cell(&scene, &c, "tier,action", "best,keep");
    c.row.value = 1;
    assert_cell(&scene, &c, "tier,action", "rest,low_cost");
    c.row.flags |= ROW_INACTIVE;
    assert_cell(&scene, &c, "tier,action", "inactive,none");
    scene_end(&scene);
}

static void ids_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer c = somebody();
    static const char *const id[][2] = {
        {"plain id", "plain id\n"},
        {"a,b", "\"a,b\"\n"},
        {"say \"hi\"", "\"say \"\"hi\"\"\"\n"},
        {"two\nlines", "\"two\nlines\"\n"},
        {"cr\rthere", "\"cr\rthere\"\n"},
        {" blanks ", " blanks \n"},
        {"7f3c9a52-1f0e-4b7d-9c55-0d2f6a1b8e44", "7f3c9a52-1f0e-4b7d-9c55-0d2f6a1b8e44\n"},
        {"7f3c9a52-1f0e-4b7d-9c55-0d2f6a1b8e44,", "\"7f3c9a52-1f0e-4b7d-9c55-0d2f6a1b8e44,\"\n"},
        {"semi;colon", "semi;colon\n"},
        {"\xff\xfe", "\xff\xfe\n"},
        {"\"", "\"\"\"\"\n"}};
    scene_begin(&scene);
    for (size_t i = 0; i < sizeof id / sizeof id[0]; i++) {
        c.id = id[i][0];
        char *text = text_of(&scene, "customer_id", &c, 1);
        assert_string_equal(text, id[i][1]);
        free(text);
    }
    scene_end(&scene);
}

static void columns_come_in_the_order_of_the_file_whatever_was_asked(void **state)
{
    (void)state;
    struct scene scene;
    const struct scored_customer c = somebody();
    char *text;
    size_t size;
    scene_begin(&scene);
    assert_cell(&scene, &c, "tier,customer_id,recency_days", "C-1,1,best");
    assert_int_equal(scores_csv_head(&scene.csv, &text, &size), 0);
    assert_int_equal(size, strlen("customer_id,recency_days,tier\n"));
    assert_memory_equal(text, "customer_id,recency_days,tier\n", size);
    free(text);
    scene_end(&scene);
}

static size_t commas(const char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += text[i] == ',';
    return n;
}

static void every_preset_has_as_many_cells_as_names(void **state)
{
    (void)state;
    const struct scored_customer both[] = {somebody(), scored_returner("R")};
    size_t n, size;
    const struct columns_preset *presets = columns_presets(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 2; c++) {
            struct scene scene;
            char *head, *text;
            scene_begin(&scene);
            text = text_of(&scene, presets[i].name, &both[c], 1);
            assert_int_equal(scores_csv_head(&scene.csv, &head, &size), 0);
            assert_int_equal(commas(text, strlen(text)), commas(head, size));
            free(head);
            free(text);
            scene_end(&scene);
        }
}

static void rows_come_in_the_order_of_the_part_and_are_summed_by_tier(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer three[] = {somebody(), scored_returner("R"), somebody()};
    struct scored scored;
    struct arena *arena = arena_new((size_t)64 << 20);
    struct tier_sums sums[TIER_ROWS] = {{0}};
    char *text;
    size_t size;
    scene_begin(&scene);
    three[2].id = "C-2";
    three[2].row.flags |= ROW_INACTIVE;
    assert_int_equal(columns_choose("customer_id", &scene.csv.columns, NULL, NULL), 0);
    assert_int_equal(scores_csv_prepare(&scene.csv), 0);
    scored_of(&scored, three, 3);
    struct score_columns part = scored_columns(&scored, 0, arena);
    assert_int_equal(scores_csv_rows(&scene.csv, &part, &text, &size, sums), 0);
    assert_int_equal(size, 10);
    assert_memory_equal(text, "C-1\nR\nC-2\n", 10);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sums[i].customers, 1);
    assert_int_equal(sums[0].revenue, -45000);
    free(text);
    scores_csv_free(&scene.csv);
    scored_free(&scored);
    arena_destroy(&arena);
    scene_end(&scene);
}

/* What is empty for everybody in a part is left out together; for some of them, cell by cell. */
static void a_part_of_all_kinds_has_the_cells_that_each_has_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer kind[] = {somebody(), scored_returner("R"), scored_buyer("B", 7),
                                     scored_churner("C", 8, 0.25), somebody()};
    enum { N = sizeof kind / sizeof kind[0] };
    kind[4].row.flags = (kind[4].row.flags | ROW_INACTIVE | ROW_SPREAD) & ~(uint32_t)ROW_WALLET;
    kind[4].row.spread = 0.1;
    scene_begin(&scene);
    for (unsigned which = 1; which < 1u << N; which++) {
        struct scored_customer some[N];
        char want[8192] = "";
        size_t n = 0;
        for (size_t i = 0; i < N; i++)
            if (which >> i & 1) {
                char *alone = text_of(&scene, "all", &kind[i], 1);
                strcat(want, alone);
                free(alone);
                some[n++] = kind[i];
            }
        char *text = text_of(&scene, "all", some, n);
        assert_string_equal(text, want);
        free(text);
    }
    scene_end(&scene);
}

/* Rows far longer than the first room for them. */
static void many_long_rows_are_written_whole(void **state)
{
    (void)state;
    enum { N = 3000 };
    static char id[1025];
    struct scene scene;
    struct scored_customer *crowd = calloc(N, sizeof *crowd);
    assert_non_null(crowd);
    memset(id, '"', 1024);
    for (size_t i = 0; i < N; i++) {
        crowd[i] = somebody();
        crowd[i].id = id;
    }
    scene_begin(&scene);
    char *text = text_of(&scene, "customer_id", crowd, N);
    assert_int_equal(strlen(text), (size_t)N * (2 * 1024 + 3));
    free(text);
    free(crowd);
    scene_end(&scene);
}

static void money_of_a_tier_that_does_not_fit_is_said(void **state)
{
    (void)state;
    struct scene scene;
    struct scored_customer two[] = {somebody(), somebody()};
    struct scored scored;
    struct arena *arena = arena_new((size_t)64 << 20);
    struct tier_sums sums[TIER_ROWS] = {{0}};
    struct said said;
    char *text;
    size_t size;
    scene_begin(&scene);
    two[0].row.spend_365d = two[1].row.spend_365d = INT64_MAX;
    assert_int_equal(columns_choose("value", &scene.csv.columns, NULL, NULL), 0);
    assert_int_equal(scores_csv_prepare(&scene.csv), 0);
    scored_of(&scored, two, 2);
    struct score_columns part = scored_columns(&scored, 0, arena);
    said_begin(&said);
    assert_int_equal(scores_csv_rows(&scene.csv, &part, &text, &size, sums), STATUS_DATA);
    said_end(&said);
    assert_non_null(strstr(said.text, "does not fit"));
    scores_csv_free(&scene.csv);
    scored_free(&scored);
    arena_destroy(&arena);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_the_ledger_are_written_as_it_has_them),
        cmocka_unit_test(money_has_the_ledgers_own_decimals),
        cmocka_unit_test(scores_are_digits_in_a_row),
        cmocka_unit_test(segments_have_names_with_five_bins_only),
        cmocka_unit_test(the_repeat_buying_view_is_in_weeks),
        cmocka_unit_test(lifetimes_columns_are_in_the_unit_that_was_asked_for),
        cmocka_unit_test(large_amounts_are_written_out),
        cmocka_unit_test(a_mean_asked_for_in_more_digits_can_be_read_back),
        cmocka_unit_test(what_an_offer_brings_has_its_columns),
        cmocka_unit_test(a_mean_is_rounded_half_to_even),
        cmocka_unit_test(who_never_came_back_has_a_mean_of_nothing),
        cmocka_unit_test(probabilities_have_the_digits_that_were_asked_for),
        cmocka_unit_test(money_of_the_models_has_four_decimals),
        cmocka_unit_test(columns_of_a_model_are_empty_without_one),
        cmocka_unit_test(a_ledger_without_amounts_leaves_money_empty),
        cmocka_unit_test(who_only_sent_back_has_no_dates_scores_or_value),
        cmocka_unit_test(a_base_without_edges_has_no_scores),
        cmocka_unit_test(a_wallet_is_a_size_a_share_and_a_rest),
        cmocka_unit_test(without_a_wallet_the_basis_says_why),
        cmocka_unit_test(a_basis_among_peers_names_method_number_and_group),
        cmocka_unit_test(a_group_with_a_comma_in_its_name_is_quoted),
        cmocka_unit_test(a_very_long_group_is_cut_and_does_no_harm),
        cmocka_unit_test(tiers_and_actions_are_words),
        cmocka_unit_test(ids_are_quoted_where_they_must_be),
        cmocka_unit_test(columns_come_in_the_order_of_the_file_whatever_was_asked),
        cmocka_unit_test(every_preset_has_as_many_cells_as_names),
        cmocka_unit_test(rows_come_in_the_order_of_the_part_and_are_summed_by_tier),
        cmocka_unit_test(a_part_of_all_kinds_has_the_cells_that_each_has_alone),
        cmocka_unit_test(many_long_rows_are_written_whole),
        cmocka_unit_test(money_of_a_tier_that_does_not_fit_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
