/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SURVEY_H
#define VENTILATOR_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/settings.h"
#include "common/status.h"
#include "ventilator/formats.h"
#include "ventilator/recipe.h"
#include "ventilator/sheet.h"

/* What is found out about a ledger before it is read: dialects, columns, formats. After it, every
 * question is settled, and how rows are read does not depend on threads or on luck. */

struct survey;

struct survey_order {
    const struct settings_reading *settings; /* borrowed for the survey's life */
    int32_t today;                           /* UTC; without as_of, later dates are rejects */
    struct digest redact_key;                /* random, where settings->redact */
};

/* Opens every input and looks at samples of it. Fails with words: STATUS_USAGE (a flag that makes no
 * sense), STATUS_NO_INPUT, STATUS_DATA (empty, no such column, an open date order or decimal mark). */
int survey_open(const struct survey_order *order, struct survey **survey) MUST_USE;
void survey_close(struct survey **survey);

size_t survey_inputs(const struct survey *survey);
/* One input: name, size, dialect, header, mapping, estimated rows (sheet_rows). Borrowed. */
const struct sheet *survey_sheet(const struct survey *survey, size_t input);
/* How many shards are good for so many rows as the inputs seem to have, 8 to 4,096. */
uint32_t survey_shards(const struct survey *survey);
const struct settings_reading *survey_settings(const struct survey *survey);
const struct formats *survey_formats(const struct survey *survey);
int survey_has(const struct survey *survey, enum field field);

/* How the rows of an input are read, as text: two readings of the same bytes with the same text
 * accept the same rows. Its digest is a key for what is kept of them. Borrowed. */
/* What users call a field of this ledger. */
const char *survey_field_name(const struct survey *survey, enum field field);
const char *survey_text(const struct survey *survey, size_t input);
struct digest survey_digest(const struct survey *survey, size_t input);

/* For `winnow check`. Which row settled what a field's column or format is, in words:
 * "%d/%m/%Y, settled by orders.csv:7:2 '31/01/2020'". Answers out; empty for an absent field. */
#define SURVEY_WORDS 1024
const char *survey_words(const struct survey *survey, enum field field, char out[SURVEY_WORDS]);

/* The first rows of the first input, as read. */
#define SURVEY_ROWS  5
#define SURVEY_FIELD 64
struct survey_row {
    uint64_t line;
    const char *verdict;         /* "accepted", "anonymous", "excluded" or the reject's name */
    char customer[SURVEY_FIELD]; /* cut off, or a keyed hash */
    int32_t day;                 /* DAY_NONE unless accepted */
    int64_t amount;
};
/* *n of them, up to SURVEY_ROWS. */
int survey_rows(struct survey *survey, struct survey_row rows[SURVEY_ROWS], size_t *n) MUST_USE;

/* For who reads. The recipe lives as long as the survey; a stream's input can be had once. */
void survey_recipe(const struct survey *survey, size_t input, struct recipe *recipe);
int survey_input(struct survey *survey, size_t input, uint64_t from,
                 struct input **opened) MUST_USE;

#endif
