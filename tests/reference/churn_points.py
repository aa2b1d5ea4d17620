#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints churn_points.csv: BG/NBD and MBG/NBD at hard points, worked out with 50 digits.

    tests/reference/churn_points.py [POINTS] > tests/reference/churn_points.csv

E[Y] is the integral over the drop-out probability, by a trapezoidal rule fine enough for 30 digits, done twice with
different steps that must agree to 25; at every second point also docs/SCORING.md's 2F1, which must agree too.
Ten minutes on one core."""
import random
import sys

import mpmath as mp

mp.mp.dps = 50
DIGITS = 30
MONTH = mp.mpf("30.4375")
draw = random.Random(7)

R = ["1e-4", "0.01", "0.2426", "1", "3", "40", "2e3"]
ALPHA = ["1e-3", "0.05", "1", "4.4136", "60", "1e4", "1e6"]
A = ["1e-9", "1e-3", "0.2", "0.7929", "0.999999999", "1", "1.000000001", "1.000001", "2", "15", "400", "1e5"]
B = ["1e-4", "0.1", "0.5", "2.4259", "30", "1e4", "1e7"]
X = [0, 0, 0, 1, 1, 2, 3, 7, 20, 52, 365, 3000, 20000]
AGE = [0, 1, 6, 30, 273, 728, 3652, 70000]
FITTED = {"bgnbd": [("0.242594522", "4.413602019", "0.792922017", "2.425906777")],
          "mbgnbd": [("0.524843159", "6.183085280", "0.891359391", "1.614002240"),
                     ("1.3291753536", "2.8125512081", "0.4247089904", "0.7900287342")]}


class Trapezoid:
    """Nodes and weights of Beta(a, b) in stretched log-odds."""

    def __init__(self, rho, a, b, longest, fineness):
        self.mean, self.rest = a / (a + b), b / (a + b)
        self.a, self.b, self.centre = a, b, mp.log(a / b)
        self.left = min(-mp.log1p(longest * max(rho, 1)), self.centre) - 3
        self.right = max(self.centre, 0) + 3
        self.stretch_left, self.stretch_right = int(a < 30), int(b < 30)
        widest = fineness * mp.pi ** 2 / (DIGITS * mp.log(10))
        self.step = min(widest, widest * 2 * mp.sqrt(1 / a + 1 / b))

    def node(self, v):
        out = self.stretch_right * mp.exp(v - self.right)
        into = self.stretch_left * mp.exp(self.left - v)
        change = v + out - into - self.centre
        small = mp.exp(-abs(change))
        if change < 0:
            near, far, power = self.rest, self.mean, self.a
        else:
            near, far, power = self.mean, self.rest, self.b
        weight = mp.exp(-power * abs(change) - (self.a + self.b) * mp.log(near + far * small)) * (1 + out + into)
        share = far * small / (near + far * small)
        return weight, share if change < 0 else 1 - share


def purchases(rho, p, tau):
    y = p * tau
    return rho * tau if y < mp.mpf(10) ** -110 else -mp.expm1(-rho * mp.log1p(y)) / p


def survivor_with(rho, a, b, taus, fineness):
    rule = Trapezoid(rho, a, b, max(taus), fineness)
    total, sums = mp.mpf(0), [mp.mpf(0)] * len(taus)
    tiny = mp.mpf(10) ** -(DIGITS + 5)
    for direction in (-1, 1):
        i = 0 if direction < 0 else 1
        while True:
            weight, p = rule.node(rule.centre + direction * i * rule.step)
            total += weight
            for lane, tau in enumerate(taus):
                part = weight * purchases(rho, p, tau)
                sums[lane] += part
            if weight < tiny * total and part < tiny * sums[-1]:
                break
            i += 1
    return [s / total for s in sums]


def close(xs, ys, digits):
    return all(abs(x - y) <= mp.mpf(10) ** -digits * abs(y) for x, y in zip(xs, ys))


def survivor(rho, a, b, taus):
    once = survivor_with(rho, a, b, taus, mp.mpf("0.8"))
    assert close(survivor_with(rho, a, b, taus[-1:], mp.mpf("0.6")), once[-1:], DIGITS - 5), (rho, a, b, taus)
    return once


def textbook(rho, a, b, tau):
    """SCORING section 3, beside its removable singularities, with digits to lose."""
    with mp.workdps(150):
        a, b = a + mp.mpf(10) ** -40, b + mp.mpf(10) ** -41
        c = a + b - 1
        return c / (a - 1) * (1 - (1 + tau) ** -rho * mp.hyp2f1(rho, b, c, tau / (1 + tau)))


def horizons(days):
    months = int(mp.ceil(days / MONTH))
    return [MONTH * i for i in range(1, months)] + [mp.mpf(days)] if days else []


def point(kind, parameters, seen, plan):
    r, alpha, a, b = (mp.mpf(float(p)) for p in parameters)
    x, t_x, age = seen[0], mp.mpf(seen[1]) / 7, mp.mpf(seen[2]) / 7
    horizon, quiet, d = plan[0], mp.mpf(plan[1]) / 7, mp.mpf(float(plan[2]))
    tosses = x + (kind == "mbgnbd")
    common = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
    beta = lambda p, q: mp.loggamma(p) + mp.loggamma(q) - mp.loggamma(p + q)
    there = beta(a, b + tosses) - beta(a, b) + common - (r + x) * mp.log(alpha + age)
    gone = mp.ninf
    if tosses:
        gone = beta(a + 1, b + tosses - 1) - beta(a, b) + common - (r + x) * mp.log(alpha + t_x)
    largest = max(there, gone)
    likelihood = largest + mp.log(mp.exp(there - largest) + mp.exp(gone - largest))
    alive = 1 / (1 + mp.exp(gone - there))
    silent = ((alpha + age) / (alpha + age + quiet)) ** (r + x)
    taus = [t / 7 / (alpha + age) for t in horizons(horizon)]
    if d == 0:
        taus = taus[-1:]
    values = survivor(r + x, a, b + tosses, taus) if taus else []
    discounted = sum((v - w) / (1 + d) ** i for i, (v, w) in enumerate(zip(values, [0] + values), 1)) if d else sum(values)
    expected = values[-1] if values else mp.mpf(0)
    return likelihood, alive, (1 - alive) + alive * silent, alive * expected, alive * discounted


def check_textbook(kind, parameters, seen, plan, result):
    """Agreement with the published formula, where mpmath's 2F1 converges in reasonable time."""
    r, alpha, a, b = (mp.mpf(float(p)) for p in parameters)
    if not plan[0] or seen[0] > 400 or max(a, b, r) > 100:
        return False
    unit = alpha + mp.mpf(seen[2]) / 7
    tau = mp.mpf(plan[0]) / 7 / unit
    try:
        want = result[1] * textbook(r + seen[0], a, b + seen[0] + (kind == "mbgnbd"), tau)
    except (ValueError, mp.libmp.NoConvergence):
        return False
    assert close([result[3]], [want], 20), (kind, parameters, seen, plan)
    return True


