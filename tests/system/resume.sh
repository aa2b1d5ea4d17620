# A run that is killed with all its roles, at any moment, is finished by the same command: to the same bytes,
# without reading again what was read. An unfinished job of other inputs, or a state of another version, is
# refused with words, and harms nothing. Needs $WINNOW and $SOURCE; SEED draws the moments.
set -u
. "$SOURCE/tests/system/scene.sh"
command -v setsid >/dev/null 2>&1 || skip 'no setsid here'
seed=${SEED:-$(date +%s)}
echo "SEED=$seed"

"$WINNOW" generate --customers 8000 --seed 51 >ledger.csv
"$WINNOW" generate --customers 500 --seed 52 >other.csv
answers 0 run ledger.csv --out wanted --workers 2 --shards 64

number() { sed -n "s/^ *\"$2\": \([0-9]*\),*$/\1/p" "$1" | head -n 1; } # FILE KEY: the first
the_same() { # WORDS
    same wanted/scores.csv made/scores.csv "$1"
    same wanted/tiers.csv made/tiers.csv "$1"
}

# --- at any moment -------------------------------------------------------------------------------------
# Moments spread over a run's time, drawn anew for each; a run that was quicker than its moment is done.
begin=$(date +%s%N)
answers 0 run ledger.csv --out timed --workers 2 --shards 64
whole_ms=$((($(date +%s%N) - begin) / 1000000))
draws() { awk -v seed="$seed" -v n="$1" -v most="$whole_ms" 'BEGIN { srand(seed); while (n-- > 0) printf "%.3f\n", rand() * most / 1000 }'; }
killed=0 read_before=0
for moment in $(draws "${WINNOW_MATRIX:+60}${WINNOW_MATRIX:-12}"); do
    rm -rf made state
    setsid "$WINNOW" run ledger.csv --out made --state state --workers 2 --shards 64 2>err &
    group=$!
    sleep "$moment"
    kill -s KILL -- "-$group" 2>/dev/null && killed=$((killed + 1))
    wait "$group" 2>/dev/null
    known=$(grep -c '^input' state/known 2>/dev/null)
    answers 0 run ledger.csv --out made --state state --workers 2 --shards 64
    the_same "killed after $moment s"
    if [ "$known" = 1 ]; then
        read_before=$((read_before + 1))
        [ "$(number made/manifest.json rows_read)" = 0 ] || complain "killed after $moment s: read again"
    fi
done
echo "$killed runs were killed, $read_before of them after reading"

# --- in the middle of a stage ----------------------------------------------------------------------------
# Killed when 30 shards of a stage are committed, with caches kept: the marks stay, and only what was
# under way is sent again. By one worker: of two, one that is late leaves shards of which it has the
# block to the other, who is sent their rows, and that is as it should be.
for stage in 1 2; do
    rm -rf made state
    printf "%$((stage * 64 - 34))s" '' >token
    WINNOW_CRASH_ALL=1 WINNOW_CRASH_AT="worker-acknowledged:$PWD/token" setsid -w "$WINNOW" run ledger.csv \
        --out made --state state --workers 1 --shards 64 2>err
    [ ! -e token ] || complain "stage $stage: nobody died"
    answers 0 run ledger.csv --out made --state state --workers 1 --shards 64
    the_same "killed in stage $stage"
    leases=$(number made/manifest.json leases)
    most=$((128 - 64 * (stage - 1) - 30 + 4))
    [ "$leases" -le "$most" ] || complain "stage $stage: $leases leases after 30 shards were done, $most at most"
    rows=$(number made/manifest.json rows_in) sent=$(number made/manifest.json rows_sent)
    [ "$sent" -le $((rows * 3 / 5)) ] || complain "stage $stage: $sent of $rows rows were sent again"
done

# --- another job in a state that holds an unfinished one ---------------------------------------------------
unfinished() {
    rm -rf made state token
    printf '%40s' '' >token
    WINNOW_CRASH_ALL=1 WINNOW_CRASH_AT="worker-acknowledged:$PWD/token" setsid -w "$WINNOW" run ledger.csv \
        --out made --state state --workers 2 --shards 64 2>err
}
unfinished
answers 78 run other.csv --out made --state state --workers 2
says err 'unfinished job'
says err '--restart'
answers 78 run ledger.csv --horizon 30 --out made --state state --workers 2
says err 'unfinished job'
[ ! -e made ] || complain 'a refused run has made an output'
answers 0 run ledger.csv --out made --state state --workers 2
the_same 'after two refusals'
[ "$(number made/manifest.json rows_read)" = 0 ] || complain 'a refused run has cost the spool of the unfinished one'
unfinished
answers 0 run other.csv --restart --out made --state state --workers 2
answers 0 run other.csv --out wanted.other --workers 2
same wanted.other/scores.csv made/scores.csv 'after --restart'

# --- a state of another version ----------------------------------------------------------------------------
# The words that name the layout, changed in place as another version would have them.
age() { perl -pi -e "s/winnow $1 [12]/winnow $1 9/g" "$2" 2>/dev/null || skip 'no perl here'; }
answers 0 run ledger.csv --out made --state state --workers 2
age sink state/sink/data.mdb
answers 78 run ledger.csv --out made --state state --workers 2
says err 'another version'
says err '--state'
rm -rf state
answers 0 run ledger.csv --out made --state state --workers 2
age cache state/worker-0/data.mdb
age known state/known
age spool "$(echo state/spool/*.index)"
answers 0 run ledger.csv --out made --state state --workers 2
says err 'is of another version'
says err 'read anew'
the_same 'caches and spool of another version'

# --- told to stop --------------------------------------------------------------------------------------
# Two signals in a row leave at once, one lets workers finish; both can be resumed.
for signals in 1 2; do
    rm -rf made state
    "$WINNOW" run ledger.csv --out made --state state --workers 2 --shards 64 2>err &
    run=$!
    i=0
    while [ ! -d state/sink ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i + 1)); done
    kill -TERM "$run"
    [ $signals = 1 ] || kill -TERM "$run" 2>/dev/null
    wait "$run"
    code=$?
    [ "$code" = 75 ] || [ "$code" = 0 ] || complain "exit $code after $signals signals: $(tail -n 3 err)"
    answers 0 run ledger.csv --out made --state state --workers 2 --shards 64
    the_same "$signals signals"
done

# --- one run at a time -----------------------------------------------------------------------------------
exec 9>state/lock
if command -v flock >/dev/null 2>&1 && flock -n 9; then
    answers 78 run ledger.csv --out made --state state
    says err 'in use by another run'
fi
exit $bad
