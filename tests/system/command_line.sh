# The program itself, as a shell sees it: what goes to stdout, what to stderr, and exit codes.
# Needs $WINNOW.
set -u
scratch=$(mktemp -d "${TMPDIR:-/tmp}/winnow command line.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
bad=0

complain() {
    echo "$*"
    bad=1
}

# answers CODE ARGUMENT...: runs winnow, keeps out and err
answers() {
    want=$1
    shift
    "$WINNOW" "$@" >out 2>err
    got=$?
    [ $got = "$want" ] || complain "winnow $*: exit $got, wanted $want: $(head -n 2 err)"
}
says() { # FILE WORDS
    grep -qF -- "$2" "$1" || complain "$1 lacks '$2': $(head -n 3 "$1")"
}
is_empty() {
    [ ! -s "$1" ] || complain "$1 should be empty: $(head -n 3 "$1")"
}

answers 2
is_empty out
says err 'winnow run ledger.csv --out scores'

for words in help --help -h; do
    answers 0 $words
    is_empty err
    says out 'Exit codes:'
done
for verb in run check ventilator worker sink explain generate keygen health status top help version; do
    answers 0 help $verb
    mv out help
    answers 0 $verb --help
    cmp -s out help || complain "winnow help $verb and winnow $verb --help differ"
    is_empty err
    says out "winnow $verb"
    says out '78  configuration'
    [ "$(awk 'length > 100' out | wc -l)" = 0 ] || complain "help of $verb is wider than 100 columns"
done
answers 0 help columns
says out 'wallet_headroom'
answers 0 help segments
for segment in champions loyal active new promising needs_attention at_risk previously_loyal \
    almost_lost dormant; do
    says out "$segment:"
done

# Each flag that the interface promises is in the help of run.
answers 0 help run
for flag in map customers customers-map date-format decimal exclude exclude-customers null currency \
    timezone delimiter no-header as-of inactive-after rfm-window horizon churn-horizon discount-rate \
    churn-model model refit input-kind rfm-bins rfm-ties rfm-frequency wallet wallet-units \
    wallet-peers wallet-declared tiers tier-by margin serve-cost \
    contact-cost offer-cost save-rate take-rate churn-threshold workers shards state \
    max-rejects redact sample columns time-unit digits out log-format; do
    grep -qE "^  --$flag( |\$)" out || complain "winnow help run lacks --$flag"
done

answers 0 version
grep -qE '^winnow [0-9]+[.][0-9]+[.][0-9]+$' out || complain "version says $(cat out)"
answers 0 --version

answers 2 nonsense
says err 'nonsense: no such verb'
answers 2 rnu
says err 'did you mean run?'
answers 2 ledger.csv
says err 'winnow run ledger.csv'
answers 2 diff
says err 'diff: not built yet'
answers 2 help diff
answers 2 run x.csv --horizn 30
is_empty out
says err 'winnow: error: run has no flag --horizn; did you mean --horizon?'
answers 78 sink --bind 'tcp://*:5555' --state s

answers 0 generate --customers 50 --seed 3 --truth truth.csv
is_empty err
says out 'customer_id,date,amount'
[ "$(wc -l <truth.csv)" = 51 ] || complain "truth.csv has $(wc -l <truth.csv) lines"
mv out first
answers 0 generate --seed 3 --customers 50
cmp -s out first || complain 'the same seed gave other bytes'
answers 73 generate --customers 5 --truth nowhere/truth.csv
says err 'nowhere/truth.csv: cannot create it'
if [ -w /dev/full ]; then
    "$WINNOW" generate --customers 5000 >/dev/full 2>err
    [ $? = 74 ] || complain 'a full disk is not answered with 74'
    "$WINNOW" help >/dev/full 2>err
    [ $? = 74 ] || complain 'a full disk is not answered with 74 by help'
fi
"$WINNOW" generate --customers 5000 2>err | head -n 1 >out
is_empty err
exit $bad