def draw_seen():
    x = draw.choice(X)
    age = draw.choice([t for t in AGE if t >= x] or AGE)
    if x == 0:
        return 0, 0, age
    return x, draw.choice([age, age, min(x, age), draw.randint(min(x, age), age)]), age


def draw_plan(i):
    horizon = draw.choice([0, 1, 30, 31, 90, 365, 365, 366, 730])
    discount = draw.choice(["0.01", "0.01", "0.2", "0"])
    if i % 7 == 0:
        horizon, discount = draw.choice([3652, 70000]), "0"
    return horizon, draw.choice([1, 90, 90, 365, 70000]), discount


def draw_point(i):
    kind = draw.choice(["bgnbd", "mbgnbd"])
    if draw.random() < .2:
        parameters = draw.choice(FITTED[kind])
    else:
        parameters = tuple(draw.choice(values) for values in (R, ALPHA, A, B))
    seen = draw_seen()
    if i % 25 == 0:
        a = draw.choice(["0.25", "0.5", "0.75"])
        kind, seen = "bgnbd", (0, 0, seen[2])
        parameters = parameters[:2] + (a, str(1 - float(a)))
    return kind, parameters, seen, draw_plan(i)


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 2400
    checked = 0
    print("kind,r,alpha,a,b,x,span_days,age_days,horizon_days,churn_horizon_days,monthly_discount,"
          "log_likelihood,p_alive,churn_prob,expected_purchases,discounted")
    for i in range(points):
        kind, parameters, seen, plan = draw_point(i)
        result = point(kind, parameters, seen, plan)
        if i % 2 == 0:
            checked += check_textbook(kind, parameters, seen, plan, result)
        print(",".join([kind, *parameters, *map(str, (*seen, *plan)), *(mp.nstr(v, 14, min_fixed=-3, max_fixed=6) for v in result)]),
              flush=True)
    print(f"{checked} of {points} points agree with the textbook's 2F1", file=sys.stderr)


if __name__ == "__main__":
    main()
