/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a run has left, and nothing else: the ledger may be gone, and who asks why a score is what
 * it is asks about the score that was published. Each number is made again with score/ on the way, so
 * that an explanation that does not lead to the published number is an error and not a story. */
#include <ctype.h>
#include <string.h>

#include "cli/dossier.h"
#include "cli/options.h"
#include "cli/portrait.h"
#include "cli/verbs.h"
#include "common/log.h"

#define HASH_TEXT 17 /* "#" and 16 hexadecimal digits: ventilator/redaction.h */

static int is_redacted(const char *customer)
{
    if (customer[0] != '#' || strlen(customer) != HASH_TEXT)
        return 0;
    for (int i = 1; i < HASH_TEXT; i++)
        if (!isxdigit((unsigned char)customer[i]))
            return 0;
    return 1;
}

/* In the words of a run that had --redact nobody's id stands, so not in these either. */
static int refuse_absent(const struct results *results, const char *customer, const char *near)
{
    const char *name = results->redacted ? "this customer" : customer;
    if (is_redacted(customer))
        return log_fail(STATUS_NO_INPUT,
                        "%s is a hash that --redact put in place of an id, with a key that was not "
                        "kept; explain wants the id as it is in the ledger",
                        customer);
    if (near)
        return log_fail(STATUS_NO_INPUT,
                        "%s is not in %s/scores.csv; %s is, and an id counts byte for byte", name,
                        results->directory, results->redacted ? "one much like it" : near);
    return log_fail(STATUS_NO_INPUT,
                    "%s is not in %s/scores.csv: no row of the ledger up to as_of was accepted for "
                    "that id",
                    name, results->directory);
}

static int refuse_difference(const struct dossier *dossier)
{
    int n = dossier_count(dossier, DOSSIER_DIFFERS);
    if (n == 0)
        return 0;
    return log_fail(STATUS_DATA,
                    "%s: %d column%s of scores.csv %s not what model.json and the inputs make; a "
                    "file was changed, or winnow %s is not this one",
                    dossier->results->directory, n, n == 1 ? "" : "s", n == 1 ? "is" : "are",
                    dossier->results->version);
}

static int explain(const struct results *results, const struct record *record)
{
    struct dossier dossier;
    int r = dossier_open(results, record, &dossier);
    if (r == 0)
        r = portrait_print(&dossier, stdout);
    if (r == 0)
        r = refuse_difference(&dossier);
    dossier_close(&dossier);
    return r;
}

int explain_verb(const struct options *options)
{
    struct results results;
    struct record record = {.text = NULL};
    const struct slice customer = {options->customer, strlen(options->customer)};
    char path[RESULTS_PATH];
    int r = results_open(options->run, &results);
    if (r == 0)
        r = results_path(&results, "scores.csv", path);
    if (r == 0)
        r = record_find(path, customer, &record);
    if (r == RECORD_E_ABSENT)
        r = refuse_absent(&results, options->customer, record.text);
    else if (r == 0)
        r = explain(&results, &record);
    record_free(&record);
    results_close(&results);
    return r;
}
