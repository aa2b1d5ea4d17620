/* SPDX-License-Identifier: Apache-2.0 */
/* Gamma by Marsaglia & Tsang, "A Simple Method for Generating Gamma Variables" (2000), raised from
 * shape + 1 for shapes below 1; normals by Marsaglia's polar method. Both reject, so the number of
 * draws varies: streams are not to be split by counting. */
#include "cli/chance.h"

#include <math.h>

#include "score/special.h"

uint64_t chance_split(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct chance chance_seeded(uint64_t seed)
{
    struct chance chance = {.has_spare = 0};
    for (int i = 0; i < 4; i++)
        chance.state[i] = chance_split(&seed);
    return chance;
}

static uint64_t turn(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

uint64_t chance_bits(struct chance *chance)
{
    uint64_t *s = chance->state;
    uint64_t out = turn(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = turn(s[3], 45);
    return out;
}

double chance_uniform(struct chance *chance)
{
    return ((double)(chance_bits(chance) >> 12) + 0.5) * 0x1p-52;
}

double chance_exponential(struct chance *chance)
{
    return -special_log(chance_uniform(chance));
}

double chance_normal(struct chance *chance)
{
    double x, y, square;
    if (chance->has_spare) {
        chance->has_spare = 0;
        return chance->spare;
    }
    do {
        x = 2 * chance_uniform(chance) - 1;
        y = 2 * chance_uniform(chance) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double scale = sqrt(-2 * special_log(square) / square);
    chance->spare = y * scale;
    chance->has_spare = 1;
    return x * scale;
}

/* shape >= 1 */
static double gamma_of_large_shape(struct chance *chance, double shape)
{
    double d = shape - 1.0 / 3;
    double c = 1 / sqrt(9 * d);
    for (;;) {
        double x = chance_normal(chance);
        double root = 1 + c * x;
        if (root <= 0)
            continue;
        double v = root * root * root;
        double u = chance_uniform(chance), square = x * x;
        if (u < 1 - 0.0331 * square * square ||
            special_log(u) < 0.5 * square + d * (1 - v + special_log(v)))
            return d * v;
    }
}

double chance_gamma(struct chance *chance, double shape)
{
    if (shape >= 1)
        return gamma_of_large_shape(chance, shape);
    double larger = gamma_of_large_shape(chance, shape + 1);
    return larger * special_exp(special_log(chance_uniform(chance)) / shape);
}

/* ln of a gamma variable: for small shapes the variable itself underflows, its log does not. */
static double log_gamma_variable(struct chance *chance, double shape)
{
    double larger = special_log(gamma_of_large_shape(chance, shape + 1));
    return larger + special_log(chance_uniform(chance)) / shape;
}

double chance_beta(struct chance *chance, double a, double b)
{
    double of_a = log_gamma_variable(chance, a);
    double of_b = log_gamma_variable(chance, b);
    return 1 / (1 + special_exp(of_b - of_a));
}
