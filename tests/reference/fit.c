/* SPDX-License-Identifier: Apache-2.0 */
/* Fits of real ledgers against known answers, SCORING section 6. */
#include "score/fit.h"

#include <stdlib.h>

#include "ledger.h"
#include "support/assert.h"

struct answer {
    const char *ledger;
    const char *as_of;
    enum churn_kind kind;
    double parameter[CHURN_PARAMETERS]; /* 0: not known */
    double log_likelihood;
    int32_t regularity;
};

static const struct answer answers[] = {
    {"cdnow_sample.tx.csv.gz",
     "1997-09-30",
     CHURN_BGNBD,
     {.242594522, 4.413602019, .792922017, 2.425906777},
     -9582.429206674,
     1},
    {"cdnow_sample.tx.csv.gz",
     "1997-09-30",
     CHURN_MBGNBD,
     {.524843159, 6.183085280, .891359391, 1.614002240},
     -9582.135715554,
     1},
    {"cdnow_sample.tx.csv.gz",
     "1997-09-30",
     CHURN_PNBD,
     {.553277047, 10.577683463, .606239989, 11.668735289},
     -9594.976178940,
     1},
    {"cdnow_sample.tx.csv.gz",
     "1997-09-30",
     CHURN_NBD,
     {.384766136, 12.072022845},
     -9763.657614673,
     1},
    {"grocery_elog.tx.csv.gz", "2006-12-31", CHURN_MBGNBD, {0}, -15781.939374893, 1},
    {"grocery_elog.tx.csv.gz",
     "2006-12-31",
     CHURN_PNBD,
     {.786436796, 5.679040713, .386239117, 5.717788162},
     -15782.392137816,
     1},
    {"grocery_elog.tx.csv.gz",
     "2006-12-31",
     CHURN_NBD,
     {.420320283, 5.245119390},
     -16376.863901058,
     1},
    {"grocery_elog.tx.csv.gz", "2006-12-31", CHURN_MBGCNBD, {0}, -15781.939374893, 1},
    {"grocery_elog.tx.csv.gz",
     "2006-12-31",
     CHURN_MBGCNBD,
     {1.3291753536, 2.8125512081, .4247089904, .7900287342},
     -14978.210731581,
     2},
};

static struct fit fit_of(const struct ledger *ledger, const char *as_of, enum churn_kind kind,
                         int32_t regularity)
{
    struct fit fit;
    struct fit_row *rows = calloc(ledger->n, sizeof *rows);
    size_t n = ledger_fit_rows(ledger, as_of, rows);
    void *scratch = malloc(fit_churn_scratch(rows, n));
    double log_gaps = ledger_log_gaps(ledger, as_of);
    fit_churn(kind, regularity, rows, n, log_gaps, NULL, scratch, NULL, &fit);
    free(scratch);
    free(rows);
    return fit;
}

static void check_answer(const struct answer *answer)
{
    struct ledger ledger;
    ledger_open(&ledger, answer->ledger, answer->as_of);
    struct fit fit = fit_of(&ledger, answer->as_of, answer->kind, answer->regularity);
    ledger_close(&ledger);
    print_message("%s: %s-%d %s, ln L %.9f, %d evaluations\n", answer->ledger,
                  churn_name(answer->kind), (int)answer->regularity, fit_stop_name(fit.stop),
                  fit.log_likelihood, (int)fit.evaluations);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_true(fit.gradient_norm <= 1e-8);
    assert_within(fit.log_likelihood, answer->log_likelihood, 1e-6);
    for (int i = 0; i < churn_parameters(answer->kind); i++)
        if (answer->parameter[i] > 0)
            assert_within(fit.model.parameter[i], answer->parameter[i],
                          1e-5 * answer->parameter[i]);
}

static void fits_find_the_known_maxima(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        check_answer(&answers[i]);
}

