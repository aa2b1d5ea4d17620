#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints cnbd_points.csv: BG/CNBD-k and MBG/CNBD-k at hard points, worked out with 50 digits.

    tests/reference/cnbd_points.py [POINTS] > tests/reference/cnbd_points.csv

Likelihood and probabilities are docs/SCORING.md's sums as they stand. E[Y] is its double sum where events are few, else the
integral over the drop-out probability of a sum over roots of unity, with nodes for 30 digits; where both are at hand they
must agree to 20. k = 1 must agree with the 2F1 of BG/NBD and MBG/NBD. A quarter of an hour on one core."""
import sys

import mpmath as mp

from churn_points import A, ALPHA, B, FITTED, R, Trapezoid, close as all_close, textbook
from points import HEADER, Draw, close, discounted, months, print_row

mp.mp.dps = 50
EVENTS_FEW = 1500
draw = Draw(23)
K = [1, 2, 2, 3, 3, 4, 4, 7, 20]


class Customer:
    def __init__(self, kind, k, parameters, seen):
        self.r, self.alpha, self.a, b = (mp.mpf(float(p)) for p in parameters)
        self.k, self.x = k, seen[0]
        self.t_x, self.age = mp.mpf(seen[1]) / 7, mp.mpf(seen[2]) / 7
        self.tosses = self.x + (kind == "mbgcnbd")
        self.shape, self.b0, self.b = self.r + k * self.x, b, b + self.tosses

    def phases(self, until):
        """A_j(until) times (alpha + until)^R / Gamma(R)."""
        u = (until - self.t_x) / (self.alpha + until)
        term = mp.mpf(1)
        for j in range(self.k):
            yield term
            term *= (self.shape + j) * u / (j + 1)


def few_events(who, tau):
    """E_j by events, or None."""
    share = tau / (1 + tau)
    if who.shape * tau > EVENTS_FEW / 3 or share > mp.mpf("0.97"):
        return None
    gains, step = [mp.mpf(0)], mp.mpf(1)
    for n in range(EVENTS_FEW):
        gains.append(gains[-1] + step)
        step *= (who.b + n) / (who.a + who.b + n)
    out = []
    for j in range(who.k):
        chance, total = (1 + tau) ** -(who.shape + j), mp.mpf(0)
        for m in range(EVENTS_FEW):
            term = chance * gains[(m + j) // who.k]
            total += term
            chance *= share * (who.shape + j + m) / (m + 1)
            if total and m > who.shape * tau and term < mp.mpf(10) ** -45 * total:
                break
        else:
            return None
        out.append(total)
    return out


def many_events(who, tau):
    """E_j by roots of unity under the integral over p."""
    rule = Trapezoid(who.shape, who.a, who.b, tau, mp.mpf("0.8"))
    unit = [mp.expjpi(mp.mpf(2 * l) / who.k) for l in range(who.k // 2 + 1)]
    count = [1 if l == 0 or 2 * l == who.k else 2 for l in range(who.k // 2 + 1)]
    total, sums = mp.mpf(0), [mp.mpf(0)] * who.k
    tiny = mp.mpf(10) ** -35

    def tails_of(j):
        """P(Z_j >= nk - j) for the first few n: for p near 1, where the roots grow together."""
        shape = who.shape + j
        none = -shape * mp.log1p(tau)
        chance, tail = mp.exp(none), -mp.expm1(none)
        for m in range(1, 4 * who.k - j + 1):
            if (m + j) % who.k == 0:
                yield tail
            chance *= tau / (1 + tau) * (shape + m - 1) / m
            tail -= chance

    tails = [list(tails_of(j)) for j in range(who.k)]

    def at(p):
        if p * tau < mp.mpf(10) ** -60:
            return [(who.shape + j) * tau / who.k for j in range(who.k)] if who.k == 1 else None
        q = 1 - p
        if q < mp.mpf(10) ** -12:
            return [sum(q ** n * tail for n, tail in enumerate(of_phase)) for of_phase in tails]
        root = q ** (mp.mpf(1) / who.k)
        parts = [mp.mpf(0)] * who.k
        for n, e in zip(count, unit):
            v = root * e
            gap = -mp.expm1(mp.log1p(-p) / who.k) if e == 1 else 1 - v
            s = 1 + tau * gap
            power, front = s ** -who.shape, v / gap
            if e == 1:
                power, s = mp.re(power), mp.re(s)
            small = abs(power - 1) < mp.mpf(10) ** -10
            for j in range(who.k):
                rest = -mp.expm1(-(who.shape + j) * mp.log1p(tau * gap)) if small else 1 - power
                parts[j] += n * mp.re(front * rest)
                power /= s
                front *= v
        return [part / (who.k * q) for part in parts]

    for direction in (-1, 1):
        i = 0 if direction < 0 else 1
        while True:
            weight, p = rule.node(rule.centre + direction * i * rule.step)
            total += weight
            values = at(max(p, mp.mpf(10) ** -59 / tau))
            counts = False
            for j in range(who.k):
                part = weight * values[j]
                sums[j] += part
                counts = counts or abs(part) > tiny * abs(sums[j])
            if not counts and weight < tiny * total:
                break
            i += 1
    return [s / total for s in sums]


checked = [0, 0]


def survivors(who, tau):
    few = few_events(who, tau)
    if few is None or (tau > mp.mpf("0.05") and draw.random() < .25):
        with mp.workdps(50 + 3 * who.k):
            many = many_events(who, tau)
        if few is not None:
            checked[0] += 1
            assert all(close(x, y, 20) for x, y in zip(many, few)), (vars(who), tau, many, few)
        few = few or many
    return few


def log_beta(p, q):
    return mp.loggamma(p) + mp.loggamma(q) - mp.loggamma(p + q)


def point(kind, k, parameters, seen, plan):
    who = Customer(kind, k, parameters, seen)
    quiet, d = mp.mpf(plan[1]) / 7, mp.mpf(float(plan[2]))
    now = list(who.phases(who.age))
    common = mp.loggamma(who.shape) - mp.loggamma(who.r) + who.r * mp.log(who.alpha) - log_beta(who.a, who.b0)
    there = log_beta(who.a, who.b) + common - who.shape * mp.log(who.alpha + who.age) + mp.log(sum(now))
    gone = mp.ninf
    if who.tosses:
        gone = log_beta(who.a + 1, who.b - 1) + common - who.shape * mp.log(who.alpha + who.t_x)
    largest = max(there, gone)
    likelihood = largest + mp.log(mp.exp(there - largest) + mp.exp(gone - largest))
    alive = 1 / (1 + mp.exp(gone - there))
    then = sum(who.phases(who.age + quiet))
    silent = then / sum(now) * ((who.alpha + who.age) / (who.alpha + who.age + quiet)) ** who.shape
    ends = months(plan[0]) if d else months(plan[0])[-1:]
    values = []
    for days in ends:
        by_phase = survivors(who, days / 7 / (who.alpha + who.age))
        values.append(alive * sum(w * e for w, e in zip(now, by_phase)) / sum(now))
    expected = values[-1] if values else mp.mpf(0)
    result = likelihood, alive, (1 - alive) + alive * silent, expected, discounted(values, d) if d else expected
    if k == 1 and values and seen[0] < 400 and max(who.a, who.b0, who.r) < 100:
        tau = mp.mpf(plan[0]) / 7 / (who.alpha + who.age)
        try:
            want = alive * textbook(who.shape, who.a, who.b, tau)
        except (ValueError, mp.libmp.NoConvergence):
            return result
        assert all_close([expected], [want], 20), (kind, parameters, seen, plan)
        checked[1] += 1
    return result


def draw_plan(i):
    horizon, quiet, d = draw.plan(i)
    if float(d) and horizon > 95:
        d = draw.choice(["0", "0", "0.01"])
    return (min(horizon, 365) if float(d) else horizon), quiet, d


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 900
    print(HEADER)
    for i in range(points):
        kind, k = draw.choice(["bgcnbd", "mbgcnbd"]), draw.choice(K)
        parameters = tuple(draw.choice(values) for values in (R, ALPHA, A, B))
        if draw.random() < .25:
            parameters = draw.choice(FITTED["mbgnbd"])
        seen, plan = draw.seen(), draw_plan(i)
        print_row(f"{kind}-{k}", parameters, seen, plan, point(kind, k, parameters, seen, plan))
    print(f"{checked[0]} sums by both ways, {checked[1]} points by the textbook's 2F1", file=sys.stderr)


main()
