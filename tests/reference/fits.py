# SPDX-License-Identifier: Apache-2.0
"""Prints fits.csv: small bases that fits have gone wrong on, and how likely another program makes each model.

Likelihoods are written anew from docs/SCORING.md, with numpy, as sums of ln(r + i) and products of (b + i) /
(a + b + i), and Pareto/NBD's integral by Gauss-Legendre in ln(1 + y/c); scipy maximises them from some two dozen
places, within e^-50 and e^50. It takes minutes. Where a likelihood has no maximum this is a point on the way, so
winnow may be likelier, and is not to be less.

h: base, x, t_x and T in days, customers; g: base, sum of ln(gap in weeks); a: base, kind, k, ln L"""
import math
import sys

import numpy as np
from scipy import optimize

NODE, WEIGHT = np.polynomial.legendre.leggauss(12)
NODE, WEIGHT = (NODE + 1) / 2, WEIGHT / 2
FAR = 25.0
KINDS = [("nbd", 1), ("bgnbd", 1), ("mbgnbd", 1), ("pnbd", 1), ("bgcnbd", 2), ("mbgcnbd", 3)]


def drawn(kind, seed, n, window, r, alpha, a=1.0, b=1.0, s=1.0, beta=1.0, k=1, since=None):
    """Purchase days of people whose first one is a day of the first third, or since that long."""
    chance, people = np.random.default_rng(seed), []
    for _ in range(n):
        first = int(chance.integers(0, (window // 3 if since is None else since) + 1))
        rate, p = chance.gamma(r, 1 / alpha) / 7, chance.beta(a, b)
        death = chance.gamma(s, 1 / beta) / 7 if kind == "pnbd" else 0
        days, t, end = {first}, float(first), first + chance.exponential(1 / death) if death > 0 else math.inf
        coins, there = kind.startswith(("bg", "mbg")), True
        if kind.startswith("mbg"):
            there = chance.random() >= p
        while there:
            t += chance.gamma(k, 1 / (rate * k)) if rate > 1e-300 else math.inf
            if t > min(window, end):
                break
            days.add(int(t))
            there = not coins or chance.random() >= p
        people.append((sorted(days), window))
    return people


BASES = {
    # by chance some look as if they had left at once
    "staying": drawn("nbd", 1, 200, 365, .8, 8),
    "staying longer": drawn("nbd", 38, 120, 900, 5, 20, since=900),
    "staying at one rate": drawn("nbd", 1, 40, 700, 100, .3, since=700),
    "soon gone": drawn("mbgnbd", 10, 150, 180, 1.3, 5, .26, .07),
    # four of five walks agree on a maximum that is not the highest
    "most gone at once": drawn("mbgnbd", 1010, 500, 180, 1.2632385212542214, 4.991303706907793, .2551515514665934,
                               .07183048641730579),
    "soon gone by habit": drawn("mbgcnbd", 31, 150, 60, 5.7, 28, .16, .04, k=2),
    "all in one week": drawn("bgnbd", 11, 80, 60, .8, 13, .24, 1.6, since=60),
    "at one rate": drawn("mbgnbd", 69, 200, 40, 60, 20, .1, .05),
    "leaving": drawn("pnbd", 5, 200, 365, 1.2, 9, s=.7, beta=8),
    "by the month": [(list(range(i % 30, 720, 30)), 720) for i in range(60)],
    "twice": [([i % 50, i % 50 + 1], 400) for i in range(100)],
    "alike": [([0, 7, 14, 21, 28], 100)] * 50,
    "back today": [([100], 100)] * 40 + [([50, 100], 100)] * 12,
    "every day": [(list(range(0, 1500)), 1500)] + [([i * 3, i * 3 + 40 + i], 1500) for i in range(30)],
}


def grouped(people):
    count, log_gaps = {}, 0.0
    for days, end in people:
        key = (len(days) - 1, days[-1] - days[0], end - days[0])
        count[key] = count.get(key, 0) + 1
        log_gaps += sum(math.log((b - a) / 7) for a, b in zip(days, days[1:]))
    return [(*key, count[key]) for key in sorted(count)], log_gaps


class Base:
    def __init__(self, rows, log_gaps):
        table = np.array(rows, dtype=float)
        self.x, self.tx, self.t, self.n = table[:, 0].astype(int), table[:, 1] / 7, table[:, 2] / 7, table[:, 3]
        self.log_gaps, self.customers, self.purchases = log_gaps, self.n.sum(), (self.n * self.x).sum()

    def raced(self, r, alpha, s, beta):
        """ln of both parts of Pareto/NBD's likelihood, over its integrand at t_x."""
        rho, at, bt, w = r + self.x, alpha + self.tx, beta + self.tx, self.t - self.tx
        stayed = -rho * np.log1p(w / at) - s * np.log1p(w / bt)
        c = np.minimum(np.minimum(at / np.maximum(rho, 1), bt / max(s, 1)), np.minimum(at, bt))
        end = np.log1p(np.minimum(w, at * np.expm1(np.minimum(60 / rho, 700))) / c)
        panels, left = max(1, math.ceil(end.max())), np.zeros_like(at)
        for i in range(panels):
            z = end[:, None] * (i + NODE) / panels
            y = c[:, None] * np.expm1(z)
            fall = rho[:, None] * np.log1p(y / at[:, None]) + s * np.log1p(y / bt[:, None])
            left += (np.exp(z - fall) * c[:, None] / (bt[:, None] + y) * WEIGHT).sum(1) * end / panels
        with np.errstate(divide="ignore"):
            return stayed, math.log(s) + np.log(left)

    def log_likelihood(self, kind, k, logs):
        parameter, x = np.exp(logs), self.x
        r, alpha = parameter[:2]
        rises = np.concatenate([[0.0], np.cumsum(np.log(r + np.arange(k * x.max() + 1)))])[k * x]

        def rate(t):
            return rises - k * x * np.log(alpha + t) - r * np.log1p(t / alpha)
        if kind == "nbd":
            each = rate(self.t)
        elif kind == "pnbd":
            each = rate(self.tx) - parameter[2] * np.log1p(self.tx / parameter[3]) + np.logaddexp(*self.raced(*parameter))
        else:
            a, b, more = *parameter[2:], int(kind.startswith("m"))
            kept = np.concatenate([[0.0], np.cumsum(-np.log1p(a / (b + np.arange(x.max() + 2))))])
            silent, term = np.zeros_like(self.t), np.ones_like(self.t)
            for j in range(k):
                silent, term = silent + term, term * (r + k * x + j) / (j + 1) * (self.t - self.tx) / (alpha + self.t)
            last = np.maximum(x - 1 + more, 0)
            gone = kept[last] + math.log(a) - np.log(a + b + last) + rate(self.tx)
            each = np.logaddexp(kept[x + more] + rate(self.t) + np.log(silent), np.where(x + more > 0, gone, -np.inf))
        return (self.n * each).sum() + (k - 1) * self.log_gaps - self.purchases * math.lgamma(k)


def starts(kind, base):
    weeks = max((base.n * base.t).sum(), 1e-3)
    rate, age = max(base.purchases, 1) / weeks, weeks / base.customers
    if kind == "nbd":
        return [np.log([r, r / rate]) for r in (.05, .4, 3, 50)]
    pairs = [(.5, 2), (.02, .1), (2, 10), (1e-4, 1), (.001, .005), (100, 900), (5, .5), (1e-3, 10)]
    if kind == "pnbd":
        pairs = [(s, b * age) for s, b in ((.6, .3), (.3, .05), (2, 3), (.05, 1e-4), (.02, 1e-8), (5, 20), (1e-4, 1),
                                           (.3, 1e-3), (200, 400), (1e-3, 1e-12))]
    return [np.log([r, r / (1.5 * rate), *pair]) for r in (.3, 2, 50) for pair in pairs]


def likeliest(kind, k, base):
    def cost(logs):
        if np.abs(logs).max() > 2 * FAR:
            return 1e10
        value = -base.log_likelihood(kind, k, logs)
        return value if np.isfinite(value) else 1e10
    ends = []
    for start in sorted(starts(kind, base), key=cost)[:9]:
        end = optimize.minimize(lambda logs: cost(logs) / base.customers, start, method="L-BFGS-B", jac="3-point",
                                bounds=[(-FAR, FAR)] * len(start), options={"maxiter": 400, "ftol": 1e-15, "gtol": 1e-9})
        ends.append((cost(end.x), tuple(end.x)))
    value, at = min(ends)
    simplex = np.vstack([at] + [np.array(at) + .3 * row for row in np.eye(len(at))])
    end = optimize.minimize(cost, at, method="Nelder-Mead",
                            options={"maxiter": 2000, "xatol": 1e-7, "fatol": 1e-9, "initial_simplex": simplex})
    return -min(value, end.fun)


print("# by fits.py, which says what this is")
for name, people in BASES.items():
    rows, log_gaps = grouped(people)
    for row in rows:
        print("h", name, *row, sep=",")
    print("g", name, f"{log_gaps:.12g}", sep=",")
    for kind, k in KINDS:
        print("a", name, kind, k, f"{likeliest(kind, k, Base(rows, log_gaps)):.7f}", sep=",")
        sys.stdout.flush()
