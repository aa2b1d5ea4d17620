/* SPDX-License-Identifier: Apache-2.0 */
/* The general way to read a row, one question after another; ordinary.c has the short one. Both
 * are tried on the same rows by the tests: quoting every field of a ledger, which makes no row
 * ordinary, must change nothing. */
#include "ventilator/row.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/chunks.h"
#include "ventilator/currency.h"
#include "ventilator/mask.h"
#include "ventilator/ordinary.h"
#include "ventilator/summary.h"

#define SUMMARY_VALUE 128 /* bytes of a number that are looked at */

/* A row while it is read. */
struct view {
    struct sight sight;
    const struct recipe *recipe;
    struct row_desk *desk;
    struct row *row;
};

int row_desk_open(const struct recipe *recipe, struct facts *facts, struct row_desk *desk)
{
    memset(desk, 0, sizeof *desk);
    desk->recipe = recipe;
    desk->facts = facts;
    desk->plain_dates = strcmp(recipe->date.pattern, "%Y-%m-%d") == 0;
    desk->ordinary = ordinary_possible(recipe);
    desk->try_rows = 1;
    plain_amount_form(recipe->mark, 0, &desk->form);
    desk->id_scratch = malloc(CHUNKS_RECORD_LIMIT + MASK_BYTES);
    desk->scratch = malloc(CHUNKS_RECORD_LIMIT + MASK_BYTES);
    facts->has_amount = recipe->column[FIELD_AMOUNT] != MAPPING_ABSENT && !recipe->summary_days;
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

int row_give_up(struct row_desk *desk, const struct row_page *page, enum reject_code code)
{
    const struct sight sight = {.recipe = desk->recipe, .facts = desk->facts, .page = page};
    const struct blame blame = {
        .code = code, .column = MAPPING_ABSENT, .raw = {page->text.bytes, page->text.size}};
    desk->facts->rows_in++;
    return sight_refuse(&sight, &blame);
}

static inline struct slice value_of(const struct view *view, enum field field)
{
    return sight_value(&view->sight, view->recipe->column[field], view->desk->scratch);
}

static inline int is_mapped(const struct view *view, enum field field)
{
    return view->recipe->column[field] != MAPPING_ABSENT;
}

/* A reject whose customer is known. */
static int refuse(const struct view *view, enum reject_code code, enum field field)
{
    const struct blame blame = {
        .code = code, .column = view->recipe->column[field], .value = value_of(view, field)};
    int r = crowd_add(&view->desk->facts->reject_customers, view->row->hash);
    return r ? r : sight_refuse(&view->sight, &blame);
}

static int read_product(const struct view *view, struct money *money, enum field *blamed)
{
    struct amount a, b;
    *blamed = FIELD_AMOUNT;
    int code = sight_amount(view->recipe, value_of(view, FIELD_AMOUNT), &a);
    if (code >= 0)
        return code;
    *blamed = FIELD_FACTOR;
    code = sight_amount(view->recipe, value_of(view, FIELD_FACTOR), &b);
    if (code >= 0)
        return code;
    if (amount_product(&a, &b, &money->amount, &money->rounded))
        return REJECT_AMOUNT_TOO_LARGE;
    int64_t decimals = (int64_t)a.decimals + b.decimals;
    money->decimals = decimals > 4 ? 4 : (uint32_t)decimals;
    money->sign = b.sign.size ? b.sign : a.sign;
    return -1;
}

/* The row's amount, 0 in a ledger without; a reject code, or -1. */
static int read_money(const struct view *view, struct money *money, enum field *blamed)
{
    *blamed = FIELD_AMOUNT;
    *money = (struct money){0};
    if (!is_mapped(view, FIELD_AMOUNT))
        return -1;
    if (is_mapped(view, FIELD_FACTOR))
        return read_product(view, money, blamed);
    struct slice value = value_of(view, FIELD_AMOUNT);
    if (!view->recipe->mark_unseen && !nulls_has(view->recipe->nulls, value) &&
        plain_amount_any(value, view->recipe->mark, &money->amount, &money->decimals))
        return -1;
    return sight_money(view->recipe, value, money);
}

static int leave_out(const struct view *view, struct facts_sum *sum)
{
    struct money money;
    enum field blamed;
    int code = read_money(view, &money, &blamed);
    facts_sum_row(sum, code < 0 ? money.amount : 0);
    return ROW_E_NONE;
}

static int leave_out_for(const struct view *view, enum left_out reason)
{
    return leave_out(view, &view->desk->facts->left_out[reason]);
}

static int is_excluded(const struct view *view)
{
    const struct recipe *recipe = view->recipe;
    for (size_t i = 0; i < recipe->n_exclusions; i++) {
        struct slice value =
            sight_value(&view->sight, recipe->exclusion_column[i], view->desk->scratch);
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
static struct slice currency_of(const struct view *view)
{
    struct slice value = value_of(view, FIELD_CURRENCY);
    if (nulls_has(view->recipe->nulls, value))
        value.size = 0;
    return trimmed(value);
}

static int other_currency(const struct view *view)
{
    const char *wanted = view->recipe->currency;
    return wanted && is_mapped(view, FIELD_CURRENCY) && !currency_is(currency_of(view), wanted);
}

static void note(const struct view *view, struct sightings *sightings, struct slice value)
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
    sightings_add(sightings, (struct slice){capitals, size}, view->recipe->input,
                  sight_line(&view->sight));
}

static void note_offset(const struct view *view, int32_t minutes)
{
    struct row_desk *desk = view->desk;
    if (desk->offset_noted && desk->offset_minutes == minutes)
        return;
    int32_t size = minutes < 0 ? -minutes : minutes;
    const char text[] = {minutes < 0 ? '-' : '+',      (char)('0' + size / 600),
                         (char)('0' + size / 60 % 10), ':',
                         (char)('0' + size % 60 / 10), (char)('0' + size % 10)};
    note(view, &desk->facts->offsets, (struct slice){text, sizeof text});
    desk->offset_noted = 1;
    desk->offset_minutes = minutes;
}

/* 0, or what the row is because of its customer. */
static int read_customer(const struct view *view)
{
    const struct recipe *recipe = view->recipe;
    const int32_t column = recipe->column[FIELD_CUSTOMER];
    struct slice id = sight_value(&view->sight, column, view->desk->id_scratch);
    int code = sight_judge_id(&view->sight, id);
    if (code == REJECT_NULL_CUSTOMER)
        return leave_out(view, &view->desk->facts->anonymous);
    if (code >= 0) {
        const struct blame blame = {.code = (enum reject_code)code, .column = column, .value = id};
        return sight_refuse(&view->sight, &blame);
    }
    view->row->id = id;
    view->row->hash = hash_customer(id.data, id.size);
    if (recipe->left_out && absentees_has(recipe->left_out, view->row->hash, id))
        return leave_out_for(view, LEFT_OUT_CUSTOMER);
    if (recipe->keep_up_to < UINT64_MAX &&
        hash_customer_seeded(id.data, id.size, HASH_KEEP_SEED) > recipe->keep_up_to)
        return leave_out_for(view, LEFT_OUT_SAMPLE);
    return 0;
}

static int read_moment(const struct view *view, struct slice value, struct moment *moment)
{
    const struct recipe *recipe = view->recipe;
    if (nulls_has(recipe->nulls, value))
        return refuse(view, REJECT_NULL_DATE, FIELD_DATE);
    int r = date_read(&recipe->date, value, moment);
    if (r)
        return refuse(view, r == DATE_E_IMPOSSIBLE ? REJECT_IMPOSSIBLE_DATE : REJECT_BAD_DATE,
                      FIELD_DATE);
    view->row->day = recipe->zoned ? zone_day(&view->desk->zone, moment) : moment->day;
    return 0;
}

static int read_date(const struct view *view, struct moment *moment)
{
    struct row_desk *desk = view->desk;
    struct slice value = value_of(view, FIELD_DATE);
    moment->clock = MOMENT_LOCAL;
    if (!desk->plain_dates || nulls_has(view->recipe->nulls, value) ||
        !plain_moment(value, &desk->months, &view->row->day)) {
        int r = read_moment(view, value, moment);
        if (r)
            return r;
    }
    return view->row->day > view->recipe->last_day ? refuse(view, REJECT_FUTURE_DATE, FIELD_DATE)
                                                   : 0;
}

static int read_amount(const struct view *view, struct money *money)
{
    enum field blamed;
    int code = read_money(view, money, &blamed);
    view->row->amount = money->amount;
    return code < 0 ? 0 : refuse(view, (enum reject_code)code, blamed);
}

static void read_order(const struct view *view)
{
    view->row->order = 0;
    if (!is_mapped(view, FIELD_ORDER))
        return;
    struct slice value = value_of(view, FIELD_ORDER);
    if (!nulls_has(view->recipe->nulls, value))
        view->row->order = hash_order(value.data, value.size);
}

static void note_units(const struct view *view, const struct moment *moment,
                       const struct money *money)
{
    struct facts *facts = view->desk->facts;
    if (moment->clock == MOMENT_OFFSET && !view->recipe->zoned)
        note_offset(view, moment->offset_minutes);
    if (money->sign.size)
        note(view, &facts->signs, currency_name(money->sign));
    if (is_mapped(view, FIELD_CURRENCY)) {
        struct slice currency = currency_of(view);
        if (currency.size)
            note(view, &facts->currencies, currency);
    }
}

/* What an accepted row adds to the facts. */
static int accept(const struct view *view, const struct moment *moment, const struct money *money)
{
    struct facts *facts = view->desk->facts;
    uint64_t *rows = calendar_rows(&facts->days, view->row->day);
    if (!rows)
        return log_fail(STATUS_BUG, "no memory for a calendar");
    ++*rows;
    facts->accepted++;
    facts->rounded += money->rounded != 0;
    if (money->decimals > facts->decimals)
        facts->decimals = money->decimals;
    note_units(view, moment, money);
    read_order(view);
    return 0;
}

/* One row a customer: no dates, and no amounts of single days. */
static int read_summary(const struct view *view)
{
    static const enum field fields[] = {FIELD_DATE, FIELD_FACTOR, FIELD_ORDER, FIELD_AMOUNT};
    struct facts *facts = view->desk->facts;
    struct summary_values values = {.monetary = {NULL, 0}};
    struct slice *const value[] = {&values.t, &values.recency, &values.frequency, &values.monetary};
    char kept[4][SUMMARY_VALUE + MASK_BYTES]; /* the desk's scratch holds one value at a time */
    enum field blamed;
    for (int i = 0; i < 4; i++) {
        if (!is_mapped(view, fields[i]))
            continue;
        struct slice seen = value_of(view, fields[i]);
        size_t size = seen.size < SUMMARY_VALUE ? seen.size : SUMMARY_VALUE;
        memcpy(kept[i], seen.data, size);
        *value[i] = (struct slice){kept[i], size};
    }
    int code = summary_read(view->recipe, &values, view->row, &blamed);
    if (code >= 0)
        return refuse(view, (enum reject_code)code, blamed);
    uint64_t *rows = calendar_rows(&facts->days, view->row->day);
    if (!rows)
        return log_fail(STATUS_BUG, "no memory for a calendar");
    ++*rows;
    facts->accepted++;
    facts->has_amount |=
        view->row->amount > 0; /* a ledger without amounts leaves the column empty */
    facts->decimals = 4;
    return 0;
}

static int read_fields(const struct view *view)
{
    const struct recipe *recipe = view->recipe;
    struct moment moment;
    struct money money;
    if (recipe->n_exclusions && is_excluded(view))
        return leave_out_for(view, LEFT_OUT_COLUMN);
    if (other_currency(view))
        return leave_out_for(view, LEFT_OUT_CURRENCY);
    int r = read_customer(view);
    if (!r && recipe->summary_days)
        return read_summary(view);
    if (!r)
        r = read_date(view, &moment);
    if (!r)
        r = read_amount(view, &money);
    if (r)
        return r;
    if (recipe->currency && money.sign.size && !currency_is(money.sign, recipe->currency))
        return leave_out_for(view, LEFT_OUT_CURRENCY);
    return accept(view, &moment, &money);
}

int row_read(struct row_desk *desk, const struct row_page *page, size_t number, int flawed,
             struct row *row)
{
    const struct view view = {.sight = sight_of(desk->recipe, desk->facts, page, number),
                              .recipe = desk->recipe,
                              .desk = desk,
                              .row = row};
    int r = sight_check(&view.sight, flawed);
    return r ? r : read_fields(&view);
}
