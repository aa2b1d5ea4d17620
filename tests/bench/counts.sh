#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# counts.sh [--write]: instructions of a small fixed job (10,000 customers, seed 1, one worker, one thread a role),
# counted by callgrind, for each role and source file, beside those of counts.txt; --write renews that file.
# Unlike time, they say the same on a busy machine. They still differ a little from run to run, as
# letters come in other groups: what moved by less than 1 % of its file or 0.1 % of its role is not shown, and
# docs/PERFORMANCE.md says what the noise was found to be. Another compiler, processor (AVX2 or not) or
# valgrind counts otherwise: the first line of counts.txt says whose they are. Needs build/release.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
winnow=$here/build/release/winnow
kept=$here/tests/bench/counts.txt
customers=10000
case ${1:-} in
    '' | --write) ;;
    *) echo "counts: what is $1? --write" >&2; exit 2 ;;
esac
command -v valgrind >/dev/null 2>&1 || { echo 'skipped: no valgrind here; Debian has it in valgrind'; exit 0; }
work=$(mktemp -d "${TMPDIR:-/tmp}/winnow-counts.XXXXXX")
pids=
# shellcheck disable=SC2086 # several processes
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT
unset WINNOW_KEYS WINNOW_TRACE
"$winnow" generate --customers $customers --seed 1 >"$work/ledger.csv"

counted() { # ROLE ARGUMENT...: in the background, on one core, so that it has one thread to work with
    role=$1
    taskset -c 0 valgrind --tool=callgrind --callgrind-out-file="$work/$role.counts" \
        "$winnow" "$@" 2>"$work/$role.log" &
    pids="$pids $!"
}
counted sink --bind "ipc://$work/s" --out "$work/out" --state "$work/sink"
counted worker --ventilator "ipc://$work/v" --sink "ipc://$work/s" --state "$work/worker"
counted ventilator "$work/ledger.csv" --bind "ipc://$work/v" --sink "ipc://$work/s" \
    --state "$work/spool" --shards 8
for pid in $pids; do
    wait "$pid" || { tail -n 5 "$work"/*.log >&2; echo 'counts: a role has failed' >&2; exit 1; }
done
pids=

simd=without
! grep -qw avx2 /proc/cpuinfo || simd=with
{
    echo "# $(cc --version | head -n 1), $(valgrind --version), a processor $simd AVX2;" \
        "instructions of $customers customers, $(wc -l <"$work/ledger.csv" | tr -d ' ') lines"
    for role in ventilator worker sink; do
        awk -v role=$role -f "$here/tests/bench/counts.awk" "$work/$role.counts"
    done | sort -k1,1 -k3,3nr
} >"$work/counts.txt"

if [ "${1:-}" = --write ]; then
    cp "$work/counts.txt" "$kept"
    echo "counts: $kept is written"
    exit 0
fi
[ "$(head -n 1 "$work/counts.txt")" = "$(head -n 1 "$kept")" ] || {
    echo 'counts: the kept ones were counted by others, so differences need not be of the code:'
    head -qn 1 "$kept" "$work/counts.txt"
}
awk -v least=0.001 '
    /^#/ { next }
    FNR == NR { before[$1 " " $2] = $3; sum_before[$1] += $3; next }
    { now[$1 " " $2] = $3; sum[$1] += $3 }
    END {
        printf "%-11s %-28s %16s %16s %8s\n", "role", "instructions of", "kept", "now", "change"
        n = split("ventilator worker sink", roles, " ")
        for (i = 1; i <= n; i++) {
            r = roles[i]
            printf "%-11s %-28s %16.0f %16.0f %+7.2f%%\n", r, "everything", sum_before[r], sum[r],
                100 * (sum[r] / sum_before[r] - 1)
            fflush()
            for (key in before)
                if (!(key in now))
                    now[key] = 0
            for (key in now) {
                split(key, part, " ")
                change = now[key] - before[key]
                size = change < 0 ? -change : change
                if (part[1] == r && size > least * sum_before[r] && size > 0.01 * before[key])
                    printf("%-11s %-28s %16.0f %16.0f %8s\n", "", part[2], before[key], now[key],
                        before[key] > 0 ? sprintf("%+.1f%%", 100 * change / before[key]) : "new") | "sort -k3,3nr"
            }
            close("sort -k3,3nr")
        }
    }' "$kept" "$work/counts.txt"
