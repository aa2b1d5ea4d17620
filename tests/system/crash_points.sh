# Every named crash point, twice: one role dies there and is started again by `winnow run`; and all roles die
# there at once, and the same command is given again. The bytes are those of a run that nobody disturbed,
# and no input that was read before is read again. Needs $WINNOW and $SOURCE; with WINNOW_MATRIX each point
# is also passed five times first.
set -u
. "$SOURCE/tests/system/scene.sh"
command -v setsid >/dev/null 2>&1 || skip 'no setsid here'
at_once=4

points() { sed -n 's/.*crash_point("\([a-z-]*\)").*/\1/p' "$SOURCE"/[cvws]*/*.c | sort -u; }
# The contract names them all, and no others.
sed -n '/^### Crash points/,$s/^| `\([a-z-]*\)` .*/\1/p' "$SOURCE/docs/PROTOCOL.md" | sort >told
points | diff told - >difference || complain "docs/PROTOCOL.md tells other crash points: $(cat difference)"

"$WINNOW" generate --customers 1500 --seed 41 >north.csv
"$WINNOW" generate --customers 1500 --seed 42 | sed 's/^\([0-9]\)/s\1/' >south.csv
run() {
    setsid -w "$WINNOW" run "$scratch/north.csv" "$scratch/south.csv" --workers 2 --shards 32 \
        --as-of 2025-01-01 "$@" 2>err
}
run --out wanted || complain "undisturbed: $(tail -n 3 err)"
: >complaints

wrong() { echo "$place: $*" >>"$scratch/complaints"; }

# Over an earlier output, so that moving it away is part of it.
prepare() { # SKIP
    rm -rf out out.prev state
    cp -r "$scratch/wanted" out
    printf "%$1s" '' >token
}

the_same() { # WORDS
    for file in scores.csv tiers.csv; do
        cmp -s "$scratch/wanted/$file" "out/$file" || wrong "$1: $file differs, or is not there"
    done
    [ -e out/_SUCCESS ] || wrong "$1: no _SUCCESS"
}

one_role() { # POINT SKIP
    prepare "$2"
    WINNOW_CRASH_AT="$1:$PWD/token" run --out out --state state ||
        wrong "exit $? after one role died: $(tail -n 3 err)"
    the_same 'one role'
    [ "$2" != 0 ] || [ ! -e token ] || wrong 'not reached'
    [ -e token ] || grep -q 'died of signal 9' err || wrong "nobody has died: $(tail -n 3 err)"
}

all_roles() { # POINT SKIP
    prepare "$2"
    WINNOW_CRASH_ALL=1 WINNOW_CRASH_AT="$1:$PWD/token" run --out out --state state
    code=$?
    [ "$code" = 137 ] || [ -e token ] || wrong "exit $code where all were to die"
    known=$(grep -c '^input' state/known 2>/dev/null)
    run --out out --state state || wrong "exit $? when started again: $(tail -n 3 err)"
    the_same 'all roles'
    again=$(sed -n 's/^ *"rows_read": \([0-9]*\),*$/\1/p' out/manifest.json | grep -vc '^0$')
    [ "$again" = $((2 - ${known:-0})) ] || wrong "$again inputs were read again, ${known:-0} were known"
}

one_place() { # POINT SKIP
    place="$1, passed $2 times"
    mkdir "at $1 $2" && cd "at $1 $2" || exit 1
    one_role "$@"
    all_roles "$@"
}

started=0
for passed in 0 ${WINNOW_MATRIX:+5}; do
    for point in $(points); do
        one_place "$point" "$passed" &
        started=$((started + 1))
        [ $((started % at_once)) != 0 ] || wait
    done
done
wait
[ ! -s complaints ] || complain "$(cat complaints)"
exit $bad
