/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger's machinery with another row at its end. One thread is enough: the file has a row a
 * customer, and is read once a run. */
#include "ventilator/customers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/money.h"
#include "score/wallet.h"
#include "ventilator/chunks.h"
#include "ventilator/formats.h"
#include "ventilator/mask.h"
#include "ventilator/sheet.h"
#include "ventilator/sight.h"

#define PEERS_LIMIT 16
#define PEER_BREAK  '\x1f'
#define VERSION     2

/* Units and declared amounts stand where a ledger's sheet has the factors of its amount, so that the
 * decimal mark is found from them. */
#define UNITS    FIELD_AMOUNT
#define DECLARED FIELD_FACTOR

struct customers {
    struct customers_order order;
    struct redaction redaction;
    struct nulls nulls;
    struct wishes wishes;
    struct sheet sheet;
    int32_t rank, brands; /* columns */
    int32_t peer[PEERS_LIMIT];
    size_t n_peers;
    struct formats formats;
    struct recipe recipe;
    struct facts *facts;
    struct chunks *chunks;
    struct csv_rows rows;
    char *room;
    char *scratch; /* a value, the id and the group's values, a record's length each */
    struct digest digest;
};

static int no_memory(void)
{
    return log_fail(STATUS_BUG, "no memory to read customers");
}

static int find_column(struct customers *customers, const char *name, const char *flag,
                       int32_t *column)
{
    *column = MAPPING_ABSENT;
    if (!name)
        return 0;
    return mapping_column(&customers->sheet.header, (struct slice){name, strlen(name)}, flag,
                          customers->sheet.name, column);
}

static int find_peers(struct customers *customers, const char *names)
{
    int r = 0;
    for (const char *at = names; at && *at && !r; at += *at == ',') {
        size_t size = strcspn(at, ",");
        if (customers->n_peers == PEERS_LIMIT)
            return log_fail(STATUS_USAGE, "--wallet-peers of more than %d columns", PEERS_LIMIT);
        r = mapping_column(&customers->sheet.header, (struct slice){at, size}, "--wallet-peers",
                           customers->sheet.name, &customers->peer[customers->n_peers++]);
        at += size;
    }
    return r;
}

static int find_columns(struct customers *customers)
{
    const struct settings_reading *settings = customers->order.settings;
    int32_t *column = customers->sheet.mapping.column;
    int r = find_column(customers, settings->wallet_units, "--wallet-units", &column[UNITS]);
    if (!r)
        r = find_column(customers, settings->wallet_declared, "--wallet-declared",
                        &column[DECLARED]);
    if (!r)
        r = find_column(customers, settings->wallet_rank, "--wallet-rank", &customers->rank);
    if (!r)
        r = find_column(customers, settings->wallet_brands, "--wallet-brands", &customers->brands);
    return r ? r : find_peers(customers, settings->wallet_peers);
}

static int look(struct customers *customers)
{
    const struct settings_reading *settings = customers->order.settings;
    const struct sheet_order order = {.must_have_header = 1,
                                      .hide_header = settings->redact,
                                      .fields = 1U << FIELD_CUSTOMER,
                                      .wishes = &customers->wishes};
    int r = nulls_parse(settings->null_list, &customers->nulls);
    if (!r)
        r = wishes_parse(settings->customers_map, "--customers-map", 1U << FIELD_CUSTOMER,
                         &customers->wishes);
    if (!r)
        r = sheet_open(settings->customers, 0, &order, &customers->sheet);
    return r ? r : find_columns(customers);
}

static int settle(struct customers *customers)
{
    const struct settings_reading *settings = customers->order.settings;
    const struct formats_order order = {&customers->sheet, 1, &customers->nulls,
                                        &customers->redaction};
    struct recipe *recipe = &customers->recipe;
    customers->formats.date_said = 1;
    customers->formats.mark_said = settings->decimal != DECIMAL_DETECT;
    customers->formats.mark = settings->decimal == DECIMAL_COMMA ? AMOUNT_COMMA : AMOUNT_POINT;
    /* a mean rank has decimals, too; where nothing else shows their mark, the ranks do */
    int32_t *units = &customers->sheet.mapping.column[UNITS];
    int lent = *units == MAPPING_ABSENT;
    if (lent)
        *units = customers->rank;
    int r = formats_settle(&order, &customers->formats);
    if (lent)
        *units = MAPPING_ABSENT;
    *recipe = (struct recipe){.input = (uint32_t)settings->n_ledgers,
                              .delimiter = customers->sheet.dialect.delimiter,
                              .fields = (uint32_t)customers->sheet.header.n,
                              .header = &customers->sheet.header,
                              .mark = customers->formats.mark,
                              .mark_unseen = customers->formats.mark_unseen,
                              .nulls = &customers->nulls,
                              .redaction = customers->redaction};
    memcpy(recipe->column, customers->sheet.mapping.column, sizeof recipe->column);
    return r;
}

