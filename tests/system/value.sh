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

# An interval holds its clv; a tier is more or less likely.
clv=$(column clv one/scores.csv) low=$(column clv_low one/scores.csv) hold=$(column tier_hold_prob one/scores.csv)
awk -F, -v c="$clv" -v l="$low" -v h="$hold" 'NR > 1 && $c != "" {
    n++
    if ($l > $c || $(l + 1) < $c || $h < 0 || $h > 1) { print "interval of " $0; exit 1 }
    if ($c > 1 && ($l * $(l + 1) / $c / $c - 1) ^ 2 > 1e-4) { print "one-sided: " $0; exit 1 }
} END { if (n < 700) { print n " intervals"; exit 1 } }' one/scores.csv || complain "intervals: see above"

# Cut points of one's own: a value up to a cut is on its lower side; what is not given stays a quantile.
answers 0 run ledger.csv --out cuts --rfm-cuts 'r=30,90,180 f=1,2,4' \
    --columns customer_id,recency_days,purchase_days,r_score,f_score,m_score
says err 'cut points: recency 30 90 180; frequency 1 2 4; money '
awk -F, 'NR > 1 && $2 != "" {
    r = 4 - ($2 > 30) - ($2 > 90) - ($2 > 180); f = 1 + ($3 > 1) + ($3 > 2) + ($3 > 4)
    if (r != $4 || f != $5 || $6 > 4) { print "scores of " $0; exit 1 }
}' cuts/scores.csv || complain "cut points: see above"
says cuts/model.json '"cuts_given"'
says cuts/model.json '"histograms"'
answers 0 run ledger.csv --out again --model cuts/model.json \
    --columns customer_id,recency_days,purchase_days,r_score,f_score,m_score
same cuts/scores.csv again/scores.csv "frozen cut points"

exit $bad
