# SPDX-License-Identifier: Apache-2.0
"""frames.py pandas|polars LEDGER OUT: RFM by quantile cut points and tiers by revenue, as a user would write it with a
library of data frames. No churn, no wallet, no CLV, no rejects."""
import sys

EDGES = [.2, .4, .6, .8]


def with_pandas(ledger, out):
    import numpy
    import pandas
    rows = pandas.read_csv(ledger, dtype={'customer_id': str}, parse_dates=['date'])
    base = rows.groupby('customer_id').agg(last=('date', 'max'), f=('date', 'size'), m=('amount', 'sum'))
    as_of = base['last'].max()
    base['recency_days'] = (as_of - base['last']).dt.days
    days = base['last'].astype('int64')
    for name, values in (('r_score', days), ('f_score', base['f']), ('m_score', base['m'])):
        base[name] = 1 + numpy.searchsorted(values.quantile(EDGES).to_numpy(), values.to_numpy(), side='left')
    low, high = base['m'].quantile([.2, .8])
    base['tier'] = numpy.where(base['m'] >= high, 'top', numpy.where(base['m'] >= low, 'middle', 'bottom'))
    base.drop(columns='last').to_csv(out)


def with_polars(ledger, out):
    import polars as pl
    rows = pl.scan_csv(ledger, schema={'customer_id': pl.String, 'date': pl.Date, 'amount': pl.Float64})
    base = rows.group_by('customer_id').agg(
        pl.col('date').max().alias('last'), pl.len().alias('f'), pl.col('amount').sum().alias('m')).collect()

    def score(column):
        return sum((column > column.quantile(edge)).cast(pl.Int8) for edge in EDGES) + 1

    m = pl.col('m')
    base.select(
        'customer_id', (pl.col('last').max() - pl.col('last')).dt.total_days().alias('recency_days'), 'f', 'm',
        score(pl.col('last').cast(pl.Int32)).alias('r_score'), score(pl.col('f')).alias('f_score'),
        score(m).alias('m_score'),
        pl.when(m >= m.quantile(.8)).then(pl.lit('top')).when(m >= m.quantile(.2)).then(pl.lit('middle'))
        .otherwise(pl.lit('bottom')).alias('tier')).write_csv(out)


{'pandas': with_pandas, 'polars': with_polars}[sys.argv[1]](sys.argv[2], sys.argv[3])
