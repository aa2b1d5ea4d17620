/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PEOPLE_H
#define CLI_PEOPLE_H

#include <stdint.h>

#include "cli/chance.h"

/* The customers that `winnow generate` draws, and how they buy: BG/NBD purchases (Fader, Hardie &
 * Lee 2005), gamma-gamma amounts (Fader & Hardie 2013). Rates are per week, amounts in units of
 * the currency. */
struct people {
    int32_t customers;
    uint64_t seed;
    int32_t first_day;         /* day of the ledger's first date */
    int32_t days;              /* the ledger covers first_day .. first_day + days - 1 */
    int32_t joining_days;      /* customers join evenly over this first part of it; 1..days */
    double r, alpha;           /* purchase rate ~ Gamma(shape r, rate alpha) */
    double a, b;               /* drop-out after each repeat purchase ~ Beta(a, b) */
    double p, q, v;            /* amount ~ Gamma(p, nu), nu ~ Gamma(q, v); mean p v / (q - 1) */
    int64_t refund_millionths; /* of the purchases are given back, half of them in part */
    int has_orders;            /* a fourth column, order_id */
};

/* About 10 rows a customer over two years, 26 bytes a row. */
struct people people_default(void);

/* One customer: what was drawn once for him, and how far he has come. Rates are floats, so that a
 * person is half a cache line: a large ledger's time goes into reaching the next one. It is the
 * floats that are drawn with and that --truth tells. */
struct person {
    double joined; /* days since the ledger's first midnight, with a fraction */
    double next;   /* when he buys next, likewise; meaningless once he has left */
    float lambda;  /* purchases a week while he is a customer */
    float leaving; /* p: probability of dropping out after a repeat purchase */
    float nu;      /* rate of his amounts; their mean is the people's p / nu */
    uint32_t purchases : 31;
    uint32_t has_left : 1;
};

struct person people_draw_one(const struct people *people, struct chance *chance);

/* One purchase has just been made: draws whether he leaves, and when he comes again. */
void people_move_on(struct person *person, struct chance *chance);

/* The amount of one purchase in cents, at most 10^13. */
int64_t people_amount(const struct people *people, const struct person *person,
                      struct chance *chance);

/* Names without order: a bijection from 0..customers - 1 into numbers of 7 and 8 digits (more for
 * more than 99 million customers), another one for each seed. */
struct people_names {
    uint64_t range;
    uint64_t odd[2];
    uint64_t shift;
    int bits;
};

struct people_names people_names_of(const struct people *people);
uint64_t people_name(const struct people_names *names, uint32_t person);

#endif
