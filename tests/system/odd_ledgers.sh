# Ledgers at the ends of what models are for: everybody here for a day, nobody ever back, nobody ever gone, all gone
# at once, hundreds of purchase days, many who joined today, one price for all. Each model scores them or says why not;
# no cell is a NaN or an infinity, probabilities are such, intervals hold their clv. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

# ledger NAME PROGRAM: an awk program that calls buy(customer, day since 2023-01-01, amount)
ledger() {
    awk 'function buy(who, day, amount) { if (day < 730) printf "%s,%s,%.2f\n", who, date[int(day)], amount }
        function uniform() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        function wait(rate) { return -log(uniform()) / rate }
        BEGIN { seed = 42; print "customer_id,date,amount"; split("31 28 31 30 31 30 31 31 30 31 30 31", length_of, " ")
            for (y = 2023; y < 2025; y++) for (m = 1; m <= 12; m++) for (d = 1; d <= length_of[m] + (y == 2024 && m == 2); d++)
                date[n++] = sprintf("%d-%02d-%02d", y, m, d)
            play() } '"$2" >"$1.csv"
}
ledger day 'function play(i) { for (i = 0; i < 60; i++) buy("c" i % 50, 100, i + 1) }'
ledger once 'function play(i) { for (i = 0; i < 300; i++) buy("c" i, 700 * uniform(), 5 + 9 * uniform()) }'
ledger staying 'function play(i, t) { for (i = 0; i < 150; i++) for (t = 50 * uniform(); t < 600; t += wait(.03)) buy("c" i, t, 5 + 9 * uniform()) }'
ledger leaving 'function play(i, k, t) { for (i = 0; i < 300; i++) { t = 200 * uniform(); for (k = 0; k <= i % 4 % 3; k++) { buy("c" i, t, 5 + 9 * uniform()); t += 1 + 8 * uniform() } } }'
ledger heavy 'function play(i, t, rate) { for (t = 0; t < 729; t++) buy("daily", t, 3.33)
    for (i = 0; i < 40; i++) { rate = .02 + .9 * uniform(); for (t = 99 * uniform(); t < 300 + 429 * uniform(); t += wait(rate)) buy("c" i, t, 20 + 9 * uniform()) } }'
ledger fresh 'function play(i, t) { for (i = 0; i < 200; i++) if (i % 3 == 0) buy("c" i, 400, 9); else for (t = 399 * uniform(); t <= 400; t += wait(.02)) buy("c" i, t, 5 + 9 * uniform()) }'
ledger alike 'function play(i, t) { for (i = 0; i < 200; i++) for (t = 300 * uniform(); t <= 400; t += wait(.03)) buy("c" i, t, 10) }'
ledger free 'function play(i, t) { for (i = 0; i < 200; i++) for (t = 300 * uniform(); t <= 400; t += wait(.03)) buy("c" i, t, 0) }'

# sane NAME: the scores in out
sane() {
    if grep -qiE '(^|,)-?(nan|inf)' scores/scores.csv scores/tiers.csv; then
        complain "$1: no number in scores.csv or tiers.csv"
    fi
    grep -qE ': -?(nan|inf)' scores/model.json && complain "$1: no number in model.json"
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        function outside(column, least, most) { return $at[column] != "" && ($at[column] < least || $at[column] > most) }
        outside("p_alive", 0, 1) || outside("churn_prob", 0, 1) || outside("tier_hold_prob", 0, 1) ||
        outside("expected_purchases", 0, 731) || outside("clv", 0, 1e9) ||
        ($at["clv_low"] != "" && ($at["clv_low"] > $at["clv"] || $at["clv_high"] < $at["clv"])) ||
        ($at["clv_if_alive"] != "" && $at["clv_if_alive"] < $at["clv"]) {
            print name ": cannot be: " $0; exit 1 }' scores/scores.csv || complain "see above"
}
for name in day once staying leaving heavy fresh alike free; do
    for model in auto stack 'pnbd --horizon 730'; do
        # shellcheck disable=SC2086 # a name and perhaps a flag
        answers 0 run $name.csv --out scores --workers 1 --churn-model $model --inactive-after off
        sane "$name by $model"
    done
done
answers 0 run once.csv --out scores
says scores/model.json '"stopped": "too_few"'
answers 0 run staying.csv --out scores --churn-model bgnbd
says scores/model.json '"boundary": "nobody is seen to leave'
answers 0 run heavy.csv --out scores --inactive-after off
says scores/scores.csv 'daily,2023-01-01,2024-12-29,0,729,'

exit $bad
