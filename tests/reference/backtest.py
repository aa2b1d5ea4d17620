#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A backtest done again with pandas and scipy. backtest.py LEDGER SPLIT LAST DIR: DIR is what
`winnow backtest LEDGER --split SPLIT --churn-model bgnbd --digits 17 --out DIR` left. Of it only the model's
parameters are taken; histories, forecasts, stack and statistics are made from the ledger. Says what differs
and exits 1."""
import json
import sys

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln
from scipy.stats import rankdata

ledger, split, last, directory = sys.argv[1:]
told = json.load(open(directory + "/backtest.json"))
model = json.load(open(directory + "/model.json"))
scores = pd.read_csv(directory + "/scores.csv", dtype={"customer_id": str}).set_index("customer_id")
rows = pd.read_csv(ledger, dtype={"customer_id": str})
rows["day"] = (pd.to_datetime(rows["date"]) - pd.Timestamp("1970-01-01")).dt.days
has_amount = "amount" in rows
if not has_amount:
    rows["amount"] = 0.0
days = rows.groupby(["customer_id", "day"], as_index=False)["amount"].sum()
split, last = ((pd.Timestamp(d) - pd.Timestamp("1970-01-01")).days for d in (split, last))
wrong = []


def compare(what, got, want, tolerance):
    if not abs(got - want) <= tolerance:
        wrong.append(f"{what}: {got}, by scipy {want}")


def histories(on):
    known = days[days["day"] <= on].groupby("customer_id")
    h = pd.DataFrame({"first": known["day"].min(), "last": known["day"].max(),
                      "n": known["day"].size(), "spent": known["amount"].sum()})
    h["x"] = h["n"] - 1.0
    h["span"] = (h["last"] - h["first"]) / 7
    h["age"] = (on - h["first"]) / 7
    return h


def came(h, start, end):
    later = days[(days["day"] > start) & (days["day"] <= end)].groupby("customer_id")
    return (later.size().reindex(h.index).fillna(0).to_numpy(),
            later["amount"].sum().reindex(h.index).fillna(0).to_numpy())


def two_ways(theta, x, span, age):
    """ln of BG/NBD's likelihood, alive and gone."""
    r, alpha, a, b = theta
    both = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    gone = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b), -np.inf)
    return (both + betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age),
            both + gone - (r + x) * np.log(alpha + span))


def active(theta, h, horizon):
    x, span, age = (h[c].to_numpy(float) for c in ("x", "span", "age"))
    alive, gone = two_ways(theta, x, span, age)
    r, alpha = theta[:2]
    return expit(alive - gone) * -np.expm1((r + x) * (np.log(alpha + age) -
                                                      np.log(alpha + age + horizon / 7)))


def fit(h, start):
    x, span, age = (h[c].to_numpy(float) for c in ("x", "span", "age"))
    loss = lambda p: -np.sum(np.logaddexp(*two_ways(np.exp(p), x, span, age)))
    return np.exp(minimize(loss, np.log(start), method="BFGS", options={"gtol": 1e-4}).x)


def features(h):
    recency = h["age"] - h["span"]
    gap = np.where(h["x"] > 0, h["span"] / np.maximum(h["x"], 1), h["age"])
    tenure = h["age"].where(h["age"] > 0, np.inf)
    return np.column_stack([np.sqrt(recency), recency / tenure, np.log((recency + 1) / (gap + 1)),
                            np.log(h["n"]), np.log1p(h["spent"].clip(lower=0) / h["n"])])


def learn(X, y):
    mean, width = X.mean(axis=0), X.std(axis=0)
    width[width == 0] = np.inf
    Z = np.column_stack([(X - mean) / width, np.ones(len(X))])

    def loss(w):
        e = Z @ w
        return (np.sum(np.logaddexp(0, e) - y * e) + w[:-1] @ w[:-1] / 2,
                Z.T @ (expit(e) - y) + np.append(w[:-1], 0))

    w = minimize(loss, np.zeros(Z.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9}).x
    return lambda X: np.column_stack([(X - mean) / width, np.ones(len(X))]) @ w


