# SPDX-License-Identifier: Apache-2.0
"""Holds the oracle's columns against what a run leaves: every column of scores.csv and tiers.csv.

Tiers and their table are made again from the published columns, as a reader of them would; the
fitted parameters are judged by the oracle before anything is computed with them."""
import csv
import json
import os
import subprocess
from fractions import Fraction

import numpy

import oracle
from oracle import UNIT, Settings, text_of
WINNOW = os.environ["WINNOW"]
complaints = []


def complain(words):
    complaints.append(words)
    print(words)


def run(name, arguments, want=0, stdin=None):
    """Runs winnow in the directory of the case; its stderr where it ends as wanted."""
    done = subprocess.run([WINNOW] + arguments, stdin=stdin, capture_output=True, text=True)
    if done.returncode != want:
        complain(f"{name}: winnow {' '.join(arguments)}: exit {done.returncode}, wanted {want}: {done.stderr[-600:]}")
        return None
    return done.stderr


def money(text):
    """1/10,000 of a printed amount, exact."""
    value = Fraction(text) * UNIT
    if value.denominator != 1:
        raise ValueError(text)
    return int(value)


def near(got, want, size):
    return abs(got - want) <= size * max(1.0, abs(want))


def compare(name, who, row, column, want):
    """want: None is empty, str and int exactly, ('money', units) an amount, ('real', x), ('made', x) a rounded one."""
    got = row[column]
    if want is None:
        good = got == ""
    elif not isinstance(want, tuple):
        good = got == str(want)
    elif got == "":
        good = False
    elif want[0] == "money":
        good = money(got) == want[1]
    elif want[0] == "made":
        good = abs(float(got) - want[1]) <= .00005000001 + 1e-9 * abs(want[1])
    else:
        good = near(float(got), want[1], 1e-9)
    if not good and len(complaints) < 60:
        complain(f"{name}: {who!r}: {column} is {got!r}, wanted {want}")


def wanted(one, settings, decimals):
    """The columns that follow from one customer alone."""
    bought, amounts = one["first"] is not oracle.NO_DAY, settings.amounts
    modelled, spent = "p_alive" in one, "clv" in one

    def has(condition, value):
        return value if condition else None
    scores = [one.get(key) for key in ("r_score", "f_score", "m_score") if amounts or key != "m_score"]
    named = bought and settings.rfm_bins == 5 and scores[0]
    want = {
        "first_purchase_date": has(bought, text_of(one["first"] or 0)),
        "last_purchase_date": has(bought, text_of(one["last"] or 0)),
        "recency_days": has(bought, one.get("R")),
        "purchase_days": one["purchase_days"], "order_count": one["order_count"],
        "monetary_total": has(amounts, ("money", one["monetary_total"])),
        "spend_365d": has(amounts, ("money", one["spend_365d"])),
        "r_score": one.get("r_score"), "f_score": one.get("f_score"), "m_score": one.get("m_score"),
        "rfm_score": has(scores[0], "".join(map(str, scores))),
        "rfm_segment": has(named, oracle.segment(scores[0], scores[1]) if named else None),
        "repeat_purchases": has(bought, one.get("x")),
        "active_span_weeks": has(bought, ("real", one.get("tx"))),
        "tenure_weeks": has(bought, ("real", one.get("T"))),
        "mean_repeat_spend": has(bought and amounts, ("made", one.get("m"))),
        "p_alive": has(modelled, ("real", one.get("p_alive"))),
        "churn_prob": has(modelled, ("real", one.get("churn_prob"))),
        "expected_purchases": has(modelled, ("real", one.get("expected_purchases"))),
        "expected_spend": has(spent, ("made", one.get("expected_spend"))),
        "clv": has(spent, ("made", one.get("clv"))),
        "clv_if_alive": has(spent, ("made", one.get("clv_if_alive"))),
    }
    if amounts and decimals is not None:
        want["monetary_total"] = f"{one['monetary_total'] / UNIT:.{decimals}f}"
    size = one.get("wallet_size")
    want.update({
        "wallet_size": has(size is not None, ("money", size)),
        "wallet_share": has(size is not None, ("real", one["S"] / max(size or 0, one["S"], 1))),
        "wallet_headroom": has(size is not None, ("money", max(0, (size or 0) - one["S"]))),
        "wallet_capped": has(size is not None, int(one["S"] >= (size or 0)))})
    return want


def judge_models(name, people, settings, model):
    """The fitted models that the oracle has looked into, or None."""
    churn, spend, kind = None, None, model["churn"]["chosen"]
    if kind not in (None, "none"):
        said = next(one for one in model["churn"]["models"] if one["name"] == kind
                    and one["regularity"] == model["churn"]["chosen_regularity"])
        churn = oracle.model_of(said)
        for words in oracle.judged(churn, people, said):
            complain(f"{name}: {kind}: {words}")
    if settings.amounts and churn:
        spend = oracle.Spend(model["spend"])
        for words in spend.judged(people, model["spend"]):
            complain(f"{name}: {words}")
    if churn:
        oracle.outlook(people, settings, churn, spend)
    return churn, spend


