# Roles that stay: jobs of two owners in a queue, each with the bytes that winnow run gives; said twice, taken
# back, failing, fetched; through deaths of the servers in the middle of a job; and a second night that sends only
# what is new. Needs $WINNOW and $SOURCE.
# shellcheck disable=SC1010,SC1091,SC2034,SC2086,SC2154,SC2317 # sourced, set by submits, called by within; states are words
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none

"$WINNOW" generate --customers 1500 --seed 5 --days 400 >january.csv || exit 1
"$WINNOW" generate --customers 1500 --seed 6 --days 30 --start 2024-03-01 >february.csv || exit 1
february=$(($(wc -l <february.csv) - 1))
printf 'customer_id,amount\nx,1\n' >bad.csv

# serve ROLE [FLAG...]: as start does, but that it stays.
serve() {
    who=$1
    shift
    before_it=$(pid_of "$who")
    [ -z "$before_it" ] || alive "$before_it" || wait "$before_it" 2>/dev/null
    case $who in
        sink) set -- sink --serve --bind "$at_sink" --out "$stage/made" --state "$stage/sink" "$@" ;;
        ventilator) set -- ventilator --serve --bind "$at_ventilator" --sink "$at_sink" \
            --state "$stage/spool" "$@" ;;
        *) set -- worker --ventilator "$at_ventilator" --sink "$at_sink" --state "$stage/$who" "$@" ;;
    esac
    "$WINNOW" "$@" >>"$stage/$who.log" 2>&1 &
    echo $! >"$stage/$who.pid"
}

# submits NAME ARGUMENT...: its id is then in $NAME, and in the file of that name.
submits() {
    job_name=$1
    shift
    answers 0 submit "$@" --to "$at_ventilator"
    read -r job_id <out || complain "submit $*: no id: $(cat err)"
    eval "$job_name=\$job_id"
}
state_of() { "$WINNOW" status "$at_ventilator" --job "$1" 2>/dev/null | sed -n 's/^state: //p'; } # ID
is_at() { [ "$(state_of "$1")" = "$2" ]; } # ID STATE
# comes ID STATE: it comes to that.
comes() { within 60 is_at "$1" "$2" || complain "job $1 is $(state_of "$1"), not $2: $(tail -n 4 "$stage"/*.log)"; }
has_begun() { grep -q "job $1 of .* begins" "$stage/ventilator.log"; } # ID
deals() { "$WINNOW" status "$at_ventilator" --job "$1" 2>/dev/null | grep -q 'words: gathering'; } # ID
# stops ROLE: told to leave, it does, with 0.
stops() {
    kill -TERM "$(pid_of "$1")"
    within 20 is_gone "$1" || complain "the $1 does not leave"
    see_off "$1"
    [ "$code" = 0 ] || complain "the $1 left with $code: $(tail -n 3 "$stage/$1.log")"
}
# same_as_run ID ARGUMENT...: its results are what winnow run says of that.
same_as_run() {
    of=$1
    shift
    answers 0 run "$@" --out "wanted-$of" --workers 1
    same "wanted-$of/scores.csv" "$stage/made/$of/scores.csv" "job $of"
    same "wanted-$of/tiers.csv" "$stage/made/$of/tiers.csv" "job $of"
    [ "$(grep '"run_id"' "wanted-$of/manifest.json")" = "$(grep '"run_id"' "$stage/made/$of/manifest.json")" ] ||
        complain "job $of has another run_id"
}

# --- a queue, two owners, other flags ---------------------------------------------------------------------
set_stage "$scratch/stage" ipc
serve sink
serve ventilator
submits ada1 january.csv --owner ada
within 20 has_begun "$ada1" || complain "$ada1 does not begin: $(cat "$stage/ventilator.log")"
submits ada2 january.csv --owner ada --horizon 90 --rfm-bins 4 --idempotency-key second
submits ada3 january.csv february.csv --owner ada --exclude 'customer_id=c1,c2' --exclude 'date=2024-03-02'
submits bob1 february.csv --owner bob --churn-model mbgnbd --tiers 'gold:10,rest:90'
submits bob2 bad.csv --owner bob
submits bob3 february.csv --owner bob --redact

# Said again it is the same; with another ledger, or other flags, it is refused.
submits again january.csv --owner ada --horizon 90 --rfm-bins 4 --idempotency-key second
[ "$again" = "$ada2" ] || complain "the same key and job is $again, and was $ada2"
answers 78 submit february.csv --owner ada --horizon 90 --rfm-bins 4 --idempotency-key second --to "$at_ventilator"
says err "$ada2"
answers 78 submit january.csv --owner ada --idempotency-key second --to "$at_ventilator"

