/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commission.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/frozen.h"
#include "cli/options.h"
#include "cli/segments.h"
#include "common/log.h"

/* ---- writing ---- */

/* The way through links is kept: today's ledger may be another file behind the same one. */
static char *absolute(const char *path)
{
    char here[PATH_MAX], *whole = NULL;
    size_t size = 0;
    if (*path == '/' || !getcwd(here, sizeof here))
        return strdup(path);
    FILE *out = open_memstream(&whole, &size);
    if (!out)
        return NULL;
    fprintf(out, "%s/%s", strcmp(here, "/") == 0 ? "" : here, path);
    return fclose(out) == 0 ? whole : NULL;
}

static int add(struct commission_words *words, char *word)
{
    if (!word || words->n == ORDER_WORDS_LIMIT) {
        free(word);
        return word ? log_fail(STATUS_USAGE, "more than %d flags and ledgers", ORDER_WORDS_LIMIT)
                    : log_fail(STATUS_BUG, "out of memory for a job");
    }
    words->words[words->n++] = word;
    return 0;
}

static int is_path(const struct flag *flag)
{
    return flag->value && strcmp(flag->value, "FILE") == 0;
}

static int add_flag(struct commission_words *words, const struct flag *flag, const char *text)
{
    char *value = is_path(flag) ? absolute(text) : NULL, *word = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&word, &size);
    if (!out) {
        free(value);
        return log_fail(STATUS_BUG, "out of memory for a job");
    }
    if (flag->value)
        fprintf(out, "--%s=%s", flag->name, value ? value : text);
    else
        fprintf(out, "--%s", flag->name);
    free(value);
    return fclose(out) == 0 ? add(words, word) : log_fail(STATUS_BUG, "out of memory for a job");
}

/* Whether it is the job's, and not of how it is sent. */
static int is_of_job(const struct flag *flag)
{
    return flags_find(VERB_RUN, flag->name) == flag && strcmp(flag->name, "log-format") != 0;
}

static int add_given(struct commission_words *words, const struct options *options,
                     const struct flag_given *given)
{
    const struct settings_reading *reading = &options->settings.reading;
    int r = 0;
    if (given->flag->again == FLAG_ONCE)
        return add_flag(words, given->flag, given->text);
    for (size_t i = 0; r == 0 && i < reading->n_excludes; i++)
        r = add_flag(words, given->flag, reading->excludes[i]);
    return r;
}

int commission_write(const struct options *options, struct commission_words *words)
{
    int r = 0;
    *words = (struct commission_words){calloc(ORDER_WORDS_LIMIT, sizeof(char *)), 0};
    if (!words->words)
        return log_fail(STATUS_BUG, "out of memory for a job");
    for (size_t i = 0; r == 0 && i < FLAGS_LIMIT; i++)
        if (options->given[i].flag && is_of_job(options->given[i].flag))
            r = add_given(words, options, &options->given[i]);
    if (r == 0)
        r = add(words, strdup("--"));
    for (int i = 0; r == 0 && i < options->n_operands; i++)
        r = add(words, absolute(options->operands[i]));
    if (r < 0)
        commission_free(words);
    return r;
}

void commission_free(struct commission_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->words[i]);
    free(words->words);
    *words = (struct commission_words){NULL, 0};
}

/* ---- reading ---- */

struct commission {
    struct options options;
    struct frozen_file frozen;
    char **argv;
};

/* Held in place: options point into themselves, and at the words. */
static int open_words(struct commission *commission, const char *const *words, size_t n)
{
    static char winnow[] = "winnow", run[] = "run";
    char **argv = calloc(n + 3, sizeof *argv);
    if (!argv)
        return log_fail(STATUS_BUG, "out of memory for a job");
    argv[0] = winnow;
    argv[1] = run;
    for (size_t i = 0; i < n; i++)
        argv[2 + i] = (char *)(uintptr_t)words[i]; /* getopt does not write to them */
    commission->argv = argv;
    return options_read_alone(&commission->options, verbs_row(VERB_RUN), 2, (int)n + 2, argv);
}

static void close_words(struct commission *commission)
{
    if (commission->argv)
        options_close(&commission->options);
    free(commission->argv);
}

/* Ledgers and files by absolute paths: whatever is relative would be so to the ventilator. */
static int find_relative(const struct options *options)
{
    for (int i = 0; i < options->n_operands; i++)
        if (options->operands[i][0] != '/')
            return log_fail(STATUS_USAGE, "%s: the path of a job's ledger must be absolute",
                            options->operands[i]);
    return 0;
}

int commission_check(const char *const *words, size_t n)
{
    struct commission *commission = calloc(1, sizeof *commission);
    if (!commission)
        return log_fail(STATUS_BUG, "out of memory for a job");
    int r = open_words(commission, words, n);
    if (r == 0)
        r = find_relative(&commission->options);
    close_words(commission);
    free(commission);
    return r;
}

int commission_read(const struct docket_job *job, struct ventilator_settings *role, void **held)
{
    struct commission *commission = calloc(1, sizeof *commission);
    if (!commission)
        return log_fail(STATUS_BUG, "out of memory for a job");
    *held = commission;
    int r = open_words(commission, job->words, job->n_words);
    if (r < 0)
        return r;
    /* What an earlier job of the same name did not finish is nobody's any more. */
    commission->options.settings.running.restart = 1;
    r = segments_read(&commission->options.settings);
    if (r == 0)
        r = frozen_read(&commission->options.settings, &commission->frozen);
    role->settings = &commission->options.settings;
    role->model = commission->frozen.model;
    role->groups = commission->frozen.groups;
    return r;
}

void commission_release(void **held)
{
    struct commission *commission = *held;
    frozen_free(&commission->frozen);
    close_words(commission);
    free(commission);
    *held = NULL;
}
