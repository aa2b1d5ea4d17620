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
awk -F '\t' -v rows="$rows" -v customers="$customers" '
    FILENAME !~ /PERFORMANCE/ { # the least of each kind of span
        key = $1 ":" $2
        if (!(key in least) || $4 < least[key])
            least[key] = $4
        next
    }
    # | stage | per | limit ns | spans | what the limit is | what explains more |
    /^## / { in_table = /^## Limits/ }
    !in_table || !/^\| / || /^\| stage/ { next }
    {
        split($0, cell, / *\| */)
        n = split(cell[5], spans, / *, */)
        us = 0
        for (i = 1; i <= n; i++)
            for (key in least)
                if (key == spans[i] || index(key, spans[i] "@") == 1) {
                    us += least[key]
                    used[key] = 1
                }
        units = cell[3] == "row" ? rows : customers
        ns = us * 1000 / units
        limit = cell[4] + 0
        all += us
        floor += limit * units / 1000
        if (!head++)
            printf "%-34s %10s %10s %7s   %s\n", "stage, one core", "ns", "limit", "times", "what explains more than 1.5 times"
        printf("%-34s %10.1f %10.1f %7s   %s\n", cell[2] ", a " cell[3], ns, limit,
            limit > 0 ? sprintf("%.2f", ns / limit) : "-", limit > 0 && ns > 1.5 * limit ? cell[7] : "")
    }
    END {
        for (key in least)
            if (!(key in used)) {
                other += least[key]
                names = names " " key
            }
        printf "%-34s %10.1f %10s %7s  %s\n", "not in the table, a row", other * 1000 / rows, "", "", names
        printf "%-34s %10.1f %10.1f %7.2f\n", "everything, core-s per 10 M rows", (all + other) * 10 / rows,
            floor * 10 / rows, (all + other) / floor
    }' "$work"/stages.[0-9]* "$here/docs/PERFORMANCE.md"
echo
awk -f "$here/tests/bench/timeline.awk" "$work/trace.json"
