# What is promised in seconds: a server that is started again on its endpoint is found within 5 s, also after it
# was away for a while; who is told to leave takes no longer than the shard at hand, and who is told twice leaves at
# once. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none

ledger=$scratch/ledger.csv
"$WINNOW" generate --customers 20000 --seed 71 >"$ledger"
"$WINNOW" generate --customers 400000 --seed 72 >broad.csv
answers 0 run "$ledger" --out wanted --shards 256 --workers 2

now_ms() { date +%s%3N; }
# figures_of ROLE: asks who was started with --metrics 127.0.0.1:0; the answer is in ./page.
figures_of() {
    port=$(sed -n 's/.*figures are at .* port \([0-9]*\).*/\1/p' "$stage/$1.log" | tail -n 1)
    [ -n "$port" ] && "$WINNOW" status "127.0.0.1:$port" >page 2>/dev/null
}
the_same() { # WORDS
    see_off ventilator
    [ "$code" = 0 ] || complain "$1: the ventilator left with $code: $(tail -n 3 "$stage/ventilator.log")"
    same wanted/scores.csv "$stage/made/scores.csv" "$1"
    same wanted/tiers.csv "$stage/made/tiers.csv" "$1"
}

# --- found again -----------------------------------------------------------------------------------------
# shellcheck disable=SC2317 # called by within
sink_has_committed() { figures_of sink && grep -q 'winnow_committed_shards_total{[^}]*} [1-9]' page; }
# shellcheck disable=SC2317
ventilator_has_leased() { figures_of ventilator && grep -q ' [1-9][0-9]* leases,' page; }

# again ROLE POINT DEED AWAY: dies at the point's 20th passing, is away for so many seconds, and comes back; from then
# on, 5 s until it shows by its deed that who was there has found it: nobody else was started again.
again() {
    words="$1 again, after $4 s"
    set_stage "$scratch/job" tcp
    flags='--shards 256'
    printf '%20s' '' >token
    export WINNOW_CRASH_AT="$2:$scratch/token"
    for each in sink ventilator worker-0; do start $each; done
    unset WINNOW_CRASH_AT
    within 30 is_gone "$1" || complain "$words: it did not die"
    sleep "$4" # away
    before=$(grep -c . "$stage/worker-0.log")
    begun=$(now_ms)
    start "$1" --metrics 127.0.0.1:0
    within 20 "$3" || complain "$words: not found: $(tail -n 3 "$stage"/*.log)"
    took=$(($(now_ms) - begun))
    echo "$words: found after $took ms"
    [ $took -le 5000 ] || complain "$words: found only after $took ms"
    within 60 is_gone ventilator || complain "$words: not done: $(tail -n 3 "$stage"/*.log)"
    the_same "$words"
    [ "$(grep -c . "$stage/worker-0.log")" = "$before" ] || complain "$words: $(tail -n 2 "$stage/worker-0.log")"
    clear_stage
}
again sink sink-committed sink_has_committed 0
again sink sink-committed sink_has_committed 3
again ventilator ventilator-leased ventilator_has_leased 3

# --- told to leave -----------------------------------------------------------------------------------------
# slice: worker-0 gets a few milliseconds of every hundred, so that a shard takes long; $n: those it has gathered.
slice() {
    kill -CONT "$(pid_of worker-0)" 2>/dev/null
    figures_of worker-0 && n=$(sed -n 's/.*winnow_worker_shards_total{stage="gather"} //p' page)
    kill -STOP "$(pid_of worker-0)" 2>/dev/null
    sleep 0.09
}
ledger=$scratch/broad.csv flags='--shards 8'
set_stage "$scratch/job" ipc
for each in sink ventilator; do start $each; done
start worker-0 --metrics 127.0.0.1:0
n=0
while [ "$n" -lt 1 ] && is_here worker-0; do slice; done
since=$(now_ms)
while [ "$n" -lt 2 ] && is_here worker-0; do slice; done
begun=$(now_ms) before=$n
a_shard=$((begun - since))
# It is at the third shard, and others wait behind that.
kill -TERM "$(pid_of worker-0)"
while is_here worker-0 && [ $(($(now_ms) - begun)) -lt 60000 ]; do slice; done
took=$(($(now_ms) - begun))
see_off worker-0
echo "told to leave: gone after $took ms and $((n - before)) shards, where a shard takes $a_shard ms"
[ "$code" = 0 ] || complain "told to leave: worker-0 left with $code: $(tail -n 2 "$stage/worker-0.log")"
[ $took -le $((a_shard * 3 / 2 + 1000)) ] || complain "told to leave: $took ms, where a shard takes $a_shard ms"
[ $((n - before)) -le 1 ] || complain "told to leave: worker-0 has finished $((n - before)) shards before it left"
start worker-1
within 60 is_gone ventilator || complain "told to leave: not done: $(tail -n 3 "$stage"/*.log)"
see_off ventilator
[ "$code" = 0 ] || complain "told to leave: the ventilator left with $code"
number() { sed -n "s/^ *\"$1\": \([0-9]*\),*$/\1/p" "$stage/made/manifest.json" | head -n 1; } # KEY
[ "$(number expired)" = 0 ] || complain 'told to leave: a lease had to expire'
[ "$(number released)" -ge 2 ] || complain "told to leave: $(number released) leases came back"
clear_stage

# The sink is away: what is running cannot be handed in, so the worker stays; told again, it leaves at once.
# shellcheck disable=SC2317 # called by within
committed() { [ "$(du -sk "$stage/worker-0" 2>/dev/null | cut -f1)" -gt 100 ] 2>/dev/null; }
ledger=$scratch/ledger.csv flags='--shards 256'
set_stage "$scratch/job" ipc
for each in sink ventilator worker-0; do start $each; done
within 30 committed || complain 'told twice: worker-0 has no work'
kill -STOP "$(pid_of sink)"
sleep 0.3
kill -TERM "$(pid_of worker-0)"
sleep 1
is_here worker-0 || complain 'told twice: worker-0 has left with what nobody has acknowledged'
kill -TERM "$(pid_of worker-0)"
within 1 is_gone worker-0 || complain 'told twice: worker-0 is still here'
see_off worker-0
[ "$code" = 75 ] || complain "told twice: worker-0 left with $code"
kill -CONT "$(pid_of sink)"
start worker-1
within 60 is_gone ventilator || complain "told twice: not done: $(tail -n 3 "$stage"/*.log)"
the_same 'told twice'
exit $bad
