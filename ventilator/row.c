/* SPDX-License-Identifier: Apache-2.0 */
/* Most rows are three short fields in the ledger's own format, so that way is short and calls
 * nothing; every other way of writing the same is read by date_format.c and amount.c. */
#include "ventilator/row.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/money.h"
#include "score/purchase.h"
#include "ventilator/chunks.h"
#include "ventilator/currency.h"
#include "ventilator/mask.h"
#include "ventilator/plain.h"
#include "ventilator/utf8.h"

/* A row while it is read. */
struct sight {
    struct row_desk *desk;
    const struct recipe *recipe;
    const struct row_page *page;
    size_t number;
    size_t start;              /* of the row in the text */
    const uint32_t *separator; /* the row's own */
    uint32_t fields;
    struct row *row;
};

int row_desk_open(const struct recipe *recipe, struct facts *facts, struct row_desk *desk)
{
    memset(desk, 0, sizeof *desk);
    desk->recipe = recipe;
    desk->facts = facts;
    desk->id_scratch = malloc(CHUNKS_RECORD_LIMIT + 1);
    desk->scratch = malloc(CHUNKS_RECORD_LIMIT + 1);
    facts->has_amount = recipe->column[FIELD_AMOUNT] != MAPPING_ABSENT;
    facts->has_order = recipe->column[FIELD_ORDER] != MAPPING_ABSENT;
    if (desk->id_scratch && desk->scratch)
        return 0;
    row_desk_close(desk);
    return log_fail(STATUS_BUG, "no memory to read rows");
}

void row_desk_close(struct row_desk *desk)
{
    free(desk->id_scratch);
    free(desk->scratch);
    memset(desk, 0, sizeof *desk);
}

static uint64_t line_of(const struct sight *sight)
{
    const struct row_page *page = sight->page;
    return page->line +
           (page->text.quotes ? mask_count(page->text.bytes, sight->start, '\n') : sight->number);
}

/* The field as it stands; field is one the row has. */
static struct slice raw_field(const struct sight *sight, int32_t field)
{
    const char *bytes = sight->page->text.bytes;
    size_t start = field ? (size_t)sight->separator[field - 1] + 1 : sight->start;
    size_t end = sight->separator[field];
    if ((uint32_t)field + 1 == sight->fields && end > start && bytes[end - 1] == '\r')
        end--;
    return (struct slice){bytes + start, end - start};
}

static struct slice field_value(const struct sight *sight, int32_t field, char *scratch)
{
    struct slice raw = raw_field(sight, field);
    return sight->page->text.quotes ? csv_value(raw, scratch) : raw;
}

/* What a reject says beyond its code. */
struct blame {
    enum reject_code code;
    int32_t column; /* or MAPPING_ABSENT: the whole row */
    struct slice value;
    struct slice raw;
};

static int keep_reject(const struct sight *sight, const struct blame *blame)
{
    const struct recipe *recipe = sight->recipe;
    char hash[REDACTION_TEXT];
    struct reject reject = {.input = recipe->input,
                            .code = blame->code,
                            .line = line_of(sight),
                            .offset = sight->page->offset + sight->start,
                            .found = sight->fields,
                            .wanted = recipe->fields,
                            .value = blame->value,
                            .raw = blame->raw};
    if (blame->column != MAPPING_ABSENT)
        reject.column = recipe->header->name[blame->column];
    if (recipe->redaction.on) {
        redaction_print(recipe->redaction.key, blame->value, hash);
        reject.value = (struct slice){hash, blame->value.size ? REDACTION_TEXT - 1 : 0};
        reject.raw = (struct slice){NULL, 0};
    }
    return rejects_add(sight->desk->facts->rejects, &reject);
}

static int refuse(const struct sight *sight, struct blame blame)
{
    struct facts *facts = sight->desk->facts;
    int r = 0;
    facts->rejected[blame.code]++;
    if (rejects_size(facts->rejects) < REJECTS_KEPT) {
        if (!blame.raw.data)
            blame.raw = csv_row(sight->page->rows, &sight->page->text, sight->number);
        r = keep_reject(sight, &blame);
    }
    return r ? r : ROW_E_NONE;
}

static int refuse_shape(const struct sight *sight, enum reject_code code)
{
    return refuse(sight, (struct blame){.code = code, .column = MAPPING_ABSENT});
}

