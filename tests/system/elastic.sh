# Workers come and go while a job runs, servers are told to leave and started again: the same bytes. What takes how
# long is in seconds.sh. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none
seed=${SEED:-$(date +%s)}
echo "SEED=$seed"
seed=$((seed & 0x7fffffff))

ledger=$scratch/ledger.csv
"$WINNOW" generate --customers 20000 --seed 71 >"$ledger"
flags='--shards 256'
# shellcheck disable=SC2086 # several words
answers 0 run "$ledger" --out wanted $flags --workers 2

# ends WORDS: the ventilator leaves with 0, and everybody after it, with the bytes that are wanted.
ends() {
    within 60 is_gone ventilator || complain "$1: not done: $(tail -n 3 "$stage"/*.log)"
    see_off ventilator
    [ "$code" = 0 ] || complain "$1: the ventilator left with $code: $(tail -n 3 "$stage/ventilator.log")"
    same wanted/scores.csv "$stage/made/scores.csv" "$1"
    same wanted/tiers.csv "$stage/made/tiers.csv" "$1"
    within 10 is_gone sink || complain "$1: the sink does not leave"
}

# leaves ROLE SECONDS WORDS: goes by itself, with 0.
leaves() {
    within "$2" is_gone "$1" || complain "$3: $1 has not left after $2 s"
    is_here "$1" && return
    see_off "$1"
    # 143: the signal was there before the program was.
    [ "$code" = 0 ] || [ "$code" = 143 ] || complain "$3: $1 left with $code: $(tail -n 3 "$stage/$1.log")"
}

# shellcheck disable=SC2317 # called by within
committed() { # KB: the cache of worker-0 has grown beyond that: some shards are done
    [ "$(du -sk "$stage/worker-0" 2>/dev/null | cut -f1)" -gt "$1" ] 2>/dev/null
}

# --- the simplest cast, and workers who were there first --------------------------------------------------
set_stage "$scratch/job" tcp
start worker-0
start worker-1
start sink
start ventilator
ends 'workers first'
leaves worker-0 5 'workers first'
leaves worker-1 5 'workers first'

# --- by the dozen: while the job runs, a new one every moment, and an old one leaves, killed or asked ------
set_stage "$scratch/job" ipc
start sink
start ventilator
joined=0 asked=''
while [ $joined -lt 24 ]; do
    start worker-$joined
    joined=$((joined + 1))
    doze 20 120
    [ $joined -gt 2 ] || continue
    draw 2
    leaver=worker-$((joined - 3))
    if [ "$drawn" = 0 ]; then
        kill -KILL "$(pid_of $leaver)" 2>/dev/null
    else
        kill -TERM "$(pid_of $leaver)" 2>/dev/null
        asked="$asked $leaver"
    fi
done
ends 'two dozen workers'
for role in $asked; do
    leaves "$role" 10 'two dozen workers'
done

# --- paused, given up, back again -------------------------------------------------------------------------
# It stops with leases in its hands. The others finish them; it comes back with results that are known.
set_stage "$scratch/job" tcp
printf '%20s' '' >token
export WINNOW_CRASH_AT="sink-committed:$scratch/token"
start sink # dies after 20 commits, so that the job is not over before the pause
unset WINNOW_CRASH_AT
start worker-0
start ventilator
within 30 is_gone sink || complain 'paused: the sink did not die'
kill -STOP "$(pid_of worker-0)"
start sink
start worker-1
within 60 is_gone ventilator || complain "paused: the others do not finish: $(tail -n 3 "$stage"/*.log)"
kill -CONT "$(pid_of worker-0)"
ends 'paused'
kill -TERM "$(pid_of worker-0)" 2>/dev/null
leaves worker-0 15 'paused' # nobody is left to take what it has

# --- told to leave ------------------------------------------------------------------------------------------
# A sink and a ventilator that are told to leave; the next ones go on.
set_stage "$scratch/job" ipc
for each in sink ventilator worker-0; do start $each; done
within 30 committed 100 || complain 'servers: worker-0 has no work'
for role in sink ventilator; do
    kill -TERM "$(pid_of $role)"
    within 10 is_gone $role || complain "servers: the $role does not leave"
    see_off $role
    case $role$code in
        sink0 | ventilator75 | ventilator0) ;;
        *) complain "servers: the $role left with $code" ;;
    esac
    [ "$role$code" = ventilator0 ] || start $role
done
ends 'servers'
exit $bad
