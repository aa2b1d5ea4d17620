#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# scale.sh [CUSTOMERS]: what more workers bring, measured as far as this machine's cores go and reckoned
# beyond. Each role runs as a process of its own on ipc; its processor time is measured. docs/SCALING.md
# says what the reckoning assumes. Needs build/release.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
winnow=$here/build/release/winnow
measure=$here/build/release/tests/bench/bench_measure
customers=${1:-200000}
work=$(mktemp -d "${TMPDIR:-/tmp}/winnow-scale.XXXXXX")
trap 'kill $(cat "$work"/pids 2>/dev/null) 2>/dev/null; rm -rf "$work"' EXIT
ledger=$work/ledger.csv
"$winnow" generate --customers "$customers" --seed 1 >"$ledger"
rows=$(($(wc -l <"$ledger") - 1))
bytes=$(wc -c <"$ledger")
echo "ledger: $rows rows, $customers customers, $((bytes / 1000000)) MB; $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"

# job WORKERS: leaves wall and processor seconds of each role in job.WORKERS: ventilator, sink, workers.
job() {
    rm -rf "$work/out" "$work/s" "$work/v" "$work"/w*
    : >"$work/pids"
    "$measure" "$winnow" sink --bind "ipc://$work/sink" --out "$work/out" --state "$work/s" \
        >"$work/sink.said" 2>"$work/log" &
    sink=$!
    i=0
    workers=
    while [ $i -lt "$1" ]; do
        i=$((i + 1))
        "$measure" "$winnow" worker --ventilator "ipc://$work/vent" --sink "ipc://$work/sink" \
            --state "$work/w$i" >"$work/worker$i.said" 2>>"$work/log" &
        workers="$workers $!"
    done
    echo "$sink $workers" >"$work/pids"
    "$measure" "$winnow" ventilator "$ledger" --bind "ipc://$work/vent" --sink "ipc://$work/sink" \
        --state "$work/v" --shards 64 >"$work/vent.said" 2>>"$work/log"
    for pid in $sink $workers; do wait "$pid"; done
    awk 'FILENAME ~ /vent/ { wall = $1; v = $2; bad += $4 }
         FILENAME ~ /sink/ { s = $2; bad += $4 }
         FILENAME ~ /worker/ { w += $2; bad += $4 }
         END { print wall, v, s, w; exit bad > 0 }' "$work"/*.said >"$work/job.$1"
    rm -f "$work"/*.said
    sha256sum <"$work/out/scores.csv" >"$work/sum.$1"
}

counts=1
[ "$(nproc)" -lt 2 ] || counts='1 2'
for n in $counts; do job "$n"; done
[ "$counts" = 1 ] || cmp -s "$work/sum.1" "$work/sum.2" || { echo 'scale: results differ'; exit 1; }

echo
echo 'workers  wall s  efficiency  cpu s a million rows: ventilator  sink  workers'
for n in $counts; do
    awk -v n="$n" -v rows="$rows" -v one="$(cut -d' ' -f1 "$work/job.1")" \
        '{ m = rows / 1e6; printf "%7d %7.2f %10.0f %% %33.3f %5.3f %8.3f\n", n, $1, 100 * one / (n * $1), $2 / m, $3 / m, $4 / m }' \
        "$work/job.$n"
done

# --- reckoned: see docs/SCALING.md ---------------------------------------------------------------------
# Each shard costs a worker its share of the workers' time, give or take a third (drawn by a generator of
# our own, seed 1); the ventilator and the sink have 4 cores each for what they do in parallel, a link
# carries 10 Gb/s, 40 bytes a row and twice 60 bytes a customer travel.
echo
awk -v rows="$rows" -v customers="$customers" '
function chance() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
function makespan(n, stage_s, shards,    i, k, least, worst) {
    for (i = 0; i < n; i++) busy[i] = 0
    for (k = 0; k < shards; k++) {
        least = 0
        for (i = 1; i < n; i++) if (busy[i] < busy[least]) least = i
        busy[least] += stage_s / shards * (2 / 3 + 2 / 3 * chance())
    }
    worst = 0
    for (i = 0; i < n; i++) if (busy[i] > worst) worst = busy[i]
    return worst
}
{
    cores = 4
    v = $2 / cores; s = $3 / cores; w = $4
    link = (rows * 40 + customers * 120) / 1.25e9
    printf "saturated by workers: the ventilator with %.0f, the sink with %.0f, a 10 Gb/s link with %.0f\n\n", w / v, w / s, w / link
    print "workers  reckoned s of dealing and work  speed-up  efficiency"
    for (n = 1; n <= 64; n *= 2) {
        seed = 1
        t = makespan(n, w, 1024)
        if (t < link) t = link
        t += v + s
        if (n == 1) first = t
        printf "%7d %31.2f %9.1f %9.0f %%\n", n, t, first / t, 100 * first / t / n
    }
}' "$work/job.1"
