/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/sight.h"

#include <string.h>

#include "score/purchase.h"
#include "ventilator/chunks.h"
#include "ventilator/mask.h"
#include "ventilator/utf8.h"

uint64_t sight_line(const struct sight *sight)
{
    const struct row_page *page = sight->page;
    return page->line +
           (page->text.quotes ? mask_count(page->text.bytes, sight->start, '\n') : sight->number);
}

static int keep(const struct sight *sight, const struct blame *blame, struct slice raw)
{
    const struct recipe *recipe = sight->recipe;
    char hash[REDACTION_TEXT];
    struct reject reject = {.input = recipe->input,
                            .code = blame->code,
                            .line = sight_line(sight),
                            .offset = sight->page->offset + sight->start,
                            .found = sight->fields,
                            .wanted = recipe->fields,
                            .value = blame->value,
                            .raw = raw};
    if (blame->column != MAPPING_ABSENT)
        reject.column = recipe->header->name[blame->column];
    if (recipe->redaction.on) {
        redaction_print(recipe->redaction.key, blame->value, hash);
        reject.value = (struct slice){hash, blame->value.size ? REDACTION_TEXT - 1 : 0};
        reject.raw = (struct slice){NULL, 0};
    }
    return rejects_add(sight->facts->rejects, &reject);
}

int sight_refuse(const struct sight *sight, const struct blame *blame)
{
    struct facts *facts = sight->facts;
    struct slice raw = blame->raw;
    int r = 0;
    facts->rejected[blame->code]++;
    if (rejects_size(facts->rejects) < REJECTS_KEPT) {
        if (!raw.data)
            raw = csv_row(sight->page->rows, &sight->page->text, sight->number);
        r = keep(sight, blame, raw);
    }
    return r ? r : ROW_E_NONE;
}

static int refuse_whole(const struct sight *sight, enum reject_code code)
{
    const struct blame blame = {.code = code, .column = MAPPING_ABSENT};
    return sight_refuse(sight, &blame);
}

/* A line without quotes that is longer than a record may be: as much of it as of any such line. */
static int refuse_length(const struct sight *sight)
{
    const struct blame blame = {
        .code = REJECT_TOO_LONG,
        .column = MAPPING_ABSENT,
        .raw = {sight->page->text.bytes + sight->start, CHUNKS_FLAWED_LIMIT}};
    return sight_refuse(sight, &blame);
}

int sight_check(const struct sight *sight, int flawed)
{
    size_t length = sight->separator[sight->fields - 1] - sight->start;
    const char *bytes = sight->page->text.bytes + sight->start;
    if (sight->fields == 1 && (length == 0 || (length == 1 && *bytes == '\r')))
        return ROW_E_NONE;
    sight->facts->rows_in++;
    if (length > CHUNKS_RECORD_LIMIT)
        return refuse_length(sight);
    if (sight->page->nuls && memchr(bytes, 0, length))
        return refuse_whole(sight, REJECT_NUL_BYTE);
    if (flawed)
        return refuse_whole(sight, REJECT_BAD_QUOTE);
    if (sight->fields != sight->recipe->fields)
        return refuse_whole(sight, REJECT_WRONG_FIELD_COUNT);
    return 0;
}

int sight_judge_id(const struct sight *sight, struct slice id)
{
    if (nulls_has(sight->recipe->nulls, id))
        return REJECT_NULL_CUSTOMER;
    if (id.size > CUSTOMER_ID_LIMIT)
        return REJECT_ID_TOO_LONG;
    return utf8_valid(id) ? -1 : REJECT_INVALID_UTF8;
}

int sight_amount(const struct recipe *recipe, struct slice value, struct amount *amount)
{
    if (nulls_has(recipe->nulls, value))
        return REJECT_NULL_AMOUNT;
    if (amount_read(value, recipe->mark, amount))
        return REJECT_BAD_AMOUNT;
    if (recipe->mark_unseen && amount_evidence(value) == AMOUNT_OPEN)
        return REJECT_OPEN_DECIMAL;
    return -1;
}

int sight_money(const struct recipe *recipe, struct slice value, struct money *money)
{
    struct amount amount;
    int code = sight_amount(recipe, value, &amount);
    if (code >= 0)
        return code;
    if (amount_money(&amount, &money->amount, &money->rounded))
        return REJECT_AMOUNT_TOO_LARGE;
    money->decimals = amount.decimals > 4 ? 4 : (uint32_t)amount.decimals;
    money->sign = amount.sign;
    return -1;
}