/* A reject whose customer is known. */
static int refuse_field(const struct sight *sight, enum reject_code code, enum field field,
                        struct slice value)
{
    int r = crowd_add(&sight->desk->facts->reject_customers, sight->row->hash);
    if (r)
        return r;
    return refuse(sight, (struct blame){
                             .code = code, .column = sight->recipe->column[field], .value = value});
}

int row_give_up(struct row_desk *desk, const struct row_page *page, enum reject_code code)
{
    struct row row;
    struct sight sight = {.desk = desk, .recipe = desk->recipe, .page = page, .row = &row};
    struct slice line = {page->text.bytes, page->text.size};
    desk->facts->rows_in++;
    return refuse(&sight, (struct blame){.code = code, .column = MAPPING_ABSENT, .raw = line});
}

/* An amount as far as rows care. */
struct money {
    int64_t amount;
    uint32_t decimals;
    int rounded;
    struct slice sign;
};

static int to_amount(const struct recipe *recipe, struct slice value, struct amount *amount)
{
    if (nulls_has(recipe->nulls, value))
        return REJECT_NULL_AMOUNT;
    if (amount_read(value, recipe->mark, amount))
        return REJECT_BAD_AMOUNT;
    if (recipe->mark_unseen && amount_evidence(value) == AMOUNT_OPEN)
        return REJECT_OPEN_DECIMAL;
    return -1;
}

static uint32_t decimals_of(int64_t decimals)
{
    return decimals > 4 ? 4 : (uint32_t)decimals;
}

/* A reject code, or -1. */
static int read_money(const struct recipe *recipe, struct slice value, struct money *money)
{
    struct amount amount;
    int code = to_amount(recipe, value, &amount);
    if (code >= 0)
        return code;
    if (amount_money(&amount, &money->amount, &money->rounded))
        return REJECT_AMOUNT_TOO_LARGE;
    money->decimals = decimals_of(amount.decimals);
    money->sign = amount.sign;
    return -1;
}

static int read_product(const struct sight *sight, struct money *money, enum field *blamed)
{
    const struct recipe *recipe = sight->recipe;
    char *scratch = sight->desk->scratch;
    struct amount a, b;
    struct slice first = field_value(sight, recipe->column[FIELD_AMOUNT], scratch);
    *blamed = FIELD_AMOUNT;
    int code = to_amount(recipe, first, &a);
    if (code >= 0)
        return code;
    *blamed = FIELD_FACTOR;
    code = to_amount(recipe, field_value(sight, recipe->column[FIELD_FACTOR], scratch), &b);
    if (code >= 0)
        return code;
    if (amount_product(&a, &b, &money->amount, &money->rounded))
        return REJECT_AMOUNT_TOO_LARGE;
    money->decimals = decimals_of((int64_t)a.decimals + b.decimals);
    money->sign = b.sign.size ? b.sign : a.sign;
    return -1;
}

/* The row's amount, 0 in a ledger without; a reject code, or -1. */
static int amount_of(const struct sight *sight, struct money *money, enum field *blamed)
{
    const struct recipe *recipe = sight->recipe;
    *blamed = FIELD_AMOUNT;
    *money = (struct money){0};
    if (recipe->column[FIELD_AMOUNT] == MAPPING_ABSENT)
        return -1;
    if (recipe->column[FIELD_FACTOR] != MAPPING_ABSENT)
        return read_product(sight, money, blamed);
    struct slice value = field_value(sight, recipe->column[FIELD_AMOUNT], sight->desk->scratch);
    if (!recipe->mark_unseen && plain_amount(value, recipe->mark, &money->amount, &money->decimals))
        return -1;
    return read_money(recipe, value, money);
}

static int leave_out(const struct sight *sight, struct facts_sum *sum)
{
    struct money money;
    enum field blamed;
    int code = amount_of(sight, &money, &blamed);
    facts_sum_row(sum, code < 0 ? money.amount : 0);
    return ROW_E_NONE;
}

static int leave_out_for(const struct sight *sight, enum left_out reason)
{
    return leave_out(sight, &sight->desk->facts->left_out[reason]);
}

static int is_excluded(const struct sight *sight)
{
    const struct recipe *recipe = sight->recipe;
    for (size_t i = 0; i < recipe->n_exclusions; i++) {
        struct slice value = field_value(sight, recipe->exclusion_column[i], sight->desk->scratch);
        if (exclusion_has(&recipe->exclusions[i], value))
            return 1;
    }
    return 0;
}

