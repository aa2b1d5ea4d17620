/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include <limits.h>
#include <string.h>

#include "cli/spelling.h"
#include "common/log.h"

static const struct verb rows[VERBS] = {
    [VERB_RUN] =
        {
            .name = "run",
            .operands = "LEDGER...",
            .operands_least = 1,
            .operands_most = INT_MAX,
            .synopsis = "LEDGER... --out DIR",
            .role = "",
            .summary = "score the customers of a ledger, on this machine",
            .detail =
                "Reads the whole ledger (CSV, gzip or zstd, - is stdin; several files are one\n"
                "ledger) and leaves scores.csv, tiers.csv, schema.sql, model.json, manifest.json\n"
                "and rejects.csv in DIR.",
            .act = run_verb,
        },
    [VERB_CHECK] =
        {
            .name = "check",
            .operands = "LEDGER...",
            .operands_least = 1,
            .operands_most = INT_MAX,
            .synopsis = "LEDGER...|--segments FILE",
            .role = "",
            .summary = "say how a ledger would be read, and write nothing",
            .detail =
                "Prints columns, formats, span, customers, the first rows as understood, and\n"
                "rejects by reason. Of --segments it says which rules overlap or are never\n"
                "reached, and the cells that each has; for that no ledger is needed.",
            .act = check_verb,
        },
    [VERB_BACKTEST] =
        {
            .name = "backtest",
            .operands = "LEDGER...",
            .operands_least = 1,
            .operands_most = INT_MAX,
            .synopsis = "LEDGER... --split DATE",
            .role = "",
            .summary = "score as of a past day, and judge the scores by what came after it",
            .detail =
                "Rows up to DATE make the scores, rows after it judge them. Prints AUC and Brier\n"
                "score of churn_prob, errors of expected_purchases, what the best fifth spent,\n"
                "reliability by decile, beside recency alone and past spend; the same is in\n"
                "DIR/backtest.json.",
            .act = backtest_verb,
        },
    [VERB_VENTILATOR] =
        {
            .name = "ventilator",
            .operands = "LEDGER...",
            .operands_most = INT_MAX,
            .synopsis = "LEDGER...|--serve --bind ENDPOINT --sink ENDPOINT",
            .role = "ventilator",
            .summary = "role: read a ledger and deal its shards to workers",
            .detail = "Workers may come and go at any time; none needs an id. SIGTERM drains and\n"
                      "exits 0, a second one leaves at once. With --serve it has no ledger of its\n"
                      "own: it takes jobs from winnow submit, keeps them in --state, and works on\n"
                      "one after the other until it is told to stop.",
            .act = ventilator_verb,
        },
    [VERB_WORKER] =
        {
            .name = "worker",
            .operands = "",
            .synopsis = "--ventilator ENDPOINT --sink ENDPOINT --state DIR",
            .role = "worker",
            .summary = "role: fold and score shards",
            .detail = "As many as you like, on as many machines as you like. SIGTERM finishes the\n"
                      "shard at hand and exits 0, a second one leaves at once.",
            .act = worker_verb,
        },
    [VERB_SINK] =
        {
            .name = "sink",
            .operands = "",
            .synopsis = "--bind ENDPOINT --out DIR --state DIR",
            .role = "sink",
            .summary = "role: commit, fit, tier and write the results",
            .detail = "One a job; with --serve, for all jobs of a serving ventilator: the results\n"
                      "of each are in DIR/ID, and DIR/NAME leads to the last of a name. SIGTERM\n"
                      "drains and exits 0, a second one leaves at once.",
            .act = sink_verb,
        },
    [VERB_EXPLAIN] =
        {
            .name = "explain",
            .operands = "CUSTOMER",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "CUSTOMER --run DIR",
            .role = "",
            .summary = "one customer: inputs, scores, cut points, tier and why",
            .detail =
                "Reads what a run has left in DIR, not the ledger. Prints what the customer did, "
                "each\n"
                "score with the cut points around it and the least change that would move it, how "
                "the\n"
                "churn score comes about, and what decided tier and action. All of it is computed\n"
                "again; where scores.csv says otherwise, that is told and the exit code is 65.",
            .act = explain_verb,
        },
    [VERB_GENERATE] =
        {
            .name = "generate",
            .operands = "",
            .synopsis = "--customers N --seed S",
            .role = "",
            .summary = "draw a ledger from a known population",
            .detail =
                "Prints customer_id,date,amount, sorted by date, to stdout: BG/NBD purchases\n"
                "and gamma-gamma amounts. Memory grows with the customers, not the rows.",
            .act = generate_verb,
        },
    [VERB_KEYGEN] =
        {
            .name = "keygen",
            .operands = "DIR",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "DIR",
            .role = "",
            .summary = "make CURVE key pairs for the roles",
            .detail =
                "DIR/ventilator, DIR/worker and DIR/sink are each what --keys of that role wants.\n"
                "With --worker NAME, one more pair in DIR/worker-NAME; a key is revoked by "
                "removing\n"
                "its .pub from trusted/ of the two servers.",
            .act = keygen_verb,
        },
    [VERB_HEALTH] =
        {
            .name = "health",
            .operands = "[HOST:PORT]",
            .operands_most = 1,
            .synopsis = "[HOST:PORT]",
            .role = "",
            .summary = "ask a role whether it is well, for container engines",
            .detail =
                "Asks /healthz of a role's --metrics HOST:PORT (from WINNOW_METRICS when not "
                "given).\n"
                "Exits 0 when it is well, 69 when it is not. With neither, there is nothing to\n"
                "ask, and that is well.",
            .act = health_verb,
        },
    [VERB_STATUS] =
        {
            .name = "status",
            .operands = "HOST:PORT|ENDPOINT",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "HOST:PORT|ENDPOINT",
            .role = "",
            .summary = "show once how far a running job is, or the jobs of a serving ventilator",
            .detail =
                "HOST:PORT is the ventilator's --metrics; other roles show their figures.\n"
                "ENDPOINT (tcp://host:port or ipc://path) is the --bind of a ventilator that\n"
                "serves: its jobs in the order of arrival, or with --job all about one.",
            .act = status_verb,
        },
    [VERB_TOP] =
        {
            .name = "top",
            .operands = "HOST:PORT",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "HOST:PORT",
            .role = "",
            .summary = "show a running job until it ends: stages, workers, rates, time left",
            .detail =
                "HOST:PORT is the ventilator's --metrics. Draws anew each second on a terminal.",
            .act = top_verb,
        },
    [VERB_SUBMIT] =
        {
            .name = "submit",
            .operands = "LEDGER...",
            .operands_least = 1,
            .operands_most = INT_MAX,
            .synopsis = "LEDGER... --to ENDPOINT",
            .role = "",
            .summary = "give a job to a ventilator that serves, and print its id",
            .detail =
                "Takes the flags of run that say what to compute. Ledgers and other files are "
                "read\n"
                "by the ventilator: it must find them under the same absolute paths. Owners take\n"
                "turns; of one owner's jobs the first that came is the first. The results are in\n"
                "OUT/ID of the sink, for winnow fetch.",
            .act = submit_verb,
        },
    [VERB_CANCEL] =
        {
            .name = "cancel",
            .operands = "ID",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "ID --to ENDPOINT",
            .role = "",
            .summary = "take a job out of the queue, or end it while it runs",
            .detail = "A job that is over is refused (78).",
            .act = cancel_verb,
        },
    [VERB_FETCH] =
        {
            .name = "fetch",
            .operands = "ID",
            .operands_least = 1,
            .operands_most = 1,
            .synopsis = "ID --to ENDPOINT --out DIR",
            .role = "",
            .summary = "bring the results of a job here",
            .detail =
                "Each file is held against the SHA-256 of the manifest, and DIR appears whole or\n"
                "not at all. A job that is not done yet is refused (75); of one that failed, the\n"
                "exit code is the job's.",
            .act = fetch_verb,
        },
    [VERB_HELP] =
        {
            .name = "help",
            .operands = "[VERB|columns|segments]",
            .operands_most = 1,
            .synopsis = "[VERB|columns|segments]",
            .role = "",
            .summary = "explain a verb, the columns of scores.csv, or the RFM segments",
            .detail = "",
            .act = help_verb,
        },
    [VERB_VERSION] =
        {
            .name = "version",
            .operands = "",
            .synopsis = "",
            .role = "",
            .summary = "print the version",
            .detail = "",
            .act = version_verb,
        },
};

static const char *const later[] = {
    "diff",
};

const struct verb *verbs_row(enum verb_kind kind)
{
    return &rows[kind];
}

const struct verb *verbs_find(const char *name)
{
    for (int i = 0; i < VERBS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

enum verb_kind verbs_kind(const struct verb *verb)
{
    return (enum verb_kind)(verb - rows);
}

int verbs_refuse(const char *word)
{
    struct spelling near = spelling_of(word);
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        if (strcmp(later[i], word) == 0)
            return log_fail(STATUS_USAGE, "%s: not built yet; a later version of winnow brings it",
                            word);
    for (int i = 0; i < VERBS; i++)
        spelling_offer(&near, rows[i].name);
    if (near.best)
        return log_fail(STATUS_USAGE, "%s: no such verb; did you mean %s?", word, near.best);
    if (strpbrk(word, "./"))
        return log_fail(STATUS_USAGE, "%s: no such verb; a ledger is scored by winnow run %s", word,
                        word);
    return log_fail(STATUS_USAGE, "%s: no such verb; winnow help lists them", word);
}
