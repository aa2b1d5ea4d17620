/* SPDX-License-Identifier: Apache-2.0 */
/* Checks over several flags, each a row of a table or a function of a few lines, in one file, so
 * that readers of single flags stay free of each other. */
#include "cli/contradiction.h"

#include <string.h>

#include "cli/options.h"
#include "common/log.h"
#include "score/day.h"

static int find_missing(const struct options *options)
{
    static const struct {
        enum verb_kind verb;
        const char *flag;
        const char *example;
    } required[] = {
        {VERB_VENTILATOR, "bind", "--bind ipc:///run/winnow/work"},
        {VERB_VENTILATOR, "sink", "--sink ipc:///run/winnow/result"},
        {VERB_WORKER, "ventilator", "--ventilator ipc:///run/winnow/work"},
        {VERB_WORKER, "sink", "--sink ipc:///run/winnow/result"},
        {VERB_WORKER, "state", "--state /var/lib/winnow/worker"},
        {VERB_SINK, "bind", "--bind ipc:///run/winnow/result"},
        {VERB_SINK, "state", "--state /var/lib/winnow/sink"},
        {VERB_BACKTEST, "split", "--split 2024-06-30"},
        {VERB_GENERATE, "customers", "--customers 20000"},
        {VERB_SUBMIT, "to", "--to tcp://ventilator:9000"},
        {VERB_CANCEL, "to", "--to tcp://ventilator:9000"},
        {VERB_FETCH, "to", "--to tcp://ventilator:9000"},
    };
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (required[i].verb == options->verb && !options_given(options, required[i].flag) &&
            !(options->verb == VERB_WORKER && options->replay))
            return log_fail(STATUS_USAGE, "%s wants --%s, for example %s",
                            verbs_row(options->verb)->name, required[i].flag, required[i].example);
    return 0;
}

