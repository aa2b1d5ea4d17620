/* SPDX-License-Identifier: Apache-2.0 */
/* How to read a ledger, and which of its rows count. */
#include <string.h>

#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "score/day.h"

/* Whether the name of size bytes is one of the blank separated fields. */
static int is_field(const char *name, size_t size, const char *fields)
{
    for (const char *at = fields; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, name, size) == 0)
            return 1;
        at += length;
    }
    return 0;
}

/* Past a column's name, which is in quotes where it has a comma; NULL where they do not close. */
static const char *skip_column(const char *at)
{
    if (*at != '"')
        return at + strcspn(at, ",");
    at = strchr(at + 1, '"');
    return at && (at[1] == ',' || at[1] == '\0') ? at + 1 : NULL;
}

#define FIELDS_LIMIT 8

/* field=Column,... with each field once. Whether the columns exist, the reader of the ledger says. */
static int check_map(const struct flag_given *given, const char *fields)
{
    const char *seen[FIELDS_LIMIT];
    size_t n = 0;
    for (const char *at = given->text;; at++) {
        size_t size = strcspn(at, "=,");
        if (at[size] != '=' || !is_field(at, size, fields))
            return flags_refuse(given, "'%.*s' is not field=Column; fields: %s",
                                (int)strcspn(at, ","), at, fields);
        for (size_t i = 0; i < n; i++)
            if (strncmp(seen[i], at, size + 1) == 0)
                return flags_refuse(given, "%.*s is mapped twice", (int)size, at);
        seen[n++] = at;
        at = skip_column(at + size + 1);
        if (!at)
            return flags_refuse(given, "a quote does not close");
        if (*at == '\0')
            return 0;
    }
}

static int read_map(struct options *options, const struct flag_given *given)
{
    options->settings.reading.map = given->text;
    return check_map(given, "customer_id date amount order_id currency");
}

static int read_customers_map(struct options *options, const struct flag_given *given)
{
    options->settings.reading.customers_map = given->text;
    return check_map(given, "customer_id");
}

static int read_split(struct options *options, const struct flag_given *given)
{
    if (day_read(given->text, &options->settings.scoring.split))
        return flags_refuse(given, "is not a date YYYY-MM-DD of the calendar");
    return 0;
}

static int read_exclude(struct options *options, const struct flag_given *given)
{
    const char *equals = strchr(given->text, '=');
    if (!equals || equals == given->text)
        return flags_refuse(given, "wants column=value,value");
    options->excludes[options->settings.reading.n_excludes++] = given->text;
    return 0;
}

static int read_delimiter(struct options *options, const struct flag_given *given)
{
    static const struct {
        const char *word;
        char sign;
    } names[] = {
        {"tab", '\t'}, {"\\t", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"pipe", '|'},
    };
    char *delimiter = &options->settings.reading.delimiter;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(given->text, names[i].word) == 0) {
            *delimiter = names[i].sign;
            return 0;
        }
    if (strlen(given->text) != 1 || !strchr(",;|\t:~^!#*&/", given->text[0]))
        return flags_refuse(given, "wants tab, comma, semicolon, pipe or one sign of ,;|:~^!#*&/");
    *delimiter = given->text[0];
    return 0;
}

static int read_as_of(struct options *options, const struct flag_given *given)
{
    if (day_read(given->text, &options->settings.reading.as_of))
        return flags_refuse(given, "is not a date YYYY-MM-DD of the calendar");
    return 0;
}

/* "P%" to millionths. */
static int read_percent(const char *text, int64_t least, int64_t *millionths)
{
    size_t size = strlen(text);
    int64_t value;
    if (size == 0 || text[size - 1] != '%' || decimal_read(text, size - 1, 4, &value))
        return DECIMAL_E_WORD;
    if (value < least || value > PLAN_MILLION)
        return DECIMAL_E_RANGE;
    *millionths = value;
    return 0;
}

static int read_sample(struct options *options, const struct flag_given *given)
{
    if (read_percent(given->text, 1, &options->settings.reading.sample_millionths))
        return flags_refuse(given, "wants a share of the customers, over 0%% and at most 100%%, "
                                   "with at most four decimals: 2.5%%");
    return 0;
}

static int read_max_rejects(struct options *options, const struct flag_given *given)
{
    struct settings_reading *reading = &options->settings.reading;
    if (decimal_read_within(given->text, 0, 0, INT64_MAX, &reading->max_rejects) == 0)
        return 0;
    if (read_percent(given->text, 0, &reading->max_rejects_millionths))
        return flags_refuse(given, "wants a number of rows, or a share from 0%% to 100%% with at "
                                   "most four decimals");
    reading->max_rejects = -1;
    return 0;
}

/* The words of --input-kind; --time-unit settles the days later. */
static int read_input_kind(struct options *options, const struct flag_given *given)
{
    if (strcmp(given->text, "ledger") != 0 && strcmp(given->text, "summary") != 0)
        return flags_refuse(given, "is one of ledger|summary");
    options->settings.reading.summary_days = given->text[0] == 's';
    return 0;
}

