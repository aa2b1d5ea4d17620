# A table that somebody else has summed up: a ledger's own, written out and read back, scores as the ledger
# does, in days and in weeks. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 600 --seed 5 >ledger.csv || complain "generate fails"
for unit in day week; do
    answers 0 run ledger.csv --out "ledger $unit" --columns lifetimes --digits 15 --time-unit $unit
    answers 0 run --input-kind summary "ledger $unit/scores.csv" --out "summary $unit" --workers 3 \
        --shards 8 --columns lifetimes --digits 15 --time-unit $unit
    same "ledger $unit/scores.csv" "summary $unit/scores.csv" "a summary in ${unit}s"
done

# What the table cannot know stays empty; R is T less recency, F is frequency and one.
cat >table.csv <<'END'
customer_id,frequency,recency,T,monetary_value
ann,2,10,30,12.5
bob,0,0,20,0
END
answers 0 run --input-kind summary --time-unit day table.csv --out table --columns all
sed 's/,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*$//' table/scores.csv |
    cut -d, -f1-8 | sort >sorted
reads sorted <<'END'
ann,,,20,3,,,
bob,,,20,1,,,
customer_id,first_purchase_date,last_purchase_date,recency_days,purchase_days,order_count,monetary_total,spend_365d
END
answers 0 run --input-kind summary --time-unit day table.csv --out dated --as-of 2024-01-31 \
    --columns customer_id,first_purchase_date,last_purchase_date
sort dated/scores.csv >sorted
reads sorted <<'END'
ann,2024-01-01,2024-01-11
bob,2024-01-11,2024-01-11
customer_id,first_purchase_date,last_purchase_date
END

# One row a customer.
echo 'ann,2,10,30,12.5' >>table.csv
answers 65 run --input-kind summary table.csv --out doubled
says err "customer 'ann' has more than one row"
for flag in '--rfm-window 30' '--tier-by revenue' '--serve-cost 3'; do
    # shellcheck disable=SC2086 # two words
    answers 2 run --input-kind summary table.csv --out refused $flag
    says err 'knows nothing of'
done

exit $bad
