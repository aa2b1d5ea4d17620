# winnow backtest and the calibration of churn_prob: against pandas and scipy, and against what was
# promised for real ledgers. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

# ---- any ledger: usage, what is left, the same bytes ----

"$WINNOW" generate --customers 3000 --seed 7 --refund-share 3% --order-ids >ledger.csv || exit 1
answers 2 backtest ledger.csv
says err 'backtest wants --split'
answers 65 backtest ledger.csv --split 2999-01-01
says err 'no row lies after --split 2999-01-01'
answers 65 backtest ledger.csv --split 2024-06-30 --horizon 9999
says err "--horizon 9999 reaches past the ledger's end"
[ -e winnow-backtest ] && complain 'a backtest that failed left results'

answers 0 backtest ledger.csv --split 2024-06-30 --calibrate auto --workers 1 --shards 1 --out one
same out one/backtest.txt 'what is printed is not what is kept'
says out 'as of 2024-06-30'
answers 0 backtest ledger.csv --split 2024-06-30 --calibrate auto --workers 3 --shards 64 --out many
for file in backtest.json backtest.txt scores.csv tiers.csv; do
    same one/$file many/$file 'other workers and shards'
done
# As of the split it is a run.
days=$(sed -n 's/.*"churn_horizon_days": *\([0-9]*\).*/\1/p' one/backtest.json)
answers 0 run ledger.csv --as-of 2024-06-30 --horizon "$days" --churn-horizon "$days" --calibrate auto --out run
same one/scores.csv run/scores.csv 'a run as of the split'

# ---- the stack ----

answers 0 run ledger.csv --churn-model stack --out stack --workers 2
answers 0 run ledger.csv --churn-model stack --out again --workers 1 --shards 32
same stack/scores.csv again/scores.csv 'the stack of other shards'
answers 0 run ledger.csv --out plain
columns() { # FILE: all but churn_prob and what follows from it
    cut -d, -f 1-18,20-30 "$1"
}
columns stack/scores.csv >stacked
columns plain/scores.csv >unstacked
same stacked unstacked 'the stack changed more than churn_prob'
cut -d, -f 19 plain/scores.csv >plain.prob
cut -d, -f 19 stack/scores.csv | cmp -s - plain.prob && complain 'the stack changed nothing'
answers 0 run ledger.csv --model stack/model.json --out frozen
same stack/scores.csv frozen/scores.csv 'a frozen stack'
answers 2 run ledger.csv --model stack/model.json --churn-horizon 30
says err '--refit churn computes it anew'
answers 2 run ledger.csv --model stack/model.json --calibrate auto
says err '--refit churn computes it anew'

[ $bad = 0 ] || exit 1

# ---- real ledgers ----

data=${WINNOW_DATA:-$SOURCE/../shared/data}
[ -e "$data/cdnow_sample.tx.csv.gz" ] || skip 'the real ledgers are not here'
python=/usr/bin/python3
"$python" -c 'import pandas, scipy' 2>/dev/null || skip "$python lacks pandas or scipy"

number() { # FILE FORECAST KEY
    "$python" -c 'import json, sys
print(json.load(open(sys.argv[1]))["forecasts"][sys.argv[2]][sys.argv[3]])' "$@"
}
holds() { # EXPRESSION
    awk "BEGIN { exit !($1) }" || complain "not so: $1"
}

answers 0 backtest "$data/cdnow_sample.tx.csv.gz" --split 1997-09-30 --calibrate auto --out cdnow
says out 'Backtest: 2357 customers as of 1997-09-30'
says out "churn_prob is the stack's"
holds "$(number cdnow/backtest.json stack auc) >= 0.780"
holds "$(number cdnow/backtest.json stack brier) <= 0.160"
answers 0 backtest "$data/grocery_elog.tx.csv.gz" --split 2006-12-31 --calibrate auto --out grocery
says out "churn_prob is the stack's: Brier scores no further apart than chance"
recency=$(number grocery/backtest.json recency auc)
holds "$recency > 0.88685 && $recency < 0.88695"
stack=$(number grocery/backtest.json stack auc)
holds "$stack >= $recency - 0.003"
holds "$stack >= $(number grocery/backtest.json model auc) - 0.003"

# Who joined with an order that was cancelled since had been a customer for longer then than he is now.
{
    echo customer_id,date,amount,order_id
    awk 'BEGIN { for (i = 1; i <= 150; i++) {
        printf "c%d,2023-01-0%d,10,a%d\nc%d,2023-09-%02d,12,b%d\nc%d,2023-12-15,-10,a%d\n", i, i % 9 + 1, i, i, i % 28 + 1, i, i, i
        if (i % 3 == 0) printf "c%d,2023-11-%02d,12,d%d\n", i, i % 28 + 1, i } }'
} >cancelled.csv
answers 0 run cancelled.csv --calibrate auto --out cancelled
says cancelled/model.json '"log_loss"'
grep -q '"intercept": null' cancelled/model.json && complain "a stack that is no number"

for ledger in cdnow_sample:1997-09-30:1998-06-30 grocery_elog:2006-12-31:2007-12-30; do
    name=${ledger%%:*} split=${ledger#*:} last=${ledger##*:}
    split=${split%:*}
    answers 0 backtest "$data/$name.tx.csv.gz" --split "$split" --churn-model bgnbd --digits 17 --out "$name"
    "$python" "$SOURCE/tests/reference/backtest.py" "$data/$name.tx.csv.gz" "$split" "$last" "$name" >differences ||
        complain "$name: $(cat differences)"
done
exit $bad
