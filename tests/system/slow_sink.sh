# A sink that has a tenth of the time it wants: credit stops the dispatch, so that ventilator and workers need no more
# memory than with a quick one, with 2,048 shards as with 64, and with a ledger of four times the size. Needs $WINNOW
# and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none

"$WINNOW" generate --customers 10000 --seed 95 >small.csv
"$WINNOW" generate --customers 40000 --seed 96 >large.csv

# The most that a role has needed so far, in KiB.
peak_of() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pid_of "$1")/status" 2>/dev/null; }

# play NAME LEDGER SHARDS quick|slow: the job; peaks of ventilator and worker in $ventilator_kib, $worker_kib.
play() {
    ledger=$scratch/$2.csv flags="--shards $3" pace=$4
    set_stage "$scratch/$1" ipc
    ventilator_kib=0 worker_kib=0
    for each in sink ventilator worker-0; do start $each; done
    ends=$(($(date +%s) + 200))
    while is_here ventilator && [ "$(date +%s)" -lt $ends ]; do
        now=$(peak_of ventilator) && [ -n "$now" ] && ventilator_kib=$now
        now=$(peak_of worker-0) && [ -n "$now" ] && worker_kib=$now
        if [ "$pace" = slow ]; then
            kill -STOP "$(pid_of sink)" 2>/dev/null
            sleep 0.18
            kill -CONT "$(pid_of sink)" 2>/dev/null
        fi
        sleep 0.02
    done
    see_off ventilator
    [ "$code" = 0 ] || complain "$1: the ventilator left with $code: $(tail -n 2 "$stage"/*.log)"
    [ $((ventilator_kib * worker_kib)) -gt 0 ] || complain "$1: no peaks: $ventilator_kib $worker_kib"
    clear_stage
    echo "$1: ventilator $ventilator_kib KiB, worker $worker_kib KiB"
}

# bounded WORDS MOST NOW: at most a half more, and 16 MiB (a shard costs some bytes, a thread some buffers).
bounded() { [ "$3" -le $(($2 * 3 / 2 + 16384)) ] || complain "$1: $3 KiB, where $2 KiB are enough"; }

play quick small 64 quick
v=$ventilator_kib w=$worker_kib
play slow small 64 slow
bounded 'ventilator, slow sink' "$v" "$ventilator_kib"
bounded 'worker, slow sink' "$w" "$worker_kib"
same quick/made/scores.csv slow/made/scores.csv 'slow sink'
play many small 2048 quick
bounded 'ventilator, 2,048 shards' "$v" "$ventilator_kib"
bounded 'worker, 2,048 shards' "$w" "$worker_kib"
same quick/made/scores.csv many/made/scores.csv '2,048 shards'
v=$ventilator_kib w=$worker_kib
play large large 2048 slow
bounded 'ventilator, four times the ledger' "$v" "$ventilator_kib"
bounded 'worker, four times the ledger' "$w" "$worker_kib"
exit $bad