static struct slice trimmed(struct slice value)
{
    const char *bytes = value.data;
    size_t from = 0, to = value.size;
    while (from < to && (bytes[from] == ' ' || bytes[from] == '\t'))
        from++;
    while (to > from && (bytes[to - 1] == ' ' || bytes[to - 1] == '\t'))
        to--;
    return (struct slice){bytes + from, to - from};
}

/* What the currency column says, empty for nothing. */
static struct slice currency_of(const struct sight *sight)
{
    const struct recipe *recipe = sight->recipe;
    struct slice value = field_value(sight, recipe->column[FIELD_CURRENCY], sight->desk->scratch);
    if (nulls_has(recipe->nulls, value))
        value.size = 0;
    return trimmed(value);
}

static int other_currency(const struct sight *sight)
{
    const struct recipe *recipe = sight->recipe;
    if (!recipe->currency || recipe->column[FIELD_CURRENCY] == MAPPING_ABSENT)
        return 0;
    return !currency_is(currency_of(sight), recipe->currency);
}

static void note(const struct sight *sight, struct sightings *sightings, struct slice value)
{
    char capitals[SIGHTING_SIZE];
    size_t size = value.size < SIGHTING_SIZE ? value.size : SIGHTING_SIZE;
    for (size_t i = 0; i < size; i++) {
        char c = ((const char *)value.data)[i];
        capitals[i] = c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
    }
    if (sightings->n && sightings->seen[0].size == size &&
        memcmp(sightings->seen[0].value, capitals, size) == 0)
        return;
    sightings_add(sightings, (struct slice){capitals, size}, sight->recipe->input, line_of(sight));
}

static void note_offset(const struct sight *sight, int32_t minutes)
{
    struct row_desk *desk = sight->desk;
    if (desk->offset_noted && desk->offset_minutes == minutes)
        return;
    int32_t size = minutes < 0 ? -minutes : minutes;
    char text[] = {minutes < 0 ? '-' : '+',      (char)('0' + size / 600),
                   (char)('0' + size / 60 % 10), ':',
                   (char)('0' + size % 60 / 10), (char)('0' + size % 10)};
    note(sight, &desk->facts->offsets, (struct slice){text, sizeof text});
    desk->offset_noted = 1;
    desk->offset_minutes = minutes;
}

/* Customer: 0, or what the row is because of its id. */
static int read_customer(const struct sight *sight)
{
    const struct recipe *recipe = sight->recipe;
    struct row *row = sight->row;
    struct slice id = field_value(sight, recipe->column[FIELD_CUSTOMER], sight->desk->id_scratch);
    struct blame blame = {.column = recipe->column[FIELD_CUSTOMER], .value = id};
    if (nulls_has(recipe->nulls, id))
        return leave_out(sight, &sight->desk->facts->anonymous);
    blame.code = REJECT_ID_TOO_LONG;
    if (id.size > CUSTOMER_ID_LIMIT)
        return refuse(sight, blame);
    blame.code = REJECT_INVALID_UTF8;
    if (!utf8_valid(id))
        return refuse(sight, blame);
    row->id = id;
    row->hash = hash_customer(id.data, id.size);
    if (recipe->left_out && absentees_has(recipe->left_out, row->hash, id))
        return leave_out_for(sight, LEFT_OUT_CUSTOMER);
    if (recipe->keep_up_to < UINT64_MAX &&
        hash_customer_seeded(id.data, id.size, HASH_KEEP_SEED) > recipe->keep_up_to)
        return leave_out_for(sight, LEFT_OUT_SAMPLE);
    return 0;
}

static int read_moment(const struct sight *sight, struct slice value, struct moment *moment)
{
    const struct recipe *recipe = sight->recipe;
    if (nulls_has(recipe->nulls, value))
        return refuse_field(sight, REJECT_NULL_DATE, FIELD_DATE, value);
    int r = date_read(&recipe->date, value, moment);
    if (r)
        return refuse_field(sight,
                            r == DATE_E_IMPOSSIBLE ? REJECT_IMPOSSIBLE_DATE : REJECT_BAD_DATE,
                            FIELD_DATE, value);
    sight->row->day = recipe->zoned ? zone_day(&sight->desk->zone, moment) : moment->day;
    return 0;
}

static int read_date(const struct sight *sight, struct moment *moment)
{
    const struct recipe *recipe = sight->recipe;
    struct slice value = field_value(sight, recipe->column[FIELD_DATE], sight->desk->scratch);
    moment->clock = MOMENT_LOCAL;
    if (!plain_date(value, &recipe->date, &sight->row->day)) {
        int r = read_moment(sight, value, moment);
        if (r)
            return r;
    }
    if (sight->row->day > recipe->last_day)
        return refuse_field(sight, REJECT_FUTURE_DATE, FIELD_DATE, value);
    return 0;
}

