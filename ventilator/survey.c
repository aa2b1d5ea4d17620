/* SPDX-License-Identifier: Apache-2.0 */
/* Words become things first (maps, exclusions, patterns), then inputs become sheets, then sheets
 * settle formats. Nothing is decided while rows are read: a reading that changed its mind half-way
 * would depend on which half came first. */
#include "ventilator/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/row.h"
#include "ventilator/survey_text.h"
#include "ventilator/zone.h"

#define ALL_FIELDS ((1U << FIELDS) - 1)
#define SAYABLE    (ALL_FIELDS & ~(1U << FIELD_FACTOR))

#define ROWS_A_SHARD 40000
#define SHARDS_LEAST 8
#define SHARDS_MOST  4096
#define BYTES_A_ROW  40 /* where a sample could not tell */

struct survey {
    const struct settings_reading *settings;
    int32_t today;
    struct redaction redaction;
    struct nulls nulls;
    struct wishes wishes;
    struct exclusion *exclusions;
    int32_t *exclusion_columns; /* n_excludes for each sheet */
    struct absentees *left_out;
    struct formats formats;
    struct sheet *sheets;
    size_t n_sheets;
    char **texts;
};

static int no_memory(void)
{
    return log_fail(STATUS_BUG, "no memory to look at the ledger");
}

static int parse_exclusions(struct survey *survey)
{
    size_t n = survey->settings->n_excludes;
    survey->exclusions = calloc(n + 1, sizeof *survey->exclusions);
    int r = survey->exclusions ? 0 : no_memory();
    for (size_t i = 0; i < n && !r; i++)
        r = exclusion_parse(survey->settings->excludes[i], &survey->exclusions[i]);
    return r;
}

static int parse_formats(struct survey *survey)
{
    const struct settings_reading *settings = survey->settings;
    int summary = settings->summary_days != 0; /* has no dates, and a program's numbers */
    survey->formats.date_said = settings->date_format != NULL || summary;
    survey->formats.mark_said = settings->decimal != DECIMAL_DETECT || summary;
    survey->formats.mark = settings->decimal == DECIMAL_COMMA ? AMOUNT_COMMA : AMOUNT_POINT;
    return settings->date_format ? date_format_parse(settings->date_format, &survey->formats.date)
                                 : 0;
}

static int read_absentees(struct survey *survey)
{
    const char *path = survey->settings->exclude_customers;
    if (!path)
        return 0;
    return absentees_read(path, survey->wishes.field[FIELD_CUSTOMER].column, &survey->left_out);
}

static int check_delimiter(char delimiter)
{
    if (delimiter != '"' && delimiter != '\n' && delimiter != '\r')
        return 0;
    return log_fail(STATUS_USAGE, "--delimiter cannot be a quote or a line end");
}

static int parse_words(struct survey *survey)
{
    const struct settings_reading *settings = survey->settings;
    int r = nulls_parse(settings->null_list, &survey->nulls);
    if (!r)
        r = settings->summary_days ? wishes_parse_summary(settings->map, "--map", &survey->wishes)
                                   : wishes_parse(settings->map, "--map", SAYABLE, &survey->wishes);
    if (!r)
        r = check_delimiter(settings->delimiter);
    if (!r)
        r = parse_exclusions(survey);
    if (!r)
        r = parse_formats(survey);
    if (!r && settings->timezone)
        r = zone_set(settings->timezone);
    return r ? r : read_absentees(survey);
}

static int open_sheets(struct survey *survey)
{
    const struct settings_reading *settings = survey->settings;
    const struct sheet_order order = {
        .delimiter = settings->delimiter,
        .no_header = settings->no_header,
        .must_have_header = settings->summary_days && !settings->no_header,
        .hide_header = settings->redact,
        .fields = ALL_FIELDS,
        .format = settings->date_format ? &survey->formats.date : NULL,
        .wishes = &survey->wishes,
    };
    if (!settings->n_ledgers)
        return log_fail(STATUS_USAGE, "no ledger is named");
    survey->sheets = calloc(settings->n_ledgers, sizeof *survey->sheets);
    int r = survey->sheets ? 0 : no_memory();
    for (size_t i = 0; i < settings->n_ledgers && !r; i++) {
        r = sheet_open(settings->ledgers[i], (uint32_t)i, &order, &survey->sheets[i]);
        survey->n_sheets += r == 0;
    }
    return r;
}

static int sheet_has(const struct sheet *sheet, enum field field)
{
    return sheet->mapping.column[field] != MAPPING_ABSENT;
}

