# winnow generate: the same seed the same bytes, by date and unsorted by customer, of the size asked for, and
# the truth beside it. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

answers 0 generate --customers 3000 --seed 7 --days 300 --truth truth.csv
mv out ledger.csv
answers 0 generate --customers 3000 --seed 7 --days 300
same out ledger.csv 'one seed'
answers 0 generate --customers 3000 --seed 8 --days 300
cmp -s out ledger.csv && complain 'two seeds give one ledger'
head -n 1 ledger.csv >top
reads top <<'END'
customer_id,date,amount
END
tail -n +2 ledger.csv | cut -d , -f 2 | sort -c || complain 'not by date'
tail -n +2 ledger.csv | cut -d , -f 1 | sort -c 2>/dev/null && complain 'sorted by customer'
[ "$(tail -n +2 ledger.csv | cut -d , -f 1 | sort -u | wc -l)" = 3000 ] || complain 'not 3,000 customers'
tail -n 1 ledger.csv | awk -F , '$2 < "2023-10-20" || $2 > "2023-10-27" { exit 1 }' || complain 'not 300 days'
[ "$(wc -l <truth.csv)" = 3001 ] || complain 'not a row of truth a customer'
awk -F , 'NR == FNR { known[$1]; next } FNR > 1 && !($1 in known) { exit 1 }' truth.csv ledger.csv ||
    complain 'a customer without truth'

# A share of refunds, each of a purchase before it.
answers 0 generate --customers 3000 --seed 7 --refund-share 10% --order-ids
awk -F , 'NR > 1 && $3 < 0 { refunds++; if (!(($1, $4) in bought)) wrong++ }
    NR > 1 && $3 >= 0 { bought[$1, $4]; purchases++ }
    END { share = refunds / purchases; exit wrong || share < 0.08 || share > 0.12 }' out || complain 'refunds'

# What was drawn is found again: the population's parameters within a tenth, from 40,000 customers.
answers 0 generate --customers 40000 --seed 3 --r 0.6 --alpha 5 --a 0.8 --b 2.5
mv out drawn.csv
answers 0 run drawn.csv --out scored --churn-model bgnbd
tr -d ' \n' <scored/model.json | awk '{
    split("r 0.6 alpha 5 a 0.8 b 2.5", want, " ")
    for (i = 1; i < 8; i += 2) {
        got = substr($0, index($0, "\"" want[i] "\":") + length(want[i]) + 3) + 0
        if (got < 0.9 * want[i + 1] || got > 1.1 * want[i + 1]) { print want[i] " is " got; exit 1 }
    }
}' || complain 'not the population that was drawn'
answers 2 generate
answers 2 generate --customers 0
exit $bad
