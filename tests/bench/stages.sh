#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# stages.sh [CUSTOMERS [RUNS]]: what each stage of a job costs in processor time, beside the limits that docs/PERFORMANCE.md
# has in its table (its column "spans" says which spans of a trace a stage is made of), and where the job was when. The
# least of some runs counts for each stage: what else a machine does makes them dearer, never cheaper.
# Needs build/release.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
winnow=$here/build/release/winnow
work=$here/build/bench
customers=${1:-1000000} runs=${2:-3}
mkdir -p "$work"
ledger=$work/ledger-$customers.csv
if [ ! -s "$ledger" ]; then
    "$winnow" generate --customers "$customers" --seed 1 >"$ledger.new"
    mv "$ledger.new" "$ledger"
fi
rows=$(($(wc -l <"$ledger") - 1))
echo "ledger: $rows rows, $customers customers; $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg); least of $runs runs"
rm -f "$work"/stages.*
i=0
while [ $i -lt "$runs" ]; do
    i=$((i + 1))
    "$winnow" run "$ledger" --out "$work/out" --trace "$work/trace.json" 2>"$work/log" || { tail -n 3 "$work/log"; exit 1; }
    awk -f "$here/tests/bench/trace.awk" "$work/trace.json" >"$work/stages.$i"
done
echo
awk -F '\t' -v rows="$rows" -v customers="$customers" -f "$here/tests/bench/stages.awk" \
    "$work"/stages.[0-9]* "$here/docs/PERFORMANCE.md"
echo
awk -f "$here/tests/bench/timeline.awk" "$work/trace.json"
