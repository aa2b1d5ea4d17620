# One SHA-256 for one ledger: any number of workers and shards, rows in any order and in several files,
# warm caches, any state of the processor's features, and a worker killed in the middle.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 20000 --seed 42 --refund-share 2% --order-ids >ledger.csv || exit 1
sums() { # DIRECTORY
    sha256sum "$1/scores.csv" "$1/tiers.csv" | cut -d ' ' -f 1
}

scores() { # NAME ARGUMENT...: a run into NAME, of the same sums as the first one's
    name=$1
    shift
    answers 0 run "$@" --out "$name" --as-of 2024-12-01
    [ "$got" = 0 ] || return
    [ -e sums ] || sums "$name" >sums
    sums "$name" | cmp -s - sums || complain "winnow run $*: other bytes"
}

scores one ledger.csv --workers 1
[ "$(wc -l <one/scores.csv)" = 20001 ] || complain 'not a row a customer'
scores two ledger.csv --workers 2
scores seven ledger.csv --workers 7 --shards 16
scores many ledger.csv --workers 2 --shards 256
scores single ledger.csv --workers 2 --shards 1

head -n 1 ledger.csv >header.csv
tail -n +2 ledger.csv >rows.csv
(cat header.csv && sort -k 1.5 rows.csv) >shuffled.csv
cmp -s shuffled.csv ledger.csv && complain 'nothing was shuffled'
scores shuffled shuffled.csv --workers 2
third=$(($(wc -l <rows.csv) / 3 + 1))
split -l $third rows.csv part.
for part in part.a?; do
    cat header.csv "$part" >"$part.csv"
done
scores parts part.ac.csv part.aa.csv part.ab.csv --workers 2

scores cold ledger.csv --workers 2 --state kept
scores warm ledger.csv --workers 2 --state kept
scores fewer ledger.csv --workers 1 --state kept
grep -q '"rows_folded": *0[,}]' warm/manifest.json || complain 'the caches were not used'
grep -q '"shards_kept": *[1-9]' warm/manifest.json || complain 'what the sink had kept was not used'
scores again ledger.csv --workers 2 --state kept --restart
grep -q '"rows_folded": *0[,}]' again/manifest.json || complain 'the caches were not used again'
grep -q '"shards_kept": *[1-9]' again/manifest.json && complain '--restart kept what the sink had'

# Without fused multiply-add and without AVX2, as libm then chooses other code.
GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F
export GLIBC_TUNABLES
scores plain ledger.csv --workers 2
GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA_Usable,-AVX2_Usable,-FMA,-AVX2
scores plainer ledger.csv --workers 2
unset GLIBC_TUNABLES

# kill -9 of a worker that holds histories: what it had is dealt again.
worker_of() { # PID: one of the workers that a run has started
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        [ "$(cat "/proc/$child/comm" 2>/dev/null)" = winnow-worker ] && echo "$child" && return
    done
}
holds_histories() { # STATE
    [ "$(stat -c %b "$1/worker-0/data.mdb" 2>/dev/null || echo 0)" -gt 200 ]
}
killed=0
"$WINNOW" run ledger.csv --out bereft --as-of 2024-12-01 --workers 1 --shards 256 --state bereaved \
    2>bereft.err &
run=$!
while kill -0 $run 2>/dev/null && [ $killed = 0 ]; do
    holds_histories bereaved || continue
    worker=$(worker_of $run)
    [ -n "$worker" ] && kill -9 "$worker" 2>/dev/null && killed=1
done
wait $run || complain "a run whose worker was killed: exit $?: $(tail -n 3 bereft.err)"
if [ $killed = 1 ]; then
    says bereft.err 'signal 9'
    sums bereft | cmp -s - sums || complain 'a dead worker gave other bytes'
else
    complain 'no worker could be killed while it held histories'
fi
exit $bad