/* A flag that says nothing without another one. */
static int find_orphan(const struct options *options)
{
    static const struct {
        const char *flag;
        const char *needs;
    } pairs[] = {
        {"refit", "model"},
        {"customers-map", "customers"},
        {"wallet", "customers"},
        {"wallet-units", "customers"},
        {"wallet-peers", "customers"},
        {"wallet-declared", "customers"},
        {"wallet-rank", "customers"},
        {"wallet-brands", "customers"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct flag_given *given = options_given(options, pairs[i].flag);
        if (given && !options_given(options, pairs[i].needs))
            return flags_refuse(given, "says nothing without --%s FILE", pairs[i].needs);
    }
    return 0;
}

/* Ranks and brands go together, and with no other method. */
static int find_odd_rank(const struct options *options, const struct flag_given *method)
{
    const struct flag_given *rank = options_given(options, "wallet-rank");
    const struct flag_given *brands = options_given(options, "wallet-brands");
    int is_war = options->settings.scoring.plan.wallet_method == WALLET_WAR;
    if (rank && !brands)
        return flags_refuse(rank, "needs --wallet-brands COLUMN of --customers");
    if (brands && !rank)
        return flags_refuse(brands, "needs --wallet-rank COLUMN of --customers");
    if (is_war && !rank)
        return flags_refuse(method, "needs --wallet-rank COLUMN and --wallet-brands COLUMN of "
                                    "--customers");
    if (rank && method && !is_war)
        return flags_refuse(method, "makes nothing of --wallet-rank; --wallet war does");
    return 0;
}

/* The other methods do without: a customer is one unit, and everybody is one peer group. */
static int find_wallet_without_column(const struct options *options)
{
    const struct flag_given *given = options_given(options, "wallet");
    int declared = options->settings.scoring.plan.wallet_method == WALLET_DECLARED;
    if (given && declared && !options_given(options, "wallet-declared"))
        return flags_refuse(given, "needs --wallet-declared COLUMN of --customers");
    return find_odd_rank(options, given);
}

/* Flags that decide what a model.json holds. Horizons, as-of, rates and costs are this run's own;
 * --wallet-units and its like say where this run's --customers has its columns. */
static int find_frozen(const struct options *options)
{
    static const struct {
        const char *flag;
        unsigned part;
        const char *name;
    } frozen[] = {
        {"rfm-bins", REFIT_RFM, "rfm"},
        {"rfm-cuts", REFIT_RFM, "rfm"},
        {"rfm-ties", REFIT_RFM, "rfm"},
        {"rfm-frequency", REFIT_RFM, "rfm"},
        {"rfm-window", REFIT_RFM, "rfm"},
        {"segments", REFIT_RFM, "rfm"},
        {"churn-model", REFIT_CHURN, "churn"},
        {"regularity", REFIT_CHURN, "churn"},
        {"calibrate", REFIT_CHURN, "churn"},
        {"wallet", REFIT_WALLET, "wallet"},
        {"tiers", REFIT_TIERS, "tiers"},
        {"tier-by", REFIT_TIERS, "tiers"},
        {"churn-threshold", REFIT_TIERS, "tiers"},
    };
    const struct settings_scoring *scoring = &options->settings.scoring;
    for (size_t i = 0; scoring->model && i < sizeof frozen / sizeof frozen[0]; i++) {
        const struct flag_given *given = options_given(options, frozen[i].flag);
        if (given && !(scoring->refit & frozen[i].part))
            return flags_refuse(given, "--model %s has frozen this; --refit %s computes it anew",
                                scoring->model, frozen[i].name);
    }
    return 0;
}

static int find_irregular(const struct options *options)
{
    const struct flag_given *given = options_given(options, "regularity");
    enum churn_kind kind = options->settings.scoring.churn_kind;
    if (given && kind != CHURN_MBGCNBD && kind != CHURN_BGCNBD)
        return flags_refuse(given, "says nothing without --churn-model mbgcnbd or bgcnbd");
    return 0;
}

static size_t path_length(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return size;
}

static int find_state_in_out(const struct options *options)
{
    const char *out = options->settings.running.out, *state = options->settings.running.state;
    if (!state || !(FLAG_OF(options->verb) & (FLAG_OF_RUNNERS | FLAG_OF(VERB_SINK))))
        return 0;
    size_t size = path_length(out);
    if (path_length(state) == size && memcmp(out, state, size) == 0)
        return flags_refuse(options_given(options, "state"), "is the directory of --out; they "
                                                             "must be two");
    return 0;
}

static int find_split_last(const struct options *options)
{
    int32_t split = options->settings.scoring.split, as_of = options->settings.reading.as_of;
    if (split == DAY_NONE || as_of == DAY_NONE || split < as_of)
        return 0;
    return flags_refuse(options_given(options, "split"), "leaves no day up to --as-of %s",
                        options_given(options, "as-of")->text);
}

static int find_stdin_twice(const struct options *options)
{
    const struct settings_reading *reading = &options->settings.reading;
    int n = 0;
    for (size_t i = 0; i < reading->n_ledgers; i++)
        n += strcmp(reading->ledgers[i], "-") == 0;
    n += reading->customers && strcmp(reading->customers, "-") == 0;
    n += reading->exclude_customers && strcmp(reading->exclude_customers, "-") == 0;
    if (n > 1)
        return log_fail(STATUS_USAGE, "-: stdin can be read once, it is named %d times", n);
    return 0;
}

/* A ventilator has a ledger, or it serves; then jobs bring ledgers and flags of their own. */
static int find_misplaced(const struct options *options)
{
    int serves = options->settings.running.serve;
    if (options->verb != VERB_VENTILATOR)
        return 0;
    if (!serves && options->n_operands == 0)
        return log_fail(STATUS_USAGE, "ventilator wants LEDGER... or --serve; winnow help "
                                      "ventilator shows how");
    if (!serves && options_given(options, "slice"))
        return flags_refuse(options_given(options, "slice"), "says nothing without --serve");
    if (serves && options->n_operands > 0)
        return log_fail(STATUS_USAGE, "%s: with --serve, ledgers come by winnow submit",
                        options->operands[0]);
    if (serves && !options_given(options, "state"))
        return log_fail(STATUS_USAGE, "--serve wants --state, for example --state "
                                      "/var/lib/winnow/ventilator");
    for (size_t i = 0; serves && i < FLAGS_LIMIT; i++) {
        const struct flag_given *given = &options->given[i];
        if (given->flag && given->flag->group != FLAGS_RUNNING &&
            given->flag->group != FLAGS_GENERAL)
            return flags_refuse(given, "with --serve, it comes with each job by winnow submit");
    }
    return 0;
}

/* What lies at the client's alone. */
static int find_stdin_submitted(const struct options *options)
{
    for (int i = 0; options->verb == VERB_SUBMIT && i < options->n_operands; i++)
        if (strcmp(options->operands[i], "-") == 0)
            return log_fail(STATUS_USAGE, "-: stdin cannot be submitted; name a file that the "
                                          "ventilator can read");
    return 0;
}

static int is_loopback(const char *endpoint)
{
    static const char *const names[] = {"localhost", "[::1]", "lo"};
    const char *host = endpoint + 6;
    size_t size = (size_t)(strrchr(endpoint, ':') - host);
    if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == size)
        return 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == size && memcmp(names[i], host, size) == 0)
            return 1;
    return 0;
}

