#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints special_points.csv: hard arguments of the special functions, and their values to 40 digits.

    tests/reference/special_points.py > tests/reference/special_points.csv

Hard are the seams: ends of the steps of exp's and log's tables, ends of the domain, the zeros of ln Gamma, the places
where a series takes over from a recurrence; the rest is drawn. Arguments are hexadecimal, so exact."""
import math
import random

import mpmath as mp

mp.mp.prec = 400
draw = random.Random(20260101)


def around(x):
    x = float(x)
    return [math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)]


def logarithmic(low, high):
    return math.exp(draw.uniform(math.log(low), math.log(high)))


def exp_points():
    points = [5e-324, -5e-324, 2.0 ** -54, -2.0 ** -54, 700.0, -700.0, -708.4, 709.78, -745.13]
    for k in (-64000, -5000, -65, -64, -2, -1, 0, 1, 63, 64, 3000, 64000):
        points += around((k + 0.5) * math.log(2) / 64)
    points += [draw.uniform(-700, 709.78) for _ in range(25)] + [draw.uniform(-2, 2) for _ in range(25)]
    return points + [draw.uniform(-745.1, -700) for _ in range(15)]


def expm1_points():
    points = [2.0 ** -60, -2.0 ** -60, 1e-300, -1e-300, 37.1, -37.1, -50.0, 700.0]
    for k in (-3, -2, -1, 0, 1, 2):
        points += around((k + 0.5) * math.log(2) / 64)
    points += [draw.choice((-1, 1)) * logarithmic(1e-18, 1) for _ in range(30)]
    return points + [draw.uniform(-.02, .02) for _ in range(30)] + [draw.uniform(-40, 40) for _ in range(20)]


def log_points():
    points = [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e-310, 0.6875, 1.375]
    points += around(1.0) + around(1 + 1 / 128) + around(1 - 1 / 256) + around(0.6875) + around(2 ** 40)
    points += [draw.uniform(.98, 1.02) for _ in range(40)] + [draw.uniform(.5, 2) for _ in range(30)]
    return points + [logarithmic(1e-307, 1e307) for _ in range(20)]


def log1p_points():
    points = [5e-324, -1e-300, 2.0 ** -54, -2.0 ** -54, 1e300, -1 + 2.0 ** -53, -0.999, 1e16]
    points += around(2.0 ** -7) + around(-2.0 ** -7) + around(-.3125) + around(.375)
    points += [draw.choice((-1, 1)) * logarithmic(1e-18, .99) for _ in range(40)]
    return points + [draw.uniform(-.02, .02) for _ in range(30)] + [logarithmic(1e-3, 1e20) for _ in range(20)]


def pow_points():
    for _ in range(60):
        base = draw.choice((logarithmic(1e-300, 1e300), draw.uniform(.5, 2), 1 + logarithmic(1e-12, 1e-2)))
        yield base, draw.uniform(-699, 699) / math.log(base)


def lgamma_points():
    points = [5e-324, 1e-300, 1e-8, 1e300, 2e4, 1e6]
    for x in (.5, 1, 1.5, 2, 2.5, 3, 7.5, 8):
        points += around(x)
    points += [draw.uniform(lo, hi) for lo, hi in ((0, .5), (.5, 1.5), (1.5, 2.5), (2.5, 8), (8, 20)) for _ in range(12)]
    return points + [1 + draw.choice((-1, 1)) * logarithmic(1e-12, .1) for _ in range(8)] + \
        [2 + draw.choice((-1, 1)) * logarithmic(1e-12, .1) for _ in range(8)]


def derivative_points():
    points = [1e-10, 1.4616321449683622, 1.0, 10.0, 1e10] + around(10.0)
    return points + [draw.uniform(0.01, 12) for _ in range(30)] + [logarithmic(1e-6, 1e8) for _ in range(20)]


def rise_points():
    for n in (0, 1, 2, 15, 16, 17, 200, 20000):
        for _ in range(6):
            yield logarithmic(1e-6, 1e6), float(n)
        yield 0.242594522, float(n)
        yield 1e17, float(n)
    for _ in range(40):
        yield logarithmic(1e-6, 1e6), logarithmic(1e-9, 1e6)


def beta_points():
    for _ in range(40):
        yield logarithmic(1e-6, 1e7), logarithmic(1e-6, 1e7)
    for _ in range(20):
        yield draw.uniform(.1, 30), draw.uniform(.1, 30)
    yield from ((1.0, 1.0), (8.0, 8.0), (1e-300, 1.0), (1e6, 1e6), (20000.79, 2.4))


def show(name, value, x, y=None):
    digits = mp.nstr(value, 40, min_fixed=0, max_fixed=0)
    print(f"{name},{x.hex()},{'' if y is None else y.hex()},{digits}")


def main():
    print("function,x,y,value")
    one = (("exp", exp_points, mp.exp), ("expm1", expm1_points, mp.expm1), ("log", log_points, mp.log),
           ("log1p", log1p_points, mp.log1p), ("lgamma", lgamma_points, mp.loggamma),
           ("digamma", derivative_points, lambda x: mp.psi(0, x)),
           ("trigamma", derivative_points, lambda x: mp.psi(1, x)))
    for name, points, exact in one:
        for x in points():
            show(name, exact(mp.mpf(x)), x)
    two = (("pow", pow_points, mp.power),
           ("lgamma_rise", rise_points, lambda x, n: mp.loggamma(x + n) - mp.loggamma(x)),
           ("lbeta", beta_points, lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)))
    for name, points, exact in two:
        for x, y in points():
            show(name, exact(mp.mpf(x), mp.mpf(y)), x, y)


main()
