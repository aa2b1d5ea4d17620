/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/provenance.h"

#include "common/settings.h"
#include "support/assert.h"

static struct job a_job(void)
{
    struct job job = {.work = {.plan = settings_default().scoring.plan, .shards = 8},
                      .content = {3, 4},
                      .digits = 6,
                      .columns = "all",
                      .time_unit = "week",
                      .run_key = "key"};
    job.work.plan.as_of = job.work.plan.first_day = 18000;
    return job;
}

/* How far a change reaches back: to nothing, the scores, the model, or the digests. */
enum reach { TO_NOTHING, TO_SCORES, TO_MODEL, TO_BOTH, TO_DIGESTS };

static void digits(struct job *job)
{
    job->digits = 17;
    job->columns = "rfm";
    job->time_unit = "day";
    job->redact = job->restart = 1;
    job->run_key = "another";
}
static void tiers(struct job *job)
{
    job->work.plan.tiers[0].share++;
    job->work.plan.tiers[0].name[0] = 'T';
}
static void threshold(struct job *job)
{
    job->work.plan.churn_threshold = .5;
}
static void segments(struct job *job)
{
    job->work.plan.segments.n = 1;
}
static void offer(struct job *job)
{
    job->work.plan.offer.offer_cost = 1;
}
static void tier_by(struct job *job)
{
    job->work.plan.tier_by = TIER_BY_REVENUE;
}
static void bins(struct job *job)
{
    job->work.plan.rfm_bins = 4;
}
static void own_cuts(struct job *job)
{
    job->work.plan.rfm_cuts[1] = (struct plan_cuts){4, {1, 2, 3, 4}};
}
static void churn_choice(struct job *job)
{
    job->churn_choice = CHURN_OFF;
}
static void regularity(struct job *job)
{
    job->regularity = 2;
}
static void refit(struct job *job)
{
    job->refit = 1;
}
static void calibration(struct job *job)
{
    job->calibration = CALIBRATION_STACK;
}
static void horizon(struct job *job)
{
    job->work.plan.horizon_days++;
}
static void churn_horizon(struct job *job)
{
    job->work.plan.churn_horizon_days++;
}
static void discount(struct job *job)
{
    job->work.plan.monthly_discount *= 2;
}
static void margin(struct job *job)
{
    job->work.plan.margin_millionths--;
}
static void serve_cost(struct job *job)
{
    job->work.plan.serve_cost = 1;
}
static void history_content(struct job *job)
{
    job->content.high++;
}
static void as_of(struct job *job)
{
    job->work.plan.as_of++;
}
static void first_day(struct job *job)
{
    job->work.plan.first_day--;
}
static void inactive(struct job *job)
{
    job->work.plan.inactive_after_days--;
}
static void window(struct job *job)
{
    job->work.plan.rfm_window_days = 100;
}
static void ties(struct job *job)
{
    job->work.plan.rfm_ties = RFM_NTILE;
}
static void frequency(struct job *job)
{
    job->work.plan.rfm_frequency = RFM_ORDERS;
}
static void wallet(struct job *job)
{
    job->work.plan.wallet_method = WALLET_MEAN;
}
static void holdout(struct job *job)
{
    job->work.plan.holdout_days = 5;
}
static void trial(struct job *job)
{
    job->work.plan.trial_days = 5;
}
static void shards(struct job *job)
{
    job->work.shards = 16;
}
static void sample(struct job *job)
{
    job->work.sample_per_shard = 9;
}

static const struct {
    void (*change)(struct job *);
    enum reach reach;
} changes[] = {
    {digits, TO_NOTHING},   {tiers, TO_NOTHING},      {threshold, TO_NOTHING},
    {segments, TO_NOTHING}, {offer, TO_NOTHING},      {tier_by, TO_MODEL},
    {bins, TO_MODEL},       {own_cuts, TO_MODEL},     {churn_choice, TO_MODEL},
    {regularity, TO_MODEL}, {refit, TO_MODEL},        {calibration, TO_MODEL},
    {horizon, TO_BOTH},     {churn_horizon, TO_BOTH}, {discount, TO_BOTH},
    {margin, TO_BOTH},      {serve_cost, TO_BOTH},    {history_content, TO_DIGESTS},
    {as_of, TO_DIGESTS},    {first_day, TO_DIGESTS},  {inactive, TO_DIGESTS},
    {window, TO_DIGESTS},   {ties, TO_DIGESTS},       {frequency, TO_DIGESTS},
    {wallet, TO_DIGESTS},   {holdout, TO_DIGESTS},    {trial, TO_DIGESTS},
    {shards, TO_DIGESTS},   {sample, TO_DIGESTS},
};

static void a_change_reaches_back_as_far_as_it_has_a_say(void **state)
{
    (void)state;
    static const struct parcel no_letter;
    const struct digest model = {1, 1};
    const struct job job = a_job();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct job other = a_job();
        enum reach reach = changes[i].reach;
        changes[i].change(&other);
        if (digest_same(provenance_gathered(&job), provenance_gathered(&other)) !=
                (reach != TO_DIGESTS) ||
            digest_same(provenance_fitted(&job, &no_letter),
                        provenance_fitted(&other, &no_letter)) != (reach < TO_MODEL) ||
            digest_same(provenance_scored(&job, model), provenance_scored(&other, model)) !=
                (reach != TO_SCORES && reach < TO_BOTH))
            fail_msg("change %zu reaches otherwise", i);
    }
}

static struct parcel a_letter(const char *model, const char *groups)
{
    struct parcel letter;
    letter.n = 0;
    const char *const parts[] = {"envelope", "job", model, groups};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(wire_bytes_put((struct slice){parts[i], strlen(parts[i])}, &letter), 0);
    return letter;
}

static void a_model_that_is_given_has_a_say_in_what_is_fitted(void **state)
{
    (void)state;
    const struct job job = a_job();
    struct parcel letter[] = {a_letter("", ""), a_letter("m", ""), a_letter("", "m"),
                              a_letter("m", "g")};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++)
            assert_int_equal(digest_same(provenance_fitted(&job, &letter[i]),
                                         provenance_fitted(&job, &letter[k])),
                             i == k);
    for (size_t i = 0; i < 4; i++)
        parcel_clear(&letter[i]);
}

static void scores_are_of_a_model(void **state)
{
    (void)state;
    const struct job job = a_job();
    const struct digest one = {1, 1}, two = {1, 2};
    assert_false(digest_same(provenance_scored(&job, one), provenance_scored(&job, two)));
    assert_false(digest_same(provenance_scored(&job, one), provenance_gathered(&job)));
}

static void where_the_content_is_not_known_nothing_is(void **state)
{
    (void)state;
    static const struct parcel no_letter;
    struct job job = a_job();
    job.content = (struct digest){0};
    assert_true(digest_none(provenance_gathered(&job)));
    assert_true(digest_none(provenance_fitted(&job, &no_letter)));
    assert_true(digest_none(provenance_scored(&job, (struct digest){1, 1})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_reaches_back_as_far_as_it_has_a_say),
        cmocka_unit_test(a_model_that_is_given_has_a_say_in_what_is_fitted),
        cmocka_unit_test(scores_are_of_a_model),
        cmocka_unit_test(where_the_content_is_not_known_nothing_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
