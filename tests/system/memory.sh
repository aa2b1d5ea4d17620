# What memory the roles take of their own (RssAnon: pages of files, such as LMDB's, are the machine's to take
# back): not more with eight times the rows of the same customers, with a sink that has a tenth of the time it
# wants, or with 2,048 shards. Each job is played on one processor, since a thread has buffers of its own.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'for stage in "$scratch"/stage-*; do clear_stage; done; rm -rf "$scratch"' EXIT
command -v taskset >/dev/null 2>&1 || skip 'no taskset here'

program=$WINNOW
cpu=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
{
    echo '#!/bin/sh'
    printf 'exec taskset -c %s "%s" "$@"\n' "$cpu" "$program"
} >pinned
chmod +x pinned
WINNOW=$scratch/pinned
# A sanitizer's own memory is not the roles'; the jobs must end with the same bytes all the same.
measured=1
grep -q __asan_init "$program" && measured=

# 20,000 customers with 160 rows each, and with every eighth of these rows; and 200,000 customers.
"$program" generate --customers 320000 --seed 95 | awk -F, 'NR > 1 { $1 = $1 % 20000 } 1' OFS=, >large.csv
awk 'NR % 8 == 1' large.csv >small.csv
"$program" generate --customers 200000 --seed 96 >many.csv

# play NAME LEDGER SHARDS quick|slow: the job; the most that each role took goes to NAME.ROLE, in KiB.
play() {
    ledger=$scratch/$2.csv flags="--shards $3 --as-of 2025-01-01"
    set_stage "$scratch/stage-$1" ipc
    for each in sink ventilator worker-0; do
        start $each
        echo 0 >"$1.$each"
    done
    ends=$(($(date +%s) + 200))
    while is_here ventilator && [ "$(date +%s)" -lt $ends ]; do
        for each in sink ventilator worker-0; do
            now=$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pid_of $each)/status" 2>/dev/null)
            [ "${now:-0}" -le "$(cat "$1.$each")" ] || echo "$now" >"$1.$each"
        done
        [ "$4" = slow ] || { sleep 0.02 && continue; }
        kill -STOP "$(pid_of sink)" 2>/dev/null
        sleep 0.18
        kill -CONT "$(pid_of sink)" 2>/dev/null
        sleep 0.02
    done
    see_off ventilator
    [ "$code" = 0 ] || complain "$1: the ventilator left with $code: $(tail -n 2 "$stage"/*.log)"
    clear_stage
    echo "$1: KiB of sink $(cat "$1.sink"), ventilator $(cat "$1.ventilator"), worker $(cat "$1.worker-0")"
}

# bounded ROLE WORDS MOST NOW: at most 2 MiB more, which is what two runs of the same may differ by.
bounded() {
    [ -n "$measured" ] || return
    [ $(($3 * $4)) -gt 0 ] || complain "$1, $2: not measured"
    [ "$4" -le $(($3 + 2048)) ] || complain "$1, $2: $4 KiB, where $3 KiB are enough"
}
of() { cat "$1"; } # NAME.ROLE

# The slow ones wait for their sinks, and the others are played meanwhile.
{ play slow-shards small 2048 slow; exit $bad; } &
beside=$!
{ play slow small 64 slow; play customers many 64 quick; exit $bad; } &
besides=$!
play quick small 64 quick
play few small 8 quick
play rows large 64 quick
play shards small 2048 quick
wait $beside || complain 'the slow sink, 2,048 shards'
wait $besides || complain 'the slow sink, or the many customers'

for name in few shards slow slow-shards; do
    same stage-quick/made/scores.csv "stage-$name/made/scores.csv" "$name"
done

# Eight times the rows. The ventilator's frames on their way are larger with eight times the rows in a shard, up to
# 8 of 1 MiB; a worker has a shard in hand, and as many rows are in it with eight times the shards.
bounded sink 'eight times the rows' "$(of quick.sink)" "$(of rows.sink)"
bounded ventilator 'eight times the rows' $(($(of quick.ventilator) + 2048)) "$(of rows.ventilator)"
bounded worker 'eight times the rows' "$(of few.worker-0)" "$(of rows.worker-0)"

# A slow sink: what waits for it waits in the spool.
for role in sink ventilator worker-0; do
    bounded "$role" 'slow sink' "$(of quick.$role)" "$(of "slow.$role")"
    bounded "$role" 'slow sink, 2,048 shards' "$(of shards.$role)" "$(of "slow-shards.$role")"
done

# 2,048 shards: nothing of the worker's; 4 KiB a shard of the sink's; of the ventilator's 4, and up to 8 that are being
# filled where 64 shards have 64 each.
bounded worker '2,048 shards' "$(of quick.worker-0)" "$(of shards.worker-0)"
bounded sink '2,048 shards' $(($(of quick.sink) + 4 * 2048)) "$(of shards.sink)"
bounded ventilator '2,048 shards' $(($(of quick.ventilator) + 12 * 2048 - 64 * 64)) "$(of shards.ventilator)"

# Customers are what a sink grows with: 64 bytes each.
bounded sink '200,000 customers' $((14 * 1024 + 64 * 200000 / 1024)) "$(of customers.sink)"
exit $bad
