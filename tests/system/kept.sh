# What the sink keeps for the next job is of use only where it is what that job would have computed: one flag
# after the other is changed and changed back, in one state, and every result is that of a run that had no
# state. And what each change costs: whether workers gathered, or scored, again.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 600 --seed 11 --days 500 --refund-share 2% --order-ids >ledger.csv || exit 1
cut -d , -f 1 ledger.csv | sort -u | grep -v customer | awk 'BEGIN { print "customer_id,staff,trade,declared" }
    { print $1 "," NR % 9 + 1 "," (NR % 2 ? "shop" : "farm") "," (NR % 5 ? "" : NR * 10) }' >customers.csv
awk -F , 'NR == 1 || NR % 3 == 0 { print $1 }' customers.csv | tail -n +2 | head -n 20 >some.txt
printf 'best: r=5 f=4-5\nrest: r=1-5\n' >rules.txt
answers 0 run ledger.csv --out earlier --as-of 2024-06-01 --churn-model bgnbd

results='scores.csv tiers.csv schema.sql model.json'
manifest() { # OUT STAGE MEMBER: a number
    tr -d ' \n' <"$1/manifest.json" | grep -o "\"$2\":{[^}]*}" | grep -o "\"$3\":[0-9]*" | cut -d : -f 2
}
run_id() { # OUT
    tr -d ' \n' <"$1/manifest.json" | grep -o '"run_id":"[^"]*"'
}

# kept COST FLAG...: after a plain run, one with these flags. COST: seal, nobody is asked; score; gather, all is made again.
kept() {
    cost=$1
    shift
    answers 0 run ledger.csv --state state --out plain
    answers 0 run ledger.csv --state state --out after "$@"
    answers 0 run ledger.csv --out alone "$@"
    for name in $results; do
        same alone/$name after/$name "$*"
    done
    [ "$(run_id alone)" = "$(run_id after)" ] || complain "$*: another run_id"
    shards=$(manifest after gather shards)
    case $cost in
        seal) gathered=$shards scored=$shards ;;
        score) gathered=$shards scored=0 ;;
        gather) gathered=0 scored=0 ;;
    esac
    [ "$(manifest after gather shards_kept)" = "$gathered" ] ||
        complain "$*: of $shards digests $(manifest after gather shards_kept) were kept"
    [ "$(manifest after score shards_kept)" = "$scored" ] ||
        complain "$*: of $shards scores $(manifest after score shards_kept) were kept"
}

answers 0 run ledger.csv --state state --out first
kept seal
same first/scores.csv after/scores.csv 'the same again'
kept seal --tiers half:50,rest:50
kept seal --churn-threshold 0.5
kept seal --segments rules.txt
kept seal --digits 12 --columns rfm,clv,p_alive --time-unit day
kept seal --contact-cost 1 --offer-cost 5 --save-rate 20% --take-rate 10%
kept score --tier-by revenue
kept score --margin 0.5
kept score --tier-by profit --serve-cost 20
kept score --horizon 100
kept score --discount-rate 5%/year
kept score --rfm-bins 4
kept score --rfm-cuts r=30,60,90,200
kept gather --churn-model mbgnbd
kept gather --model earlier/model.json
kept gather --churn-horizon 30 --calibrate auto
kept gather --as-of 2024-12-01
kept gather --inactive-after 100
kept gather --rfm-window 200
kept gather --rfm-ties ntile
kept gather --rfm-frequency orders
kept gather --exclude-customers some.txt
kept gather --sample 50%
kept gather --customers customers.csv --wallet mean --wallet-units staff --wallet-peers trade
kept gather --restart

# Nothing but the wallet differs here, so the plain run is another.
wallets='--customers customers.csv --wallet-units staff --wallet-peers trade --wallet'
for method in mean quantile=0.8 quantile=0.5 regression=0.9 declared; do
    declared=
    [ $method = declared ] && declared='--wallet-declared declared'
    # shellcheck disable=SC2086 # words
    answers 0 run ledger.csv --state state --out after $wallets $method $declared
    # shellcheck disable=SC2086
    answers 0 run ledger.csv --out alone $wallets $method $declared
    for name in $results; do
        same alone/$name after/$name "the wallet $method"
    done
done
exit $bad
