#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""RFM scores of the CDNOW sample by pandas: 'customer_id r f m' a line, as of the last purchase.
Recency and money by pandas.qcut; frequency has equal edges, which qcut refuses, so it counts the
edges of Series.quantile strictly below."""
import sys

import pandas as pd

ledger = pd.read_csv(sys.argv[1], dtype={"customer_id": str})
ledger["date"] = pd.to_datetime(ledger["date"])
ledger["money"] = (ledger["amount"] * 10000).round().astype("int64")
base = ledger.groupby("customer_id").agg(
    last=("date", "max"), days=("date", "nunique"), money=("money", "sum"))
recency = (ledger["date"].max() - base["last"]).dt.days
r = 5 - pd.qcut(recency, 5, labels=False)
m = 1 + pd.qcut(base["money"], 5, labels=False)
edges = base["days"].quantile([.2, .4, .6, .8])
f = 1 + sum((base["days"] > edge).astype(int) for edge in edges)
for customer in base.index:
    print(customer, r[customer], f[customer], m[customer])
