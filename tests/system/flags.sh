# No flag is taken and ignored: each changes what it is for, is in the manifest with where it came from, and
# works as a variable; what is not built is refused with a sentence. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 1500 --seed 11 --days 1200 --order-ids --refund-share 4% >ledger.csv || exit 1
awk -F , 'NR > 1 && !seen[$1]++ { n++; print $1 "," 1 + n % 40 "," substr("abc", 1 + n % 3, 1) "," 100 * (n % 50) }' \
    ledger.csv >rows
(echo 'customer_id,staff,trade,budget' && cat rows) >people.csv
people='--customers people.csv --wallet-units staff --wallet-peers trade'
# shellcheck disable=SC2086 # words
answers 0 run ledger.csv --out base $people

# changes FILE FLAG [VALUE]: a run with the flag differs in FILE, and says so in its manifest.
changes() {
    file=$1
    flag=$2
    value=${3-}
    # shellcheck disable=SC2086
    answers 0 run ledger.csv --out changed $people "--$flag" ${value:+"$value"}
    cmp -s "base/$file" "changed/$file" && complain "--$flag $value changes nothing in $file"
    tr -d '\n ' <changed/manifest.json | grep -q "\"$flag\":{\"value\":\"[^\"]*\",\"source\":\"flag\"}" ||
        complain "--$flag is not in the manifest"
    variable=WINNOW_$(echo "$flag" | tr a-z- A-Z_)
    # shellcheck disable=SC2086
    env "$variable=${value:-yes}" "$WINNOW" run ledger.csv --out varied $people 2>err ||
        complain "$variable: $(tail -n 1 err)"
    same "changed/$file" "varied/$file" "$variable"
}

changes scores.csv as-of 2025-06-01
changes scores.csv exclude order_id=1
changes scores.csv sample 50%
changes scores.csv horizon 30
changes scores.csv churn-horizon 30
changes scores.csv discount-rate 3%/month
changes scores.csv churn-model none
changes scores.csv churn-model mbgnbd
changes scores.csv inactive-after 100
changes scores.csv rfm-bins 4
changes scores.csv rfm-ties ntile
changes scores.csv rfm-frequency orders
changes scores.csv rfm-window 200
changes scores.csv wallet mean
changes scores.csv wallet quantile=0.5
changes scores.csv tiers gold:10,rest:90
changes scores.csv tier-by revenue
changes scores.csv tier-by profit
changes scores.csv margin 0.5
changes scores.csv churn-threshold 0.1
changes scores.csv columns minimal
changes scores.csv digits 12
changes scores.csv null "$(sed -n 2p ledger.csv | cut -d , -f 3)"
people="$people --wallet declared"
changes scores.csv wallet-declared budget
people='--customers people.csv --wallet-units staff --wallet-peers trade --tier-by profit'
changes scores.csv serve-cost 10
people='--columns lifetimes'
# shellcheck disable=SC2086
answers 0 run ledger.csv --out base $people
changes scores.csv time-unit day
people=''
answers 0 run ledger.csv --out base
changes scores.csv map amount=order_id
cut -d , -f 1 ledger.csv | sed -n 2,4p >leave
changes scores.csv exclude-customers leave
answers 0 run ledger.csv --out base --customers people.csv
says err '--customers has no effect without --wallet'

# What is refused: not built, or a contradiction.
for words in '--regularity 2' '--calibrate auto' '--rfm-cuts r=30' '--contact-cost 1' '--metrics 127.0.0.1:9'; do
    flag=${words%% *}
    "$WINNOW" run --help >help
    grep -q -- "^  $flag " help && [ "$flag" != --churn-model ] && continue # it is built by now
    # shellcheck disable=SC2086
    answers 2 run ledger.csv --out refused $words
    [ ! -e refused ] || complain "$words was refused and done"
    [ "$(wc -l <err)" = 1 ] || complain "$words: not one sentence: $(cat err)"
done
answers 2 run ledger.csv --out refused --model base/model.json --rfm-bins 4
says err 'rfm-bins'
exit $bad
