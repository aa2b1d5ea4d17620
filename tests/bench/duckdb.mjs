// SPDX-License-Identifier: Apache-2.0
// duckdb.mjs cuts|ntile|models LEDGER OUT [THREADS]: what a user would write in SQL instead, with the npm package
// @duckdb/node-api. cuts: RFM by quantile cut points and tiers by revenue; ntile: the same with NTILE and a
// tie-break; models: cuts, distinct days, and P(alive) and mean spend at given parameters. No fit, no churn
// probability, no CLV: those have no SQL.
import { createRequire } from 'node:module';
const require = createRequire(process.env.WINNOW_DUCKDB ? process.env.WINNOW_DUCKDB + '/' : import.meta.url);
const { DuckDBInstance } = require('@duckdb/node-api');

const [mode, ledger, out, threads] = process.argv.slice(2);
const db = await DuckDBInstance.create(':memory:', { threads: threads || '2' });
const sql = await db.connect();
const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
const f = mode === 'models' ? 'count(distinct date)' : 'count(*)';

await sql.run(`create temp table base as
  select customer_id, min(date) as first, max(date) as last, ${f} as f, sum(amount) as m
  from read_csv(${quoted(ledger)}, header = true,
                columns = {'customer_id': 'VARCHAR', 'date': 'DATE', 'amount': 'DECIMAL(18,4)'})
  group by customer_id`);
await sql.run(`create temp table edge as
  select max(last) as as_of,
         quantile_cont(date_diff('day', date '1970-01-01', last), [.2, .4, .6, .8]) as r,
         quantile_cont(f, [.2, .4, .6, .8]) as f, quantile_cont(m, [.2, .4, .6, .8]) as m
  from base`);

const score = (value, edges) => '1 + ' + [1, 2, 3, 4].map((i) => `(${value} > ${edges}[${i}])::int`).join(' + ');
const scored = {
  cuts: `select customer_id, as_of - last as recency_days, base.f as frequency, base.m as monetary,
      ${score("date_diff('day', date '1970-01-01', last)", 'edge.r')} as r_score, ${score('base.f', 'edge.f')} as f_score,
      ${score('base.m', 'edge.m')} as m_score,
      case when base.m >= edge.m[4] then 'top' when base.m >= edge.m[1] then 'middle' else 'bottom' end as tier
    from base, edge`,
  ntile: `select customer_id, as_of - last as recency_days, base.f as frequency, base.m as monetary,
      ntile(5) over (order by last, customer_id) as r_score, ntile(5) over (order by base.f, customer_id) as f_score,
      ntile(5) over (order by base.m, customer_id) as m_score,
      case when base.m >= edge.m[4] then 'top' when base.m >= edge.m[1] then 'middle' else 'bottom' end as tier
    from base, edge`,
};
scored.models = `with seen as (${scored.cuts}), repeat as (
    select customer_id, base.f - 1 as x, (last - first) / 7.0 as tx, (as_of - first) / 7.0 as t,
      base.m / base.f as mean
    from base, edge)
  select seen.*, case when x = 0 then 1
      else 1 / (1 + .79 / (2.43 + x - 1) * pow((4.41 + t) / (4.41 + tx), .243 + x)) end as p_alive,
    (15.44 + x * mean) * 6.25 / (6.25 * x + 3.74 - 1) as mean_spend
  from seen join repeat using (customer_id)`;

await sql.run(`copy (${scored[mode]}) to ${quoted(out)} (header, delimiter ',')`);
