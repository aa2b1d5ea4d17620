#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench.sh [--pairs N] [--large | --customers N]: the whole job on a generated ledger (1 M customers, 10 M rows; --large:
# ten times that, which wants 20 GB of disk), in turn with what a user would run instead, in one run: these machines
# are shared, so read the ratios.
# bench.sh --stages [CUSTOMERS [RUNS]]: what each stage costs beside its limit (stages.sh).
# bench.sh --counts [--write]: instructions of a fixed job, beside those that are kept (counts.sh).
# bench.sh --timeline FILE: what --trace FILE left, as text.
# bench.sh --scale [CUSTOMERS]: what more workers bring, measured and reckoned (scale.sh).
# bench.sh --scoring [CUSTOMERS [WEEKS]]: fits and scores of each churn model, on one core.
# Needs build/release; DuckDB through the npm package where it is found (WINNOW_DUCKDB names the folder that has
# its node_modules; build/bench is looked at otherwise), pandas and polars where a python3 has them.
# docs/PERFORMANCE.md tells what it showed.
# shellcheck disable=SC2034,SC2154 # what cast.sh reads and sets
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
winnow=$here/build/release/winnow
measure=$here/build/release/tests/bench/bench_measure
work=$here/build/bench
pairs=3 customers=1000000
while [ $# -gt 0 ]; do
    case $1 in
        --pairs) pairs=$2; shift 2 ;;
        --customers) customers=$2; shift 2 ;;
        --large) customers=10000000; shift ;;
        --stages | --counts | --scale)
            script=${1#--}
            shift
            exec sh "$here/tests/bench/$script.sh" "$@"
            ;;
        --timeline) exec awk -f "$here/tests/bench/timeline.awk" "$2" ;;
        --scoring) shift; exec "$here/build/release/tests/bench/bench_scoring" "$@" ;;
        *)
            echo "bench: what is $1? --pairs N, --customers N, --large, --stages, --counts, --timeline FILE, --scale, --scoring" >&2
            exit 2
            ;;
    esac
done
mkdir -p "$work"
ledger=$work/ledger-$customers.csv

if [ ! -s "$ledger" ]; then
    echo "generating $customers customers"
    "$winnow" generate --customers "$customers" --seed 1 > "$ledger.new"
    mv "$ledger.new" "$ledger"
fi
rows=$(($(wc -l < "$ledger") - 1))
bytes=$(wc -c < "$ledger")
echo "ledger: $rows rows, $customers customers, $((bytes / 1000000)) MB; $(nproc) cores"

# --- who else is here --------------------------------------------------------------------------------
WINNOW_DUCKDB=${WINNOW_DUCKDB:-$work}
export WINNOW_DUCKDB
others=
if command -v node > /dev/null 2>&1 && [ -d "$WINNOW_DUCKDB/node_modules/@duckdb/node-api" ]; then
    others='cuts ntile models'
else
    echo "DuckDB is not here: npm install --prefix build/bench @duckdb/node-api brings it; not compared"
fi
for library in pandas polars; do
    found=
    for python in python3 /usr/bin/python3; do
        "$python" -c "import $library" 2> /dev/null && found=$python && break
    done
    if [ -z "$found" ]; then
        echo "$library is not here; not compared"
    elif [ $library = pandas ] && [ "$customers" -gt 2000000 ]; then
        echo 'pandas would want minutes and 10 GB; not compared at this size'
    else
        others="$others $library"
        eval "python_of_$library=$found"
    fi
done

# What the run before has left to be written to the disk is none of the next one's.
run_winnow() { sync; "$measure" "$winnow" run "$ledger" --out "$work/out" "$@" 2> "$work/log" ; }
run_curve() { sync; "$measure" sh "$here/tests/bench/curve.sh" "$winnow" "$ledger" "$work/curve" 2> "$work/log"; }
run_other() { # NAME
    sync
    case $1 in
        pandas | polars)
            eval "python=\$python_of_$1"
            "$measure" "$python" "$here/tests/bench/frames.py" "$1" "$ledger" "$work/other.csv"
            ;;
        *) "$measure" node "$here/tests/bench/duckdb.mjs" "$1" "$ledger" "$work/other.csv" ;;
    esac
}