/* SCORING section 6: grocery shoppers are regular, buyers of CDs are not. */
static void regularity_is_found_where_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *as_of;
        int32_t best;
    } ledgers[] = {{"grocery_elog.tx.csv.gz", "2006-12-31", 2},
                   {"cdnow_sample.tx.csv.gz", "1997-09-30", 1}};
    for (size_t i = 0; i < sizeof ledgers / sizeof *ledgers; i++) {
        for (enum churn_kind kind = CHURN_BGCNBD; kind <= CHURN_MBGCNBD; kind++) {
            struct ledger ledger;
            double likelihood[5] = {0};
            ledger_open(&ledger, ledgers[i].name, ledgers[i].as_of);
            for (int32_t k = 1; k <= 4; k++) {
                struct fit fit = fit_of(&ledger, ledgers[i].as_of, kind, k);
                likelihood[k] = fit.log_likelihood;
                print_message("%s: %s-%d %s, ln L %.6f, bic %.3f\n", ledgers[i].name,
                              churn_name(kind), (int)k, fit_stop_name(fit.stop), fit.log_likelihood,
                              fit.bic);
            }
            ledger_close(&ledger);
            for (int32_t k = 1; k <= 4; k++)
                assert_true(likelihood[k] <= likelihood[ledgers[i].best]);
        }
    }
}

static void gamma_gamma_finds_the_known_maximum(void **state)
{
    (void)state;
    struct ledger ledger;
    struct fit_spend fit;
    ledger_open(&ledger, "cdnow_sample.tx.csv.gz", "1997-09-30");
    struct fit_spend_row *rows = calloc(ledger.n, sizeof *rows);
    size_t n = ledger_spend_rows(&ledger, rows);
    void *scratch = malloc(fit_spend_scratch(n));
    fit_spend(rows, n, 30, scratch, NULL, &fit);
    free(scratch);
    free(rows);
    ledger_close(&ledger);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_int_equal(fit.customers, 946);
    assert_within(fit.log_likelihood, -4055.917694802, 1e-6);
    assert_within(fit.p, 6.249572271, 6.2e-5);
    assert_within(fit.q, 3.744224667, 3.7e-5);
    assert_within(fit.v, 15.443520963, 1.5e-4);
    assert_int_equal(fit.model.kind, SPEND_GAMMA_GAMMA);
}

struct forecast {
    double alive;
    double active;
    int came; /* in the 39 weeks after */
};

/* The probability that who came is ranked above who did not, ties counting half. */
static double area_under_curve(const struct forecast *of, size_t n, int by_active)
{
    double above = 0, pairs = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double x = by_active ? of[i].active : of[i].alive;
            double y = by_active ? of[j].active : of[j].alive;
            if (!of[i].came || of[j].came)
                continue;
            above += x > y ? 1.0 : x == y ? 0.5 : 0.0;
            pairs += 1;
        }
    }
    return above / pairs;
}

/* SCORING section 3: P(alive) alone is not a churn score; it ranks the holdout upside down. */
static void being_active_ranks_the_holdout_and_being_alive_does_not(void **state)
{
    (void)state;
    struct ledger before, after;
    ledger_open(&before, "cdnow_sample.tx.csv.gz", "1997-09-30");
    ledger_open(&after, "cdnow_sample.tx.csv.gz", "1998-06-30");
    struct churn_model model = fit_of(&before, "1997-09-30", CHURN_BGNBD, 1).model;
    struct churn_horizon horizon = {273, 273, 0};
    struct forecast *of = calloc(after.n, sizeof *of);
    size_t n = 0;
    for (size_t i = 0, end; i < after.n; i = end, n++) {
        struct repeat seen;
        end = ledger_customer(&after, i, "1997-09-30", &seen);
        struct churn_outlook outlook = churn_outlook(&model, seen, &horizon);
        of[n] = (struct forecast){outlook.p_alive, 1 - outlook.churn_prob,
                                  after.row[end - 1].day > ledger_day("1997-09-30")};
    }
    assert_int_equal(n, 2357);
    assert_within(area_under_curve(of, n, 0), 0.316, 5e-4);
    assert_true(area_under_curve(of, n, 1) > 0.75);
    free(of);
    ledger_close(&before);
    ledger_close(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_find_the_known_maxima),
        cmocka_unit_test(regularity_is_found_where_it_is),
        cmocka_unit_test(gamma_gamma_finds_the_known_maximum),
        cmocka_unit_test(being_active_ranks_the_holdout_and_being_alive_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