static int begin(struct customers *customers)
{
    struct chunks_order order = {.delimiter = customers->recipe.delimiter,
                                 .record_limit = CHUNKS_RECORD_LIMIT,
                                 .size = CHUNKS_SIZE,
                                 .offset = customers->sheet.data_offset,
                                 .line = customers->sheet.data_line};
    int r = facts_new(&customers->facts);
    if (!r)
        r = sheet_input(&customers->sheet, 0, &order.input);
    if (r)
        return r;
    r = chunks_new(&order, &customers->chunks);
    if (r) {
        input_close(&order.input);
        return r;
    }
    size_t room = chunks_room(customers->chunks);
    customers->room = malloc(room);
    customers->scratch = malloc((2 + PEERS_LIMIT) * CHUNKS_RECORD_LIMIT + PEERS_LIMIT);
    r = csv_reserve(&customers->rows, room);
    return r || !customers->room || !customers->scratch ? (r ? r : no_memory()) : 0;
}

static void write_reading(FILE *out, const struct customers *customers)
{
    const struct recipe *recipe = &customers->recipe;
    fprintf(out, "winnow customers %d\ndelimiter %d\nfields %u\ndata at %llu\n", VERSION,
            (unsigned char)recipe->delimiter, recipe->fields,
            (unsigned long long)customers->sheet.data_offset);
    fprintf(out, "customer %d\nunits %d\ndeclared %d\n", (int)recipe->column[FIELD_CUSTOMER],
            (int)recipe->column[UNITS], (int)recipe->column[DECLARED]);
    fprintf(out, "rank %d\nbrands %d\n", (int)customers->rank, (int)customers->brands);
    for (size_t i = 0; i < customers->n_peers; i++)
        fprintf(out, "peer %d\n", (int)customers->peer[i]);
    for (size_t i = 0; i < recipe->nulls->n; i++)
        fprintf(out, "null %.*s\n", (int)recipe->nulls->word[i].size,
                (const char *)recipe->nulls->word[i].data);
    fprintf(out, "decimal %d %d\nredact %d\n", (int)recipe->mark, recipe->mark_unseen,
            recipe->redaction.on);
}

/* How rows are read, as a digest of the same in words. */
static int digest_reading(struct customers *customers)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return no_memory();
    write_reading(out, customers);
    int failed = fclose(out);
    if (!failed)
        customers->digest = digest_of(text, size);
    free(text);
    return failed ? no_memory() : 0;
}

int customers_open(const struct customers_order *order, struct customers **out)
{
    struct customers *customers = calloc(1, sizeof *customers);
    if (!customers)
        return no_memory();
    customers->order = *order;
    customers->redaction = (struct redaction){order->settings->redact, order->redact_key};
    int r = look(customers);
    if (!r)
        r = settle(customers);
    if (!r)
        r = digest_reading(customers);
    if (!r)
        r = begin(customers);
    if (r)
        customers_close(&customers);
    *out = customers;
    return r;
}

void customers_close(struct customers **handle)
{
    struct customers *customers = *handle;
    if (!customers)
        return;
    chunks_destroy(&customers->chunks);
    csv_release(&customers->rows);
    facts_destroy(&customers->facts);
    sheet_close(&customers->sheet);
    free(customers->room);
    free(customers->scratch);
    free(customers);
    *handle = NULL;
}

static char *id_scratch(const struct customers *customers)
{
    return customers->scratch + CHUNKS_RECORD_LIMIT;
}

static char *group_scratch(const struct customers *customers)
{
    return customers->scratch + 2 * CHUNKS_RECORD_LIMIT;
}

static int refuse(const struct sight *sight, int code, int32_t column, struct slice value)
{
    const struct blame blame = {.code = (enum reject_code)code, .column = column, .value = value};
    return sight_refuse(sight, &blame);
}

/* A number of the row, or none. */
static int read_number(const struct customers *customers, const struct sight *sight, int32_t column,
                       int32_t *has, int64_t *number)
{
    struct money money = {0};
    *has = 0;
    *number = 0;
    if (column == MAPPING_ABSENT)
        return 0;
    struct slice value = sight_value(sight, column, customers->scratch);
    if (nulls_has(&customers->nulls, value))
        return 0;
    int code = sight_money(&customers->recipe, value, &money);
    if (code >= 0)
        return refuse(sight, code, column, value);
    *has = 1;
    *number = money.amount;
    return 0;
}

