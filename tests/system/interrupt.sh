# Ctrl-C and SIGTERM in the middle of a run: no process and no half-written output, what was published before
# is untouched, and with --state the work done so far is kept. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 60000 --seed 17 >ledger.csv || exit 1
answers 0 run ledger.csv --out before --columns minimal
answers 0 run ledger.csv --out whole

# interrupted SIGNAL CODE ARGUMENT...: stopped when its workers have begun.
interrupted() {
    signal=$1
    code=$2
    shift 2
    "$WINNOW" run ledger.csv --workers 2 "$@" 2>interrupted.err &
    run=$!
    until grep -q winnow-worker /proc/[0-9]*/comm 2>/dev/null &&
        [ "$(wc -w <"/proc/$run/task/$run/children" 2>/dev/null)" -ge 4 ]; do
        kill -0 $run 2>/dev/null || break
    done
    children=$(cat "/proc/$run/task/$run/children" 2>/dev/null)
    kill -"$signal" $run 2>/dev/null || complain 'it had ended before the signal'
    wait $run
    [ $? = "$code" ] || complain "SIG$signal: not exit $code: $(tail -n 2 interrupted.err)"
    for child in $children; do
        [ ! -d "/proc/$child" ] || complain "SIG$signal: process $child is left"
    done
}

cp -r before copy
interrupted INT 130 --out before
same before/scores.csv copy/scores.csv 'the earlier result'
[ -f before/_SUCCESS ] || complain 'the earlier result is no longer whole'
interrupted INT 130 --out fresh
[ ! -e fresh ] || complain 'half a result'
for left in before.* fresh.*; do
    case $left in before.err | *'*'*) ;; *) complain "left: $left" ;; esac
done

# With a state the run is gone on with, to the same bytes.
interrupted INT 75 --out fresh --state state
interrupted TERM 75 --out fresh --state state
[ ! -e fresh ] || complain 'half a result'
answers 0 run ledger.csv --out fresh --state state
same fresh/scores.csv whole/scores.csv 'gone on with'

# Progress on a terminal, and only there.
grep -q "$(printf '\033')" interrupted.err && complain 'control characters in a file'
if command -v script >/dev/null; then
    script -qec "\"$WINNOW\" run ledger.csv --out seen" typescript >/dev/null 2>&1 </dev/null
    grep -q 'stage' typescript || complain "no progress on a terminal: $(head -c 300 typescript)"
fi
exit $bad