#define READING(field) FLAG_AS_TEXT(settings.reading.field)

static const struct flag rows[] = {
    {"map", "FIELD=COLUMN,...", "guessed from the header", FLAG_OF_READERS, FLAGS_LEDGER,
     "fields: customer_id date amount order_id currency; amount=Quantity*UnitPrice multiplies",
     FLAG_AS_OWN(read_map)},
    {"date-format", "FMT", "detected", FLAG_OF_READERS, FLAGS_LEDGER,
     "strptime pattern of the date column, %d/%m/%Y", READING(date_format)},
    {"decimal", "point|comma", "detected", FLAG_OF_READERS, FLAGS_LEDGER,
     "the decimal sign of amounts", FLAG_AS_CHOICE(settings.reading.decimal, DECIMAL_POINT)},
    {"delimiter", "C", "detected", FLAG_OF_READERS, FLAGS_LEDGER,
     "what stands between fields: tab, comma, semicolon, pipe or the sign itself",
     FLAG_AS_OWN(read_delimiter)},
    {"no-header", NULL, "", FLAG_OF_READERS, FLAGS_LEDGER, "the first line is a row",
     FLAG_AS_SWITCH(settings.reading.no_header)},
    {"null", "LIST", "empty,\\N", FLAG_OF_READERS, FLAGS_LEDGER,
     "what stands for nothing, comma separated",
     FLAG_AS(FLAG_WORDS, 0, 0, settings.reading.null_list)},
    {"timezone", "ZONE", "dates as written", FLAG_OF_READERS, FLAGS_LEDGER,
     "turns date-times with offsets into days of this zone, Europe/Berlin", READING(timezone)},
    {"currency", "CODE", "", FLAG_OF_READERS, FLAGS_LEDGER,
     "the currency to keep where there are several", READING(currency)},
    {"input-kind", "ledger|summary", "ledger", FLAG_OF_READERS, FLAGS_LEDGER,
     "what a row is: a purchase, or a customer with frequency, recency, T, monetary_value",
     FLAG_AS_OWN(read_input_kind)},
    {"as-of", "DATE", "the ledger's last date", FLAG_OF_READERS, FLAGS_ROWS,
     "the day the scores speak of, YYYY-MM-DD; later rows are left out and counted",
     FLAG_AS_OWN(read_as_of)},
    {"split", "DATE", "", FLAG_OF(VERB_BACKTEST), FLAGS_ROWS,
     "the last day that the scores know of, YYYY-MM-DD; later rows, up to --as-of, judge them",
     FLAG_AS_OWN(read_split)},
    {"exclude", "COLUMN=VALUE,...", "", FLAG_OF_READERS, FLAGS_ROWS,
     "rows to leave out and count; may be given again", FLAG_OWN, 0, 0, FLAG_REPEATS, 0,
     read_exclude},
    {"exclude-customers", "FILE", "", FLAG_OF_READERS, FLAGS_ROWS,
     "customers to leave out and count, one id a line", READING(exclude_customers)},
    {"sample", "P%", "100%", FLAG_OF_READERS, FLAGS_ROWS,
     "share of the customers to score, with their whole histories", FLAG_AS_OWN(read_sample)},
    {"max-rejects", "N|P%", "1%", FLAG_OF_READERS, FLAGS_ROWS,
     "rows, or share of the rows from the 11th on, that may be unreadable before the run fails",
     FLAG_AS_OWN(read_max_rejects)},
    {"redact", NULL, "", FLAG_OF_READERS, FLAGS_ROWS,
     "ids and values in logs, errors and rejects.csv become keyed hashes",
     FLAG_AS_SWITCH(settings.reading.redact)},
    {"customers", "FILE", "", FLAG_OF_READERS, FLAGS_WALLET,
     "one row a customer, with columns for the flags below", READING(customers)},
    {"customers-map", "customer_id=COLUMN", "guessed from the header", FLAG_OF_READERS,
     FLAGS_WALLET, "the id column of --customers", FLAG_AS_OWN(read_customers_map)},
    {"wallet-units", "COLUMN", "", FLAG_OF_READERS, FLAGS_WALLET,
     "employees, household members: what spend is divided by", READING(wallet_units)},
    {"wallet-peers", "COLUMN,...", "", FLAG_OF_READERS, FLAGS_WALLET,
     "customers equal in these columns are compared", READING(wallet_peers)},
    {"wallet-rank", "COLUMN", "", FLAG_OF_READERS, FLAGS_WALLET,
     "the rank that the customer gives us among the brands he uses, 1 the best; ties share a mean",
     READING(wallet_rank)},
    {"wallet-brands", "COLUMN", "", FLAG_OF_READERS, FLAGS_WALLET,
     "how many brands these are, with us", READING(wallet_brands)},
    {"wallet-declared", "COLUMN", "", FLAG_OF_READERS, FLAGS_WALLET,
     "what the customer says he spends on the category anywhere", READING(wallet_declared)},
};

struct flags_piece flags_reading(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
