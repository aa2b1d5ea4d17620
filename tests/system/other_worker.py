# SPDX-License-Identifier: Apache-2.0
"""A worker in another language, written from docs/PROTOCOL.md, docs/SCORING.md and proto/winnow.proto, with the
plainest code that does it: no cache on disk, one shard at a time, lists and dictionaries.

  other_worker.py VENTILATOR SINK [KEEP]   works until CLOSE; stage-1 results are kept in the directory KEEP
  other_worker.py --again SINK KEEP        hands the kept results in again, to a sink that has its own; prints
                                           what each is acknowledged as

Needs winnow_pb2 (protoc --python_out) on PYTHONPATH, and zmq, xxhash."""

import math
import os
import struct
import sys
import time
from decimal import Decimal, getcontext
from fractions import Fraction

import winnow_pb2 as pb
import xxhash
import zmq

HELLO, WELCOME, PLAN, LEASE, DATA, MODEL, CANCEL, REHELLO, CLOSE, PROBE = range(1, 11)
BEAT, RELEASE, FAIL, BYE, RESULT, ACK, REFUSED = 11, 12, 13, 14, 21, 22, 38
QUEUED, RUNNING, SENT = 0, 1, 2
ENTRIES_A_PART, STRINGS_A_PART, SCORES_A_PART = 16384, 512 << 10, 8192
getcontext().prec = 40


# --- columns ------------------------------------------------------------------------------------------