def levelled(e, mean):
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(e + middle).mean() < mean else (low, middle)
    return expit(e + low)


def auc(key, y):
    rank, winners = rankdata(key), y.sum()
    return (rank[y].sum() - winners * (winners + 1) / 2) / (winners * (len(y) - winners))


def captured(key, worth):
    top = int(len(key) / 5 + 0.5)
    border = np.sort(key)[-top]
    above, tied = key > border, key == border
    return (worth[above].sum() + worth[tied].sum() * (top - above.sum()) / tied.sum()) / worth.sum()


now = histories(split)
bought, spent = came(now, split, last)
y, worth = bought > 0, spent if has_amount else bought
theta = [list(f["parameters"].values()) for f in model["churn"]["models"]
         if f["name"] == "bgnbd"][0]
horizon, trial = last - split, model["churn"]["calibration"]["trial_days"]
compare("trial_days", trial, min(horizon, (split - days["day"].min()) // 4), 0)
compare("customers", told["customers"], len(now), 0)
compare("came_back", told["came_back"], y.sum(), 0)
compare("purchase_days", told["purchase_days"], bought.sum(), 0)
if has_amount:
    compare("revenue", told["revenue"], spent.sum(), 1e-6)

late, early = histories(split - trial), histories(split - 2 * trial)
y_late = came(late, split - trial, split)[0] > 0
y_early = came(early, split - 2 * trial, split - trial)[0] > 0
p = {"model": active(theta, now, horizon)}
X_late, X_early = features(late), features(early)
p["stack"] = levelled(learn(np.vstack([X_late, X_early]), np.append(y_late, y_early))(features(now)),
                      p["model"].mean())
then = active(fit(late, theta), late, trial)
judged = levelled(learn(X_early, y_early)(X_late), then.mean())
brier = model["churn"]["calibration"]["brier"]
compare("Brier of the model, a trial ago", brier["model"], np.mean((then - y_late) ** 2), 1e-6)
compare("Brier of the stack, a trial ago", brier["stack"], np.mean((judged - y_late) ** 2), 1e-6)

mine = scores.reindex(now.index)
compare("churn_prob", np.abs(1 - mine["churn_prob"] - p["model"]).max(), 0, 1e-12)
for who in p:
    forecast = told["forecasts"][who]
    compare(who + " auc", forecast["auc"], auc(p[who].round(12), y), 1e-6)
    compare(who + " brier", forecast["brier"], np.mean((p[who] - y) ** 2), 1e-8)
    order = np.argsort(p[who].round(12), kind="stable")
    for j, decile in enumerate(forecast["deciles"]):
        members = order[len(y) * j // 10:len(y) * (j + 1) // 10]
        compare(f"{who} decile {j}", decile["customers"], len(members), 0)
        compare(f"{who} decile {j} predicted", decile["predicted"], p[who][members].mean(), 1e-8)
expected = mine["expected_purchases"].to_numpy()
compare("mae", told["forecasts"]["model"]["mean_absolute_error"], np.abs(expected - bought).mean(),
        1e-12)
takes = mine["expected_spend"].to_numpy() if has_amount else expected
compare("model took", told["forecasts"]["model"]["captured_by_top_20_percent"],
        captured(takes, worth), 1e-12)
past = now["spent"].to_numpy().round(4) if has_amount else now["n"].to_numpy()
for who, key in (("recency", now["last"].to_numpy()), ("spend", past)):
    compare(who + " auc", told["forecasts"][who]["auc"], auc(key, y), 1e-12)
    compare(who + " took", told["forecasts"][who]["captured_by_top_20_percent"],
            captured(key, worth), 1e-12)
for group in told["by_repeat_purchases"]:
    x = group["repeat_purchases"]
    members = (now["x"] == x).to_numpy() if x < 7 else (now["x"] >= 7).to_numpy()
    compare(f"{x} repeat purchases", group["customers"], members.sum(), 0)
    compare(f"{x} repeat purchases: actual", group["actual"], bought[members].mean(), 1e-12)
    compare(f"{x} repeat purchases: expected", group["expected"], expected[members].mean(), 1e-12)
print("\n".join(wrong))
sys.exit(bool(wrong))
