/* SPDX-License-Identifier: Apache-2.0 */
/* Names are compared without case, blanks and punctuation, whole, in an order of preference a
 * field: "CustomerID" before "customer", both before "id". Matching parts of names was refused: it
 * finds "amount" in "discount_amount". */
#include "ventilator/mapping.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/column_names.h"

const char *field_name(enum field field)
{
    static const char *const name[FIELDS] = {"customer_id", "date",     "amount",
                                             "amount",      "order_id", "currency"};
    return name[field];
}

const char *wishes_field_name(const struct wishes *wishes, enum field field)
{
    static const char *const name[FIELDS] = {"customer_id", "T",         "monetary_value",
                                             "recency",     "frequency", "currency"};
    return wishes->summary ? name[field] : field_name(field);
}

static int bad_map(const struct wishes *wishes, const char *map, const char *why)
{
    return log_fail(STATUS_USAGE, "%s %s: %s; like customer_id=Column,%s=Column,%s=Column",
                    wishes->flag, map, why, wishes_field_name(wishes, FIELD_DATE),
                    wishes_field_name(wishes, FIELD_AMOUNT));
}

static int find_field(const struct wishes *wishes, const char *name, size_t size, unsigned fields)
{
    for (int i = 0; i < FIELDS; i++) {
        const char *known = wishes_field_name(wishes, (enum field)i);
        if (fields >> i & 1 && strlen(known) == size && memcmp(known, name, size) == 0)
            return i;
    }
    return -1;
}

/* The column's name at *at, in quotes or up to a comma; 1 when a quote is not closed. */
static int parse_column(const char **at, struct slice *column)
{
    int quoted = **at == '"';
    const char *from = *at + quoted;
    size_t size = strcspn(from, quoted ? "\"" : ",");
    *column = (struct slice){from, size};
    *at = from + size;
    if (quoted && **at != '"')
        return 1;
    *at += quoted;
    return **at && **at != ',';
}

static int parse_wishes(const char *map, unsigned fields, struct wishes *wishes)
{
    for (const char *at = map; at && *at; at += *at == ',') {
        size_t size = strcspn(at, "=,");
        int field = find_field(wishes, at, size, fields);
        if (field < 0)
            return bad_map(wishes, map,
                           wishes->summary
                               ? "fields are customer_id, frequency, recency, T, monetary_value"
                               : "fields are customer_id, date, amount, order_id, currency");
        if (at[size] != '=')
            return bad_map(wishes, map, "a field without a column");
        if (wishes->field[field].said)
            return bad_map(wishes, map, "a field said twice");
        at += size + 1;
        wishes->field[field].said = 1;
        if (parse_column(&at, &wishes->field[field].column))
            return bad_map(wishes, map, "a quote that does not close");
        if (!wishes->field[field].column.size && field <= FIELD_DATE)
            return bad_map(wishes, map,
                           wishes->summary ? "customer_id and T cannot be left out"
                                           : "customer_id and date cannot be left out");
    }
    return 0;
}

int wishes_parse(const char *map, const char *flag, unsigned fields, struct wishes *wishes)
{
    *wishes = (struct wishes){.flag = flag};
    return parse_wishes(map, fields, wishes);
}

int wishes_parse_summary(const char *map, const char *flag, struct wishes *wishes)
{
    *wishes = (struct wishes){.flag = flag, .summary = 1};
    return parse_wishes(map, (1U << FIELDS) - 1 - (1U << FIELD_CURRENCY), wishes);
}

int mapping_column(const struct header *header, struct slice column, const char *flag,
                   const char *name, int32_t *number)
{
    char words[HEADER_WORDS];
    int r = header_find(header, column, number);
    if (!r)
        return 0;
    return log_fail(STATUS_DATA, "%s: %s column '%.*s' (%s); the header has: %s", name,
                    r == HEADER_E_DOUBLED ? "more than one" : "no", (int)column.size,
                    (const char *)column.data, flag, header_words(header, words));
}

