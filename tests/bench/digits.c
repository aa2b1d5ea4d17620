/* SPDX-License-Identifier: Apache-2.0 */
/* bench_digits [millions]: nanoseconds a number, then so many millions (default 20) of random
 * doubles of every kind compared with printf; exit 1 where one differs. Run by hand: timings are
 * no test, and the comparison of the unit test is long enough for every build. */
#include "common/digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "support/chance.h"

#define VALUES 4096
#define ROUNDS 2000

struct numbers {
    double real[VALUES];
    int64_t whole[VALUES];
};

static double usual(struct chance *chance)
{
    return pow(10, -6 + 12 * ((double)(chance_next(chance) >> 11) * 0x1p-53));
}

static char *print_int(char *out, const struct numbers *numbers, size_t i)
{
    return digits_int(out, numbers->whole[i]);
}

static char *print_money(char *out, const struct numbers *numbers, size_t i)
{
    return digits_money(out, numbers->whole[i], 2);
}

static char *print_day(char *out, const struct numbers *numbers, size_t i)
{
    return digits_day(out, (int32_t)(numbers->whole[i] & 0x3fff));
}

static char *print_6(char *out, const struct numbers *numbers, size_t i)
{
    return digits_double(out, numbers->real[i], 6);
}

static char *print_17(char *out, const struct numbers *numbers, size_t i)
{
    return digits_double(out, numbers->real[i], 17);
}

static char *printf_6(char *out, const struct numbers *numbers, size_t i)
{
    return out + snprintf(out, DIGITS_ROOM, "%.6g", numbers->real[i]);
}

static void measure(const char *words, const struct numbers *numbers,
                    char *(*print)(char *, const struct numbers *, size_t))
{
    static char page[VALUES * DIGITS_ROOM];
    size_t bytes = 0;
    int64_t start = clock_monotonic_us();
    for (int round = 0; round < ROUNDS; round++) {
        char *out = page;
        for (size_t i = 0; i < VALUES; i++) {
            out = print(out, numbers, i);
            *out++ = ',';
        }
        bytes += (size_t)(out - page);
    }
    double us = (double)(clock_monotonic_us() - start);
    printf("%-14s %6.2f ns, %.1f bytes\n", words, us * 1000 / ((double)ROUNDS * VALUES),
           (double)bytes / ((double)ROUNDS * VALUES));
}

static double any(struct chance *chance)
{
    double value;
    uint64_t bits = chance_next(chance);
    switch (chance_below(chance, 4)) {
    case 0:
        memcpy(&value, &bits, sizeof value);
        return value;
    case 1: /* few bits: many exact halves */
        return (double)(bits >> (20 + chance_below(chance, 40))) * ldexp(1, -(int)(bits % 60));
    case 2: /* short decimals and halves of them */
        return (double)(bits % 2000000) / pow(10, (double)chance_below(chance, 12));
    default:
        return (bits & 1 ? -1 : 1) * usual(chance);
    }
}

static int compare(int64_t millions)
{
    struct chance chance = {(uint64_t)clock_wall_ms()};
    printf("seed %llu\n", (unsigned long long)chance.state);
    for (int64_t i = 0; i < millions * 1000000; i++) {
        char got[DIGITS_ROOM], want[DIGITS_ROOM];
        double value = any(&chance);
        int significant = i % 2 ? 6 : 1 + (int)chance_below(&chance, 17);
        char *end = digits_double(got, value, significant);
        int n = snprintf(want, sizeof want, "%.*g", significant, value);
        if (end - got != n || memcmp(got, want, (size_t)n) != 0) {
            printf("%a with %d digits: %.*s, printf %s\n", value, significant, (int)(end - got),
                   got, want);
            return 1;
        }
    }
    printf("%lld million doubles as printf\n", (long long)millions);
    return 0;
}

int main(int argc, char **argv)
{
    static struct numbers numbers;
    struct chance chance = {1};
    for (size_t i = 0; i < VALUES; i++) {
        numbers.real[i] = usual(&chance);
        numbers.whole[i] = (int64_t)(chance_next(&chance) >> (34 + chance_below(&chance, 24)));
    }
    measure("int", &numbers, print_int);
    measure("money .2", &numbers, print_money);
    measure("day", &numbers, print_day);
    measure("double 6", &numbers, print_6);
    measure("double 17", &numbers, print_17);
    measure("printf %.6g", &numbers, printf_6);
    return compare(argc > 1 ? atoll(argv[1]) : 20);
}