def column(values):
    """The canonical form of proto/winnow.proto."""
    out = pb.Column(step=1)
    if not values:
        return out
    out.least = min(values)
    out.step = next(s for s in (10000, 100, 1) if all(v % s == 0 for v in values))
    words = [(v - out.least) // out.step for v in values]
    out.width = next(w for w in (0, 1, 2, 4, 8) if max(words) < 1 << 8 * w)
    if out.width:
        out.data = b"".join(w.to_bytes(out.width, "little") for w in words)
    return out


def values_of(col, n):
    if col.width == 0:
        return [col.least] * n
    words = (col.data[i * col.width:(i + 1) * col.width] for i in range(n))
    return [col.least + col.step * int.from_bytes(w, "little") for w in words]


def cut(data, lengths):
    """The strings that are one after the other in data."""
    out, at = [], 0
    for n in lengths:
        out.append(data[at:at + n])
        at += n
    return out


def half_even(numerator, denominator):
    return round(Fraction(numerator, denominator))  # Python rounds a Fraction half to even


# --- histories ----------------------------------------------------------------------------------------

class Customer:
    def __init__(self, name):
        self.name = name
        self.order = (xxhash.xxh3_64_intdigest(name), name)  # customers go in this order
        self.rows = []  # (day, amount, order key)


def features(customer, plan):
    """SCORING section 1; None: no row up to as_of."""
    seen = [row for row in customer.rows if row[0] <= plan.as_of]
    books = {"purchases": [], "refunds": [], "cancelled": [],
             "after_as_of": [row[1] for row in customer.rows if row[0] > plan.as_of]}
    visits, orders = [], {}  # (day, money bought, money returned, orders)
    for day, amount, order in seen:
        if order:
            orders.setdefault(order, []).append((day, amount))
        elif amount >= 0:
            visits.append((day, amount, 0, 1))
        else:
            visits.append((day, 0, amount, 0))
        if not order:
            books["purchases" if amount >= 0 else "refunds"].append(amount)
    for rows in orders.values():
        day, net = min(d for d, _ in rows), sum(a for _, a in rows)
        gone = net <= 0 and any(a < 0 for _, a in rows)
        visits.append((day, 0, net, 0) if gone else (day, net, 0, 1))
        for _, amount in rows:
            books["cancelled" if gone else "purchases" if amount >= 0 else "refunds"].append(amount)
    days = sorted({v[0] for v in visits if v[3]})

    def since(window):
        return [v for v in visits if v[0] > plan.as_of - window]

    def net(some):
        return sum(v[1] + v[2] for v in some)

    window = since(plan.rfm_window_days)
    return {
        "books": books, "seen": bool(seen), "first": days[0] if days else None,
        "last": days[-1] if days else None, "days": len(days), "orders": sum(v[3] for v in visits),
        "net": net(visits), "gross": sum(v[1] for v in visits), "year": net(since(365)),
        "wallet": max(0, net(since(plan.wallet_window_days))), "rfm_m": net(window),
        "rfm_f": sum(v[3] for v in window) if plan.rfm_frequency == 1 else len({v[0] for v in window if v[3]}),
        "repeat": sum(v[1] for v in visits if days and v[0] > days[0]),
        "gaps": [b - a for a, b in zip(days, days[1:])],
    }


# --- stage 1 ------------------------------------------------------------------------------------------

def is_active(f, plan):
    return f["last"] is not None and plan.as_of - f["last"] <= plan.inactive_after_days


def why_no_peer(f, known, plan):
    """0, or the wallet_basis that says why a group can say nothing of him."""
    if known is None:
        return 3
    if not known["units"] or known["units"] <= 0:
        return 4
    return 6 if f["first"] is None or plan.as_of - f["first"] < plan.wallet_window_days else 0


def counted(values):
    return sorted((v, values.count(v)) for v in set(values))


def lists_of(shard, plan):
    """Every list of a Digest, whole, with the tallies of its first part."""
    head = {"customers": 0, "refund_only": 0, "gross": 0, "purchase_days": 0}
    books = {name: [] for name in ("purchases", "refunds", "cancelled", "after_as_of")}
    triples, samples, base, spenders, gaps, peers = [], [], [], [], [], {}
    for customer, f in shard["customers"]:
        for name in books:
            books[name] += f["books"][name]
        if not f["seen"]:
            continue
        head["customers"] += 1
        if f["last"] is None:
            head["refund_only"] += 1
            continue
        head["gross"] += f["gross"]
        head["purchase_days"] += f["days"]
        triple = (min(f["days"] - 1, (1 << 20) - 1), plan.as_of - f["first"], f["last"] - f["first"])
        triples.append(triple)
        gaps += f["gaps"]
        logs = sum(map(math.log, f["gaps"]), 0.0)
        samples.append((xxhash.xxh3_64_intdigest(customer.name, seed=1), triple, logs))
        if triple[0] > 0 and f["repeat"] > 0:
            spenders.append((f["days"] - 1, f["repeat"]))
        known = shard["attributes"].get(customer.name)
        if plan.wallet_method and why_no_peer(f, known, plan) == 0:
            peers.setdefault(known["group"], []).append(
                (half_even(f["wallet"] * 10000, known["units"]), known["units"], f["wallet"]))
        if is_active(f, plan):
            base.append((f["rfm_m"], customer.name, plan.as_of - f["last"], f["rfm_f"]))
    samples.sort(key=lambda s: s[0])
    return {"head": head, "books": books, "triples": counted(triples), "base": base, "spenders": spenders, "gaps": counted(gaps),
            "samples": samples[:plan.sample_per_shard], "cut": 0 < plan.sample_per_shard < len(samples),
            "recencies": counted([b[2] for b in base]), "frequencies": counted([b[3] for b in base]),
            "groups": [(g, len(peers[g])) for g in sorted(peers)],
            "peers": [v for g in sorted(peers) for v in peers[g]], "unmatched": shard["unmatched"]}


def stretches(entries, name_of=None, most=ENTRIES_A_PART):
    """A list cut for parts: so many entries, and no more than 512 KiB of names."""
    out, size = [[]], 0
    for entry in entries:
        length = len(name_of(entry)) if name_of else 0
        if out[-1] and (len(out[-1]) == most or (name_of and size + length > STRINGS_A_PART)):
            out.append([])
            size = 0
        out[-1].append(entry)
        size += length
    return out


def put_columns(out, fields, rows):
    for i, field in enumerate(fields):
        if rows:
            getattr(out, field).CopyFrom(column([row[i] for row in rows]))


def digest_parts(shard, plan):
    lists = lists_of(shard, plan)
    with_ids = plan.rfm_ties == 1
    cut_lists = {name: stretches(lists[name]) for name in
                 ("triples", "recencies", "frequencies", "spenders", "samples", "gaps", "peers")}
    cut_lists["base"] = stretches(lists["base"], (lambda b: b[1]) if with_ids else None)
    cut_lists["groups"] = stretches(lists["groups"], lambda g: g[0])
    parts = []
    for k in range(max(len(c) for c in cut_lists.values())):
        part = {name: c[k] if k < len(c) else [] for name, c in cut_lists.items()}
        out = pb.Digest()
        if k == 0:
            for name, value in lists["head"].items():
                setattr(out, name, value)
            out.unmatched = lists["unmatched"]
            for name, amounts in lists["books"].items():
                tally = getattr(out, name)
                tally.SetInParent()  # there even where it is empty
                tally.rows, tally.amount = len(amounts), sum(amounts)
        out.triples = len(part["triples"])
        put_columns(out, ("triple_x", "triple_age", "triple_span", "triple_n"),
                    [(x, age, span, n) for (x, age, span), n in part["triples"]])
        out.recencies = len(part["recencies"])
        put_columns(out, ("recency", "recency_n"), part["recencies"])
        out.frequencies = len(part["frequencies"])
        put_columns(out, ("frequency", "frequency_n"), part["frequencies"])
        out.spenders = len(part["spenders"])
        put_columns(out, ("spender_x", "spender_repeat_spend"), part["spenders"])
        out.samples = len(part["samples"])
        out.sample_hash = b"".join(struct.pack("<Q", s[0]) for s in part["samples"])
        out.sample_log_gap = b"".join(struct.pack("<d", s[2]) for s in part["samples"])
        put_columns(out, ("sample_x", "sample_age", "sample_span"), [s[1] for s in part["samples"]])
        out.sample_cut = lists["cut"] and bool(part["samples"]) and k == len(cut_lists["samples"]) - 1
        out.gaps = len(part["gaps"])
        put_columns(out, ("gap", "gap_n"), part["gaps"])
        out.base_customers = len(part["base"])
        put_columns(out, ("monetary",), part["base"])
        if with_ids and part["base"]:
            put_columns(out, ("base_id_length", "base_recency", "base_frequency"),
                        [(len(b[1]), b[2], b[3]) for b in part["base"]])
            out.base_ids = b"".join(b[1] for b in part["base"])
        out.groups = len(part["groups"])
        put_columns(out, ("group_length", "group_n"), [(len(g), n) for g, n in part["groups"]])
        out.group_names = b"".join(g for g, _ in part["groups"])
        out.peers = len(part["peers"])
        put_columns(out, ("per_unit", "peer_units", "peer_spend"), part["peers"])
        parts.append(out.SerializeToString(deterministic=True))
    return parts


# --- stage 2 ------------------------------------------------------------------------------------------

def gauss(a, b, c, z):
    """2F1 by its series, which has positive terms here but for the first few."""
    total = term = Decimal(1)
    n = 0
    while n < 10 or abs(term) > abs(total) * Decimal(10) ** -30:
        term *= (a + n) * (b + n) / (c + n) * z / (n + 1)
        total += term
        n += 1
    return total


class Churn:
    """SCORING section 3 for BG/NBD, MBG/NBD and NBD, in 40 digits."""

    def __init__(self, model, plan, parameters=None):
        self.kind, self.plan = model.churn_kind, plan
        self.r, self.alpha, self.a, self.b = parameters or (Decimal(v) for v in model.churn_parameters)
        self.seen = {}

    def alive(self, x, span, age):
        if self.kind == 4 or (self.kind == 1 and x == 0):
            return Decimal(1)
        left = self.b + x - (1 if self.kind == 1 else 0)
        return 1 / (1 + self.a / left * ((self.alpha + age) / (self.alpha + span)) ** (self.r + x))

    def purchases(self, x, age, days):
        """E[Y] of one who is alive."""
        t = Decimal(days) / 7
        if self.kind == 4:
            return (self.r + x) * t / (self.alpha + age)
        b = self.b + x + (1 if self.kind == 2 else 0)
        c, whole = self.a + b - 1, self.alpha + age + t
        power = ((self.alpha + age) / whole) ** (self.r + x)
        return c / (self.a - 1) * (1 - power * gauss(self.r + x, b, c, t / whole))

    def forecast(self, x, age):
        plan, key = self.plan, (x, age)
        if key not in self.seen:
            month, horizon = Decimal("30.4375"), plan.horizon_days
            ends = [min(month * (i + 1), Decimal(horizon)) for i in range(math.ceil(horizon / 30.4375))]
            upto = [self.purchases(x, age, end) for end in ends]
            clv = sum((y - before) / (1 + Decimal(plan.monthly_discount)) ** (i + 1)
                      for i, (y, before) in enumerate(zip(upto, [Decimal(0)] + upto)))
            quiet = ((self.alpha + age) / (self.alpha + age + Decimal(plan.churn_horizon_days) / 7)) ** (self.r + x)
            self.seen[key] = (upto[-1], clv, quiet)
        return self.seen[key]


def moved(model, plan):
    """The churn model moved by 1/8 standard error along each axis of its covariance: VALUE.md."""
    n = {0: 0, 4: 2}.get(model.churn_kind, 4)
    known = [Decimal(v) for v in model.uncertainty[:16]] or [Decimal(0)] * 16
    root = [[Decimal(0)] * 4 for _ in range(4)]
    for i in range(n):
        for j in range(i + 1):
            left = known[4 * i + j] - sum(root[i][k] * root[j][k] for k in range(j))
            if i == j and left <= 0:
                return []
            root[i][j] = left.sqrt() if i == j else left / root[j][j]
    axes = []
    for j in range(n):
        parameters = [Decimal(v) for v in model.churn_parameters]
        for i in range(j, n):
            parameters[i] *= (root[i][j] / 8).exp()
        axes.append(Churn(model, plan, parameters))
    return axes


def spread(churn, axes, model, x, span, age, mean):
    """The standard error of log clv."""
    def discounted(of):
        return of.alive(x, span, age) * of.forecast(x, age)[1]
    there, total = discounted(churn), Decimal(0)
    for axis in axes:
        then = discounted(axis)
        if then > 0 and there > 0:
            total += (8 * (then / there).ln()) ** 2
    if model.spend_kind == 1:
        p, q, v = (Decimal(n) for n in (model.spend_p, model.spend_q, model.spend_v))
        px, xm = (p * x, x * mean) if x and mean > 0 else (Decimal(0), Decimal(0))
        slope = (1 - px / (px + q - 1), -q / (px + q - 1), v / (v + xm))
        total += max(Decimal(0), sum(slope[i] * slope[j] * Decimal(model.uncertainty[16 + 3 * i + j])
                                     for i in range(3) for j in range(3)))
    return min(float(total.sqrt()), 100.0)


def money(units):
    return int((units * 10000).to_integral_value(rounding="ROUND_HALF_EVEN"))


def rfm(cuts, ties, bins, value, name, falling):
    if bins == 0:
        return 0
    if ties == 1:
        sign = -1 if falling else 1
        return 1 + sum((sign * c.value, c.id) < (sign * value, name) for c in cuts)
    below = sum(c.value < value for c in cuts)
    return bins - below if falling else 1 + below


def wallet(f, known, plan, groups):
    """(basis, group, size or None)"""
    def sized(basis, group, size):
        return (5, 0, None) if size <= 0 and f["wallet"] == 0 else (basis, group, size)
    if plan.wallet_method == 0:
        return 0, 0, None
    if known and known["declared"] is not None:
        return sized(1, 0, known["declared"])
    why = 3 if plan.wallet_method == 1 else why_no_peer(f, known, plan)
    if why:
        return why, 0, None
    group, estimate = groups[known["group"]]
    return sized(2, group, half_even(estimate * known["units"], 10000))


def score(customer, f, known, plan, model, churn, axes, groups):
    basis, group, size = wallet(f, known, plan, groups)
    row = dict.fromkeys(("first_day", "last_day", "r_score", "f_score", "m_score", "expected_spend", "clv",
                         "clv_if_alive", "value",
                         "later_days", "later_spend"), 0)
    row.update(p_alive=0.0, churn_prob=0.0, expected_purchases=0.0, spread=0.0, purchase_days=f["days"], orders=f["orders"],
               monetary_total=f["net"], spend_365d=f["year"], repeat_spend=f["repeat"], wallet_basis=basis,
               wallet_group=group, wallet_size=size or 0, wallet_spend=f["wallet"],
               flags=16 if size is not None else 0)
    if f["last"] is None:
        row["flags"] |= 2
        return row
    row["flags"] |= 32 | (0 if is_active(f, plan) else 1)
    row.update(first_day=f["first"], last_day=f["last"])
    bins, ties = model.rfm_bins, model.rfm_ties
    row["r_score"] = rfm(model.recency, ties, bins, plan.as_of - f["last"], customer.name, True)
    row["f_score"] = rfm(model.frequency, ties, bins, f["rfm_f"], customer.name, False)
    if plan.has_amount:
        row["m_score"] = rfm(model.monetary, ties, bins, f["rfm_m"], customer.name, False)
    margin = Decimal(plan.margin_millionths) / 1000000
    if model.churn_kind:
        x = f["days"] - 1
        span, age = (Decimal(d) / 7 for d in (f["last"] - f["first"], plan.as_of - f["first"]))
        alive, (expected, discounted, quiet) = churn.alive(x, span, age), churn.forecast(x, age)
        row["flags"] |= 4
        row.update(p_alive=float(alive), churn_prob=float(1 - alive * (1 - quiet)),
                   expected_purchases=float(alive * expected))
        if plan.has_amount and model.spend_kind:
            mean = Decimal(f["repeat"]) / 10000 / x if x else Decimal(0)
            each = Decimal(model.spend_mean)
            if model.spend_kind == 1 and mean > 0:
                p, q, v = (Decimal(n) for n in (model.spend_p, model.spend_q, model.spend_v))
                each = p * (v + x * mean) / (p * x + q - 1)
            ratio = max(Decimal(0), min(Decimal(1), Decimal(f["net"]) / f["gross"])) if f["gross"] else Decimal(1)
            clv = alive * discounted * each * ratio * margin
            row["flags"] |= 8
            row.update(expected_spend=money(alive * expected * each * ratio), clv=money(clv),
                       clv_if_alive=money(clv / alive) if alive else 0)
            if axes:
                row["flags"] |= 128
                row["spread"] = spread(churn, axes, model, x, span, age, mean)
    row["value"] = (row["clv"], f["year"], half_even(f["year"] * plan.margin_millionths, 1000000) - plan.serve_cost,
                    money(Decimal(row["expected_purchases"])), f["days"] * 10000)[model.value_by]
    return row


def committed(shard, plan, model, groups):
    churn, axes = Churn(model, plan), moved(model, plan)
    rows = [(c, score(c, f, shard["attributes"].get(c.name), plan, model, churn, axes, groups))
            for c, f in shard["customers"] if f["seen"]]
    parts = []
    for some in stretches(rows, lambda r: r[0].name, SCORES_A_PART):
        out = pb.Scores(rows=len(some), ids=b"".join(c.name for c, _ in some))
        for field in pb.Scores.DESCRIPTOR.fields:
            if field.name == "id_length":
                out.id_length.CopyFrom(column([len(c.name) for c, _ in some]))
            elif field.name in ("p_alive", "churn_prob", "expected_purchases", "spread"):
                setattr(out, field.name, b"".join(struct.pack("<d", r[field.name]) for _, r in some))
            elif field.message_type:
                getattr(out, field.name).CopyFrom(column([r[field.name] for _, r in some]))
        parts.append(out.SerializeToString(deterministic=True))
    return parts


# --- letters --------------------------------------------------------------------------------------------

def envelope(kind, key=(0, 0, 0), **more):
    stage, shard, attempt = key
    return pb.Envelope(protocol=1, kind=kind, stage=stage, shard=shard, attempt=attempt, **more)


def digest_of(parts):
    return xxhash.xxh3_128_intdigest(b"".join(parts)).to_bytes(16, "little")


class Worker:
    def __init__(self, ventilator, sink, keep):
        context = zmq.Context()
        self.sockets = {}
        for name, endpoint in (("ventilator", ventilator), ("sink", sink)):
            if endpoint:
                self.sockets[name] = context.socket(zmq.DEALER)
                self.sockets[name].setsockopt(zmq.LINGER, 0)
                self.sockets[name].connect(endpoint)
        self.name, self.keep = os.urandom(16), keep
        self.job, self.plan, self.model, self.model_digest, self.groups = b"", None, None, b"", {}
        self.leases = {}   # key: [state, Lease, frames that came]
        self.results = {}  # key: parts, until acknowledged
        self.frames_taken, self.progress, self.welcomed = 0, 0, False
        self.blocks = {}   # (shard, want): rows, in memory: what its cache would be
        self.beat_s, self.beat_due, self.probe_due, self.hello_due = 1.0, 0, 0, 0

    def say(self, to, letter, *parts):
        if letter.kind not in (HELLO,):
            letter.job = letter.job or self.job
        self.sockets[to].send_multipart([letter.SerializeToString(), *parts])

    def hello(self, to):
        hello = pb.Hello(role=2, name=self.name, version="other", credit=2, host="python")
        self.say(to, envelope(HELLO), hello.SerializeToString())

    def beat(self, to):
        beat = pb.Beat(frames_taken=self.frames_taken)
        for (stage, shard, attempt), lease in self.leases.items():
            beat.stages.append(stage)
            beat.shards.append(shard)
            beat.attempts.append(attempt)
            beat.progress.append(self.progress)
            beat.states.append(lease[0])
        self.say(to, envelope(BEAT), beat.SerializeToString())

    def release(self, key, code, job=b""):
        self.leases.pop(key, None)
        self.say("ventilator", envelope(RELEASE, key, code=code, job=job))

    def from_ventilator(self, letter, parts):
        key = (letter.stage, letter.shard, letter.attempt)
        if letter.kind == WELCOME:
            terms = pb.Welcome.FromString(parts[0])
            self.welcomed, self.beat_s = True, terms.beat_ms / 1000
        elif letter.kind == PLAN:
            if letter.job != self.job:
                self.leases, self.results, self.blocks = {}, {}, {}
            self.job, self.plan = letter.job, pb.Plan.FromString(parts[0])
        elif letter.kind == MODEL:
            self.model, self.model_digest, self.groups = pb.Model.FromString(parts[0]), letter.digest, {}
            for part in parts[1:]:
                some = pb.Groups.FromString(part)
                names = cut(some.names, values_of(some.name_length, some.groups))
                for name, estimate in zip(names, values_of(some.estimate, some.groups)):
                    self.groups[name] = (len(self.groups), estimate)
        elif letter.kind == LEASE and letter.job != self.job:
            self.release(key, 3, letter.job)
        elif letter.kind == LEASE:
            lease = pb.Lease.FromString(parts[0])
            lacks = (letter.shard, lease.have) not in self.blocks and lease.have
            if lacks or (lease.attributes and not lease.attributes_follow
                         and (letter.shard, lease.attributes) not in self.blocks):
                self.release(key, 2)
            else:
                self.leases[key] = [QUEUED, lease, []]
        elif letter.kind == DATA:
            self.frames_taken += 1
            if key in self.leases:
                self.leases[key][2].append((letter.code, parts[0]))
        elif letter.kind == CANCEL:
            self.leases.pop(key, None)
            self.results.pop(key, None)
        elif letter.kind == REHELLO:
            self.welcomed, self.hello_due, self.frames_taken = False, 0, 0
            self.leases = {k: l for k, l in self.leases.items() if l[0] == SENT}
        elif letter.kind == REFUSED:
            sys.exit(f"refused: {letter.text}")
        return letter.kind != CLOSE

    def from_sink(self, letter):
        if letter.kind == REHELLO:
            self.hello("sink")
            for key in self.results:
                self.send_result(key)
        elif letter.kind == REFUSED or (letter.kind == ACK and letter.code >= 3):
            sys.exit(f"the sink: code {letter.code} for shard {letter.shard} {letter.text}")
        elif letter.kind == ACK:
            for key in [k for k in self.leases if k[:2] == (letter.stage, letter.shard)]:
                self.leases.pop(key)
                self.results.pop(key, None)

    def send_result(self, key):
        work, *parts = self.results[key]
        self.say("sink", envelope(RESULT, key, digest=digest_of(parts)), work, *parts)

    # One shard from its frames to its result.

    def rows_of(self, key, lease, frames):
        shard = key[1]
        rows = dict(self.blocks.get((shard, lease.have), {})) if lease.have else {}
        folded = 0
        for frame in (f for code, f in frames if code == 1):
            for chunk in pb.Rows.FromString(frame).chunks:
                folded += chunk.rows
                names = cut(chunk.ids, values_of(chunk.id_length, chunk.rows))
                orders = struct.unpack(f"<{chunk.rows}Q", chunk.orders) if chunk.orders else [0] * chunk.rows
                for name, *row in zip(names, values_of(chunk.day, chunk.rows),
                                      values_of(chunk.amount, chunk.rows), orders):
                    rows.setdefault(name, []).append(tuple(row))
        self.blocks[shard, lease.want] = rows
        return rows, folded

    def attributes_of(self, key, lease, frames):
        out = {}
        if not lease.attributes:
            return out
        if not lease.attributes_follow:
            return self.blocks[key[1], lease.attributes]
        for chunk in pb.Attributes.FromString(b"".join(f for code, f in frames if code == 2)).chunks:
            n = chunk.rows
            for name, known, units, declared, group in zip(
                    cut(chunk.ids, values_of(chunk.id_length, n)), chunk.known, values_of(chunk.units, n),
                    values_of(chunk.declared, n), cut(chunk.groups, values_of(chunk.group_length, n))):
                out[name] = {"units": units if known & 1 else None, "declared": declared if known & 2 else None,
                             "group": group}
        self.blocks[key[1], lease.attributes] = out
        return out

    def compute(self, key, lease, frames):
        rows, folded = self.rows_of(key, lease, frames)
        customers = [Customer(name) for name in rows]
        for customer in customers:
            customer.rows = rows[customer.name]
        customers.sort(key=lambda c: c.order)
        attributes = self.attributes_of(key, lease, frames)
        shard = {"customers": [(c, features(c, self.plan)) for c in customers], "attributes": attributes,
                 "unmatched": len(set(attributes) - set(rows))}
        work = pb.Work(rows_folded=folded, rows_cached=0 if folded else sum(map(len, rows.values())), cached=not folded)
        if key[0] == 1:
            parts = digest_parts(shard, self.plan)
        else:
            parts = committed(shard, self.plan, self.model, self.groups)
        self.progress += 1 + len(customers)
        return [work.SerializeToString(), *parts]

    def work_on(self):
        for key, lease in self.leases.items():
            state, order, frames = lease
            if state != QUEUED or len(frames) < order.frames:
                continue
            if key[0] == 2 and order.model != self.model_digest:
                self.release(key, 4)
                return
            self.results[key] = self.compute(key, order, frames)
            lease[0] = SENT
            if self.keep and key[0] == 1:
                with open(os.path.join(self.keep, f"{self.job.hex()}.{key[1]}"), "wb") as file:
                    for part in self.results[key]:
                        file.write(struct.pack("<I", len(part)) + part)
            self.send_result(key)
            return

    def run(self):
        poller = zmq.Poller()
        for socket in self.sockets.values():
            poller.register(socket, zmq.POLLIN)
        self.hello("sink")
        going = True
        while going:
            now = time.monotonic()
            if not self.welcomed and now >= self.hello_due:
                self.hello("ventilator")
                self.hello_due = now + 1
            if self.welcomed and now >= self.beat_due:
                self.beat("ventilator")
                self.beat_due = now + self.beat_s
            if self.results and now >= self.probe_due:
                self.beat("sink")
                self.probe_due = now + 1
            taken = self.frames_taken
            for socket, _ in poller.poll(20):
                head, *parts = socket.recv_multipart()
                letter = pb.Envelope.FromString(head)
                if socket is self.sockets["sink"]:
                    self.from_sink(letter)
                else:
                    going = self.from_ventilator(letter, parts) and going
            if self.frames_taken != taken:
                self.beat_due = 0
            self.work_on()


def hand_in_again(sink, keep):
    """To a sink that has the same shards from another worker: it compares."""
    worker = Worker(None, sink, None)
    worker.hello("sink")
    socket, said = worker.sockets["sink"], []
    for name in sorted(os.listdir(keep)):
        job, shard = name.split(".")
        worker.job, data, parts = bytes.fromhex(job), open(os.path.join(keep, name), "rb").read(), []
        while data:
            n, = struct.unpack_from("<I", data)
            parts.append(data[4:4 + n])
            data = data[4 + n:]
        key = (1, int(shard), 99)
        worker.results[key] = parts
        worker.send_result(key)
        while socket.poll(10000):
            letter = pb.Envelope.FromString(socket.recv_multipart()[0])
            if letter.kind == ACK and letter.shard == int(shard):
                said.append(("committed", "duplicate", "conflict", "refused")[letter.code - 1])
                break
        else:
            said.append("nothing")
    print(*(f"{word} {said.count(word)}" for word in sorted(set(said))))


if __name__ == "__main__":
    if sys.argv[1] == "--again":
        hand_in_again(sys.argv[2], sys.argv[3])
    else:
        Worker(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None).run()
