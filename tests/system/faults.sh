# What the machine does to a job: disks that are full, fsync that fails, too few descriptors, caches that are
# damaged or somebody else's. Words, no lost result, and the same bytes once it is mended. Needs $WINNOW and
# $SOURCE; a full disk wants root (a small tmpfs), a failing fsync strace.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; clear_disks; rm -rf "$scratch"' EXIT
stage=$scratch/none
seed=${SEED:-$(date +%s)}
echo "SEED=$seed"
seed=$((seed & 0x7fffffff))

ledger=$scratch/ledger.csv
"$WINNOW" generate --customers 20000 --seed 91 >"$ledger"
flags='--shards 64'
answers 0 run "$ledger" --out wanted --shards 64 --workers 2
the_same() { # DIR WORDS
    same wanted/scores.csv "$1/scores.csv" "$2"
    same wanted/tiers.csv "$1/tiers.csv" "$2"
}

# --- full disks ------------------------------------------------------------------------------------------
disks=''
disk() { # DIR SIZE: a small disk of its own
    mkdir -p "$1"
    mount -t tmpfs -o "size=$2" winnow-test "$1" 2>/dev/null || return 1
    disks="$disks $1"
}
clear_disks() { for dir in $disks; do umount "$dir" 2>/dev/null; done; }
room() { mount -o "remount,size=$2" "$1"; } # DIR SIZE
said() { grep -qF "$2" "$stage/$1.log"; }  # ROLE WORDS