# One figure of several runs: the median of column $2 of file $1.
median() { awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
# The median of the pair by pair ratios of column $3 of files $1 and $2.
ratio() {
    paste "$1" "$2" | awk -v c="$3" '{ print $c / $(c + 4) }' | sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# --- cold runs, paired ---------------------------------------------------------------------------------
# The ledger into the page cache, and a run of each first; not where one of each is all.
cat "$ledger" > /dev/null
rm -f "$work"/run.*
mkdir -p "$work/curve"
[ "$pairs" = 1 ] || run_winnow > /dev/null
for other in $others; do [ "$pairs" = 1 ] || run_other "$other" > /dev/null; done
i=0
while [ $i -lt "$pairs" ]; do
    run_winnow --columns all >> "$work/run.winnow"
    cp "$work/out/manifest.json" "$work/cold.json"
    for other in $others; do
        run_other "$other" >> "$work/run.$other"
    done
    run_winnow --columns rfm --churn-model none >> "$work/run.rfm"
    run_curve >> "$work/run.curve"
    i=$((i + 1))
done
rm -rf "$work/state"
run_winnow --state "$work/state" >> "$work/run.first"
# The same again; with other tiers, of which the sink has the scores; with another margin, of which it has the
# digests; as of another day, of which the workers have the histories.
i=0
while [ $i -lt "$pairs" ]; do
    run_winnow --state "$work/state" >> "$work/run.warm"
    run_winnow --state "$work/state" --tiers "top:$((21 + i)),rest:$((79 - i))" >> "$work/run.tiers"
    run_winnow --state "$work/state" --margin "0.$((50 + i))" >> "$work/run.margin"
    run_winnow --state "$work/state" --as-of "2024-11-$((10 + i))" >> "$work/run.day"
    run_winnow --state "$work/state" >> "$work/run.back"
    i=$((i + 1))
done
rm -rf "$work/state"

against() { # RUN OTHER: wall and processor time of one over the other's
    echo "$(ratio "$work/run.$1" "$work/run.$2" 1), $(ratio "$work/run.$1" "$work/run.$2" 2)"
}
over() { # FILE COLUMN: median over that of cold runs
    awk -v a="$(median "$1" "$2")" -v b="$(median "$work/run.winnow" "$2")" 'BEGIN { printf "%.2f", a / b }'
}
line() { # NAME FILE
    printf '%-44s %8.2f %8.2f %8.0f' "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)"
    awk -v r="$rows" -v w="$(median "$2" 1)" 'BEGIN { printf " %10.1f", r / w / 1e6 }'
}
echo
printf '%-44s %8s %8s %8s %10s   %s\n' "medians of $pairs runs" 'wall s' 'cpu s' 'peak MB' 'M rows/s' 'winnow / it: wall, cpu'
line 'winnow, everything' "$work/run.winnow"; echo
line 'winnow, --columns rfm --churn-model none' "$work/run.rfm"
echo "   $(against winnow rfm)"
line 'winnow, everything, tcp with CURVE' "$work/run.curve"
echo "   $(against winnow curve)"
for warm in 'warm the same again' 'tiers other tiers' 'margin another margin' 'day another as-of'; do
    file=$work/run.${warm%% *}
    line "winnow, --state, ${warm#* }" "$file"
    echo "   $(over "$file" 1) of a cold one, $(over "$file" 2) of its processor time"
done
for other in $others; do
    case $other in
        cuts) name='DuckDB, RFM by cut points only' ;;
        ntile) name='DuckDB, RFM by NTILE with tie-break' ;;
        models) name='DuckDB, cut points, days, P(alive) in SQL' ;;
        *) name="$other, RFM by cut points only" ;;
    esac
    line "$name" "$work/run.$other"
    echo "   $(against winnow "$other"); like for like $(against rfm "$other"); CURVE on tcp $(against curve "$other")"
done
awk '{ bad += $4 != 0 } END { if (bad) print "bench: " bad " runs failed; their figures mean nothing" }' "$work"/run.*
cmp -s "$work/out/scores.csv" "$work/curve/out/scores.csv" || echo 'bench: the results over tcp differ'

