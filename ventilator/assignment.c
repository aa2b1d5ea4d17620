/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/assignment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire.h"
#include "common/wire_done.h"
#include "ventilator/planning.h"

/* Nothing but the rejects will be published, and no day means anything. */
static void refuse(struct assignment *assignment, const struct account *account)
{
    assignment->refuse = 1;
    assignment->work.plan = account->settings->scoring.plan;
    assignment->work.plan.as_of = assignment->work.plan.first_day = 0;
    assignment->work.shards = intake_shards(account->intake);
}

/* Too many rejects, or two currencies. */
static void refuse_ledger(struct assignment *assignment, const struct account *account)
{
    const struct facts *facts = intake_facts(account->intake);
    refuse(assignment, account);
    assignment->result = facts_check(facts, &account->settings->reading);
    if (assignment->result < 0)
        return;
    account_log_rejects(account);
    assignment->result =
        log_fail(STATUS_DATA,
                 "%" PRIu64 " of %" PRIu64 " rows are rejects, more than --max-rejects allows; "
                 "nothing is published but the rejects",
                 facts_rejects(facts), facts->rows_in);
}

static int list_segments(struct assignment *assignment, const struct intake *intake)
{
    struct spool_segment *const *segments = intake_segments(intake, &assignment->n_want);
    assignment->want = malloc(assignment->n_want * sizeof *assignment->want + 1);
    if (!assignment->want)
        return log_fail(STATUS_BUG, "out of memory for %zu segments", assignment->n_want);
    for (size_t i = 0; i < assignment->n_want; i++)
        assignment->want[i] = spool_segment_id(segments[i]);
    return 0;
}

static int plan_work(struct assignment *assignment, const struct account *account)
{
    const struct facts *facts = intake_facts(account->intake);
    int r =
        planning_work(account->settings, facts, intake_shards(account->intake), &assignment->work);
    if (r == STATUS_DATA) { /* no row is left, and why not is among the rejects */
        account_log_rejects(account);
        refuse(assignment, account);
        assignment->result = r;
        return 0;
    }
    if (r == 0)
        planning_log(facts, &assignment->work.plan);
    return r;
}

int assignment_make(struct assignment *assignment, const struct account *account, int refused)
{
    const struct facts *facts = intake_facts(account->intake);
    const struct settings_reading *reading = &account->settings->reading;
    int r = 0;
    if (refused || facts_check(facts, reading) < 0 ||
        planning_too_many(reading, facts->rows_in, facts_rejects(facts)))
        refuse_ledger(assignment, account);
    else
        r = plan_work(assignment, account);
    if (r == 0)
        r = list_segments(assignment, account->intake);
    if (r == 0)
        r = account_run_key(account, &assignment->run_key);
    if (r < 0)
        return r;
    struct digest name[2] = {digest_of(assignment->run_key, strlen(assignment->run_key)),
                             {assignment->work.shards, 0}};
    assignment->id = digest_of(name, sizeof name);
    return 0;
}

void assignment_free(struct assignment *assignment)
{
    free(assignment->run_key);
    free(assignment->want);
    *assignment = (struct assignment){0};
}

/* The segments are sorted, so it does not depend on the order of the inputs. */
static struct digest content_of(const struct assignment *assignment, const struct account *account)
{
    struct digest part[2] = {
        digest_of(assignment->want, assignment->n_want * sizeof *assignment->want),
        account->attributes};
    return digest_of(part, sizeof part);
}

int assignment_job_letter(const struct assignment *assignment, const struct account *account,
                          struct slice model, struct slice groups, struct parcel *parcel)
{
    const struct settings_scoring *scoring = &account->settings->scoring;
    struct letter letter = {.kind = LETTER_JOB, .job = assignment->id};
    letter.code = assignment->sealing ? JOB_SEALING : 0;
    struct job job = {
        .work = assignment->work,
        .churn_choice = scoring->churn_choice,
        .calibration = scoring->stack ? CALIBRATION_STACK : scoring->calibrate,
        .churn_kind = scoring->churn_kind,
        .regularity = scoring->regularity,
        .refit = scoring->refit,
        .digits = scoring->digits,
        .columns = scoring->columns ? scoring->columns : "all",
        .time_unit = scoring->time_unit,
        .has_model = model.size > 0,
        .restart = account->settings->running.restart,
        .redact = account->settings->reading.redact,
        .run_key = assignment->run_key,
        .content = content_of(assignment, account),
    };
    int r = wire_letter_put(&letter, parcel);
    if (r == 0)
        r = wire_job_put(&job, parcel);
    if (r == 0)
        r = wire_bytes_put(model, parcel);
    return r < 0 ? r : wire_bytes_put(groups, parcel);
}

static int put_account(const struct account *account, struct parcel *parcel)
{
    char *text;
    size_t size;
    int r = account_write(account, &text, &size);
    if (r < 0)
        return r;
    r = wire_bytes_put((struct slice){text, size}, parcel);
    free(text);
    return r;
}

int assignment_seal_letter(const struct assignment *assignment, const struct account *account,
                           struct parcel *parcel)
{
    struct letter letter = {.kind = LETTER_SEAL, .job = assignment->id};
    struct seal seal = {.refuse = assignment->refuse};
    struct parcel rejects;
    rejects.n = 0;
    int r = account_rejects_csv(account, &rejects, &seal.csv_parts);
    if (r == 0 && !account->settings->reading.redact)
        r = account_rejects_raw(account, &rejects, &seal.raw_parts);
    if (r == 0)
        r = wire_letter_put(&letter, parcel);
    if (r == 0)
        r = wire_seal_put(&seal, parcel);
    if (r == 0)
        r = put_account(account, parcel);
    for (size_t i = 0; r == 0 && i < rejects.n; i++)
        r = parcel_add(parcel, &rejects.part[i]);
    parcel_clear(&rejects);
    return r;
}
