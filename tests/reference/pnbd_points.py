#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints pnbd_points.csv: Pareto/NBD and NBD at hard points, worked out with 50 digits.

    tests/reference/pnbd_points.py > tests/reference/pnbd_points.csv

The integrals over the time of leaving go by panels of Gauss-Legendre in the logarithm of time, fine enough for 30 digits,
each done twice with different panels that must agree to 25. At every second point the likelihood is also had from Fader &
Hardie's 2F1 (2005), which must agree too where mpmath's 2F1 gives a probability. Two minutes on one core."""
import sys

import mpmath as mp

from points import HEADER, Draw, close, discounted, months, print_row

mp.mp.dps = 50
NODES = 40
draw = Draw(11)

R = ["1e-4", "0.01", "0.5533", "1", "3", "40", "2e3"]
ALPHA = ["1e-3", "0.05", "1", "10.5777", "60", "1e4", "1e6"]
S = ["1e-9", "1e-3", "0.2", "0.6062", "0.999999999", "1", "1.000000001", "1.000001", "2", "15", "400", "1e5"]
BETA = ["1e-3", "0.05", "1", "11.6687", "60", "1e4", "1e6"]
FITTED = [("0.553277047", "10.577683463", "0.606239989", "11.668735289"),
          ("0.786436796", "5.679040713", "0.386239117", "5.717788162")]


def legendre(n):
    for i in range(1, n + 1):
        at = mp.cos(mp.pi * (i - mp.mpf(1) / 4) / (n + mp.mpf(1) / 2))
        for _ in range(10):
            slope = n * (mp.legendre(n - 1, at) - at * mp.legendre(n, at)) / (1 - at * at)
            at -= mp.legendre(n, at) / slope
        yield (1 + at) / 2, 1 / ((1 - at * at) * slope * slope)


RULE = list(legendre(NODES))


class Customer:
    """rho = r + x; w(y) = (alpha + y)^-rho (beta + y)^-s, in logarithms against some time."""

    def __init__(self, parameters, x):
        self.r, self.alpha, self.s, self.beta = (mp.mpf(float(p)) for p in parameters)
        self.rho, self.younger = self.r + x, min(self.alpha, self.beta)

    def fall(self, y, since):
        return (self.rho * mp.log((self.alpha + y) / (self.alpha + since)) +
                self.s * mp.log((self.beta + y) / (self.beta + since)))

    def leaving_with(self, start, end, since, width):
        """Integral of s / (beta + y) w(y) / w(since)."""
        v, last = mp.log(self.younger + start), mp.log(self.younger + end)
        total = mp.mpf(0)
        while v < last:
            y = mp.exp(v) - self.younger
            slope = self.rho * (self.younger + y) / (self.alpha + y) + self.s * (self.younger + y) / (self.beta + y)
            step = min(width, 8 * width / slope, last - v)
            for at, weight in RULE:
                z = mp.exp(v + at * step)
                y = z - self.younger
                total += weight * step * z * self.s / (self.beta + y) * mp.exp(-self.fall(y, since))
            v += step
            if total and mp.exp(-self.fall(mp.exp(v) - self.younger, since)) < mp.mpf(10) ** -45 * total:
                break
        return total

    def leaving(self, start, end, since):
        once = self.leaving_with(start, end, since, mp.mpf(1))
        assert close(self.leaving_with(start, end, since, mp.mpf("0.8")), once, 25), (vars(self), start, end)
        return once


def textbook(who, t_x, age):
    """ln L of Fader & Hardie, "A Note on Deriving the Pareto/NBD Model", and whether mpmath's 2F1 can be believed."""
    r, alpha, s, beta, c = who.r, who.alpha, who.s, who.beta, who.rho + who.s
    large, b = (alpha, s + 1) if alpha >= beta else (beta, who.rho)

    def a0(y):
        return (large + y) ** -c * mp.hyp2f1(c, b, c + 1, abs(alpha - beta) / (large + y))

    first, second = a0(t_x), a0(age)
    sane = 0 < second <= first
    whole = (alpha + age) ** -who.rho * (beta + age) ** -s + s / c * (first - second)
    value = mp.loggamma(who.rho) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta) + mp.log(abs(whole))
    return value, sane