static int find_open_door(const struct options *options)
{
    const struct flag_given *given = options_given(options, "bind");
    if (!given || options->settings.running.insecure || options->settings.running.keys ||
        strncmp(given->text, "tcp://", 6) != 0 || is_loopback(given->text))
        return 0;
    flags_refuse(given, "any machine that reaches this endpoint could take part; --keys DIR "
                        "closes it, --insecure allows it");
    return STATUS_CONFIG;
}

/* Scores have one number of bins, and ranks have no cut points. */
static int find_odd_cuts(const struct options *options)
{
    const struct plan *plan = &options->settings.scoring.plan;
    const struct flag_given *given = options_given(options, "rfm-cuts");
    for (int i = 0; given && i < 3; i++)
        if (plan->rfm_cuts[i].n > 0 && plan->rfm_cuts[i].n != plan->rfm_bins - 1)
            return flags_refuse(given, "%d bins have %d cut points, and %c has %d",
                                (int)plan->rfm_bins, (int)plan->rfm_bins - 1, "rfm"[i],
                                (int)plan -> rfm_cuts[i].n);
    if (given && plan->rfm_ties == RFM_NTILE)
        return flags_refuse(given, "--rfm-ties ntile makes bins of equal size; it has no use for "
                                   "cut points");
    return 0;
}

/* What a table of summed-up histories has nothing to say about. */
static int find_unknowable(const struct options *options)
{
    static const char *const names[] = {"date-format", "timezone",      "currency",
                                        "customers",   "rfm-frequency", "rfm-window",
                                        "serve-cost",  "split",         "calibrate"};
    const struct flag_given *by = options_given(options, "tier-by");
    if (!options->settings.reading.summary_days)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct flag_given *given = options_given(options, names[i]);
        if (given)
            return flags_refuse(given, "--input-kind summary knows nothing of that");
    }
    if (by && options->settings.scoring.plan.tier_by != TIER_BY_CLV)
        return flags_refuse(by, "--input-kind summary knows nothing of the spend of a year");
    if (options->settings.scoring.stack)
        return flags_refuse(
            options_given(options, "churn-model"),
            "--input-kind summary knows nothing of the past that a stack learns from");
    return 0;
}

/* People whose ledger would have no calendar, or who join after its end. */
static int find_timeless(const struct options *options)
{
    const struct people *people = &options->people;
    int32_t last = 0;
    if (day_from_civil((struct civil){9999, 12, 31}, &last) ||
        people->first_day > last - (people->days - 1))
        return log_fail(STATUS_USAGE, "--start and --days: the last day is past 9999-12-31");
    if (people->joining_days > people->days)
        return flags_refuse(options_given(options, "joining"), "is more than --days %d",
                            (int)people->days);
    return 0;
}

static void warn_of_no_effect(const struct options *options)
{
    const struct settings_scoring *scoring = &options->settings.scoring;
    if (options_given(options, "time-unit") && !options->settings.reading.summary_days &&
        (!scoring->columns || !strstr(scoring->columns, "lifetimes")))
        log_say(LOG_WARN, "--time-unit has no effect without --columns lifetimes");
    if (options_given(options, "customers") && options->verb != VERB_GENERATE &&
        scoring->plan.wallet_method == WALLET_NONE)
        log_say(LOG_WARN, "--customers has no effect without --wallet, --wallet-units, "
                          "--wallet-peers, --wallet-rank or --wallet-declared");
}

int contradiction_find(const struct options *options)
{
    static int (*const find[])(const struct options *) = {
        find_misplaced,
        find_stdin_submitted,
        find_missing,
        find_orphan,
        find_wallet_without_column,
        find_frozen,
        find_state_in_out,
        find_stdin_twice,
        find_open_door,
        find_timeless,
        find_split_last,
        find_unknowable,
        find_irregular,
        find_odd_cuts,
    };
    for (size_t i = 0; i < sizeof find / sizeof find[0]; i++) {
        int status = find[i](options);
        if (status)
            return status;
    }
    warn_of_no_effect(options);
    return 0;
}
