# Shoppers for groceries come k = 2 times as regularly as by chance: auto finds that out, a frozen model keeps it,
# and no dealing changes a byte. A fit that runs off says where to. Needs $WINNOW, $SOURCE and the ledger
# (WINNOW_DATA, ../shared/data).
set -u
. "$SOURCE/tests/system/scene.sh"

ledger=${WINNOW_DATA:-$SOURCE/../shared/data}/grocery_elog.tx.csv.gz
[ -f "$ledger" ] || skip "no grocery_elog.tx.csv.gz; WINNOW_DATA says where"

shop() { # FOLDER ARGUMENT...
    folder=$1
    shift
    answers 0 run "$ledger" --as-of 2006-12-31 --out "$folder" "$@"
    tr -d ' \n' <"$folder/model.json" >flat
}

shop auto --workers 2 --shards 8
says flat '"chosen":"mbgcnbd","chosen_regularity":2,'
says flat '{"name":"mbgcnbd","regularity":2,"parameters":{"r":1.32917535'
says flat '"log_likelihood":-14978.2107315'
for name in nbd bgnbd mbgnbd pnbd; do
    says flat "{\"name\":\"$name\",\"regularity\":1,"
done
shop frozen --model auto/model.json --workers 1
same auto/scores.csv frozen/scores.csv 'a frozen model scores otherwise'
says flat '"chosen":"mbgcnbd","chosen_regularity":2,'
shop named --churn-model mbgcnbd --regularity 2 --workers 1 --shards 1
same auto/scores.csv named/scores.csv 'the model by its name scores otherwise'

# Sixty customers who come every ten days, and one who bought once: more evenly than any chance.
awk 'BEGIN {
    print "customer_id,date,amount"
    for (c = 1; c <= 60; c++)
        for (day = c; day < 300 + c; day += 10)
            print "c" c "," strftime("%Y-%m-%d", 86400 * (10957 + day), 1) ",5"
    print "once,2000-01-01,5"
}' >clockwork.csv
answers 0 run clockwork.csv --churn-model mbgnbd --out clockwork
says clockwork/model.json '"stopped": "boundary"'
says clockwork/model.json '"boundary": "'
says err 'the churn model lies on a boundary: '
grep -qi 'nan\|inf' clockwork/scores.csv && complain 'a score is no number'
exit $bad
