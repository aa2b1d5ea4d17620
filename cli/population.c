/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/population.h"

#include <math.h>

#define DAYS_A_WEEK   7
#define CENTS_MOST    1e13 /* 10^11 units, the largest amount a ledger row may have */
#define NAME_LEAST    UINT64_C(1000000)
#define NAMES_LEAST   UINT64_C(99000000) /* up to 99,999,999 */
#define FIRST_OF_2023 19358

struct population population_default(void)
{
    struct population population = {
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
    return population;
}

struct person population_person(const struct population *population, struct chance *chance)
{
    struct person person = {
        .joined = chance_uniform(chance) * population->joining_days,
        .lambda = chance_gamma(chance, population->r) / population->alpha,
        .leaving = chance_beta(chance, population->a, population->b),
        .nu = chance_gamma(chance, population->q) / population->v,
    };
    person.next = person.joined;
    return person;
}

/* BG/NBD: nobody leaves at his first purchase, only after a repeat one. */
void population_move_on(struct person *person, struct chance *chance)
{
    person->purchases++;
    if (person->purchases > 1 && chance_uniform(chance) < person->leaving)
        person->has_left = 1;
    else
        person->next += chance_exponential(chance) / person->lambda * DAYS_A_WEEK;
}

int64_t population_amount(const struct population *population, const struct person *person,
                          struct chance *chance)
{
    double cents = floor(chance_gamma(chance, population->p) / person->nu * 100 + 0.5);
    return cents < CENTS_MOST ? (int64_t)cents : (int64_t)CENTS_MOST;
}

struct population_names population_names_of(const struct population *population)
{
    uint64_t seed = population->seed;
    struct population_names names = {.range = NAMES_LEAST, .bits = 1};
    if ((uint64_t)population->customers > names.range)
        names.range = (uint64_t)population->customers;
    while ((UINT64_C(1) << names.bits) < names.range)
        names.bits++;
    names.odd[0] = chance_split(&seed) | 1;
    names.odd[1] = chance_split(&seed) | 1;
    names.shift = chance_split(&seed);
    return names;
}

/* Multiplying by an odd number, adding, and folding the upper half onto the lower are each a
 * bijection of `bits` bits; what falls beyond the range walks on until it falls inside. */
uint64_t population_name(const struct population_names *names, uint32_t person)
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
