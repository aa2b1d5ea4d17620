# winnow explain: a customer worked by hand, every customer of a run agreeing with it, and what it says
# where it cannot. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

run() { # LEDGER FLAG...: scored quietly
    "$WINNOW" run "$@" --workers 1 >log 2>&1 || complain "winnow run $*: $(tail -n 3 log)"
}

# Five customers. Days since the last purchase, sorted: 9 19 29 31 49, so that the quantiles k/5 (type
# 7, rounded down) are 17 25 29 34; money: 5 8 34 60 112, so 7.4 23.6 44.4 70.4; purchase days: 1 1 2 2 3,
# so 1 1 2 2. Fewer than 10 came back, so tiers go by the money of 365 days; of all 6 customers, one of
# whom has only sent something back, the one at rank 1 has 112 and those at 5 and 6 end at 5, the least.
cat >hand.csv <<'END'
customer_id,date,amount,order_id
A,2024-01-01,10.00,a1
A,2024-01-22,20.00,a2
A,2024-01-22,4.00,a3
B,2024-01-11,30.00,b1
B,2024-01-12,50.00,b2
B,2024-01-13,-20.00,b3
C,2024-01-02,5.00,c1
D,2023-12-13,8.00,d1
E,2023-12-01,100.00,e1
E,2023-12-03,9.00,e2
E,2023-12-31,3.00,e3
"R, ""only""",2024-01-05,-4.00,r1
END
run hand.csv --as-of 2024-01-31 --out hand
answers 0 explain B --run hand
sed 's/run [0-9a-f]* of winnow [0-9.]*/run ID of winnow V/' out >told
reads told <<'END'
Customer
  B
  as of 2024-01-31, in hand: run ID of winnow V, 6 customers

What the customer did
  first purchase   2024-01-11  T, since then: 2.85714 weeks
  last purchase    2024-01-12  19 days ago; t_x, from first to last: 0.142857 weeks
  purchase days             2  x, those after the first: 1
  orders                    2
  money                 60.00  net of refunds; m, the mean of the days after the first: 50.0000
  money, 365 days       60.00

RFM scores, cut in 5 at quantiles over 5 active customers
             value                 score  cuts                       next better             next worse
  recency       19  days               4  over 17, at most 25        5: 2 days less          3: 7 days more
  frequency      2  purchase days      3  over 1, at most 2          5: 1 purchase day more  1: 1 purchase day less
  monetary   60.00                     4  over 44.40, at most 70.40  5: 10.41 more           3: 15.60 less
  rfm_score 434, segment active (r 4 to 5, f 3 to 3): bought recently, not for the first time

Churn score
  none: fewer than 10 customers bought on a second day; tiers go by revenue

Tier middle, by spend_365d
  value 60.0000
     top     112  52 more would move him here
  >  middle    5
     bottom    5  55.01 less would move him here
  action grow, the first of these that holds
    none      no   inactive: silent for more than 730 days
    welcome   no   one purchase day, less than 90 days ago: 2, 20 days ago
    win_back  no   not the last tier, and churn_prob is over the threshold of the tier
    keep      no   the first tier
    low_cost  no   the last tier
    grow      yes  everybody else

What would change it, cut points and model standing still
                                   r  f  m  p_alive  churn_prob    value  tier
  as it is                         4  3  4        -           -  60.0000  middle
  a purchase of 30.00 on that day  5  5  5        -           -  90.0000  middle
  30 more days of silence          1  3  4        -           -

Made again from model.json and the inputs
  29 columns of scores.csv: the same
END
answers 0 explain 'R, "only"' --run hand
says out '  R, "only"'
says out 'only refunds up to that day'
says out 'action low_cost'

# A model of round numbers. MBG/NBD with r 1, alpha 10, a 1, b 1, after one repeat purchase at t_x = 4 of
# T = 18 weeks: the odds that he is gone are 1/(1+1) ((10+18)/(10+4))^2 = 2, so p_alive is 1/3; in h = 28
# weeks he is quiet, if there, with (28/56)^2 = 1/4: churn_prob is 1 - 1/3 3/4 = .75.
"$WINNOW" generate --customers 150 --seed 8 >drawn.csv
run drawn.csv --churn-model mbgnbd --out drawn
sed -e 's/"r": [0-9.e-]*/"r": 1/' -e 's/"alpha": [0-9.e-]*/"alpha": 10/' -e 's/"a": [0-9.e-]*/"a": 1/' \
    -e 's/"b": [0-9.e-]*/"b": 1/' drawn/model.json >round.json
