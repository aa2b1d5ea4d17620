/* SPDX-License-Identifier: Apache-2.0 */
/* Not in it: as_of, today and max_rejects, which decide about rows only after they were read
 * (facts_still_hold), and the key of --redact, which changes hashes but no rows. */
#include "ventilator/survey_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"

#define VERSION 1

static void write_value(FILE *out, const char *name, struct slice value)
{
    fprintf(out, "%s %zu:%.*s\n", name, value.size, (int)value.size, (const char *)value.data);
}

static void write_word(FILE *out, const char *name, const char *word)
{
    if (word)
        fprintf(out, "%s %s\n", name, word);
}

static void write_columns(FILE *out, const struct recipe *recipe)
{
    static const char *const name[FIELDS] = {"customer", "date",  "amount",
                                             "factor",   "order", "currency"};
    for (int i = 0; i < FIELDS; i++)
        fprintf(out, "%s %d\n", name[i], (int)recipe->column[i] + 1);
}

static void write_exclusions(FILE *out, const struct recipe *recipe)
{
    for (size_t i = 0; i < recipe->n_exclusions; i++) {
        fprintf(out, "exclude %d\n", (int)recipe->exclusion_column[i] + 1);
        for (size_t j = 0; j < recipe->exclusions[i].n; j++)
            write_value(out, "value", recipe->exclusions[i].value[j]);
    }
    if (recipe->left_out) {
        char digest[DIGEST_TEXT];
        digest_print(absentees_digest(recipe->left_out), digest);
        write_word(out, "exclude customers", digest);
    }
}

static void write_all(FILE *out, const struct settings_reading *settings, const struct sheet *sheet,
                      const struct recipe *recipe)
{
    fprintf(out, "winnow reading %d\n", VERSION);
    fprintf(out, "delimiter %d\nfields %u\nheader %d\ndata at %llu\n",
            (unsigned char)recipe->delimiter, recipe->fields, sheet->has_header,
            (unsigned long long)sheet->data_offset);
    write_columns(out, recipe);
    if (recipe->summary_days)
        fprintf(out, "summary in %d days\n", (int)recipe->summary_days);
    fprintf(out, "date %s\ndigits %d\n", recipe->date.pattern, recipe->date.digits);
    fprintf(out, "decimal %s%s\n", recipe->mark == AMOUNT_POINT ? "point" : "comma",
            recipe->mark_unseen ? " unseen" : "");
    for (size_t i = 0; i < recipe->nulls->n; i++)
        write_value(out, "null", recipe->nulls->word[i]);
    write_exclusions(out, recipe);
    fprintf(out, "sample %lld\n", (long long)settings->sample_millionths);
    write_word(out, "currency", settings->currency);
    write_word(out, "timezone", settings->timezone);
    fprintf(out, "redact %d\n", settings->redact != 0);
}

int survey_text_write(const struct settings_reading *settings, const struct sheet *sheet,
                      const struct recipe *recipe, char **text)
{
    size_t size = 0;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (!out)
        return log_fail(STATUS_BUG, "no memory to note how rows are read");
    write_all(out, settings, sheet, recipe);
    if (fclose(out) == 0)
        return 0;
    free(*text);
    *text = NULL;
    return log_fail(STATUS_BUG, "no memory to note how rows are read");
}
