# --trace: a timeline that viewers can read, of every role, and nothing else is different for it. Needs $WINNOW and
# $SOURCE.
# shellcheck disable=SC2154,SC2034 # cast.sh sets and reads
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
command -v python3 >/dev/null 2>&1 || skip 'no python3 to read a trace with'
judge() { # FILE ROLE...
    python3 "$SOURCE/tests/system/trace.py" "$@" >out 2>&1 || complain "$1: $(head -n 5 out)"
}
"$WINNOW" generate --customers 3000 --seed 5 >ledger.csv
head='cannot write the trace'

# A run: the same bytes, one file with everybody in it.
answers 0 run ledger.csv --out plain --workers 2
answers 0 run ledger.csv --out traced --workers 2 --trace 'a trace.json'
for file in scores.csv tiers.csv model.json; do
    same "plain/$file" "traced/$file" 'a run that is traced'
done
judge 'a trace.json' run ventilator 'worker 0' 'worker 1' sink
# What ./dev bench makes of it: a line for everybody, and every span has its stage.
awk -f "$SOURCE/tests/bench/timeline.awk" 'a trace.json' >timeline
for row in 'run         loop' 'ventilator  reader 1' 'worker 0    loop' 'worker 1    loop' 'sink        writer'; do
    says timeline "$row"
done
awk -f "$SOURCE/tests/bench/trace.awk" 'a trace.json' >spans
awk -F '\t' '$4 < 0 || $3 < 0 { print "the time of " $1 " " $2 " is " $4 }' spans >out
[ ! -s out ] || complain "$(cat out)"
awk -F '\t' -v rows=30000 -v customers=3000 -f "$SOURCE/tests/bench/stages.awk" spans "$SOURCE/docs/PERFORMANCE.md" >stages
grep -q '^fold, a row  *[0-9]*[.][0-9]  *20.5 ' stages || complain "no stage 'fold': $(cat stages)"
grep -q '^not in the table, a row  *0.0 *$' stages || complain "$(grep '^not in' stages)"
# The environment says it as well, and an earlier file is replaced.
WINNOW_TRACE='a trace.json' answers 0 run ledger.csv --out traced --workers 1
judge 'a trace.json' run ventilator 'worker 0' sink

# A ledger that is refused has a timeline, too; a file that cannot be is refused before any work.
echo 'customer_id,date,amount' >empty.csv
answers 65 run empty.csv --out refused --trace refused.json
says refused.json '"name":"run"'
answers 73 run ledger.csv --out refused --trace nowhere/trace.json
says err "$head nowhere/trace.json"
[ ! -e refused ] || complain 'a run without its trace was done'
answers 2 check ledger.csv --trace x

# Roles alone: a file each.
ledger=$scratch/ledger.csv
flags='--shards 8'
set_stage "$scratch/stage" ipc
start sink --trace sink.json
start worker-0 --trace worker.json
start ventilator --trace ventilator.json
within 60 is_gone ventilator || complain 'the roles did not come to an end'
for role in ventilator worker-0 sink; do
    within 20 is_gone $role || complain "$role is still here"
    see_off $role
    [ "$code" = 0 ] || complain "$role: exit $code, $(cat "$stage/$role.log")"
done
judge ventilator.json ventilator
judge worker.json worker
judge sink.json sink
same plain/scores.csv stage/made/scores.csv 'roles that are traced'
exit $bad
