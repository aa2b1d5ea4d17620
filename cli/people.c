/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/people.h"

#include <math.h>

#define DAYS_A_WEEK   7
#define CENTS_MOST    1e13 /* 10^11 units, the largest amount a ledger row may have */
#define NAME_LEAST    UINT64_C(1000000)
#define NAMES_LEAST   UINT64_C(99000000) /* up to 99,999,999 */
#define FIRST_OF_2023 19358

struct people people_default(void)
{
    struct people people = {
        .seed = 1,
        .first_day = FIRST_OF_2023,
        .days = 730,
        .joining_days = 365,
        .r = 0.8,
        .alpha = 4.2,
        .a = 0.5,
        .b = 6,
        .p = 6.25,
        .q = 3.74,
        .v = 15.44,
    };
    return people;
}

struct person people_draw_one(const struct people *people, struct chance *chance)
{
    struct person person = {
        .joined = chance_uniform(chance) * people->joining_days,
        .lambda = (float)(chance_gamma(chance, people->r) / people->alpha),
        .leaving = (float)chance_beta(chance, people->a, people->b),
        .nu = (float)(chance_gamma(chance, people->q) / people->v),
    };
    person.next = person.joined;
    return person;
}

/* BG/NBD: nobody leaves at his first purchase, only after a repeat one. */
void people_move_on(struct person *person, struct chance *chance)
{
    person->purchases++;
    if (person->purchases > 1 && chance_uniform(chance) < (double)person->leaving)
        person->has_left = 1;
    else
        person->next += chance_exponential(chance) / (double)person->lambda * DAYS_A_WEEK;
}

int64_t people_amount(const struct people *people, const struct person *person,
                      struct chance *chance)
{
    double cents = floor(chance_gamma(chance, people->p) / (double)person->nu * 100 + 0.5);
    return cents < CENTS_MOST ? (int64_t)cents : (int64_t)CENTS_MOST;
}

struct people_names people_names_of(const struct people *people)
{
    uint64_t seed = people->seed;
    struct people_names names = {.range = NAMES_LEAST, .bits = 1};
    if ((uint64_t)people->customers > names.range)
        names.range = (uint64_t)people->customers;
    while ((UINT64_C(1) << names.bits) < names.range)
        names.bits++;
    names.odd[0] = chance_split(&seed) | 1;
    names.odd[1] = chance_split(&seed) | 1;
    names.shift = chance_split(&seed);
    return names;
}

/* Multiplying by an odd number, adding, and folding the upper half onto the lower are each a
 * bijection of `bits` bits; what falls beyond the range walks on until it falls inside. */
uint64_t people_name(const struct people_names *names, uint32_t person)
{
    uint64_t mask = (UINT64_C(1) << names->bits) - 1, x = person;
    do {
        for (int i = 0; i < 2; i++) {
            x = (x * names->odd[i] + names->shift) & mask;
            x ^= x >> (names->bits / 2);
        }
    } while (x >= names->range);
    return NAME_LEAST + x;
}
