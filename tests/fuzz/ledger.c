/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a ledger: it is refused with words, or every row is one thing, and reading it on a
 * thread gives what reading it chunk by chunk gives. The first byte chooses flags. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doubles/spool_memory.h"
#include "score/money.h"
#include "ventilator/partition.h"
#include "ventilator/survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz/ledger: not so: %s\n", words);
    abort();
}

static struct settings_reading settings_for(uint8_t flags, const char *const *path)
{
    static const char *const excludes[] = {"status=x"};
    struct settings_reading settings = settings_default().reading;
    settings.ledgers = path;
    settings.n_ledgers = 1;
    settings.as_of = flags & 1 ? 18000 : DAY_NONE;
    settings.decimal = flags & 2 ? DECIMAL_POINT : DECIMAL_DETECT;
    settings.date_format = flags & 4 ? "%d/%m/%Y" : NULL;
    settings.map = flags & 8 ? "customer_id=a,date=b,amount=c*d" : NULL;
    settings.excludes = excludes;
    settings.n_excludes = flags & 16 ? 1 : 0;
    settings.currency = flags & 32 ? "EUR" : NULL;
    settings.redact = flags & 64;
    settings.no_header = flags & 128;
    return settings;
}

static void check_rows(struct spool_segment *segment, const struct facts *facts)
{
    size_t n;
    const struct spooled_row *rows = spool_memory_rows(segment, &n);
    must(n == facts->accepted, "as many rows as were accepted");
    for (size_t i = 0; i < n; i++) {
        must(rows[i].id_size > 0 && rows[i].id_size <= CUSTOMER_ID_LIMIT, "an id has a length");
        must(rows[i].amount <= MONEY_ROW_LIMIT && rows[i].amount >= -MONEY_ROW_LIMIT,
             "an amount is within its limit");
        must(calendar_count(&facts->days, rows[i].day) > 0, "a day is in the calendar");
    }
}

static void check_sums(const struct facts *facts)
{
    uint64_t rows = facts->accepted + facts->anonymous.rows + facts_rejects(facts);
    for (int i = 0; i < LEFT_OUT_REASONS; i++)
        rows += facts->left_out[i].rows;
    must(rows == facts->rows_in, "every row is one thing");
    must(rejects_size(facts->rejects) == facts_rejects(facts), "few rejects are all kept");
}

static struct facts *read_with(struct survey *survey, uint32_t threads)
{
    struct spool_segment *segment = spool_memory_new();
    const struct partition_order order = {
        .survey = survey, .segment = segment, .shards = 8, .threads = threads, .rejects_limit = -1};
    struct partition *partition = NULL;
    struct facts *facts = NULL;
    must(partition_start(&order, &partition) == 0, "a ledger that was surveyed can be read");
    int r;
    do
        r = partition_poll(partition);
    while (r == PARTITION_E_BUSY && !sched_yield());
    must(r >= 0 && partition_facts(partition, &facts) == 0, "reading ends");
    partition_stop(&partition);
    check_rows(segment, facts);
    check_sums(facts);
    spool_memory_destroy(&segment);
    return facts;
}

static void read_twice(struct survey *survey)
{
    struct facts *one = read_with(survey, 0), *other = read_with(survey, 1);
    must(one->rows_in == other->rows_in && one->accepted == other->accepted &&
             memcmp(one->rejected, other->rejected, sizeof one->rejected) == 0,
         "threads change nothing");
    facts_destroy(&one);
    facts_destroy(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/winnow-fuzz-XXXXXX";
    const char *const paths[] = {path};
    if (size < 1)
        return 0;
    int file = mkstemp(path);
    must(file >= 0 && write(file, data + 1, size - 1) == (ssize_t)size - 1, "there is a file");
    close(file);
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    const struct settings_reading settings = settings_for(data[0], paths);
    const struct survey_order order = {.settings = &settings, .today = 19000};
    struct survey *survey = NULL;
    struct survey_row rows[SURVEY_ROWS];
    size_t n = 0;
    if (survey_open(&order, &survey) == 0) {
        must(survey_rows(survey, rows, &n) == 0, "the first rows are shown");
        read_twice(survey);
    }
    survey_close(&survey);
    unlink(path);
    return 0;
}
