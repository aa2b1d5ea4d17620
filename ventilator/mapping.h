/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_MAPPING_H
#define VENTILATOR_MAPPING_H

#include <stdint.h>

#include "common/status.h"
#include "ventilator/header.h"

/* Which column holds what. What is said (--map) is found by name, the rest is guessed from names
 * seen in the wild; whoever is wrong is told the whole header. */

enum field {
    FIELD_CUSTOMER,
    FIELD_DATE,
    FIELD_AMOUNT,
    FIELD_FACTOR, /* amount is FIELD_AMOUNT times this */
    FIELD_ORDER,
    FIELD_CURRENCY,
    FIELDS
};
/* "customer_id"; FIELD_FACTOR is "amount", too. */
const char *field_name(enum field field);

/* What --map says, read: of each field whether it was said, and the column's name. */
struct wishes {
    const char *flag; /* "--map" */
    int summary;      /* the columns are those of a summary; see ventilator/summary.h */
    struct {
        int said;
        struct slice column; /* empty: this field is not there, and not to be guessed */
    } field[FIELDS];
};

/* field=Column,field=Column*Column,...; a column's name with a comma in it stands in double
 * quotes. fields is a bit set (1 << FIELD_...) of what may be said. STATUS_USAGE with words. */
int wishes_parse(const char *map, const char *flag, unsigned fields,
                 struct wishes *wishes) MUST_USE;

/* The same for --input-kind summary, whose fields are customer_id, frequency, recency, T and
 * monetary_value. */
int wishes_parse_summary(const char *map, const char *flag, struct wishes *wishes) MUST_USE;
/* What users call the field: date, or T. */
const char *wishes_field_name(const struct wishes *wishes, enum field field);

#define MAPPING_ABSENT (-1)
struct mapping {
    int32_t column[FIELDS]; /* MAPPING_ABSENT where there is none */
    int guessed[FIELDS];    /* 1: nobody said so */
};

/* Finds the columns of what was said. name is the file's, for words (STATUS_DATA: no such column,
 * or two of that name). Fields that were not said are absent. */
int mapping_find(const struct wishes *wishes, const struct header *header, const char *name,
                 struct mapping *mapping) MUST_USE;

/* Guesses by names what was neither said nor found. STATUS_DATA where two columns are as good. */
int mapping_guess(const struct wishes *wishes, const struct header *header, const char *name,
                  unsigned fields, struct mapping *mapping) MUST_USE;

/* STATUS_DATA, with the header, where customer or date (of fields) are absent still. */
int mapping_check(const struct wishes *wishes, const struct header *header, const char *name,
                  unsigned fields, const struct mapping *mapping) MUST_USE;

/* A column some other flag names; said with that flag when it is not there (STATUS_DATA). */
int mapping_column(const struct header *header, struct slice column, const char *flag,
                   const char *name, int32_t *number) MUST_USE;

/* Whether a name is one that customer ids go by. */
int mapping_names_customer(struct slice name);

#endif