# --- where the time goes ---------------------------------------------------------------------------------
echo
echo 'the last cold run of everything, by stage (ms):'
sed -n 's/^ *"\(partition\|gather\|fit\|score\|seal_ms\)": \([0-9][0-9]*\),*$/  \1 \2/p' "$work/cold.json"

# --- memory ----------------------------------------------------------------------------------------------
# Of a job of a tenth of the size too: the sink may hold 64 bytes a customer, the others may not grow.
small=$work/ledger-$((customers / 10)).csv
[ -s "$small" ] || "$winnow" generate --customers $((customers / 10)) --seed 1 > "$small"
"$winnow" run "$small" --out "$work/small" 2> "$work/log"
peaks() { # MANIFEST: KiB of the ventilator, the largest worker, the sink
    sed -n 's/^ *"\(ventilator_\|sink_\|\)resident_kib": \([0-9][0-9]*\),*$/\1 \2/p' "$1" |
        awk '$1 ~ /vent/ { v = $2 } $1 ~ /sink/ { s = $2 } NF == 1 && $1 > w { w = $1 } END { print v, w, s }'
}
echo
echo 'resident memory at its peak, MiB, by role:'
printf '%12s %12s %16s %8s\n' customers ventilator 'largest worker' sink
for size in $((customers / 10)) "$customers"; do
    manifest=$work/cold.json
    [ "$size" = "$customers" ] || manifest=$work/small/manifest.json
    # shellcheck disable=SC2046,SC2183 # three words
    printf '%12d %12.0f %16.0f %8.0f\n' "$size" $(peaks "$manifest" | awk '{ print $1 / 1024, $2 / 1024, $3 / 1024 }')
done
echo "the sink: $({ peaks "$work/small/manifest.json"; peaks "$work/cold.json"; } |
    awk -v n="$customers" 'NR == 1 { before = $3 } END { printf "%.0f", ($3 - before) * 1024 / (n * .9) }') bytes a customer more"

# The rest says the same at any size.
[ "$customers" -le 2000000 ] || exit 0

# --- what durability costs ---------------------------------------------------------------------------------
# The same job with the sink's commits synced and not, in turn.
rm -f "$work"/sync.*
i=0
while [ $i -lt "$pairs" ]; do
    run_winnow >> "$work/sync.on"
    WINNOW_BENCH_NO_FSYNC=1 run_winnow >> "$work/sync.off"
    i=$((i + 1))
done
echo
echo "durability: wall with the sink's fsync / without: $(ratio "$work/sync.on" "$work/sync.off" 1) (medians $(median "$work/sync.on" 1) s, $(median "$work/sync.off" 1) s)"

# --- how long a lost worker is felt --------------------------------------------------------------------------
# Two workers, roles of their own; at 40 results one is killed, or stopped for good (its connection stays), and
# the other finishes. Against the same job with two undisturbed workers.
WINNOW=$winnow
set +e # cast.sh asks questions whose answer is no
. "$here/tests/system/cast.sh"
trap clear_stage EXIT
small=$work/ledger-recovery.csv
[ -s "$small" ] || "$winnow" generate --customers 100000 --seed 2 > "$small"
play() { # HOW: seconds that the job took
    ledger=$small flags='--shards 256'
    set_stage "$work/stage" ipc
    since=$(date +%s%N)
    start sink
    start ventilator
    start worker-1
    printf '%40s' '' > "$stage/token"
    case $1 in
        killed) WINNOW_CRASH_AT="worker-sent:$stage/token" start worker-0 ;;
        *) start worker-0 ;;
    esac
    if [ "$1" = silent ]; then
        within 20 [ -s "$stage/worker-0/data.mdb" ] || true
        kill -STOP "$(pid_of worker-0)"
    fi
    within 120 is_gone ventilator || true
    echo "$since $(date +%s%N)" | awk '{ printf "%.2f\n", ($2 - $1) / 1e9 }'
    clear_stage
}
rm -f "$work"/lost.*
i=0
while [ $i -lt "$pairs" ]; do
    for how in undisturbed killed silent; do play $how >> "$work/lost.$how"; done
    i=$((i + 1))
done
echo "a worker lost of two, job's wall: undisturbed $(median "$work/lost.undisturbed" 1) s, killed $(median "$work/lost.killed" 1) s, silent $(median "$work/lost.silent" 1) s"
