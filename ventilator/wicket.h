/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_WICKET_H
#define VENTILATOR_WICKET_H

#include "common/line.h"
#include "common/wire.h"
#include "ventilator/archive.h"
#include "ventilator/docket.h"

/* Where clients of a serving ventilator are answered: what they ask becomes an event of the docket, what
 * it says is kept, and then told. Results lie at the sink; who asks for them is handed on. */

struct ventilator;

struct wicket {
    struct line *line; /* borrowed, as all of these */
    struct peer sink;
    uint32_t gate; /* clients' */
    struct docket *docket;
    struct archive *archive;
    struct arena *arena;
    /* Whether `winnow run` would take these words; says what is wrong. */
    int (*check)(const char *const *words, size_t n);
    int64_t (*wall_ms)(void);
    struct digest name; /* ids are drawn from it */
    uint64_t drawn;
    const struct ventilator *ventilator; /* at the current job; NULL: none */
};

/* Whether it is a client's. */
int wicket_hears(enum letter_kind kind);
int wicket_letter(struct wicket *wicket, struct peer from, const struct letter *letter,
                  const struct parcel *parcel, int64_t now_ms) MUST_USE;
/* What the sink has answered: to whoever asked. Takes the parts. */
int wicket_hand_back(struct wicket *wicket, const struct letter *letter,
                     struct parcel *parcel) MUST_USE;

#endif
