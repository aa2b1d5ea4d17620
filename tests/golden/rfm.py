#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes expected.csv of every case in tests/golden/rfm: the ledger's features by pandas, scores
by pandas.qcut (where its edges are distinct) and by exact fractions (everywhere), tiles by
SQLite's NTILE, tiers by sorting. Without arguments it writes what changed and prints the diff;
with --check it only compares and answers 1 where something differs, 77 without pandas."""
import difflib
import pathlib
import sqlite3
import sys
from fractions import Fraction

try:
    import pandas as pd
except ImportError:
    print("skipped: no pandas")
    sys.exit(77)

CASES = pathlib.Path(__file__).resolve().parent / "rfm"
SHARES = (Fraction(1, 5), Fraction(4, 5), Fraction(1))  # top:20,middle:60,bottom:20
METRICS = ("recency_days", "rfm_frequency", "rfm_monetary")


def settings(case):
    words = dict(line.split() for line in (case / "settings.txt").read_text().splitlines())
    return (pd.Timestamp(words["as_of"]), int(words["bins"]), words["window"], words["frequency"])


def money(text):
    """Exact: 1/10,000 as an integer."""
    value = Fraction(text) * 10000
    assert value.denominator == 1
    return int(value)


def events(rows):
    """Purchases and returns of one customer: (day, purchase?, amount)."""
    if "order_id" not in rows:
        return [(r.date, r.amount >= 0, r.amount) for r in rows.itertuples()]
    alone = rows[rows.order_id == ""]
    found = [(r.date, r.amount >= 0, r.amount) for r in alone.itertuples()]
    for _, order in rows[rows.order_id != ""].groupby("order_id"):
        net = order.amount.sum()
        cancelled = (order.amount < 0).any() and net <= 0
        found.append((order.date.min(), not cancelled, net))
    return found


def features(ledger, as_of, window, frequency):
    rows = []
    since = pd.Timestamp.min if window == "all" else as_of - pd.Timedelta(days=int(window))
    year = as_of - pd.Timedelta(days=365)
    for customer, part in ledger[ledger.date <= as_of].groupby("customer_id"):
        found = pd.DataFrame(events(part), columns=["day", "bought", "amount"])
        bought = found[found.bought]
        near = bought[bought.day > since]
        row = {"customer_id": customer}
        row["first"] = "" if bought.empty else bought.day.min().strftime("%Y-%m-%d")
        row["last"] = "" if bought.empty else bought.day.max().strftime("%Y-%m-%d")
        row["recency_days"] = "" if bought.empty else (as_of - bought.day.max()).days
        row["purchase_days"] = bought.day.nunique()
        row["order_count"] = len(bought)
        row["monetary_total"] = int(found.amount.sum())
        row["spend_365d"] = int(found[found.day > year].amount.sum())
        row["repeat_spend"] = int(bought[bought.day != bought.day.min()].amount.sum())
        row["rfm_frequency"] = near.day.nunique() if frequency == "days" else len(near)
        row["rfm_monetary"] = int(found[found.day > since].amount.sum())
        rows.append(row)
    return pd.DataFrame(rows)


def together(values, bins):
    """1 + edges strictly below, edges of type 7 in fractions."""
    ranked = sorted(values)
    edges = []
    for k in range(1, bins):
        h = Fraction((len(ranked) - 1) * k, bins)
        lo = h.numerator // h.denominator
        hi = min(lo + 1, len(ranked) - 1)
        edges.append(ranked[lo] + (h - lo) * (ranked[hi] - ranked[lo]))
    scores = [1 + sum(edge < value for edge in edges) for value in values]
    whole = [ranked[0]] + edges + [ranked[-1]]
    if len(set(whole)) == bins + 1:
        assert list(pd.qcut(pd.Series(values), bins, labels=False) + 1) == scores
    return scores


def ntile(base, metric, bins):
    order = "DESC" if metric == "recency_days" else "ASC"
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE base (id TEXT, value INTEGER)")
    db.executemany("INSERT INTO base VALUES (?, ?)", zip(base.customer_id, base[metric].map(int)))
    tiles = dict(db.execute(
        f"SELECT id, NTILE({bins}) OVER (ORDER BY value {order}, id ASC) FROM base"))
    return [tiles[customer] for customer in base.customer_id]


def tiers(table):
    valued = sorted(table[table["last"] != ""].spend_365d, reverse=True)
    ranks = [int(share * len(table) + Fraction(1, 2)) for share in SHARES]
    found = []
    for row in table.itertuples():
        fits = [i for i, rank in enumerate(ranks) if row.last != "" and rank > 0 and
                (rank > len(valued) or row.spend_365d >= valued[rank - 1])]
        found.append(fits[0] if fits else len(SHARES) - 1)
    return found


def expected(case):
    as_of, bins, window, frequency = settings(case)
    ledger = pd.read_csv(case / "ledger.csv", dtype=str, keep_default_na=False)
    ledger["date"] = pd.to_datetime(ledger.date)
    ledger["amount"] = ledger.amount.map(money)
    table = features(ledger, as_of, window, frequency)
    base = table[table["last"] != ""]
    for metric in METRICS:
        letter = metric.replace("rfm_", "")[0]
        scores = together([int(v) for v in base[metric]], bins) if len(base) else []
        if metric == "recency_days":
            scores = [bins + 1 - s for s in scores]
        table[letter] = pd.Series(scores, index=base.index, dtype="Int64")
        tiles = ntile(base, metric, bins)
        table[letter + "_ntile"] = pd.Series(tiles, index=base.index, dtype="Int64")
    table["tier"] = tiers(table)
    table = table.sort_values("customer_id", key=lambda ids: ids.map(lambda i: i.encode()))
    return table.to_csv(index=False, lineterminator="\n")


def main():
    changed = False
    for case in sorted(path for path in CASES.iterdir() if path.is_dir()):
        target = case / "expected.csv"
        old, new = target.read_text() if target.exists() else "", expected(case)
        changed |= old != new
        sys.stdout.writelines(difflib.unified_diff(
            old.splitlines(True), new.splitlines(True), f"{case.name} committed", "made now"))
        if "--check" not in sys.argv:
            target.write_text(new)
    return 1 if changed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