/* amount=Quantity*UnitPrice, unless a column has the whole for its name. */
static int find_amount(const struct wishes *wishes, const struct header *header, const char *name,
                       struct mapping *mapping)
{
    struct slice said = wishes->field[FIELD_AMOUNT].column;
    const char *star = memchr(said.data, '*', said.size);
    if (!star || header_find(header, said, &mapping->column[FIELD_AMOUNT]) == 0)
        return mapping_column(header, said, wishes->flag, name, &mapping->column[FIELD_AMOUNT]);
    struct slice first = {said.data, (size_t)(star - (const char *)said.data)};
    struct slice second = {star + 1, said.size - first.size - 1};
    int r = mapping_column(header, first, wishes->flag, name, &mapping->column[FIELD_AMOUNT]);
    if (!r)
        r = mapping_column(header, second, wishes->flag, name, &mapping->column[FIELD_FACTOR]);
    return r;
}

int mapping_find(const struct wishes *wishes, const struct header *header, const char *name,
                 struct mapping *mapping)
{
    int r = 0;
    for (int i = 0; i < FIELDS; i++) {
        mapping->column[i] = MAPPING_ABSENT;
        mapping->guessed[i] = 0;
    }
    for (int i = 0; i < FIELDS && !r; i++) {
        if (!wishes->field[i].said || !wishes->field[i].column.size)
            continue;
        r = i == FIELD_AMOUNT && !wishes->summary
                ? find_amount(wishes, header, name, mapping)
                : mapping_column(header, wishes->field[i].column, wishes->flag, name,
                                 &mapping->column[i]);
    }
    return r;
}

/* Without case, blanks and punctuation. */
static size_t simplify(struct slice name, char *out, size_t room)
{
    const char *bytes = name.data;
    size_t n = 0;
    for (size_t i = 0; i < name.size && n + 1 < room; i++) {
        char c = bytes[i];
        if (c >= 'A' && c <= 'Z')
            out[n++] = (char)(c | 0x20);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80))
            out[n++] = c;
    }
    out[n] = '\0';
    return n;
}

static int is_taken(const struct mapping *mapping, int32_t column)
{
    for (int i = 0; i < FIELDS; i++)
        if (mapping->column[i] == column)
            return 1;
    return 0;
}

/* A guess for one field: the file, and what is known of it. */
struct guess {
    const struct wishes *wishes;
    const struct header *header;
    const char *name;
    struct mapping *mapping;
};

/* Columns of one known name. */
struct hits {
    int n;
    int32_t column[2];
};

/* The next of a list of names; 0 at its end. */
static int next_name(const char **names, struct slice *name)
{
    size_t size = strcspn(*names, " ");
    *name = (struct slice){*names, size};
    *names += size + ((*names)[size] == ' ');
    return size > 0;
}

/* Whether a name is a known one, or that and a currency's code: "amount_usd". */
static int is_known(struct slice name, struct slice known, int with_code)
{
    static const char codes[] = "usd eur gbp chf cad aud inr jpy cny brl pln sek nok dkk ";
    char simple[64];
    size_t size = simplify(name, simple, sizeof simple);
    if (size != known.size + (with_code ? 3 : 0) || memcmp(simple, known.data, known.size) != 0)
        return 0;
    return !with_code || strstr(codes, simple + known.size) != NULL;
}

static struct hits find_known(const struct guess *guess, struct slice known, int with_code)
{
    struct hits hits = {0, {MAPPING_ABSENT, MAPPING_ABSENT}};
    const struct header *header = guess->header;
    for (size_t i = 0; i < header->n; i++) {
        if (!is_known(header->name[i], known, with_code) || is_taken(guess->mapping, (int32_t)i))
            continue;
        if (hits.n < 2)
            hits.column[hits.n] = (int32_t)i;
        hits.n++;
    }
    return hits;
}

static int two_hits(const struct guess *guess, enum field field, struct hits hits)
{
    const struct slice *a = &guess->header->name[hits.column[0]];
    const struct slice *b = &guess->header->name[hits.column[1]];
    return log_fail(STATUS_DATA,
                    "%s: both column %d ('%.*s') and column %d ('%.*s') could be %s; say %s %s=...",
                    guess->name, (int)hits.column[0] + 1, (int)a->size, (const char *)a->data,
                    (int)hits.column[1] + 1, (int)b->size, (const char *)b->data,
                    wishes_field_name(guess->wishes, field), guess->wishes->flag,
                    wishes_field_name(guess->wishes, field));
}

