/* SPDX-License-Identifier: Apache-2.0 */
/* getopt_long finds the words; the table decides what they mean. It is run in the mode that hands
 * operands back in place, so that POSIXLY_CORRECT changes nothing and argv is never rearranged;
 * its abbreviations are refused, because --tier would change its meaning with the next flag. */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/contradiction.h"
#include "common/log.h"

#define ROW_BASE 256 /* of getopt_long's val, above any letter */

static int help_wanted(int first, int argc, char **argv)
{
    for (int i = first; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
    return 0;
}

static void list_words(enum verb_kind verb, struct option words[FLAGS_LIMIT + 1])
{
    const struct flag *flag;
    size_t n = 0;
    for (size_t i = 0; (flag = flags_row(i)); i++) {
        if (!(flag->verbs & FLAG_OF(verb)))
            continue;
        int has = flag->value ? required_argument : no_argument;
        words[n++] = (struct option){flag->name, has, NULL, ROW_BASE + (int)i};
    }
    words[n] = (struct option){NULL, 0, NULL, 0};
}

/* The word of argv that getopt has just read a flag from. Where the value is a word of its own,
 * getopt has already stepped over it. */
static const char *flag_word(char **argv)
{
    return argv[optarg && optarg == argv[optind - 1] ? optind - 2 : optind - 1];
}

static int is_whole_name(const struct flag *flag, const char *word)
{
    size_t size = strlen(flag->name);
    return strncmp(word + 2, flag->name, size) == 0 && strchr("=", word[2 + size]);
}

/* Whether --out --workers 2 has swallowed a flag as a value. */
static int is_swallowed(const struct options *options, const char *text)
{
    return strncmp(text, "--", 2) == 0 && flags_find(options->verb, text + 2);
}

static int take_flag(struct options *options, size_t row, char **argv)
{
    const struct flag *flag = flags_row(row);
    const struct flag_given given = {flag, optarg, SETTING_FLAG};
    const char *word = flag_word(argv);
    if (!is_whole_name(flag, word))
        return log_fail(STATUS_USAGE, "%s: flags are written out; did you mean --%s?", word,
                        flag->name);
    if (options->given[row].flag && flag->again == FLAG_ONCE)
        return flags_refuse(&given, "--%s is given twice", flag->name);
    if (flag->value && optarg == argv[optind - 1] && is_swallowed(options, optarg))
        return log_fail(STATUS_USAGE, "--%s: wants %s, got the flag %s", flag->name, flag->value,
                        optarg);
    options->given[row] = given;
    return flags_take(options, &given);
}

/* optopt is the row's number where the flag is known and its value is missing or one too many, a
 * letter after one dash, or 0 for an unknown --word. */
static int refuse_word(const struct options *options, char **argv)
{
    const char *word = argv[optind - 1];
    const struct flag *flag = optopt >= ROW_BASE ? flags_row((size_t)(optopt - ROW_BASE)) : NULL;
    char name[64];
    if (flag && flag->value)
        return log_fail(STATUS_USAGE, "--%s: wants %s, got nothing", flag->name, flag->value);
    if (flag)
        return log_fail(STATUS_USAGE, "%s: --%s takes no value", word, flag->name);
    if (optopt)
        return log_fail(STATUS_USAGE,
                        "-%c: there is no such flag; they have two dashes, winnow help %s lists "
                        "them",
                        optopt, verbs_row(options->verb)->name);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    return flags_refuse_unknown(options->verb, name);
}

static int read_words(struct options *options, int first, int argc, char **argv)
{
    struct option words[FLAGS_LIMIT + 1];
    int status = 0;
    list_words(options->verb, words);
    argc -= first - 1;
    argv += first - 1;
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while (!status) {
        optarg = NULL;
        int word = getopt_long(argc, argv, "-:", words, NULL);
        if (word == -1)
            break;
        if (word == 1)
            options->operands[options->n_operands++] = optarg;
        else if (word >= ROW_BASE)
            status = take_flag(options, (size_t)(word - ROW_BASE), argv);
        else
            status = refuse_word(options, argv);
    }
    while (!status && optind < argc)
        options->operands[options->n_operands++] = argv[optind++];
    return status;
}

/* A switch in the environment says yes or no. */
static int take_switch(struct options *options, struct flag_given *given)
{
    static const char *const yes[] = {"1", "yes", "true", "on"};
    static const char *const no[] = {"0", "no", "false", "off"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(given->text, yes[i]) == 0)
            return flags_take(options, given);
        if (strcmp(given->text, no[i]) == 0)
            return 0;
    }
    return flags_refuse(given, "wants 1 or 0");
}

static int read_variables(struct options *options)
{
    char variable[FLAG_VARIABLE_BYTES];
    const struct flag *flag;
    for (size_t i = 0; (flag = flags_row(i)); i++) {
        if (options->given[i].flag || !(flag->verbs & FLAG_OF(options->verb)) ||
            flags_variable(flag, options->verb, variable) == 0)
            continue;
        const char *text = getenv(variable);
        if (!text || !*text)
            continue;
        options->given[i] = (struct flag_given){flag, text, SETTING_ENVIRONMENT};
        int status = flag->kind == FLAG_SWITCH ? take_switch(options, &options->given[i])
                                               : flags_take(options, &options->given[i]);
        if (status)
            return status;
    }
    return 0;
}

