/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a ledger as a run would, to the last row, and keeps nothing: what is said of it is what a run
 * would find, with the exit code it would have. A sample would be faster and could not say that.
 * What only histories show (a customer whose money does not fit, cancelled orders) is left to it. */
#include <stdlib.h>

#include "cli/finding.h"
#include "cli/options.h"
#include "cli/roles.h"
#include "cli/segments.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/log.h"
#include "ventilator/partition.h"
#include "ventilator/planning.h"

static int survey_ledger(struct finding *finding)
{
    const struct survey_order order = {
        .settings = &finding->settings->reading,
        .today = clock_today(),
        .redact_key = roles_draw(),
    };
    int r = survey_open(&order, &finding->survey);
    return r ? r : survey_rows(finding->survey, finding->row, &finding->n_rows);
}

/* Its facts, and what they have to say to the whole. */
static int take_facts(struct finding *finding, struct partition *partition)
{
    struct facts **facts = &finding->input[finding->n_inputs];
    int r = partition_facts(partition, facts);
    finding->n_inputs += r == 0;
    if (r == 0)
        r = facts_merge(finding->all, *facts);
    return r ? r : partition_census(partition, &finding->census);
}

static int read_input(struct finding *finding, size_t i)
{
    struct partition *partition = NULL;
    const struct partition_order order = {
        .survey = finding->survey,
        .input = i,
        .until = finding->census.until,
        .shards = 1,
        .threads = (uint32_t)roles_cores(),
        .rejects_limit = -1,
    };
    int r = partition_start(&order, &partition);
    if (r == 0)
        r = partition_wait(partition);
    finding->broken_off |= r == PARTITION_E_REFUSED;
    if (r >= 0)
        r = take_facts(finding, partition);
    partition_stop(&partition);
    return r;
}

static int read_ledger(struct finding *finding)
{
    size_t n = survey_inputs(finding->survey);
    int32_t as_of = finding->settings->reading.as_of;
    finding->census = census_until(as_of == DAY_NONE ? INT32_MAX : as_of);
    finding->input = calloc(n, sizeof(struct facts *));
    int r = finding->input ? facts_new(&finding->all)
                           : log_fail(STATUS_BUG, "no memory for %zu inputs", n);
    for (size_t i = 0; r == 0 && i < n && !finding->broken_off; i++)
        r = read_input(finding, i);
    return r;
}

static int no_input_twice(const struct finding *finding)
{
    for (size_t i = 0; i < finding->n_inputs; i++)
        for (size_t k = 0; k < i; k++) {
            const struct facts *a = finding->input[i], *b = finding->input[k];
            if (a->raw_bytes == b->raw_bytes && digest_same(a->digest, b->digest))
                return log_fail(
                    STATUS_DATA,
                    "%s and %s have the same content; its rows would count twice, name it once",
                    survey_sheet(finding->survey, k)->name, survey_sheet(finding->survey, i)->name);
        }
    return 0;
}

/* What a run would refuse it for. */
static int judge(const struct finding *finding)
{
    const struct settings_reading *reading = &finding->settings->reading;
    uint64_t rejects = facts_rejects(finding->all), rows = finding->all->rows_in;
    struct work_plan work;
    int r = facts_check(finding->all, reading);
    if (r == 0 && planning_too_many(reading, rows, rejects))
        r = log_fail(STATUS_DATA,
                     "%llu of %llu rows are rejects, more than --max-rejects allows; a run would "
                     "publish nothing but the rejects",
                     (unsigned long long)rejects, (unsigned long long)rows);
    if (r == 0)
        r = no_input_twice(finding);
    return r ? r : planning_work(finding->settings, finding->all, 1, &work);
}

static void let_go(struct finding *finding)
{
    for (size_t i = 0; i < finding->n_inputs; i++)
        facts_destroy(&finding->input[i]);
    free(finding->input);
    facts_destroy(&finding->all);
    census_release(&finding->census);
    survey_close(&finding->survey);
}

int check_verb(const struct options *options)
{
    struct finding finding = {.settings = &options->settings};
    if (options->settings.scoring.segments)
        segments_tell(&options->settings, stdout);
    if (options->n_operands == 0)
        return 0;
    int r = survey_ledger(&finding);
    if (r == 0)
        r = read_ledger(&finding);
    if (r == 0)
        r = finding_print(&finding, stdout);
    if (r == 0)
        r = judge(&finding);
    let_go(&finding);
    return r;
}
