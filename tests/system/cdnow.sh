# The published answers of the CDNOW sample, calibrated to 1997-09-30, through the program itself: parameters
# to 1e-5, log-likelihoods to 1e-6. Needs $WINNOW, $SOURCE and the ledger (WINNOW_DATA, ../shared/data).
set -u
. "$SOURCE/tests/system/scene.sh"

ledger=${WINNOW_DATA:-$SOURCE/../shared/data}/cdnow_sample.tx.csv.gz
[ -f "$ledger" ] || skip "no cdnow_sample.tx.csv.gz; WINNOW_DATA says where"

# value NAME KEY: of the model of that name in flat, the number at the key.
value() {
    awk -v name="\"name\":\"$1\"" -v key="\"$2\":" '{
        at = index($0, name)
        rest = substr($0, at)
        if (at) at = index(rest, key)
        print at ? substr(rest, at + length(key)) : "none"
    }' flat | sed 's/[,}].*//'
}
# near WORDS GOT WANT RELATIVE ABSOLUTE
near() {
    awk -v got="$2" -v want="$3" -v relative="$4" -v absolute="$5" 'BEGIN {
        off = got - want; if (off < 0) off = -off
        size = want < 0 ? -want : want
        exit !(got != "none" && off <= absolute + relative * size)
    }' || complain "$1 is $2, wanted $3"
}

fitted() { # MODEL LOG_LIKELIHOOD KEY VALUE...
    model=$1
    answers 0 run "$ledger" --as-of 1997-09-30 --churn-model "$model" --out "$model"
    tr -d ' \n' <"$model/model.json" >flat
    near "$model's log-likelihood" "$(value "$model" log_likelihood)" "$2" 0 1e-6
    grep -qF '"stopped":"converged"' flat || complain "$model did not converge"
    shift 2
    while [ $# -gt 0 ]; do
        near "$model's $1" "$(value "$model" "$1")" "$2" 1e-5 0
        shift 2
    done
}

fitted bgnbd -9582.429206674 r .242594522 alpha 4.413602019 a .792922017 b 2.425906777
[ "$(wc -l <bgnbd/scores.csv)" = 2358 ] || complain 'not 2,357 customers'
near 'log-likelihood of spend' "$(value gamma_gamma log_likelihood)" -4055.917694802 0 1e-6
near p "$(value gamma_gamma p)" 6.249572271 1e-5 0
near q "$(value gamma_gamma q)" 3.744224667 1e-5 0
near v "$(value gamma_gamma v)" 15.443520963 1e-5 0
grep -qF '"customers":946' flat || complain 'gamma-gamma is not of 946 customers'
fitted mbgnbd -9582.135715554 r .524843159 alpha 6.183085280 a .891359391 b 1.614002240
fitted pnbd -9594.976178940 r .553277047 alpha 10.577683463 s .606239989 beta 11.668735289
fitted nbd -9763.657614673 r .384766136 alpha 12.072022845
exit $bad