static int take_operands(struct options *options)
{
    const struct verb *verb = verbs_row(options->verb);
    int is_enough = options->verb == VERB_CHECK && options->settings.scoring.segments;
    if (options->n_operands < verb->operands_least && !is_enough)
        return log_fail(STATUS_USAGE, "%s wants %s; winnow help %s shows how", verb->name,
                        verb->operands, verb->name);
    if (options->n_operands > verb->operands_most)
        return log_fail(STATUS_USAGE, "%s: %s takes %s%s", options->operands[verb->operands_most],
                        verb->name, *verb->operands ? "one " : "flags only", verb->operands);
    if (options->verb == VERB_EXPLAIN)
        options->customer = options->operands[0];
    if (options->verb == VERB_HELP && options->n_operands)
        options->topic = options->operands[0];
    options->settings.reading.ledgers = options->operands;
    options->settings.reading.n_ledgers = (size_t)options->n_operands;
    options->settings.reading.excludes = options->excludes;
    return 0;
}

static const char *value_of(const struct flag *flag, const struct flag_given *given)
{
    if (flag->kind == FLAG_SWITCH)
        return given->flag ? given->text ? given->text : "yes" : "no";
    return given->flag ? given->text : flag->standard;
}

static void list_entries(struct options *options)
{
    const struct flag *flag;
    struct settings_entry *entry = options->entries;
    for (size_t i = 0; (flag = flags_row(i)); i++) {
        const struct flag_given *given = &options->given[i];
        size_t n = flag->again == FLAG_REPEATS ? options->settings.reading.n_excludes : 0;
        if (!flags_shown(flag, options->verb) || flag->group == FLAGS_GENERAL)
            continue;
        enum settings_source source = given->flag ? given->source : SETTING_DEFAULT;
        for (size_t k = 0; k < n; k++)
            *entry++ = (struct settings_entry){flag->name, options->excludes[k], source};
        if (n == 0)
            *entry++ = (struct settings_entry){flag->name, value_of(flag, given), source};
    }
    options->settings.entries = options->entries;
    options->settings.n_entries = (size_t)(entry - options->entries);
}

/* What follows from other settings where nothing is said. */
static void settle(struct options *options)
{
    struct plan *plan = &options->settings.scoring.plan;
    const struct settings_reading *reading = &options->settings.reading;
    /* A declared wallet is used where a customer has one, whatever the method. */
    if (plan->wallet_method == WALLET_NONE && reading->wallet_rank)
        plan->wallet_method = WALLET_WAR;
    if (plan->wallet_method == WALLET_NONE && (reading->wallet_units || reading->wallet_peers))
        plan->wallet_method = WALLET_QUANTILE;
    if (plan->wallet_method == WALLET_NONE && reading->wallet_declared)
        plan->wallet_method = WALLET_DECLARED;
    if (options->verb == VERB_BACKTEST && !options_given(options, "out"))
        options->settings.running.out = "winnow-backtest";
    for (int i = 0; i < 3 && !options_given(options, "rfm-bins"); i++)
        if (plan->rfm_cuts[i].n > 0)
            plan->rfm_bins = plan->rfm_cuts[i].n + 1;
    if (reading->summary_days)
        options->settings.reading.summary_days =
            strcmp(options->settings.scoring.time_unit, "day") == 0 ? 1 : 7;
    if (options->verb == VERB_GENERATE && !options_given(options, "joining"))
        options->people.joining_days = (options->people.days + 1) / 2;
}

static int open_lists(struct options *options, int argc)
{
    size_t n = (size_t)argc + 1;
    options->operands = calloc(n, sizeof *options->operands);
    options->excludes = calloc(n, sizeof *options->excludes);
    options->entries = calloc(n + FLAGS_LIMIT, sizeof *options->entries);
    if (!options->operands || !options->excludes || !options->entries)
        return log_fail(STATUS_BUG, "no memory for %d words of the command line", argc);
    return 0;
}

static int begin(struct options *options, const struct verb *verb, int argc, char **argv)
{
    memset(options, 0, sizeof *options);
    options->verb = verbs_kind(verb);
    options->settings = settings_default();
    options->people = people_default();
    options->run = options->settings.running.out;
    options->settings.argc = argc;
    options->settings.argv = (const char *const *)argv;
    return open_lists(options, argc);
}

/* What was given is all there; does it hold together? */
static int finish(struct options *options)
{
    int status = take_operands(options);
    if (status)
        return status;
    settle(options);
    list_entries(options);
    return contradiction_find(options);
}

int options_read(struct options *options, const struct verb *verb, int first, int argc, char **argv)
{
    int status = begin(options, verb, argc, argv);
    if (help_wanted(first, argc, argv))
        return OPTIONS_E_HELP;
    if (!status)
        status = read_words(options, first, argc, argv);
    if (!status)
        status = read_variables(options);
    return status ? status : finish(options);
}

int options_read_alone(struct options *options, const struct verb *verb, int first, int argc,
                       char **argv)
{
    int status = begin(options, verb, argc, argv);
    if (!status)
        status = read_words(options, first, argc, argv);
    return status ? status : finish(options);
}

const struct flag_given *options_given(const struct options *options, const char *name)
{
    const struct flag *flag;
    for (size_t i = 0; (flag = flags_row(i)); i++)
        if (options->given[i].flag && strcmp(flag->name, name) == 0)
            return &options->given[i];
    return NULL;
}

void options_close(struct options *options)
{
    free(options->entries);
    free(options->excludes);
    free(options->operands);
    options->entries = NULL;
    options->excludes = NULL;
    options->operands = NULL;
}