full_disks() {
    # The sink's state: nothing is acknowledged, so the dispatch stops; with room it goes on. The names of
    # disks are relative: a list of paths with blanks is none.
    set_stage "$scratch/job" ipc
    disk job/sink 700k || { echo 'not done here: full disks, which want root'; return; }
    for each in sink ventilator worker-0 worker-1; do start $each; done
    within 30 said sink 'is full; waiting for space' || complain "full state: $(tail -n 3 "$stage"/*.log)"
    sleep 2
    is_published && complain 'full state: published all the same'
    for each in sink ventilator worker-0 worker-1; do
        is_here $each || complain "full state: the $each has left: $(tail -n 2 "$stage/$each.log")"
    done
    room job/sink 64m
    within 60 is_gone ventilator || complain "full state: not done with room: $(tail -n 3 "$stage"/*.log)"
    said sink 'there is space again' || complain 'full state: it does not say that there is space again'
    the_same "$stage/made" 'full state'
    within 10 is_gone sink
    clear_stage
    umount job/sink

    # The output, the spool, a cache: the run ends with words and 74, and goes on in the same state.
    disk small 400k
    answers 74 run "$ledger" --out small/made --state state --shards 64 --workers 2
    says err 'No space left'
    [ ! -e small/made/_SUCCESS ] || complain 'full output: _SUCCESS all the same'
    answers 0 run "$ledger" --out made --state state --shards 64 --workers 2
    the_same made 'full output'
    tr -d ' \n' <made/manifest.json | grep -q '"gather":{[^}]*"rows_folded":0,' && complain 'full output: folded nothing, and yet has rows'
    [ "$(sed -n 's/^ *"leases": \([0-9]*\),$/\1/p' made/manifest.json)" = 0 ] || complain 'full output: work was done again'
    rm -rf small/* made
    answers 74 run "$ledger" --out made --state small/state --shards 64 --workers 2
    says err 'small/state'
    [ ! -e made ] || complain 'full spool: an output all the same'
    umount small

    set_stage "$scratch/job" ipc
    disk job/worker-0 300k
    for each in sink ventilator worker-0 worker-1; do start $each; done
    within 60 is_gone ventilator || complain "full cache: not done by the other worker: $(tail -n 3 "$stage"/*.log)"
    the_same "$stage/made" 'full cache'
    said worker-0 'no space for the cache' || complain "full cache: not said: $(tail -n 2 "$stage/worker-0.log")"
    see_off worker-0
    [ "$code" = 74 ] || complain "full cache: worker-0 left with $code"
    clear_stage
    umount job/worker-0
}
full_disks

# --- fsync that fails --------------------------------------------------------------------------------------
failing() { # SPECIFICATION COMMAND...
    what=$1
    shift
    # Leaks are looked for by tracing oneself, and a traced one cannot.
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" strace -f -qq -o strace.log -e trace="${what%%:*}" -e inject="$what" "$@"
}
if strace -f -qq -o /dev/null true 2>/dev/null; then
    # In the middle of the commits: the sink stops rather than acknowledge what may not be there.
    rm -rf made state
    failing fdatasync:error=EIO:when=6+ "$WINNOW" run "$ledger" --out made --state state --shards 64 --workers 2 2>err
    code=$?
    [ "$code" = 74 ] || complain "fdatasync: exit $code: $(tail -n 3 err)"
    says err 'Input/output error'
    says err 'state/sink'
    [ ! -e made ] || complain 'fdatasync: an output all the same'
    answers 0 run "$ledger" --out made --state state --shards 64 --workers 2
    the_same made 'fdatasync'
    # Of the outputs: nothing of them is published, and what was there stays.
    rm -rf made.prev state
    failing fsync:error=EIO -P "$PWD/made.winnow-new/scores.csv" "$WINNOW" run "$ledger" --out made --state state --shards 64 --workers 2 2>err
    code=$?
    [ "$code" = 74 ] || complain "fsync: exit $code: $(tail -n 3 err)"
    the_same made 'what was there before a failing fsync'
    [ ! -e made.prev ] || complain 'fsync: the earlier output was moved all the same'
    answers 0 run "$ledger" --out made --state state --shards 64 --workers 2
    the_same made 'after a failing fsync'
else
    echo 'not done here: a failing fsync, which wants strace'
fi

# --- descriptors -----------------------------------------------------------------------------------------
rm -rf made state
few() { # N ARGUMENT...: winnow with that many descriptors
    (
        # shellcheck disable=SC3045 # dash and bash have it
        ulimit -n "$1"
        shift
        "$WINNOW" "$@"
    ) 2>err
}
few 40 run "$ledger" --out made --workers 2
code=$?
[ "$code" = 78 ] || complain "40 descriptors: exit $code"
says err 'ulimit -n'
few 66 run "$ledger" --out made --workers 2 --shards 64 || complain "66 descriptors: exit $?: $(tail -n 2 err)"
the_same made '66 descriptors'

# --- caches ------------------------------------------------------------------------------------------------
# Damaged anywhere, or somebody else's: set aside or not believed, made again, the same bytes.
rm -rf made made.prev state
answers 0 run "$ledger" --out made --state state --shards 64 --workers 2
answers 0 run "$ledger" --out others --state other.state --shards 32 --workers 1 --as-of 2024-01-01
cp -r state whole
again() { # WORDS
    answers 0 run "$ledger" --out made --state state --shards 64 --workers 2
    the_same made "$1"
    rm -rf state
    cp -r whole state
}
damage() { # FILE TIMES: so many stretches of 64 bytes are overwritten
    size=$(wc -c <"$1")
    n=$2
    while [ "$n" -gt 0 ]; do
        draw $((size / 64))
        dd if=/dev/urandom of="$1" bs=64 count=1 seek="$drawn" conv=notrunc 2>/dev/null
        n=$((n - 1))
    done
}
for times in 1 40 400; do
    damage state/worker-0/data.mdb $times
    again "a cache with $times wounds"
done
: >state/worker-0/data.mdb
again 'an empty cache'
echo 'my notes' >state/worker-0/data.mdb
again 'a text for a cache'
cp other.state/worker-0/data.mdb state/worker-0/data.mdb
again "another job's cache"
cp state/worker-1/data.mdb state/worker-0/data.mdb
again "the other worker's cache"
cp state/sink/data.mdb state/worker-0/data.mdb
again "the sink's store for a cache"
# One worker: of two the second may come late, and the first, with no cache of those shards, want their rows.
rm -rf state
answers 0 run "$ledger" --out made --state state --shards 64 --workers 1
damage "$(echo state/spool/*.rows)" 3
answers 0 run "$ledger" --out made --state state --shards 64 --workers 1
the_same made 'a damaged spool that no cache needs'
exit $bad