/* A rank without the number of brands says nothing, nor do they without it. */
static int read_rank(const struct customers *customers, const struct sight *sight, uint32_t *out)
{
    int32_t has_rank, has_brands;
    int64_t rank, brands;
    int r = read_number(customers, sight, customers->rank, &has_rank, &rank);
    if (!r)
        r = read_number(customers, sight, customers->brands, &has_brands, &brands);
    if (r || !has_rank || !has_brands)
        return r;
    int whole =
        brands % MONEY_PER_UNIT == 0 && wallet_rank(MONEY_PER_UNIT, brands / MONEY_PER_UNIT);
    *out = whole ? wallet_rank(rank, brands / MONEY_PER_UNIT) : 0;
    if (*out)
        return 0;
    int32_t column = whole ? customers->rank : customers->brands;
    return refuse(sight, REJECT_BAD_RANK, column, sight_value(sight, column, customers->scratch));
}

static struct slice read_group(const struct customers *customers, const struct sight *sight)
{
    char *group = group_scratch(customers);
    size_t n = 0;
    for (size_t i = 0; i < customers->n_peers; i++) {
        struct slice value = sight_value(sight, customers->peer[i], customers->scratch);
        if (i)
            group[n++] = PEER_BREAK;
        memcpy(group + n, value.data, value.size);
        n += value.size;
    }
    return (struct slice){group, n};
}

static int read_row(const struct customers *customers, const struct sight *sight,
                    struct customers_row *row)
{
    int32_t column = customers->recipe.column[FIELD_CUSTOMER];
    row->id = sight_value(sight, column, id_scratch(customers));
    int code = sight_judge_id(sight, row->id);
    if (code >= 0)
        return refuse(sight, code, column, row->id);
    row->hash = hash_customer(row->id.data, row->id.size);
    int r = read_number(customers, sight, customers->recipe.column[UNITS], &row->has_units,
                        &row->units);
    if (!r)
        r = read_number(customers, sight, customers->recipe.column[DECLARED], &row->has_declared,
                        &row->declared);
    if (!r)
        r = read_rank(customers, sight, &row->rank);
    row->group = read_group(customers, sight);
    return r;
}

static int read_rows(struct customers *customers, const struct row_page *page)
{
    const struct customers_order *order = &customers->order;
    const struct csv_rows *rows = page->rows;
    size_t flaw = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct sight sight = sight_of(&customers->recipe, customers->facts, page, i);
        struct customers_row row = {.hash = 0};
        int flawed = flaw < rows->n_flawed && rows->flawed[flaw] == i;
        flaw += flawed != 0;
        int r = sight_check(&sight, flawed);
        if (!r)
            r = read_row(customers, &sight, &row);
        if (!r) {
            customers->facts->accepted++;
            r = order->take(order->context, hash_shard(row.hash, order->shards), &row);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int give_up(struct customers *customers, const struct row_page *page, enum chunk_flaw flaw)
{
    const struct sight sight = {
        .recipe = &customers->recipe, .facts = customers->facts, .page = page};
    const struct blame blame = {.code = flaw == CHUNK_TOO_LONG ? REJECT_TOO_LONG
                                                               : REJECT_UNCLOSED_QUOTE,
                                .column = MAPPING_ABSENT,
                                .raw = {page->text.bytes, page->text.size}};
    customers->facts->rows_in++;
    return sight_refuse(&sight, &blame);
}

static int read_chunk(struct customers *customers, const struct chunk *chunk)
{
    struct row_page page = {
        .text = {chunk->bytes, chunk->size, customers->recipe.delimiter, chunk->look.quotes},
        .rows = &customers->rows,
        .offset = chunk->offset,
        .line = chunk->line};
    if (chunk->flaw) {
        int r = give_up(customers, &page, chunk->flaw);
        return r < 0 ? r : 0;
    }
    page.nuls = chunk->look.nuls;
    csv_split(&customers->rows, &page.text);
    return read_rows(customers, &page);
}

static void finish(struct customers *customers)
{
    const struct input *input = chunks_input(customers->chunks);
    customers->facts->raw_bytes = input_raw_bytes(input);
    customers->facts->digest = input_digest(input);
    customers->facts->lines = customers->sheet.data_line - 1 + chunks_lines(customers->chunks);
    customers->facts->ended_whole = chunks_ended_whole(customers->chunks);
}

int customers_step(struct customers *customers)
{
    struct chunk chunk;
    int r = chunks_next(customers->chunks, customers->room, &chunk);
    if (r == CHUNKS_E_END) {
        finish(customers);
        return 0;
    }
    if (!r)
        r = read_chunk(customers, &chunk);
    return r ? r : CUSTOMERS_E_BUSY;
}

const struct facts *customers_facts(const struct customers *customers)
{
    return customers->facts;
}

struct digest customers_digest(const struct customers *customers)
{
    return customers->digest;
}
