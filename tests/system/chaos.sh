# chaos.sh [--faults N] [--seed S]: jobs whose roles are killed, stopped for a while and told to leave at
# random moments, and started again, until there were N faults (300). Jobs go as `winnow run` and as roles of
# their own on ipc and tcp. Every output has the SHA-256 of the run that nobody disturbed.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
wanted_faults=300 seed=$(date +%s) patience=120
while [ $# -gt 0 ]; do
    case $1 in
        --faults) wanted_faults=$2 ;;
        --seed | --seeds) seed=$2 ;;
        *) echo "chaos: what is $1? --faults N, --seed S" >&2; exit 2 ;;
    esac
    shift 2
done
said_seed=$seed
seed=$((seed & 0x7fffffff))
echo "seed $said_seed; --seed $said_seed draws the same faults"
command -v setsid >/dev/null 2>&1 || skip 'no setsid here'

ledger=$scratch/ledger.csv
"$WINNOW" generate --customers 30000 --seed 61 >"$ledger"
answers 0 run "$ledger" --out wanted --workers 2 --shards 64
[ $bad = 0 ] || exit 1
sum_of() { cat "$1/scores.csv" "$1/tiers.csv" | sha256sum; }
wanted=$(sum_of wanted)

# Under fire without end a job need not end; this many faults strike one, then it has patience seconds.
most=15
faults=0 jobs=0 kills=0 stops=0 terms=0 whole=0
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none

# strike PID: one fault of a drawn kind.
strike() {
    draw 10
    case $drawn in
        0 | 1 | 2 | 3 | 4)
            kill -KILL "$1" 2>/dev/null || return 0
            kills=$((kills + 1))
            ;;
        5 | 6 | 7)
            kill -STOP "$1" 2>/dev/null || return 0
            stops=$((stops + 1))
            draw 10
            pause=$(printf '0.%03d' $((drawn * 90 + 50)))
            draw 6
            [ "$drawn" != 0 ] || pause=3
            { sleep "$pause"; kill -CONT "$1"; } 2>/dev/null &
            ;;
        *)
            kill -TERM "$1" 2>/dev/null || return 0
            terms=$((terms + 1))
            ;;
    esac
    faults=$((faults + 1))
}

lament() { # WORDS
    complain "job $jobs ($mode), seed $said_seed: $*"
    tail -n 4 "$stage"/*.log
}

compare() {
    [ -e "$stage/made/_SUCCESS" ] || { lament 'no _SUCCESS'; return; }
    [ "$(sum_of "$stage/made")" = "$wanted" ] || lament 'other bytes'
}

# --- roles of their own --------------------------------------------------------------------------------

# Whoever is not here is started again, as a container engine would.
look_after() { # ROLE...
    for role; do
        is_here "$role" || start "$role"
    done
}

choose_victim() { # WORKERS: a role, drawn
    draw 10
    case $drawn in
        0 | 1) victim=sink ;;
        2 | 3) victim=ventilator ;;
        *)
            draw "$1"
            victim=worker-$drawn
            ;;
    esac
}

play_cast() {
    roles=$(seq -f 'worker-%.0f' 0 $((workers - 1)))
    ends=$(($(date +%s) + patience))
    # shellcheck disable=SC2086 # several words
    look_after sink ventilator $roles
    while :; do
        doze 50 900
        if is_gone ventilator; then
            see_off ventilator
            [ "$code" != 0 ] || break
            start ventilator
        fi
        if [ "$(date +%s)" -ge $ends ]; then
            lament "not done after $patience s"
            break
        fi
        choose_victim "$workers"
        [ $((faults - before)) -ge "$most" ] || ! is_here "$victim" || strike "$(pid_of "$victim")"
        doze 0 150
        # shellcheck disable=SC2086 # several words
        look_after sink $roles
    done
    compare
    clear_stage
}

# --- winnow run ----------------------------------------------------------------------------------------

# child KIND: the process of a role of the run, the first or last of several, drawn.
child() {
    draw 2
    chosen=
    # shellcheck disable=SC2013 # they are words
    for pid in $(cat "/proc/$run/task/$run/children" 2>/dev/null); do
        read -r name 2>/dev/null <"/proc/$pid/comm" || continue
        case $name in
            winnow-"$1"*)
                [ -z "$chosen" ] || [ "$drawn" = 0 ] || chosen=
                [ -n "$chosen" ] || chosen=$pid
                ;;
        esac
    done
}

start_run() {
    # shellcheck disable=SC2086 # several words
    setsid "$WINNOW" run "$ledger" --out "$stage/made" --state "$stage/state" --workers "$workers" $flags \
        >>"$stage/run.log" 2>&1 &
    run=$!
    echo $run >"$stage/run.pid"
    struck=0
}

# A run starts a role again 5 times; nobody is struck oftener than that. All at once, now and then.
strike_run() {
    draw 12
    if [ "$drawn" = 0 ]; then
        kill -s KILL -- "-$run" 2>/dev/null || return 0
        wait "$run" 2>/dev/null
        faults=$((faults + 1)) whole=$((whole + 1))
        start_run
        return 0
    fi
    [ $struck -lt 5 ] || return 0
    choose_victim 1
    child "${victim%-*}"
    [ -z "$chosen" ] || strike "$chosen"
    struck=$((struck + 1))
}

play_run() {
    ends=$(($(date +%s) + patience))
    start_run
    while doze 50 900 && alive "$run"; do
        strike_run
        if [ "$(date +%s)" -ge $ends ]; then
            lament "not done after $patience s"
            kill -s KILL -- "-$run"
        fi
    done
    wait "$run"
    code=$?
    [ "$code" = 0 ] || lament "exit $code"
    compare
}

# --- jobs ------------------------------------------------------------------------------------------------

while [ $faults -lt "$wanted_faults" ] && [ $bad = 0 ]; do
    jobs=$((jobs + 1))
    draw 3
    case $drawn in
        0) mode=run ;;
        1) mode=ipc ;;
        *) mode=tcp ;;
    esac
    set_stage "$scratch/job" $mode
    draw 3
    flags="--shards $((64 << (2 * drawn)))"
    draw 4
    workers=$((drawn + 1)) before=$faults since=$(date +%s)
    if [ $mode = run ]; then
        play_run
    else
        play_cast
    fi
    echo "job $jobs: $mode, $workers workers, $flags: $((faults - before)) faults in $(($(date +%s) - since)) s"
done
echo "$jobs jobs, $faults faults: $kills killed, $stops stopped for a while, $terms told to leave, $whole runs killed whole"
exit $bad
