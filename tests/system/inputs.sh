# One ledger in all the forms that people have it in, to one and the same result; and what is counted and
# left out. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

cat >plain.csv <<'END'
customer_id,date,amount
ann,2021-01-03,10.50
bob,2021-02-04,1234.00
ann,2021-03-05,20.25
ann,2021-03-05,4.25
"cy, jr
of Ems",2021-03-09,7.00
bob,2021-03-10,-34.00
END

is_plain() { # NAME ARGUMENT...: scores as plain.csv does
    name=$1
    shift
    answers 0 run "$@" --out "$name"
    same plain/scores.csv "$name/scores.csv" "winnow run $*"
    same plain/tiers.csv "$name/tiers.csv" "winnow run $*"
}
is_plain plain plain.csv
answers 0 run plain.csv --out narrow \
    --columns customer_id,first_purchase_date,last_purchase_date,recency_days,purchase_days,order_count,monetary_total,spend_365d
sort narrow/scores.csv >sorted
reads sorted <<'END'
"cy, jr
ann,2021-01-03,2021-03-05,5,2,3,35.00,35.00
bob,2021-02-04,2021-02-04,34,1,1,1200.00,1200.00
customer_id,first_purchase_date,last_purchase_date,recency_days,purchase_days,order_count,monetary_total,spend_365d
of Ems",2021-03-09,2021-03-09,1,1,1,7.00,7.00
END

gzip -c plain.csv >packed.csv
is_plain gzip packed.csv
command -v zstd >/dev/null && zstd -q -c plain.csv >packed.zst && is_plain zstd packed.zst
is_plain stdin - <plain.csv
gzip -c plain.csv >two.gz && gzip -c /dev/null >>two.gz
is_plain members two.gz
for sign in ';' '|' "$(printf '\t')"; do
    sed "s/\\([a-z]\\),\\([a-z0-9]\\)/\\1$sign\\2/; s/\\([a-z0-9]\\),\\([a-z0-9-]\\)/\\1$sign\\2/; s/\",/\"$sign/; s/\\([0-9]\\),/\\1$sign/" \
        plain.csv >delimited.csv
    grep -q ',2021' delimited.csv && complain 'a comma is left'
    is_plain delimited delimited.csv
    is_plain said delimited.csv --delimiter "$sign"
done
printf '\357\273\277' | cat - plain.csv >bom.csv
is_plain bom bom.csv
sed 's/$/\r/; /cy, jr/s/\r$//' plain.csv >crlf.csv
is_plain crlf crlf.csv
tail -n +2 plain.csv >bare.csv
is_plain bare bare.csv --no-header --map customer_id=1,date=2,amount=3
sed '1s/.*/wer,wann,wieviel/' plain.csv >german.csv
is_plain mapped german.csv --map customer_id=wer,date=wann,amount=wieviel
head -c -1 plain.csv >endless.csv
is_plain endless endless.csv
sed 's/2021-0\([0-9]\)-\([0-9]*\)/\2.0\1.2021/' plain.csv >dots.csv
is_plain dots dots.csv --date-format %d.%m.%Y
sed 's/\(2021-[0-9-]*\)/\1T23:59:01/' plain.csv >times.csv
is_plain times times.csv
(head -n 1 plain.csv && sed -n 2,3p plain.csv) >one.csv
(head -n 1 plain.csv && sed -n '4,$p' plain.csv) >rest.csv
is_plain several rest.csv one.csv
awk 'BEGIN { FS = OFS = "," } NR == 1 { print "id,price,day,pieces"; next }
    /^ann/ { print $1, $3 / 0.5, $2, 0.5; next } /^bob/ { print $1, $3 / 2, $2, 2; next }
    /^"/ { print; next } { print $1 ",7,2021-03-09,1" }' plain.csv >product.csv
is_plain product product.csv --map customer_id=id,date=day,amount=price*pieces

# Orders, and refunds: negative rows; a refund alone is nobody's purchase.
cat >orders.csv <<'END'
customer_id,date,amount,order_id
ann,2021-01-03,10,o1
ann,2021-01-03,5,o1
ann,2021-01-03,5,o2
bob,2021-01-04,8,o3
bob,2021-01-04,-8,o3
cat,2021-01-05,-3,o4
,2021-01-06,100,o5
END
answers 0 run orders.csv --out orders --columns customer_id,purchase_days,order_count,monetary_total
sort orders/scores.csv >sorted
tr -d ' \n' <orders/manifest.json >flat
says sorted 'ann,1,2,20'
grep -qF '"anonymous":1' flat || complain "the sale to nobody is not counted: $(cat flat)"
grep -qF '"anonymous":100' flat || complain 'nor is its amount'
awk '{
    n = split("rows_in purchases refunds cancelled anonymous excluded after_as_of rejects", name, " ")
    rows = substr($0, index($0, "\"rows\":"))
    for (i = 1; i <= n; i++) {
        v = substr(rows, index(rows, "\"" name[i] "\":") + length(name[i]) + 3)
        value[i] = v + 0
    }
    for (i = 2; i <= n; i++) sum += value[i]
    if (sum != value[1]) { print "rows do not add up: " sum " of " value[1]; exit 1 }
}' flat || bad=1

# Left out, and counted.
cat >status.csv <<'END'
customer_id,date,amount,status
ann,2021-01-03,10,ok
ann,2021-01-04,99,cancelled
bob,2021-01-05,20,test
bob,2021-01-06,30,ok
bob,2021-02-06,30,ok
END
answers 0 run status.csv --exclude 'status=cancelled,test' --as-of 2021-01-31 --out status \
    --columns customer_id,monetary_total
sort status/scores.csv >sorted
reads sorted <<'END'
ann,10
bob,30
customer_id,monetary_total
END
tr -d ' \n' <status/manifest.json >flat
grep -qF '"excluded":2' flat || complain 'the excluded are not counted'
grep -qF '"excluded":119' flat || complain 'nor their amount'
grep -qF '"after_as_of":1' flat || complain 'rows after as-of are not counted'
echo bob >others
answers 0 run status.csv --exclude-customers others --out without --columns customer_id
grep -q bob without/scores.csv && complain 'an excluded customer is there'
exit $bad
