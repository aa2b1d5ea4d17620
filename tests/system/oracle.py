# SPDX-License-Identifier: Apache-2.0
"""scores.csv computed again from the words of docs/SCORING.md, with pandas, scipy and fractions.

It has nothing of winnow but the fitted parameters, which it judges first: the likelihood is computed
anew, and scipy must not find a better one. Money is an int of 1/10,000, a day is an int."""
import datetime
import functools
import math
from fractions import Fraction

import mpmath
import numpy
import pandas
from scipy import optimize, special

UNIT = 10000
NO_DAY = None
MONTH = 365.25 / 12
SEGMENTS = [  # name, r from..to, f from..to; the table of docs/SCORING.md
    ("champions", 5, 5, 4, 5), ("loyal", 3, 4, 4, 5), ("active", 4, 5, 3, 3), ("new", 5, 5, 1, 2),
    ("promising", 4, 4, 1, 2), ("needs_attention", 3, 3, 1, 3), ("at_risk", 2, 2, 3, 5),
    ("previously_loyal", 1, 1, 4, 5), ("almost_lost", 2, 2, 1, 2), ("dormant", 1, 1, 1, 3)]


def day_of(text):
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def text_of(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day))).isoformat()


def half_even(number):
    """A Fraction, to the nearest int."""
    return round(number)