printf 'customer_id,date,amount\nW,2024-01-01,10\nW,2024-01-29,20\nV,2024-01-03,10\n' >week.csv
run week.csv --as-of 2024-05-06 --churn-horizon 196 --model round.json --out week
answers 0 explain W --run week
says out 'mbgnbd: r 1, alpha 10, a 1, b 1'
says out 'came back 1 times, every 28 days on average: the silence is 3.5 times that'
says out 'x = 1, t_x = 4, T = 18, h = 28 weeks (196 days ahead)'
says out '0.5  a / (b + x)'
says out '4  ((alpha + T) / (alpha + t_x))^(r + x)'
says out '2  odds that he is gone'
says out 'p_alive     0.333333  1 / (1 + odds)'
says out 'quiet           0.25'
says out 'churn_prob      0.75'

# Everybody, by whatever was asked for, leads to what was published. Refunds, orders, wallets, windows.
awk -F, 'NR == 1 { print $0 ",order_id"; next } { print $0 ",o" NR }
    NR % 13 == 0 && $3 > 1 { printf "%s,%s,-%.2f,o%d\n", $1, $2, $3 / 2, NR }' drawn.csv >back.csv
awk -F, 'NR > 1 && !seen[$1]++ { n++; print $1 "," n % 5 "," (n % 2 ? "x" : "y") "," (n % 7 ? "" : n) }' \
    drawn.csv >people
{ echo 'customer_id,employees,sector,declared' && cat people; } >people.csv
everybody() { # DIR: asks for one in nine
    n=0
    cut -d, -f"$(head -n 1 "$1/scores.csv" | tr ',' '\n' | grep -n '^customer_id$' | cut -d: -f1)" \
        "$1/scores.csv" | awk 'NR > 1 && NR % 9 == 0' >ids
    while read -r who; do
        n=$((n + 1))
        answers 0 explain "$who" --run "$1" </dev/null
        grep -q 'DOES NOT AGREE' out && complain "$who of $1 does not agree"
    done <ids
    [ $n -gt 12 ] || complain "$1: only $n customers were asked for"
}
everybody drawn
run back.csv --rfm-ties ntile --rfm-window 120 --rfm-frequency orders --tier-by revenue \
    --inactive-after 90 --customers people.csv --wallet-units employees --wallet-peers sector \
    --wallet-declared declared --out asked
everybody asked
says out 'equal tiles, ties by id'
says out '(--rfm-window)'
says out 'Share of wallet'
run back.csv --churn-model bgnbd --tier-by profit --margin 0.35 --serve-cost 12.5 --rfm-bins 4 \
    --horizon 100 --discount-rate 12%/year --inactive-after off --columns warehouse --out other
everybody other
says out 'by bgnbd'

# Each churn model, and a table that was summed up elsewhere.
id=$(awk -F, 'NR > 1 && $5 > 3 { print $1; exit }' drawn/scores.csv)
# Intervals and offers rest on clv to its last place, which refunds leave to what was published.
offer='--contact-cost 0.5 --offer-cost 4.25 --save-rate 30% --take-rate 0.4'
for model in bgnbd mbgnbd pnbd nbd 'bgcnbd --regularity 2' 'mbgcnbd --regularity 2' stack; do
    # shellcheck disable=SC2086 # a name and perhaps a flag
    run back.csv --churn-model $model $offer --margin 0.7 --out model
    everybody model
    grep -q 'cannot be made again' out && complain "something cannot be made again by $model"
    [ "$model" = stack ] || says out "Churn score, by ${model%% *}"
    says out 'retention_gain'
