/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "cli/flags.h"
#include "cli/options.h"
#include "cli/segments.h"
#include "cli/verbs.h"
#include "common/columns.h"

#define WIDTH  100 /* of a line */
#define MARGIN 34  /* where explanations begin */

/* Prints words from column `at` on, broken before WIDTH, each further line from MARGIN on. */
static void print_wrapped(FILE *out, size_t at, const char *words)
{
    while (*words) {
        size_t size = strcspn(words, " ");
        if (at + 1 + size > WIDTH) {
            fprintf(out, "\n%*s", MARGIN, "");
            at = MARGIN;
        } else if (at > MARGIN) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)size, words);
        at += size;
        words += size;
        words += strspn(words, " ");
    }
    fputc('\n', out);
}

/* "  name" and its explanation, in two columns. */
static void print_row(FILE *out, const char *name, const char *words)
{
    int n = fprintf(out, "  %-*s", MARGIN - 2, name);
    if (n > MARGIN)
        fprintf(out, "\n%*s", MARGIN, "");
    print_wrapped(out, MARGIN, words);
}

static void print_exit_codes(FILE *out)
{
    static const struct {
        const char *code;
        const char *meaning;
    } codes[] = {
        {"0", "done"},
        {"2", "usage"},
        {"65", "the data: too many rejects, open date order, empty, missing or doubled column"},
        {"66", "no such input, or a directory"},
        {"69", "a peer cannot be reached"},
        {"70", "a bug"},
        {"73", "cannot create output"},
        {"74", "input/output, disk full"},
        {"75", "stopped, can be resumed (130 on Ctrl-C without --state)"},
        {"77", "refused by keys"},
        {"78", "configuration, endpoint in use, unfinished job of other inputs in --state"},
    };
    fputs("\nExit codes:\n", out);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        fprintf(out, "  %2s  %s\n", codes[i].code, codes[i].meaning);
}

void help_overview(FILE *out)
{
    fputs("winnow scores customers from a ledger of purchases: who is worth keeping, who is\n"
          "leaving, who buys elsewhere too.\n\n"
          "  winnow run ledger.csv --out scores\n\n"
          "Verbs:\n",
          out);
    for (int i = 0; i < VERBS; i++) {
        const struct verb *verb = verbs_row((enum verb_kind)i);
        char name[64];
        snprintf(name, sizeof name, "%s %s", verb->name, verb->operands);
        print_row(out, name, verb->summary);
    }
    fputs("\nwinnow help VERB, or winnow VERB --help, lists the flags of a verb.\n"
          "Results go to stdout or --out, log and progress to stderr.\n",
          out);
    print_exit_codes(out);
}

static const char *group_title(enum flag_group group)
{
    static const char *const title[FLAG_GROUPS] = {
        [FLAGS_PEOPLE] = "The population",  [FLAGS_LEDGER] = "How to read the ledger",
        [FLAGS_ROWS] = "Which rows count",  [FLAGS_SCORES] = "Scores",
        [FLAGS_WALLET] = "Share of wallet", [FLAGS_TIERS] = "Value and tiers",
        [FLAGS_OUTPUT] = "Results",         [FLAGS_RUNNING] = "Running",
        [FLAGS_GENERAL] = "Besides",
    };
    return title[group];
}

static void print_flag(FILE *out, const struct flag *flag)
{
    char name[80], words[400];
    snprintf(name, sizeof name, "--%s%s%s", flag->name, flag->value ? " " : "",
             flag->value ? flag->value : "");
    snprintf(words, sizeof words, "%s%s%s%s", flag->help, *flag->standard ? " [" : "",
             flag->standard, *flag->standard ? "]" : "");
    print_row(out, name, words);
}

static void print_group(FILE *out, enum flag_group group, enum verb_kind verb)
{
    const struct flag *flag;
    int titled = 0;
    for (size_t i = 0; (flag = flags_row(i)); i++) {
        if (flag->group != group || !flags_shown(flag, verb))
            continue;
        if (!titled)
            fprintf(out, "\n%s:\n", group_title(group));
        titled = 1;
        print_flag(out, flag);
    }
}

void help_of_verb(FILE *out, const struct verb *verb)
{
    char variable[FLAG_VARIABLE_BYTES];
    enum verb_kind kind = verbs_kind(verb);
    fprintf(out, "winnow %s%s%s [flags]\n    %s\n", verb->name, *verb->synopsis ? " " : "",
            verb->synopsis, verb->summary);
    if (*verb->detail)
        fprintf(out, "\n%s\n", verb->detail);
    for (int group = 0; group < FLAG_GROUPS; group++)
        print_group(out, (enum flag_group)group, kind);
    if (flags_variable(flags_find(VERB_RUN, "as-of"), kind, variable))
        fprintf(out,
                "\nDefaults stand in [brackets]. A flag may also be given as a variable: %s "
                "for --as-of;\nthe flag wins.\n",
                variable);
    print_exit_codes(out);
}

void help_columns(FILE *out)
{
    size_t n;
    const struct columns_preset *preset = columns_presets(&n);
    fputs("Presets of --columns:\n", out);
    for (size_t i = 0; i < n; i++)
        print_row(out, preset[i].name, preset[i].meaning);
    fputs("\nColumns of scores.csv, in this order:\n", out);
    for (int i = 0; i < COLUMNS; i++) {
        const struct column_row *row = columns_row((enum column)i);
        char words[200];
        int everywhere = strchr(row->presets, 'a') != NULL;
        snprintf(words, sizeof words, "%s%s", row->meaning,
                 everywhere                  ? ""
                 : strchr(row->presets, 'l') ? " (lifetimes)"
                                             : " (warehouse)");
        print_row(out, row->name, words);
    }
}

void help_segments(FILE *out)
{
    fputs("# rfm_segment, with 5 bins: the rule that names the cell of r_score and f_score.\n"
          "# A file like this one, with rules of your own, is taken by --segments FILE, for any\n"
          "# --rfm-bins. A rule is a name, a colon, and ranges of the scores r, f and m; a score\n"
          "# that is not named may be anything. The first rule that holds counts, the last may\n"
          "# be 'name: rest'. Rules that overlap and cells without a rule are told, a rule that\n"
          "# is never reached is refused.\n\n",
          out);
    segments_print(out);
}

/* Topics that are no verb. */
static int print_topic(const char *topic)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out);
    } topics[] = {{"columns", help_columns}, {"segments", help_segments}};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        if (strcmp(topics[i].name, topic) == 0) {
            topics[i].print(stdout);
            return 0;
        }
    return verbs_refuse(topic);
}

int help_verb(const struct options *options)
{
    const char *topic = options->topic;
    const struct verb *verb = topic ? verbs_find(topic) : NULL;
    if (topic && !verb)
        return print_topic(topic);
    if (verb)
        help_of_verb(stdout, verb);
    else
        help_overview(stdout);
    return 0;
}