/* All inputs are one ledger: what one has, all have. */
static int check_agreement(const struct survey *survey)
{
    static const enum field fields[] = {FIELD_AMOUNT, FIELD_ORDER, FIELD_CURRENCY};
    const struct sheet *first = &survey->sheets[0];
    for (size_t i = 1; i < survey->n_sheets; i++)
        for (int j = 0; j < 3; j++) {
            const struct sheet *other = &survey->sheets[i];
            int first_has = sheet_has(first, fields[j]);
            if (first_has == sheet_has(other, fields[j]))
                continue;
            return log_fail(STATUS_DATA,
                            "%s has a column of %s, %s has none; --map %s=Column names it, "
                            "--map %s= does without",
                            first_has ? first->name : other->name, field_name(fields[j]),
                            first_has ? other->name : first->name, field_name(fields[j]),
                            field_name(fields[j]));
        }
    return 0;
}

static int find_exclusions(struct survey *survey)
{
    size_t n = survey->settings->n_excludes;
    survey->exclusion_columns = calloc(survey->n_sheets * n + 1, sizeof(int32_t));
    int r = survey->exclusion_columns ? 0 : no_memory();
    for (size_t i = 0; i < survey->n_sheets; i++)
        for (size_t j = 0; j < n && !r; j++)
            r = mapping_column(&survey->sheets[i].header, survey->exclusions[j].column, "--exclude",
                               survey->sheets[i].name, &survey->exclusion_columns[i * n + j]);
    return r;
}

static int write_texts(struct survey *survey)
{
    survey->texts = calloc(survey->n_sheets, sizeof *survey->texts);
    int r = survey->texts ? 0 : no_memory();
    for (size_t i = 0; i < survey->n_sheets && !r; i++) {
        struct recipe recipe;
        survey_recipe(survey, i, &recipe);
        r = survey_text_write(survey->settings, &survey->sheets[i], &recipe, &survey->texts[i]);
    }
    return r;
}

static void name_column(const struct survey *survey, const struct sheet *sheet, enum field field,
                        char *out, size_t size)
{
    const struct mapping *mapping = &sheet->mapping;
    const struct slice *name = &sheet->header.name[mapping->column[field]];
    const struct slice none = {"", 0}, *factor = &none;
    int is_product =
        field == FIELD_AMOUNT && sheet_has(sheet, FIELD_FACTOR) && !survey->wishes.summary;
    if (is_product)
        factor = &sheet->header.name[mapping->column[FIELD_FACTOR]];
    snprintf(out, size, "%s=%.*s%s%.*s", wishes_field_name(&survey->wishes, field), (int)name->size,
             (const char *)name->data, is_product ? "*" : "", (int)factor->size,
             (const char *)factor->data);
}

/* A guess is shown, once for inputs of one kind. */
static void show_guess(const struct survey *survey, size_t i)
{
    const struct sheet *sheet = &survey->sheets[i];
    char words[SURVEY_WORDS] = "", column[SURVEY_WORDS / 4];
    size_t n = 0;
    if (i && memcmp(&sheet->mapping, &sheet[-1].mapping, sizeof sheet->mapping) == 0)
        return;
    for (int field = 0; field < FIELDS; field++) {
        if (!sheet->mapping.guessed[field] || (field == FIELD_FACTOR && !survey->wishes.summary))
            continue;
        name_column(survey, sheet, (enum field)field, column, sizeof column);
        if (n < sizeof words)
            n += (size_t)snprintf(words + n, sizeof words - n, " %s", column);
    }
    if (n)
        log_say(LOG_INFO, "%s: guessed%s", sheet->name, words);
    if (!sheet_has(sheet, FIELD_AMOUNT))
        log_say(LOG_WARN,
                "%s: no column of amounts, so money columns will be empty; "
                "--map %s=Column names one",
                sheet->name, wishes_field_name(&survey->wishes, FIELD_AMOUNT));
}

static int look(struct survey *survey)
{
    const struct formats_order order = {survey->sheets, survey->n_sheets, &survey->nulls,
                                        &survey->redaction};
    int r = check_agreement(survey);
    if (!r)
        r = find_exclusions(survey);
    for (size_t i = 0; i < survey->n_sheets && !r; i++)
        show_guess(survey, i);
    if (!r)
        r = formats_settle(&order, &survey->formats);
    return r ? r : write_texts(survey);
}

int survey_open(const struct survey_order *order, struct survey **out)
{
    struct survey *survey = calloc(1, sizeof *survey);
    if (!survey)
        return no_memory();
    survey->settings = order->settings;
    survey->today = order->today;
    survey->redaction = (struct redaction){order->settings->redact, order->redact_key};
    int r = parse_words(survey);
    if (!r)
        r = open_sheets(survey);
    if (!r)
        r = look(survey);
    if (r)
        survey_close(&survey);
    *out = survey;
    return r;
}

void survey_close(struct survey **handle)
{
    struct survey *survey = *handle;
    if (!survey)
        return;
    for (size_t i = 0; i < survey->n_sheets; i++) {
        sheet_close(&survey->sheets[i]);
        if (survey->texts)
            free(survey->texts[i]);
    }
    free(survey->texts);
    free(survey->sheets);
    free(survey->exclusions);
    free(survey->exclusion_columns);
    absentees_destroy(&survey->left_out);
    free(survey);
    *handle = NULL;
}