def check_textbook(parameters, seen, likelihood):
    """Agreement with the published formula, where mpmath's 2F1 converges in reasonable time."""
    if seen[0] > 400 or max(float(parameters[0]), float(parameters[2])) > 100:
        return False
    with mp.workdps(80):
        try:
            want, sane = textbook(Customer(parameters, seen[0]), mp.mpf(seen[1]) / 7, mp.mpf(seen[2]) / 7)
        except (ValueError, mp.libmp.NoConvergence):
            return False
    if sane:
        assert abs(want - likelihood) <= mp.mpf(10) ** -22 * max(1, abs(want)), (parameters, seen, want, likelihood)
    return sane


def pnbd(parameters, seen, plan):
    who = Customer(parameters, seen[0])
    t_x, age, quiet = (mp.mpf(d) / 7 for d in (seen[1], seen[2], plan[1]))
    d = mp.mpf(float(plan[2]))
    # Gone at some time from t_x to T, against there at T; all against w(t_x), which is the larger.
    there = mp.exp(-who.fall(age, t_x))
    gone = who.leaving(t_x, age, t_x) if age > t_x else mp.mpf(0)
    alive, absent = there / (there + gone), gone / (there + gone)
    likelihood = (mp.loggamma(who.rho) - mp.loggamma(who.r) + who.r * mp.log(who.alpha) + who.s * mp.log(who.beta) -
                  who.rho * mp.log(who.alpha + t_x) - who.s * mp.log(who.beta + t_x) + mp.log(there + gone))
    silent = mp.exp(-who.fall(age + quiet, age)) + who.leaving(age, age + quiet, age)

    def purchases(days):
        v, k = mp.log1p(days / 7 / (who.beta + age)), who.s - 1
        return who.rho * (who.beta + age) / (who.alpha + age) * (-mp.expm1(-k * v) / k if k else v)

    values = [alive * purchases(t) for t in months(plan[0])]
    expected = values[-1] if values else mp.mpf(0)
    return likelihood, alive, absent + alive * silent, expected, discounted(values, d) if d else expected


def nbd(parameters, seen, plan):
    r, alpha = (mp.mpf(float(p)) for p in parameters[:2])
    x, age, quiet, d = seen[0], mp.mpf(seen[2]) / 7, mp.mpf(plan[1]) / 7, mp.mpf(float(plan[2]))
    likelihood = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + age)
    values = [(r + x) * t / 7 / (alpha + age) for t in months(plan[0])]
    expected = values[-1] if values else mp.mpf(0)
    silent = ((alpha + age) / (alpha + age + quiet)) ** (r + x)
    return likelihood, mp.mpf(1), silent, expected, discounted(values, d) if d else expected


def draw_parameters():
    if draw.random() < .2:
        return draw.choice(FITTED)
    r, alpha, s, beta = (draw.choice(values) for values in (R, ALPHA, S, BETA))
    if draw.random() < .12:
        beta = draw.choice([alpha, repr(float(alpha) * (1 + 1e-9)), repr(float(alpha) * (1 - 1e-12))])
    return r, alpha, s, beta


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 660
    checked = 0
    print(HEADER)
    for i in range(points):
        parameters, seen, plan = draw_parameters(), draw.seen(), draw.plan(i)
        if i % 11 == 0:
            print_row("nbd", (*parameters[:2], "0", "0"), seen, plan, nbd(parameters, seen, plan))
            continue
        result = pnbd(parameters, seen, plan)
        if i % 2 == 0:
            checked += check_textbook(parameters, seen, result[0])
        print_row("pnbd", parameters, seen, plan, result)
    print(f"{checked} of {points} points agree with the textbook's 2F1", file=sys.stderr)


main()
