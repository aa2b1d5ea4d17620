# SPDX-License-Identifier: Apache-2.0
# Rules of one's own for rfm_segment, from the file to scores.csv, explain and a frozen model: each cell the
# segment that its rule says, the same bytes for any number of workers, mistakes refused before anything is
# read. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 600 --seed 4 >ledger.csv || complain "generate fails"
cat >rules.txt <<'END'
# three bins
star: r=3 f=3 m=2-3   # few
poor: m=1
gone: r=1, m=2-3
others: rest
END
columns='customer_id,r_score,f_score,m_score,rfm_segment'
answers 0 run ledger.csv --out one --workers 1 --shards 1 --rfm-bins 3 --segments rules.txt --columns $columns
answers 0 run ledger.csv --out four --workers 4 --shards 16 --rfm-bins 3 --segments rules.txt --columns $columns
for file in scores.csv tiers.csv model.json; do
    same "one/$file" "four/$file" "segments"
done
awk -F, 'NR > 1 && $2 != "" {
    want = $4 == 1 ? "poor" : $2 == 1 ? "gone" : $2 == 3 && $3 == 3 ? "star" : "others"
    n[want]++
    if ($5 != want) { print "segment of " $0 " is " want; exit 1 }
} END { if (!n["star"] || !n["poor"] || !n["gone"] || !n["others"]) { print "a segment without customers"; exit 1 } }' \
    one/scores.csv || complain "segments: see above"
says one/model.json '"poor: m=1-1"'
says one/model.json '"others:"'

# Frozen with the scores; another file beside it is a contradiction.
answers 0 run ledger.csv --out again --model one/model.json --columns $columns
same one/scores.csv again/scores.csv "frozen segments"
answers 2 run ledger.csv --out no --model one/model.json --segments rules.txt
says err '--refit rfm computes it anew'
answers 0 run ledger.csv --out five --model one/model.json --refit rfm --columns $columns
awk -F, 'NR > 1 && $2 == 5 && $3 == 5 && $5 != "champions" { print; exit 1 }' five/scores.csv ||
    complain "the segments of winnow are not back"

# The name of the file is not the run's, its rules are.
cp rules.txt other.txt
answers 0 run ledger.csv --out other --rfm-bins 3 --segments other.txt --columns $columns
same one/model.json other/model.json "the same rules in another file"
run_id() {
    grep -o '"run_id": "[^"]*"' "$1/manifest.json"
}
[ "$(run_id one)" = "$(run_id other)" ] || complain "the name of the file of rules changes the run"
sed 's/poor/low/' rules.txt >other.txt
answers 0 run ledger.csv --out other --rfm-bins 3 --segments other.txt --columns $columns
[ "$(run_id one)" != "$(run_id other)" ] || complain "other rules are the same run"

# Explained, and judged by the same rules.
answers 0 run ledger.csv --out whole --rfm-bins 3 --segments rules.txt
customer=$(awk -F, '$5 == "poor" { print $1; exit }' one/scores.csv)
answers 0 explain "$customer" --run whole
says out 'segment poor (m 1 to 1): a rule of --segments'
sed "/^$customer,/s/,poor,/,star,/" whole/scores.csv >scores.csv && cp scores.csv whole/scores.csv
answers 65 explain "$customer" --run whole
says out 'rfm_segment'

# Edited from what help prints.
"$WINNOW" help segments >own.txt
answers 0 run ledger.csv --out own --segments own.txt --columns $columns
answers 0 run ledger.csv --out plain --columns $columns
same own/scores.csv plain/scores.csv "the segments of winnow from a file"

# Mistakes, before the ledger is looked at, by check as well.
echo 'again: r=5 f=5' >>own.txt
for verb in check run; do
    answers 65 "$verb" ledger.csv --segments own.txt
    says err "own.txt:$(wc -l <own.txt | tr -d ' '):1: 'again' is never reached"
done
answers 66 check ledger.csv --segments nowhere.txt

# Without a ledger, all that is to be said of the rules: which overlap, which are never reached.
cat >own.txt <<'END'
best: r=5 f=4-5
often: f=3-5
recent: r=5
never: r=5 f=5
nor: r=1-5 f=4
others: rest
END
answers 65 check --segments own.txt
says err "own.txt:2:1: 'often' overlaps 'best' of line 1 in 2 cells"
says err "own.txt:3:1: 'recent' overlaps 'best' of line 1 in 2 cells"
says err "own.txt:3:1: 'recent' overlaps 'often' of line 2 in 3 cells"
says err "own.txt:4:1: 'never' is never reached"
says err "own.txt:5:1: 'nor' is never reached"
sed -i '/^n/d' own.txt
answers 0 check --segments own.txt
says out 'own.txt: 4 rules for 25 cells'
answers 0 run ledger.csv --out first --segments own.txt --columns $columns
says err "own.txt:3:1: 'recent' overlaps 'often' of line 2"
awk -F, 'NR > 1 && $2 != "" {
    want = $2 == 5 && $3 >= 4 ? "best" : $3 >= 3 ? "often" : $2 == 5 ? "recent" : "others"
    if ($5 != want) { print "segment of " $0 " is " want; exit 1 }
}' first/scores.csv || complain "the first rule does not count"
answers 2 check
echo 'top: r=5' >own.txt
answers 0 check ledger.csv --segments own.txt
says err '20 of 25 cells have no rule'
cut -d, -f1,2 ledger.csv >bare.csv
answers 65 run bare.csv --out bare --rfm-bins 3 --segments rules.txt
says err "the segment 'star' asks for m scores, and the ledger has no amounts"

exit $bad