size_t survey_inputs(const struct survey *survey)
{
    return survey->n_sheets;
}

const struct sheet *survey_sheet(const struct survey *survey, size_t input)
{
    return &survey->sheets[input];
}

const struct settings_reading *survey_settings(const struct survey *survey)
{
    return survey->settings;
}

const struct formats *survey_formats(const struct survey *survey)
{
    return &survey->formats;
}

int survey_has(const struct survey *survey, enum field field)
{
    return sheet_has(&survey->sheets[0], field);
}

const char *survey_field_name(const struct survey *survey, enum field field)
{
    return wishes_field_name(&survey->wishes, field);
}

const char *survey_text(const struct survey *survey, size_t input)
{
    return survey->texts[input];
}

struct digest survey_digest(const struct survey *survey, size_t input)
{
    return digest_of(survey->texts[input], strlen(survey->texts[input]));
}

/* The largest seeded hash that is kept: millionths / 10^6 of all. */
static uint64_t keep_up_to(int64_t millionths)
{
    if (millionths >= PLAN_MILLION)
        return UINT64_MAX;
    if (millionths <= 0)
        return 0;
    return (uint64_t)(((amount_digits)millionths << 64) / PLAN_MILLION) - 1;
}

void survey_recipe(const struct survey *survey, size_t input, struct recipe *recipe)
{
    const struct settings_reading *settings = survey->settings;
    const struct sheet *sheet = &survey->sheets[input];
    *recipe = (struct recipe){
        .input = (uint32_t)input,
        .delimiter = sheet->dialect.delimiter,
        .fields = (uint32_t)sheet->header.n,
        .header = &sheet->header,
        .date = survey->formats.date,
        .mark = survey->formats.mark,
        .mark_unseen = survey->formats.mark_unseen,
        .nulls = &survey->nulls,
        .exclusions = survey->exclusions,
        .n_exclusions = settings->n_excludes,
        .exclusion_column = survey->exclusion_columns + input * settings->n_excludes,
        .left_out = survey->left_out,
        .keep_up_to = keep_up_to(settings->sample_millionths),
        .currency = settings->currency,
        .summary_days = settings->summary_days,
        .zoned = settings->timezone != NULL,
        .last_day = settings->as_of == DAY_NONE ? survey->today : INT32_MAX,
        .redaction = survey->redaction,
    };
    memcpy(recipe->column, sheet->mapping.column, sizeof recipe->column);
}

int survey_input(struct survey *survey, size_t input, uint64_t from, struct input **opened)
{
    return sheet_input(&survey->sheets[input], from, opened);
}

static void proof_words(const struct survey *survey, const struct proof *proof, char *out,
                        size_t size)
{
    char place[FORMATS_PLACE], value[REDACTION_WORDS];
    const struct formats_order order = {survey->sheets, survey->n_sheets, &survey->nulls,
                                        &survey->redaction};
    if (proof->column < 0) {
        snprintf(out, size, "as said");
        return;
    }
    snprintf(out, size, "settled by %s %s", formats_place(&order, proof, place),
             redaction_words(&survey->redaction, proof_value(proof), value));
}

static const char *mark_words(const struct formats *formats)
{
    if (formats->mark_unseen)
        return "no decimals";
    return formats->mark == AMOUNT_POINT ? "decimal point" : "decimal comma";
}

const char *survey_words(const struct survey *survey, enum field field, char out[SURVEY_WORDS])
{
    const struct sheet *sheet = &survey->sheets[0];
    const struct formats *formats = &survey->formats;
    char proof[SURVEY_WORDS / 2];
    out[0] = '\0';
    if (!sheet_has(sheet, field))
        return out;
    if (field == FIELD_DATE) {
        proof_words(survey, &formats->date_proof, proof, sizeof proof);
        snprintf(out, SURVEY_WORDS, "%s, %s", formats->date.pattern, proof);
    } else if (field == FIELD_AMOUNT || field == FIELD_FACTOR) {
        proof_words(survey, &formats->mark_proof, proof, sizeof proof);
        snprintf(out, SURVEY_WORDS, "%s, %s", mark_words(formats), proof);
    } else {
        const char *guessed =
            sheet->has_header ? "guessed from the header" : "guessed from what stands in it";
        snprintf(out, SURVEY_WORDS, "%s", sheet->mapping.guessed[field] ? guessed : "as said");
    }
    return out;
}

uint32_t survey_shards(const struct survey *survey)
{
    uint64_t rows = 0;
    uint32_t shards = SHARDS_LEAST;
    for (size_t i = 0; i < survey_inputs(survey); i++) {
        const struct sheet *sheet = survey_sheet(survey, i);
        uint64_t some = sheet_rows(sheet);
        rows += some ? some : sheet->about.bytes / BYTES_A_ROW;
    }
    while (shards < SHARDS_MOST && (uint64_t)shards * ROWS_A_SHARD * 3 / 2 < rows)
        shards *= 2;
    return shards;
}