def judge_tiers(name, people, rows, settings, model, churn, spend):
    values, last, by_tier = {}, 0, {}
    for who, one in people.items():
        value = oracle.worth(one, settings, churn, spend)
        if value is None and one["first"] is not oracle.NO_DAY:
            value = money(rows[who]["clv"])
        compare(name, who, rows[who], "value", None if value is None else ("money", value))
        values[who] = value
        last += value is None
    active = [values[who] for who, one in people.items() if values[who] is not None and one["active"]]
    cuts = oracle.tiers(active, last, settings)
    for who, one in people.items():
        place = oracle.tier_of(values[who], cuts)
        if one["first"] is not oracle.NO_DAY and not one["active"]:
            place = len(cuts)
        compare(name, who, rows[who], "tier", (settings.tiers + (("inactive", 0),))[place][0])
        by_tier.setdefault(place, []).append(who)
    for place, (tier, cut) in enumerate(zip(model["tiers"], cuts)):
        chances = [float(rows[who]["churn_prob"]) for who in by_tier.get(place, []) if rows[who]["churn_prob"]]
        threshold = tier.get("churn_threshold")
        want = settings.churn_threshold
        if want is None and chances:
            want = float(numpy.quantile(chances, .8))
        if (want is None) != (threshold is None) or (want is not None and not near(threshold, want, 1e-12)):
            complain(f"{name}: threshold of {tier['name']} is {threshold}, wanted {want}")
        for who in by_tier.get(place, []):
            chance = float(rows[who]["churn_prob"]) if rows[who]["churn_prob"] else None
            compare(name, who, rows[who], "action",
                    oracle.action(people[who], place, len(cuts), chance, threshold, settings.as_of))
    for who in by_tier.get(len(cuts), []):
        compare(name, who, rows[who], "action", "none")
    return cuts, by_tier


def judge_table(name, out, rows, settings, cuts, by_tier, wallets):
    """tiers.csv from scores.csv alone."""
    def total(who, column):
        return sum(money(rows[one][column] or "0") for one in who)
    with open(f"{out}/tiers.csv", newline="") as file:
        table = list(csv.DictReader(file))
    names = [tier for tier, _ in settings.tiers] + (["inactive"] if by_tier.get(len(cuts)) else [])
    if [row["tier"] for row in table] != names:
        complain(f"{name}: tiers {[row['tier'] for row in table]}, wanted {names}")
        return
    everybody = list(rows)
    for place, row in enumerate(table):
        who = by_tier.get(place, [])
        revenue, clv = total(who, "spend_365d"), total(who, "clv")
        chances = [(money(rows[one]["spend_365d"] or "0") / UNIT, float(rows[one]["churn_prob"]))
                   for one in who if rows[one]["churn_prob"]]
        sized = [one for one in who if rows[one]["wallet_size"]]
        sizes = sum(max(money(rows[one]["wallet_size"]), wallets[one]) for one in sized)
        spends = sum(wallets[one] for one in sized)
        want = {
            "customers": len(who), "customer_share": ("real", len(who) / len(everybody)),
            "target_share": ("real", float(settings.tiers[place][1])) if place < len(cuts) else None,
            "revenue": ("money", revenue) if settings.amounts else None,
            "revenue_share": ("real", revenue / total(everybody, "spend_365d"))
            if total(everybody, "spend_365d") > 0 else None,
            "clv": ("money", clv) if settings.amounts else None,
            "clv_share": ("real", clv / total(everybody, "clv")) if total(everybody, "clv") > 0 else None,
            "mean_churn_prob": ("real", numpy.mean([chance for _, chance in chances])) if chances else None,
            "wallet_customers": len(sized), "wallet_share": ("real", spends / sizes) if sized and sizes else None,
            "wallet_headroom": ("money", sizes - spends) if sized else None,
            "cutoff": ("money", cuts[place]) if place < len(cuts) and cuts[place] is not None else None}
        for column, value in want.items():
            compare(name, row["tier"], row, column, value)
        risk = sum(spend * chance for spend, chance in chances)
        if settings.amounts and abs(float(row["revenue_at_risk"]) - risk) > .00005 * (len(who) + 1):
            complain(f"{name}: {row['tier']}: revenue_at_risk {row['revenue_at_risk']}, wanted {risk}")


def scored(name, rows, arguments, settings=None, decimals=None, model="bgnbd", stdin=None):
    """Runs a ledger and holds the oracle's columns against all that it leaves. rows: (id, day, money, order)."""
    settings, out = settings or Settings(), f"{name}.out"
    told = run(name, ["run"] + arguments + ["--out", out, "--churn-model", *model.split(), "--digits", "17", "--workers", "1"],
               stdin=stdin)
    if told is None:
        return None
    with open(f"{out}/scores.csv", newline="", encoding="utf-8") as file:
        got = {row["customer_id"]: row for row in csv.DictReader(file)}
    with open(f"{out}/model.json") as file:
        fitted = json.load(file)
    people = oracle.features(rows, settings)
    if set(got) != set(people):
        complain(f"{name}: customers {sorted(set(got) ^ set(people))[:5]} are on one side only")
        return told
    oracle.rfm(people, settings)
    churn, spend = judge_models(name, people, settings, fitted)
    if settings.wallet is not None:
        oracle.wallets(people, settings)
    for who, one in people.items():
        for column, value in wanted(one, settings, decimals).items():
            compare(name, who, got[who], column, value)
        basis, said = one.get("wallet_basis", "no_attributes"), got[who]["wallet_basis"]
        if not (said.startswith(("mean of ", "quantile=")) if basis == "group" else said == basis):
            complain(f"{name}: {who!r}: wallet_basis is {said}, wanted {basis}")
    cuts, by_tier = judge_tiers(name, people, got, settings, fitted, churn, spend)
    judge_table(name, out, got, settings, cuts, by_tier, {who: one["S"] for who, one in people.items()})
    return told


def wants(name, text, words):
    if words not in (text or ""):
        complain(f"{name}: says {text!r}, not {words!r}")
