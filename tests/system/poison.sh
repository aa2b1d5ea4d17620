# A shard that takes every worker with it, by kill -9, as a kernel does that is short of memory: the job ends with
# words and a file that shows it again, whether its state is kept or not; and somebody who kills a few workers by
# hand stops nothing. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT
"$WINNOW" generate --customers 1000 --seed 3 >ledger.csv || exit 1
answers 0 run ledger.csv --out wanted --shards 1 --workers 2

# deadly TIMES ARGUMENT...: winnow, where whoever begins a shard dies, TIMES times; its exit code in $code.
deadly() {
    times=$1
    shift
    : >token
    WINNOW_CRASH_AT="worker-starts:$PWD/token" "$WINNOW" "$@" 2>err &
    pid=$!
    while [ "$times" -gt 1 ] && kill -0 $pid 2>/dev/null; do
        [ -e token ] || { : >token && times=$((times - 1)); }
        sleep 0.02
    done
    wait $pid
    code=$?
}
poisoned() { # WORDS FILE
    [ "$code" = 70 ] || complain "$1: exit $code: $(tail -n 3 err)"
    says err '5 workers were lost at it'
    says err "$2"
    [ -s "$2" ] || complain "$1: no $2"
    [ ! -e made ] || complain "$1: an output all the same"
}

deadly 1000 run ledger.csv --out made --shards 1 --workers 2 --state state
poisoned 'a kept state' state/poison-1-0
answers 0 worker --replay state/poison-1-0
says err 'does this worker no harm'
# Another machine may have the memory.
answers 0 run ledger.csv --out made --shards 1 --workers 2 --state state
same wanted/scores.csv made/scores.csv 'after poison'
rm -rf made

deadly 1000 run ledger.csv --out made --shards 1 --workers 2
poisoned 'no state' made.poison-1-0
answers 0 worker --replay made.poison-1-0
says err 'does this worker no harm'
for left in made.state-*; do [ ! -e "$left" ] || complain "$left is left"; done

# Four, all at the same shard.
deadly 4 run ledger.csv --out made --shards 1 --workers 2
[ "$code" = 0 ] || complain "four workers killed: exit $code: $(tail -n 3 err)"
[ "$(grep -c 'died of signal 9' err)" = 4 ] || complain "four workers killed: $(cat err)"
same wanted/scores.csv made/scores.csv 'four workers killed'
exit $bad