static int read_amount(const struct sight *sight, struct money *money)
{
    enum field blamed;
    int code = amount_of(sight, money, &blamed);
    if (code < 0)
        return 0;
    struct slice value = field_value(sight, sight->recipe->column[blamed], sight->desk->scratch);
    return refuse_field(sight, (enum reject_code)code, blamed, value);
}

static void read_order(const struct sight *sight)
{
    const struct recipe *recipe = sight->recipe;
    sight->row->order = 0;
    if (recipe->column[FIELD_ORDER] == MAPPING_ABSENT)
        return;
    struct slice value = field_value(sight, recipe->column[FIELD_ORDER], sight->desk->scratch);
    if (!nulls_has(recipe->nulls, value))
        sight->row->order = hash_order(value.data, value.size);
}

/* What an accepted row adds to the facts. */
static int accept(const struct sight *sight, const struct moment *moment, const struct money *money)
{
    struct facts *facts = sight->desk->facts;
    uint64_t *rows = calendar_rows(&facts->days, sight->row->day);
    if (!rows)
        return log_fail(STATUS_BUG, "no memory for a calendar");
    ++*rows;
    facts->accepted++;
    facts->rounded += money->rounded != 0;
    if (money->decimals > facts->decimals)
        facts->decimals = money->decimals;
    if (moment->clock == MOMENT_OFFSET && !sight->recipe->zoned)
        note_offset(sight, moment->offset_minutes);
    if (money->sign.size)
        note(sight, &facts->signs, currency_name(money->sign));
    if (sight->recipe->column[FIELD_CURRENCY] != MAPPING_ABSENT) {
        struct slice currency = currency_of(sight);
        if (currency.size)
            note(sight, &facts->currencies, currency);
    }
    return 0;
}

/* 0 for a row of the right shape. */
static int check_shape(const struct sight *sight, int flawed)
{
    const struct row_page *page = sight->page;
    size_t length = sight->separator[sight->fields - 1] - sight->start;
    const char *bytes = page->text.bytes + sight->start;
    if (sight->fields == 1 && (length == 0 || (length == 1 && *bytes == '\r')))
        return ROW_E_NONE;
    sight->desk->facts->rows_in++;
    if (length > CHUNKS_RECORD_LIMIT)
        return refuse(sight, (struct blame){.code = REJECT_TOO_LONG,
                                            .column = MAPPING_ABSENT,
                                            .raw = {bytes, CHUNKS_FLAWED_LIMIT}});
    if (page->nuls && memchr(bytes, 0, length))
        return refuse_shape(sight, REJECT_NUL_BYTE);
    if (flawed)
        return refuse_shape(sight, REJECT_BAD_QUOTE);
    if (sight->fields != sight->recipe->fields)
        return refuse_shape(sight, REJECT_WRONG_FIELD_COUNT);
    return 0;
}

static int read_fields(const struct sight *sight)
{
    struct moment moment;
    struct money money;
    if (sight->recipe->n_exclusions && is_excluded(sight))
        return leave_out_for(sight, LEFT_OUT_COLUMN);
    if (other_currency(sight))
        return leave_out_for(sight, LEFT_OUT_CURRENCY);
    int r = read_customer(sight);
    if (!r)
        r = read_date(sight, &moment);
    if (!r)
        r = read_amount(sight, &money);
    if (r)
        return r;
    if (sight->recipe->currency && money.sign.size &&
        !currency_is(money.sign, sight->recipe->currency))
        return leave_out_for(sight, LEFT_OUT_CURRENCY);
    sight->row->amount = money.amount;
    r = accept(sight, &moment, &money);
    read_order(sight);
    return r;
}

int row_read(struct row_desk *desk, const struct row_page *page, size_t number, int flawed,
             struct row *row)
{
    size_t first = csv_first(page->rows, number);
    const struct sight sight = {.desk = desk,
                                .recipe = desk->recipe,
                                .page = page,
                                .number = number,
                                .start = csv_start(page->rows, number),
                                .separator = page->rows->separator + first,
                                .fields = page->rows->last[number] + 1 - (uint32_t)first,
                                .row = row};
    int r = check_shape(&sight, flawed);
    return r ? r : read_fields(&sight);
}