done
# shellcheck disable=SC2086
run drawn.csv --churn-model mbgnbd $offer --out model
answers 0 explain "$id" --run model
says out 'clv_low'
says out 'tier_hold_prob'
says out 'break_even_save_rate'
says out '29 columns of scores.csv: the same'
cp model/scores.csv kept.csv
for column in clv_high tier_hold_prob retention_gain break_even_save_rate; do
    awk -F, -v OFS=, -v column=$column -v who="$id" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
        $1 == who { $at = "0.125" } { print }' kept.csv >model/scores.csv
    answers 65 explain "$id" --run model
    says out 'IT DOES NOT AGREE'
    says out "  $column "
done
# Here p of the gamma-gamma runs off: his own mean is what somebody is expected to spend, as surely as he is
# to buy, which is an interval all the same.
"$WINNOW" generate --customers 150 --seed 11 >alike.csv
run alike.csv --churn-model mbgnbd --columns all --out alike
everybody alike
says alike/model.json '"boundary": "a customer spends the same each time, as good as: his own mean'
says alike/model.json '"name": "gamma_gamma"'
grep -q 'clv_low' out || complain 'no interval where p alone ran off'
run drawn.csv --churn-model none --out model
answers 0 explain "$id" --run model
says out 'none was asked for'
awk -F, 'NR == 1 { print "customer_id,frequency,recency,T,monetary_value"; next }
    { t = int($16 * 7 + .5); r = int($15 * 7 + .5); print $1 "," $14 "," r "," t "," $17 }' \
    drawn/scores.csv >days.csv
run days.csv --input-kind summary --time-unit day --churn-model mbgnbd --out summed
everybody summed

# Fewer columns: what can be said is said, and what cannot is named.
for columns in minimal rfm,clv; do
    run drawn.csv --churn-model mbgnbd --columns $columns --out few
    answers 0 explain "$id" --run few
    says out 'cannot be made again, for want of columns'
    says out "--columns $columns; winnow run --columns all"
done
run drawn.csv --churn-model mbgnbd --columns lifetimes --time-unit day --out few
answers 0 explain "$id" --run few
says out '9 columns of scores.csv: the same'
says out 'Tier '
run drawn.csv --churn-model mbgnbd --columns value,tier --out few
answers 65 explain "$id" --run few
says err 'no column customer_id'

# Who is not there, and where nobody is.
answers 66 explain nobody --run hand
says err 'nobody is not in hand/scores.csv'
answers 66 explain ' b' --run hand
says err 'B is, and an id counts byte for byte'
answers 66 explain B --run nowhere
says err 'nowhere: no such directory'
answers 66 explain B --run hand.csv
says err 'not a directory'
mkdir mine && echo '{"mine": 1}' >mine/manifest.json
answers 66 explain B --run mine
says err 'mine/manifest.json is not of a run of winnow'
rm mine/manifest.json
answers 66 explain B --run mine
says err 'mine has no manifest.json'
printf 'customer_id,date,amount\nA,2024-01-01,1\nA,x,1\nA,y,1\n' >bad.csv
"$WINNOW" run bad.csv --max-rejects 1 --workers 1 --out bad >log 2>&1
answers 66 explain A --run bad.rejects
says err 'it has no scores to explain'
[ ! -s out ] || complain 'something is told of a run that was refused'

# Ids of a run with --redact stand in no log.
run hand.csv --redact --as-of 2024-01-31 --out redacted
answers 0 explain B --run redacted
answers 66 explain 42424242 --run redacted
grep -q 42424242 err && complain 'an id is told in spite of --redact'
answers 66 explain '#0123456789abcdef' --run redacted
says err 'with a key that was not kept'

# A file that was changed is not explained away.
sed 's/^B,\(.*\),434,/B,\1,435,/; s/^\(B,.*\),grow,/\1,keep,/; s/^\(B,.*\),grow$/\1,keep/' \
    hand/scores.csv >changed
mv changed hand/scores.csv
answers 65 explain B --run hand
says out 'IT DOES NOT AGREE'
says out 'rfm_score  435            434'
says out 'action     keep           grow'
says err '2 columns of scores.csv are not what model.json and the inputs make'
sed 's/^B,2024-01-11/B,2024-13-11/' hand/scores.csv >changed
mv changed hand/scores.csv
answers 65 explain B --run hand
says err 'first_purchase_date of this customer is no date'
exit $bad