# One that waits is taken back.
submits gone january.csv --owner ada
answers 0 cancel "$gone" --to "$at_ventilator"
answers 0 cancel "$gone" --to "$at_ventilator"
answers 0 status "$at_ventilator" --job "$gone"
says out 'state: cancelled'
says out 'exit code: 75'
answers 66 cancel 20200101-000000-0000 --to "$at_ventilator"
answers 75 fetch "$ada2" --to "$at_ventilator" --out early
says err 'not done yet'

# What run would refuse is refused before it is sent, in the same words.
for flags in '--horizon 0' '--tiers a:1' '--rfm-cuts nonsense' '--wallet mean'; do
    answers 2 run january.csv $flags
    cp err wanted
    answers 2 submit january.csv $flags --to "$at_ventilator"
    same wanted err "submit $flags"
done
answers 2 submit - --to "$at_ventilator"
answers 2 submit january.csv --to "$at_ventilator" --workers 3
says err 'submit has no flag --workers; it belongs to run'
answers 2 submit january.csv
answers 2 ventilator --serve january.csv --bind "$at_ventilator" --sink "$at_sink" --state x
answers 2 ventilator --serve --bind "$at_ventilator" --sink "$at_sink" --state x --horizon 3
answers 2 ventilator --serve --bind "$at_ventilator" --sink "$at_sink"
answers 78 ventilator --serve --bind "$at_ventilator" --sink "$at_sink" --state "$stage/spool"

# Now somebody works.
serve worker-0
for id in "$ada1" "$ada2" "$ada3" "$bob1" "$bob3"; do comes "$id" done; done
comes "$bob2" failed
sed -n 's/.* job \([^ ]*\) of .* begins$/\1/p' "$stage/ventilator.log" >order
printf '%s\n' "$ada1" "$bob1" "$ada2" "$bob2" "$ada3" "$bob3" >wanted
same wanted order 'owners take turns'
same_as_run "$ada1" january.csv
same_as_run "$ada2" january.csv --horizon 90 --rfm-bins 4
same_as_run "$ada3" january.csv february.csv --exclude 'customer_id=c1,c2' --exclude 'date=2024-03-02'
same_as_run "$bob1" february.csv --churn-model mbgnbd --tiers 'gold:10,rest:90'
same_as_run "$bob3" february.csv --redact
answers 65 run bad.csv --out none
grep -o 'error: .*' err | sed 's/^error: //' | head -n 1 >wanted
"$WINNOW" status "$at_ventilator" --job "$bob2" | sed -n 's/^words: //p' | sed "s|$scratch/||" >words
same wanted words 'the first error of a job that failed'
answers 0 status "$at_ventilator" --job "$bob2"
says out 'exit code: 65'
answers 0 status "$at_ventilator"
[ "$(wc -l <out)" = 8 ] || complain "the queue: $(cat out)"

# The results come over the line, too.
answers 0 fetch "$ada2" --to "$at_ventilator" --out fetched
diff -r "$stage/made/$ada2" fetched >difference || complain "fetched otherwise: $(cat difference)"
answers 65 fetch "$bob2" --to "$at_ventilator" --out failed
answers 75 fetch "$gone" --to "$at_ventilator" --out failed
answers 66 fetch 20200101-000000-0000 --to "$at_ventilator" --out failed
[ ! -e failed ] || complain 'something was fetched of a job without results'
answers 78 cancel "$ada1" --to "$at_ventilator"
printf x >>"$stage/made/$ada1/scores.csv"
answers 65 fetch "$ada1" --to "$at_ventilator" --out bitten
says err 'SHA-256'
[ ! -e bitten ] || complain 'damaged results were published'
rmdir "$stage/sink/jobs" "$stage/spool/jobs" || complain "states are left: $(ls "$stage"/*/jobs)"
mkdir "$stage/sink/jobs" "$stage/spool/jobs"

# --- one that runs is ended, and the workers go on with the next ------------------------------------------
answers 0 submit january.csv --to "$at_ventilator" --wait # and so is worker-0, who is done with it
kill -STOP "$(pid_of worker-0)"
submits stuck january.csv --name nightly
within 20 has_begun "$stuck" || complain "$stuck does not begin"
submits next february.csv --name nightly
answers 0 cancel "$stuck" --to "$at_ventilator"
comes "$stuck" cancelled
kill -CONT "$(pid_of worker-0)"
comes "$next" done
same_as_run "$next" february.csv
[ ! -e "$stage/made/$stuck" ] || complain 'a job that was cancelled has results'

# --- nights --------------------------------------------------------------------------------------------------
rows_sent() { sed -n 's/^ *"rows_sent": \([0-9]*\),*$/\1/p' "$1/manifest.json"; } # DIR
submits monday january.csv --name lifetime
submits other february.csv --shards 32
submits tuesday january.csv february.csv --name lifetime
comes "$tuesday" done
same_as_run "$tuesday" january.csv february.csv
[ "$(rows_sent "$stage/made/$tuesday")" = "$february" ] ||
    complain "the second night sent $(rows_sent "$stage/made/$tuesday") rows, $february are new"