static int guess_as(const struct guess *guess, enum field field, const char *names, int with_code)
{
    struct slice known;
    while (next_name(&names, &known)) {
        struct hits hits = find_known(guess, known, with_code);
        if (hits.n > 1)
            return two_hits(guess, field, hits);
        if (!hits.n)
            continue;
        guess->mapping->column[field] = hits.column[0];
        guess->mapping->guessed[field] = 1;
        return 0;
    }
    return 0;
}

static int guess_from(const struct guess *guess, enum field field, const char *names)
{
    int r = guess_as(guess, field, names, 0);
    int is_money = field == FIELD_AMOUNT || field == FIELD_FACTOR;
    if (r || !is_money || guess->mapping->column[field] != MAPPING_ABSENT)
        return r;
    return guess_as(guess, field, names, 1);
}

/* A column of totals; or a quantity times a price; or a price alone. */
static int guess_amount(const struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int r = guess_from(guess, FIELD_AMOUNT, column_names_total);
    if (r || mapping->column[FIELD_AMOUNT] != MAPPING_ABSENT)
        return r;
    r = guess_from(guess, FIELD_FACTOR, column_names_price);
    if (!r)
        r = guess_from(guess, FIELD_AMOUNT, column_names_quantity);
    if (r || mapping->column[FIELD_FACTOR] == MAPPING_ABSENT ||
        mapping->column[FIELD_AMOUNT] == MAPPING_ABSENT) {
        int32_t price = mapping->column[FIELD_FACTOR];
        mapping->column[FIELD_AMOUNT] = price;
        mapping->guessed[FIELD_AMOUNT] = price != MAPPING_ABSENT;
        mapping->column[FIELD_FACTOR] = MAPPING_ABSENT;
        mapping->guessed[FIELD_FACTOR] = 0;
    }
    return r;
}

/* Only the names that lifetimes, BTYD and their like write. */
static int guess_summary(const struct guess *guess, enum field field)
{
    static const char *const names[FIELDS] = {"",           "t",           "monetaryvalue monetary",
                                              "recency tx", "frequency x", ""};
    return guess_as(guess, field, field == FIELD_CUSTOMER ? column_names_customer : names[field],
                    0);
}

static int guess_field(const struct guess *guess, enum field field)
{
    if (guess->wishes->summary)
        return guess_summary(guess, field);
    switch (field) {
    case FIELD_CUSTOMER:
        return guess_from(guess, field, column_names_customer);
    case FIELD_DATE:
        return guess_from(guess, field, column_names_date);
    case FIELD_AMOUNT:
        return guess_amount(guess);
    case FIELD_ORDER:
        return guess_from(guess, field, column_names_order);
    case FIELD_CURRENCY:
        return guess_from(guess, field, column_names_currency);
    default:
        return 0;
    }
}

int mapping_guess(const struct wishes *wishes, const struct header *header, const char *name,
                  unsigned fields, struct mapping *mapping)
{
    const struct guess guess = {wishes, header, name, mapping};
    int r = 0;
    for (int i = 0; i < FIELDS && !r; i++)
        if (fields >> i & 1 && !wishes->field[i].said && mapping->column[i] == MAPPING_ABSENT)
            r = guess_field(&guess, (enum field)i);
    return r;
}

int mapping_check(const struct wishes *wishes, const struct header *header, const char *name,
                  unsigned fields, const struct mapping *mapping)
{
    char words[HEADER_WORDS];
    unsigned wanted = 1U << FIELD_CUSTOMER | 1U << FIELD_DATE;
    if (wishes->summary)
        wanted |= 1U << FIELD_FACTOR | 1U << FIELD_ORDER;
    for (int i = 0; i < FIELDS; i++)
        if (fields & wanted & 1U << i && mapping->column[i] == MAPPING_ABSENT)
            return log_fail(STATUS_DATA,
                            "%s: which column is %s? say %s %s=COLUMN; the header has: %s", name,
                            wishes_field_name(wishes, (enum field)i), wishes->flag,
                            wishes_field_name(wishes, (enum field)i), header_words(header, words));
    return 0;
}

int mapping_names_customer(struct slice name)
{
    const char *names = column_names_customer;
    struct slice known;
    while (next_name(&names, &known))
        if (is_known(name, known, 0))
            return 1;
    return 0;
}
