#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints score/special_table.c, with mpmath at 60 digits (the package python3-mpmath):

    tests/reference/special_table.py > score/special_table.c

Needed only by who changes the tables; tests/reference/special_table.sh compares where mpmath is."""
import mpmath as mp

mp.mp.dps = 60

EXP_STEPS = 64
LOG_STEPS = 128
LOG_FIRST = mp.mpf("0.6875")
LOG_GRID = mp.mpf(2) ** -42     # multiples of it add to k * LN2_HIGH without rounding


def hexa(x):
    return float(x).hex()


def exp_rows():
    for i in range(EXP_STEPS):
        exact = mp.mpf(2) ** (mp.mpf(i) / EXP_STEPS)
        near = mp.mpf(float(exact))
        yield near, (exact - near) / near


def log_rows():
    """Mantissas from .6875 to 1.375 in steps of 1/128 of an octave; 9 bits of reciprocal."""
    for i in range(LOG_STEPS):
        step = i + 48
        low = 1 + mp.mpf(step) / 128 if step < 128 else 1 + mp.mpf(step - 128) / 128
        width = mp.mpf(1) / 128
        if step < 128:
            low, width = low / 2, width / 2
        reciprocal = mp.nint(512 / (low + width / 2)) / 512
        if low == 1 or low + width == 1:
            reciprocal = mp.mpf(1)
        exact = -mp.log(reciprocal)
        high = mp.nint(exact / LOG_GRID) * LOG_GRID
        far = max(abs(low * reciprocal - 1), abs((low + width) * reciprocal - 1))
        assert far <= mp.mpf(1) / 128
        assert high == 0 or abs(high) > far
        yield reciprocal, high, exact - high


def legendre_rows(n):
    """Gauss's nodes in (0, 1) and their weights, for polynomials up to degree 2 n - 1."""
    for i in range(n, 0, -1):
        at = mp.cos(mp.pi * (i - mp.mpf(1) / 4) / (n + mp.mpf(1) / 2))
        for _ in range(8):      # Newton
            slope = n * (mp.legendre(n - 1, at) - at * mp.legendre(n, at)) / (1 - at * at)
            at -= mp.legendre(n, at) / slope
        yield (1 + at) / 2, 1 / ((1 - at * at) * slope * slope)


def print_legendre(name, size, n):
    print(f"const struct special_node {name}[{size}] = {{")
    for at, weight in legendre_rows(n):
        print(f"    {{{hexa(at)}, {hexa(weight)}}},")
    print("};")


def main():
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Printed by tests/reference/special_table.py; change that, not this. */")
    print('#include "score/special_table.h"\n')
    print("/* clang-format off */")
    print("const struct special_exp_step special_exp_table[SPECIAL_EXP_STEPS] = {")
    for near, rest in exp_rows():
        print(f"    {{{hexa(near)}, {hexa(rest)}}},")
    print("};\n")
    print("const struct special_log_step special_log_table[SPECIAL_LOG_STEPS] = {")
    for reciprocal, high, low in log_rows():
        print(f"    {{{hexa(reciprocal)}, {hexa(high)}, {hexa(low)}}},")
    print("};\n")
    print("const double special_zeta_table[SPECIAL_ZETA_TERMS] = {")
    for k in range(2, 30):
        print(f"    {hexa((-1) ** k * (mp.zeta(k) - 1) / k)},")
    print("};\n")
    print_legendre("special_legendre_table", "SPECIAL_LEGENDRE", 16)
    print()
    print_legendre("special_legendre_short_table", "SPECIAL_LEGENDRE_SHORT", 6)
    print("/* clang-format on */")


main()
