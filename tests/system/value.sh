# Offers, costs to serve and wallets, from the flags to the tables: the same bytes for any number of workers and
# shards, sums that add up, and a model that freezes what it should. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 800 --seed 9 >ledger.csv || complain "generate fails"
cut -d, -f1 ledger.csv | sort -u | grep -v customer_id | awk 'BEGIN { print "customer_id,staff,branch" }
    { print $0 "," 1 + NR % 7 * (NR % 3) "," (NR % 2 ? "trade" : "retail") }' >people.csv

offer='--contact-cost 0.5 --offer-cost 5 --save-rate 30% --take-rate 0.4 --serve-cost 12.5'
wallet='--customers people.csv --wallet regression=0.9 --wallet-units staff --wallet-peers branch'
# shellcheck disable=SC2086 # words
answers 0 run ledger.csv --out one --workers 1 --shards 1 $offer $wallet
# shellcheck disable=SC2086
answers 0 run ledger.csv --out four --workers 4 --shards 16 $offer $wallet
for file in scores.csv tiers.csv model.json; do
    same "one/$file" "four/$file" "the value of customers"
done
says one/model.json '"best": "'
says one/model.json '"slope": '
# shellcheck disable=SC2086
answers 0 run ledger.csv --out frozen --model one/model.json $offer --customers people.csv \
    --wallet-units staff --wallet-peers branch
same one/scores.csv frozen/scores.csv "a frozen regression"

# column NAME FILE: its number
column() {
    head -n 1 "$2" | tr , '\n' | grep -nx "$1" | cut -d: -f1
}

# The gain is what docs/VALUE.md says it is, to its four decimals as far as six digits of a probability go.
answers 0 run ledger.csv --out exact --digits 17 --contact-cost 0.5 --offer-cost 5 --save-rate 30% \
    --take-rate 0.4 --columns customer_id,churn_prob,clv_if_alive,retention_gain,retention_worth,break_even_save_rate
awk -F, 'NR > 1 && $4 != "" {
    n++
    gain = $2 * .3 * ($3 - 5) - (1 - $2) * .4 * 5 - .5
    if (gain - $4 > .000051 || $4 - gain > .000051) { print "gain of " $0 " is " gain; exit 1 }
    if ($5 != ($4 > 0)) { print "worth of " $0; exit 1 }
    even = $2 * $6 * ($3 - 5) - (1 - $2) * .4 * 5 - .5
    if ($6 != "" && (even > 1e-9 || even < -1e-9)) { print "break-even of " $0 " is " even; exit 1 }
} END { if (n < 700) { print n " gains"; exit 1 } }' exact/scores.csv || complain "retention: see above"

# Tiers sum what is printed for their customers.
tier=$(column tier one/scores.csv) gain=$(column retention_gain one/scores.csv)
spend=$(column spend_365d one/scores.csv)
awk -F, -v t="$tier" -v g="$gain" -v s="$spend" 'FNR == 1 { next }
    NR == FNR { if ($g > 0) { n[$t]++; sum[$t] += $g } if ($s < 12.5) { bad[$t]++; loss[$t] += 12.5 - $s } next }
    $15 != n[$1] + 0 || ($16 - sum[$1]) ^ 2 > 1e-6 || $17 != bad[$1] + 0 || ($18 - loss[$1]) ^ 2 > 1e-6 {
        print "tier " $0 ": " n[$1] " " sum[$1] " " bad[$1] " " loss[$1]; exit 1
    }' one/scores.csv one/tiers.csv || complain "tiers: see above"

exit $bad