def quantile(values, share):
    """Type 7, exact."""
    ranked = sorted(values)
    at = Fraction(share) * (len(ranked) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (at - low)


class Settings:
    """What a run was asked for, by the defaults of winnow help run."""
    as_of = None
    inactive_after = 730
    rfm_window = None
    rfm_bins = 5
    rfm_ties = "together"
    rfm_frequency = "days"
    horizon = 365
    churn_horizon = 90
    monthly = 0.01
    margin = Fraction(1)
    serve_cost = 0
    tiers = (("top", Fraction(20, 100)), ("middle", Fraction(60, 100)), ("bottom", Fraction(20, 100)))
    tier_by = "clv"
    churn_threshold = None
    wallet = None  # None, "declared", "mean", or a Fraction: the quantile
    people = None  # {id: (units or None, declared or None, (peer, ...))}, money and units x 10,000
    orders = False
    amounts = True

    def __init__(self, **given):
        for name, value in given.items():
            if not hasattr(Settings, name):
                raise ValueError(name)
            setattr(self, name, value)


def events_of(rows, orders):
    """What happened to a customer on a day: rows, or orders where they are mapped."""
    frame = pandas.DataFrame(rows, columns=["id", "day", "amount", "order"])
    frame["bought"] = frame.amount.where(frame.amount >= 0, 0)
    frame["returned"] = frame.amount.where(frame.amount < 0, 0)
    frame["purchase"] = (frame.amount >= 0).astype(int)
    if not orders:
        return frame[["id", "day", "bought", "returned", "purchase"]]
    alone = frame[frame.order == ""]
    groups = frame[frame.order != ""].groupby(["id", "order"])
    kept = []
    for (who, _), rows_of in groups:
        net = int(rows_of.amount.sum())
        cancelled = (rows_of.amount < 0).any() and net <= 0
        kept.append((who, int(rows_of.day.min()), 0 if cancelled else net,
                     net if cancelled else 0, 0 if cancelled else 1))
    together = pandas.DataFrame(kept, columns=["id", "day", "bought", "returned", "purchase"])
    return pandas.concat([alone[together.columns], together], ignore_index=True)


def features(rows, settings):
    """{id: dict} from (id, day, money, order) rows. settings.as_of is filled in where it is None."""
    if settings.as_of is None:
        settings.as_of = max(row[1] for row in rows)
    rows = [row for row in rows if row[1] <= settings.as_of]
    settings.first_day = min(row[1] for row in rows)
    settings.window = min(365, (settings.as_of - settings.first_day) // 2)
    events = events_of(rows, settings.orders)
    events["net"] = events.bought + events.returned
    bought = events[events.purchase > 0]
    daily = bought.groupby(["id", "day"]).bought.sum().reset_index().sort_values(["id", "day"])
    daily["gap"] = daily.groupby("id").day.diff()
    later = daily[daily.groupby("id").cumcount() > 0]
    gaps = numpy.log(later.gap.astype(float) / 7).groupby(later.id).sum().to_dict()

    def since(days_back, what):
        return what if days_back is None else what[what.day > settings.as_of - days_back]

    def sums(what, column):
        return what.groupby("id")[column].sum()
    recent = since(settings.rfm_window, bought)
    columns = {
        "monetary_total": sums(events, "net"), "gross": sums(bought, "bought"),
        "order_count": sums(bought, "purchase"), "purchase_days": daily.groupby("id").size(),
        "spend_365d": sums(since(365, events), "net"), "S": sums(since(settings.window, events), "net").clip(lower=0),
        "M": sums(since(settings.rfm_window, events), "net"), "repeat_spend": sums(later, "bought"),
        "F": sums(recent, "purchase") if settings.rfm_frequency == "orders" else recent.groupby("id").day.nunique()}
    table = pandas.DataFrame(columns, index=sorted(set(events.id)), dtype=object).fillna(0)
    first, last = daily.groupby("id").day.min().to_dict(), daily.groupby("id").day.max().to_dict()
    return {who: repeat_view({name: int(value) for name, value in one.items()}, first.get(who, NO_DAY),
                             last.get(who, NO_DAY), gaps.get(who, 0.0), settings)
            for who, one in table.to_dict("index").items()}


def repeat_view(one, first, last, log_gaps, settings):
    """log_gaps: the sum of the logarithms of the gaps between purchase days, in weeks."""
    one["first"], one["last"], one["log_gaps"] = first, last, log_gaps
    if first is not NO_DAY:
        one["R"] = settings.as_of - last
        one["x"] = one["purchase_days"] - 1
        one["tx"] = (last - first) / 7
        one["T"] = (settings.as_of - first) / 7
        one["m"] = one["repeat_spend"] / UNIT / one["x"] if one["x"] else 0.0
        one["active"] = settings.inactive_after is None or one["R"] <= settings.inactive_after
    return one


def bytewise(who):
    return who.encode() if isinstance(who, str) else who


def rfm(people, settings):
    base = {who: one for who, one in people.items() if one["first"] is not NO_DAY and one["active"]}
    bins = settings.rfm_bins
    for metric, name in (("R", "r_score"), ("F", "f_score"), ("M", "m_score")):
        sign = -1 if metric == "R" else 1
        if not base or (metric == "M" and not settings.amounts):
            continue
        if settings.rfm_ties == "together":
            edges = [quantile([one[metric] for one in base.values()], Fraction(k, bins)) for k in range(1, bins)]
            for one in people.values():
                if one["first"] is not NO_DAY:
                    below = sum(edge < one[metric] for edge in edges)
                    one[name] = bins - below if metric == "R" else 1 + below
            continue
        order = sorted(base, key=lambda who: (sign * base[who][metric], bytewise(who)))
        ends, at = [], 0
        for k in range(1, bins):
            at += len(order) // bins + (k <= len(order) % bins)
            last = order[max(at, 1) - 1] if at <= len(order) - 1 or k <= len(order) else order[-1]
            ends.append((sign * base[last][metric], bytewise(last)))
        for who, one in people.items():
            if one["first"] is not NO_DAY:
                one[name] = 1 + sum(end < (sign * one[metric], bytewise(who)) for end in ends)


def segment(r, f):
    return next(name for name, r0, r1, f0, f1 in SEGMENTS if r0 <= r <= r1 and f0 <= f <= f1)


def gauss(a, b, c, z):
    """2F1; scipy's gives nothing where a fit ran off to its bounds."""
    value = special.hyp2f1(a, b, c, z)
    return value if math.isfinite(value) else float(mpmath.hyp2f1(a, b, c, z))


def rises(r, n):
    """ln Gamma(r + n) / Gamma(r) as a sum, since a difference of lgammas has no digits left where r has run off."""
    n = numpy.asarray(n, dtype=int)
    return numpy.concatenate([[0.0], numpy.cumsum(numpy.log(r + numpy.arange(n.max(initial=0))))])[n]


def kept(a, b, n):
    """ln of B(a, b + n) / B(a, b), likewise."""
    n = numpy.asarray(n, dtype=int)
    return numpy.concatenate([[0.0], numpy.cumsum(-numpy.log1p(a / (b + numpy.arange(n.max(initial=0)))))])[n]


def at_least(size, each, n):
    """P(Z >= 1 ... n), Z the purchases at a rate drawn from Gamma(size, 1) in that time."""
    ratio = (size + numpy.arange(2 * n)) / numpy.arange(1, 2 * n + 1) * (each / (1 + each))
    chance = numpy.exp(-size * numpy.log1p(each)) * numpy.cumprod(ratio)
    return numpy.cumsum(chance[::-1])[::-1][:n]


class Dropout:
    """BG/NBD and MBG/NBD, as docs/SCORING.md writes them, in scipy's functions."""

    def __init__(self, name, r, alpha, a, b):
        self.name, self.modified = name, {"bgnbd": 0, "mbgnbd": 1}[name]
        self.r, self.alpha, self.a, self.b = r, alpha, a, b

    def log_likelihood(self, x, tx, t):
        r, alpha, a, b, mod = self.r, self.alpha, self.a, self.b, self.modified
        rate = rises(r, x) - x * numpy.log(alpha)
        stayed = kept(a, b, x + mod) - (r + x) * numpy.log1p(t / alpha)
        last = numpy.maximum(x - 1 + mod, 0)
        left = kept(a, b, last) + numpy.log(a) - numpy.log(a + b + last) - (r + x) * numpy.log1p(tx / alpha)
        if not mod:
            left = numpy.where(x > 0, left, -numpy.inf)
        return rate + numpy.logaddexp(stayed, left)

    def alive(self, one):
        x, y = one["x"], self.b + one["x"] - 1 + self.modified
        if x == 0 and not self.modified:
            return 1.0
        silence = math.log1p((one["T"] - one["tx"]) / (self.alpha + one["tx"]))
        return 1 / (1 + self.a / y * math.exp((self.r + x) * silence))

    def churn(self, one, days):
        at = self.alpha + one["T"]
        return 1 + self.alive(one) * math.expm1(-(self.r + one["x"]) * math.log1p(days / 7 / at))

    def expected(self, one, days):
        t, x = days / 7, one["x"]
        at, y = self.alpha + one["T"], self.b + x - 1 + self.modified
        if max(self.r, self.alpha, self.a, self.b) > 1e4 or self.a + self.b < 1e-3:
            n = 200 + int(4 * (self.r + x) * t / at)
            stays = numpy.exp(kept(self.a, y + 1, numpy.arange(n)))
            return self.alive(one) * float((stays * at_least(self.r + x, t / at, n)).sum())
        series = gauss(self.r + x, y + 1, self.a + y, t / (at + t))
        return (self.a + y) / (self.a - 1) * (1 - (at / (at + t)) ** (self.r + x) * series) * self.alive(one)


class Pareto:
    """Pareto/NBD, and NBD where nobody leaves; integrals by Gauss-Legendre of 200 points."""
    NODE, WEIGHT = numpy.polynomial.legendre.leggauss(200)

    def __init__(self, name, r, alpha, s=None, beta=None):
        self.name, self.r, self.alpha, self.s, self.beta = name, r, alpha, s, beta

    def integral(self, f, start, end):
        """Of f(y) dy; in ln(y + the smaller of alpha and beta), where f is tame."""
        shift = min(self.alpha, self.beta)
        low, high = numpy.log(start + shift), numpy.log(end + shift)
        at = low + (high - low) / 2 * (self.NODE[:, None] + 1)
        return (f(numpy.exp(at) - shift) * numpy.exp(at) * self.WEIGHT[:, None]).sum(0) * (high - low) / 2

    def parts(self, x, tx, t):
        """The two parts of the likelihood, both over alpha^-(r+x) (to keep them in range)."""
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        def there(y):
            return numpy.exp(-(r + x) * numpy.log1p(y / alpha) - s * numpy.log1p(y / beta))
        return there(t), self.integral(lambda y: s / (beta + y) * there(y), tx, t)

    def log_likelihood(self, x, tx, t):
        rate = rises(self.r, x) - x * numpy.log(self.alpha)
        if self.s is None:
            return rate - (self.r + x) * numpy.log1p(t / self.alpha)
        return rate + numpy.log(numpy.maximum(sum(self.parts(x, tx, t)), 1e-300))

    def alive(self, one):
        if self.s is None:
            return 1.0
        stayed, left = self.parts(*(numpy.array([float(one[key])]) for key in ("x", "tx", "T")))
        return float((stayed / (stayed + left))[0])

    def churn(self, one, days):
        n, at = self.r + one["x"], self.alpha + one["T"]
        if self.s is None:
            return math.exp(-n * math.log1p(days / 7 / at))
        gone = self.beta + one["T"]
        active = self.integral(lambda u: n / (at + u) * numpy.exp(-n * numpy.log1p(u / at) - self.s * numpy.log1p(u / gone)),
                               numpy.array([0.0]), numpy.array([days / 7]))
        return 1 - self.alive(one) * float(active[0])

    def expected(self, one, days):
        n, at, t = self.r + one["x"], self.alpha + one["T"], days / 7
        if self.s is None:
            return n * t / at
        gone = self.beta + one["T"]
        return self.alive(one) * n * gone / (at * (self.s - 1)) * -math.expm1((1 - self.s) * math.log1p(t / gone))


class Regular:
    """BG/CNBD-k and MBG/CNBD-k: a purchase is every k-th event."""

    def __init__(self, name, k, r, alpha, a, b):
        self.name, self.k, self.modified = name, k, {"bgcnbd": 0, "mbgcnbd": 1}[name]
        self.r, self.alpha, self.a, self.b = r, alpha, a, b

    def still(self, x, tx, at):
        """ln of A_j(at), j along the first axis: still a customer, j events since the last purchase."""
        j = numpy.arange(self.k)[:, None]
        n = self.r + self.k * x + j
        return (rises(self.r, self.k * x + j) + special.xlogy(j, (at - tx) / (self.alpha + at)) - special.gammaln(j + 1)
                - self.r * numpy.log1p(at / self.alpha) - self.k * x * numpy.log(self.alpha + at)
                + kept(self.a, self.b, x + self.modified))

    def gone(self, x, tx):
        last = numpy.maximum(x - 1 + self.modified, 0)
        after = kept(self.a, self.b, last) + numpy.log(self.a) - numpy.log(self.a + self.b + last)
        left = rises(self.r, self.k * x) - self.r * numpy.log1p(tx / self.alpha) - self.k * x * numpy.log(self.alpha + tx) + after
        return left if self.modified else numpy.where(x > 0, left, -numpy.inf)

    def log_likelihood(self, x, tx, t, log_gaps):
        whole = numpy.logaddexp(special.logsumexp(self.still(x, tx, t), axis=0), self.gone(x, tx))
        return whole + (self.k - 1) * log_gaps - x * special.gammaln(self.k)

    def state(self, one, ahead=0.0):
        """A_j(T + ahead) / (A(T) + D)"""
        x, tx, t = (numpy.array([float(one[key])]) for key in ("x", "tx", "T"))
        whole = numpy.logaddexp(special.logsumexp(self.still(x, tx, t), axis=0), self.gone(x, tx))
        return numpy.exp(self.still(x, tx, t + ahead) - whole)[:, 0]

    def alive(self, one):
        return float(self.state(one).sum())

    def churn(self, one, days):
        return 1 - float(self.state(one).sum() - self.state(one, days / 7).sum())

    def expected(self, one, days):
        at, b = self.alpha + one["T"], self.b + one["x"] + self.modified
        n = numpy.arange(1, 2000)
        stays = numpy.exp(kept(self.a, b, n - 1))
        size, each = self.r + self.k * one["x"], days / 7 / at
        return sum(weight * (stays * at_least(size + j, each, 2000 * self.k)[n * self.k - j - 1]).sum()
                   for j, weight in enumerate(self.state(one)))


MODELS = {"bgnbd": Dropout, "mbgnbd": Dropout, "pnbd": Pareto, "nbd": Pareto, "bgcnbd": Regular, "mbgcnbd": Regular}


def model_of(said):
    """The churn model of an entry of model.json."""
    k = {"k": said["regularity"]} if MODELS[said["name"]] is Regular else {}
    return MODELS[said["name"]](said["name"], **k, **said["parameters"])


def judged(churn, people, said):
    """Complaints about model.json's word for a churn model."""
    seen = [one for one in people.values() if one["first"] is not NO_DAY]
    table = [numpy.array([one[key] for one in seen], float) for key in ("x", "tx", "T", "log_gaps")]
    table = table if isinstance(churn, Regular) else table[:3]
    have = churn.log_likelihood(*table).sum()
    names = list(said["parameters"])

    def cost(logs):
        return -model_of({**said, "parameters": dict(zip(names, numpy.exp(logs)))}).log_likelihood(*table).sum()
    best = min(optimize.minimize(cost, numpy.log(start[:len(names)]), method="L-BFGS-B", bounds=[(-12, 12)] * len(names)).fun
               for start in ((1, 5, 1, 2), (.3, 10, .5, 1)))
    wrong = []
    if abs(have - said["log_likelihood"]) > 1e-6:
        wrong.append(f"log-likelihood {said['log_likelihood']}, of these parameters {have}")
    if said["stopped"] == "converged" and -best > have + 1e-6:
        wrong.append(f"converged at {have}, scipy reaches {-best}")
    return wrong


class Spend:
    def __init__(self, said):
        self.name, self.mean = said["name"], said.get("mean")
        self.p, self.q, self.v = (said["parameters"].get(key) for key in "pqv") if said.get("parameters") else (None,) * 3

    @staticmethod
    def log_likelihood(p, q, v, x, m):
        ln = special.gammaln
        return (ln(p * x + q) - ln(p * x) - ln(q) + q * numpy.log(v) + (p * x - 1) * numpy.log(m)
                + p * x * numpy.log(x) - (p * x + q) * numpy.log(v + m * x)).sum()

    def expected(self, one):
        if self.name != "gamma_gamma":
            return self.mean
        if one["x"] == 0 or one["m"] <= 0:
            return self.p * self.v / (self.q - 1)
        return self.p * (self.v + one["x"] * one["m"]) / (self.p * one["x"] + self.q - 1)

    def judged(self, people, said):
        seen = [one for one in people.values() if one.get("x", 0) > 0 and one["m"] > 0]
        if self.name != "gamma_gamma":
            return []
        x, m = (numpy.array([one[key] for one in seen], float) for key in ("x", "m"))
        have = self.log_likelihood(self.p, self.q, self.v, x, m)
        best = min(optimize.minimize(lambda logs: -self.log_likelihood(*numpy.exp(logs), x, m), numpy.log(start),
                                     method="L-BFGS-B", bounds=[(-12, 12)] * 3).fun for start in ((6, 4, 15), (1, 2, 1)))
        wrong = []
        if len(seen) != said["customers"]:
            wrong.append(f"gamma-gamma on {said['customers']}, there are {len(seen)}")
        # lgamma of what has run off to millions has no more digits than that
        if abs(have - said["log_likelihood"]) > (1e-6 if said["stopped"] == "converged" else 1e-4):
            wrong.append(f"gamma-gamma's likelihood {said['log_likelihood']}, of these parameters {have}")
        if said["stopped"] == "converged" and -best > have + 1e-6:
            wrong.append(f"gamma-gamma converged at {have}, scipy reaches {-best}")
        correlation = numpy.corrcoef(x, m)[0, 1]
        if len(seen) > 2 and abs(correlation - said["correlation"]) > 1e-9:
            wrong.append(f"correlation {said['correlation']}, is {correlation}")
        return wrong


def net_ratio(one):
    if one["gross"] <= 0:
        return 1.0
    return min(1.0, max(0.0, one["monetary_total"] / one["gross"]))


def outlook(people, settings, churn, spend):
    for one in people.values():
        if one["first"] is NO_DAY:
            continue
        one["p_alive"] = churn.alive(one)
        one["churn_prob"] = churn.churn(one, settings.churn_horizon)
        one["expected_purchases"] = churn.expected(one, settings.horizon)
        if spend is None:
            continue
        each = spend.expected(one) * net_ratio(one)
        clv, before, month = 0.0, 0.0, 0
        while month * MONTH < settings.horizon:
            month += 1
            upto = churn.expected(one, min(month * MONTH, settings.horizon))
            clv += (upto - before) / (1 + settings.monthly) ** month
            before = upto
        one["expected_spend"] = one["expected_purchases"] * each
        one["clv"] = clv * each * float(settings.margin)
        one["clv_if_alive"] = one["clv"] / one["p_alive"]


def wallets(people, settings):
    """wallet_size (None: empty) and wallet_basis of everybody."""
    peers = {}
    for who, one in people.items():
        units, declared, names = settings.people.get(who, (None, None, None))
        if who not in settings.people or units is None or units <= 0 or one["first"] is NO_DAY:
            continue
        if settings.as_of - one["first"] < settings.window:
            continue
        each = half_even(Fraction(one["S"] * UNIT, units))
        for depth in range(len(names) + 1):
            peers.setdefault(names[:depth], []).append(each)

    @functools.lru_cache(None)
    def estimate(names):
        values = peers[names]
        if settings.wallet == "mean":
            return half_even(Fraction(sum(values), len(values)))
        own = math.floor(quantile(values, settings.wallet))
        if not names or len(values) >= 30:
            return own
        n = len(values)
        return half_even(Fraction(n * own + 30 * estimate(names[:-1]), n + 30))

    for who, one in people.items():
        units, declared, names = settings.people.get(who, (None, None, None))
        size, basis = None, "group"
        if declared is not None:
            size, basis = declared, "declared"
        elif who not in settings.people or settings.wallet == "declared":
            basis = "no_attributes"
        elif units is None or units <= 0:
            basis = "no_units"
        elif one["first"] is NO_DAY or settings.as_of - one["first"] < settings.window:
            basis = "too_new"
        else:
            size = half_even(Fraction(estimate(names) * units, UNIT))
        if size is not None and size <= 0 and one["S"] == 0:
            size, basis = None, "no_spend"
        one["wallet_size"], one["wallet_basis"], one["peers"] = size, basis, names


def worth(one, settings, churn, spend):
    """What tiers are cut by; None without a purchase."""
    if one["first"] is NO_DAY:
        return None
    if not settings.amounts:
        return half_even(Fraction(one["expected_purchases"]) * UNIT) if churn else one["purchase_days"] * UNIT
    if settings.tier_by == "profit":
        return half_even(one["spend_365d"] * settings.margin) - settings.serve_cost
    return None if settings.tier_by == "clv" and churn and spend else one["spend_365d"]


def tiers(values, n_last, settings):
    """Cut-offs by tier (None: empty) over the values of the active, n_last of whom have none."""
    ranked, cuts, share = sorted(values, reverse=True), [], Fraction(0)
    for _, part in settings.tiers:
        share += part
        rank = math.floor(share * (len(ranked) + n_last) + Fraction(1, 2))
        cuts.append(None if rank == 0 or not ranked else ranked[min(rank, len(ranked)) - 1])
    return cuts


def tier_of(value, cuts):
    if value is None:
        return len(cuts) - 1
    return next((i for i, cut in enumerate(cuts) if cut is not None and value >= cut), len(cuts) - 1)


def action(one, tier, n_tiers, churn_prob, threshold, as_of):
    if one["first"] is not NO_DAY and not one["active"]:
        return "none"
    if one["first"] is not NO_DAY and one["purchase_days"] == 1 and as_of - one["first"] < 90:
        return "welcome"
    if tier < n_tiers - 1 and churn_prob is not None and threshold is not None and churn_prob > threshold:
        return "win_back"
    return "keep" if tier == 0 else "low_cost" if tier == n_tiers - 1 else "grow"