[ "$(readlink "$stage/made/lifetime")" = "$tuesday" ] || complain "lifetime leads to $(readlink "$stage/made/lifetime")"
same "$stage/made/lifetime/scores.csv" "wanted-$tuesday/scores.csv" 'by its name'

# --- deaths ----------------------------------------------------------------------------------------------------
# The servers die in the middle of a job, one after the other, and the next in their places go on with it.
kill -KILL "$(pid_of worker-0)"
see_off worker-0
submits long january.csv february.csv --shards 64 --owner ada
submits after january.csv --owner bob
within 20 deals "$long" || complain "$long is not dealt"
printf '%9s' '' >token
see_off sink
export WINNOW_CRASH_AT="sink-committed:$scratch/token"
serve sink
unset WINNOW_CRASH_AT
serve worker-1
within 30 is_gone sink || complain 'the sink does not die'
see_off ventilator
serve ventilator
serve sink
comes "$long" done
comes "$after" done
same_as_run "$long" january.csv february.csv
same_as_run "$after" january.csv
grep -q "job $long of ada goes on" "$stage/ventilator.log" || complain 'the job did not go on'

# Dead after the results are there, and before the queue knows.
: >token
see_off ventilator
export WINNOW_CRASH_AT="ventilator-sealed:$scratch/token"
serve ventilator
unset WINNOW_CRASH_AT
submits late january.csv
within 30 is_gone ventilator || complain 'the ventilator does not die'
stat -c %Y.%i "$stage/made/$late/scores.csv" >wanted
serve ventilator
comes "$late" done
stat -c %Y.%i "$stage/made/$late/scores.csv" >made
same wanted made 'results that were there are not made again'

# Told to leave, with a job at hand and one that waits: both are there for the next.
stops worker-1
submits kept january.csv --horizon 30
submits behind february.csv
within 20 deals "$kept" || complain "$kept is not dealt"
stops ventilator
stops sink
serve sink
serve ventilator
serve worker-2
comes "$behind" done
same_as_run "$kept" january.csv --horizon 30
same_as_run "$behind" february.csv

# --- a turn for everybody --------------------------------------------------------------------------------------
stops worker-2
stops ventilator
serve ventilator --slice 1
submits greedy january.csv --owner ada
within 20 deals "$greedy" || complain "$greedy is not dealt"
submits small february.csv --owner bob
within 20 grep -q "job $greedy rests" "$stage/ventilator.log" || complain 'nobody makes room'
serve worker-3
comes "$small" done
comes "$greedy" done
same_as_run "$greedy" january.csv
same_as_run "$small" february.csv

# --- keys ------------------------------------------------------------------------------------------------------
# With them, a client's may do what clients do, and nobody else's may; the owner is whose key it is.
clear_stage
set_stage "$scratch/stage" tcp
answers 0 keygen keys
answers 0 keygen keys --client ada
answers 2 keygen keys --client ../x
answers 2 keygen keys --client x --worker y
serve sink --keys keys/sink
serve ventilator --keys keys/ventilator
serve worker-0 --keys keys/worker
with() { answers "$1" submit january.csv --to "$at_ventilator" --connect-timeout 1 --keys "$2"; } # CODE KEYS
with 0 keys/client-ada
read -r id <out
answers 0 status "$at_ventilator" --job "$id" --keys keys/client
says out 'owner: ada'
with 69 keys/worker
with 78 keys/sink
answers 69 submit january.csv --to "$at_ventilator" --connect-timeout 1
answers 69 cancel "$id" --to "$at_ventilator" --connect-timeout 1 --keys keys/worker
is_done() { "$WINNOW" status "$at_ventilator" --job "$id" --keys keys/client | grep -q 'state: done'; }
within 30 is_done || complain "with keys: not done: $(tail -n 4 "$stage"/*.log)"
answers 0 fetch "$id" --to "$at_ventilator" --keys keys/client --out by-line
same "$stage/made/$id/scores.csv" by-line/scores.csv 'fetched with keys'
rm keys/ventilator/trusted/client-ada.pub
with 0 keys/client
is_refused() { ! "$WINNOW" status "$at_ventilator" --keys keys/client-ada --connect-timeout 1 >out 2>err; }
within 10 is_refused || complain 'a key that was taken away is still heard'
answers 78 ventilator --serve --bind tcp://0.0.0.0:1 --sink "$at_sink" --state x

# --- who does not serve ------------------------------------------------------------------------------------------
clear_stage
set_stage "$scratch/stage" ipc
ledger=january.csv flags=''
start ventilator
answers 78 submit january.csv --to "$at_ventilator"
says err 'without --serve'
exit $bad
