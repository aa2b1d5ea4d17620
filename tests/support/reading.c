/* SPDX-License-Identifier: Apache-2.0 */
#include "support/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/assert.h"

int32_t reading_day(const char *text)
{
    int32_t day = DAY_NONE;
    assert_int_equal(day_read(text, &day), 0);
    return day;
}

void reading_begin(struct reading *reading)
{
    memset(reading, 0, sizeof *reading);
    reading->settings = settings_default().reading;
    reading->settings.ledgers = reading->ledgers;
    reading->today = reading_day("2024-01-01");
    reading->threads = 1;
    reading->shards = 4;
    strcpy(reading->directory, "/tmp/winnow-reading-XXXXXX");
    assert_non_null(mkdtemp(reading->directory));
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

void reading_file(struct reading *reading, const void *bytes, size_t size)
{
    size_t i = reading->settings.n_ledgers++;
    assert_true(i < READING_FILES);
    snprintf(reading->path[i], sizeof reading->path[i], "%s/ledger%zu.csv", reading->directory, i);
    reading->ledgers[i] = reading->path[i];
    write_file(reading->path[i], bytes, size);
}

void reading_text(struct reading *reading, const char *text)
{
    reading_file(reading, text, strlen(text));
}

const char *reading_other_file(struct reading *reading, const char *text)
{
    char *path = reading->path[READING_FILES - 1];
    snprintf(path, sizeof reading->path[0], "%s/other.csv", reading->directory);
    write_file(path, text, strlen(text));
    return path;
}

void reading_end(struct reading *reading)
{
    facts_destroy(&reading->facts);
    if (reading->segment)
        spool_memory_destroy(&reading->segment);
    survey_close(&reading->survey);
    for (int i = 0; i < READING_FILES; i++)
        if (reading->path[i][0])
            unlink(reading->path[i]);
    rmdir(reading->directory);
}

static int survey(struct reading *reading)
{
    const struct survey_order order = {
        .settings = &reading->settings, .today = reading->today, .redact_key = {1, 2}};
    survey_close(&reading->survey);
    return survey_open(&order, &reading->survey);
}

int reading_survey(struct reading *reading)
{
    words_listen(&reading->words);
    reading->status = survey(reading);
    words_end(&reading->words);
    return reading->status;
}

static int read_input(struct reading *reading, size_t input)
{
    const struct partition_order order = {.survey = reading->survey,
                                          .input = input,
                                          .segment = reading->segment,
                                          .shards = reading->shards,
                                          .threads = reading->threads,
                                          .rejects_limit = -1};
    struct partition *partition = NULL;
    struct facts *facts = NULL;
    int r = partition_start(&order, &partition);
    if (!r)
        do
            r = partition_poll(partition);
        while (r == PARTITION_E_BUSY);
    if (r >= 0) {
        assert_int_equal(partition_facts(partition, &facts), 0);
        assert_int_equal(facts_merge(reading->facts, facts), 0);
    }
    facts_destroy(&facts);
    partition_stop(&partition);
    return r;
}

static int run(struct reading *reading)
{
    int r = survey(reading);
    facts_destroy(&reading->facts);
    if (reading->segment)
        spool_memory_destroy(&reading->segment);
    reading->segment = spool_memory_new();
    assert_int_equal(facts_new(&reading->facts), 0);
    for (size_t i = 0; i < reading->settings.n_ledgers && r >= 0; i++)
        r = read_input(reading, i);
    return r < 0 ? r : facts_check(reading->facts, &reading->settings);
}

int reading_run(struct reading *reading)
{
    words_listen(&reading->words);
    reading->status = run(reading);
    words_end(&reading->words);
    return reading->status;
}
