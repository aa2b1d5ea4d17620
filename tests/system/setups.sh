# Set-ups that cannot work, each with its exit code and with words: servers that are not there, names that are not
# known, two servers in one place, a state that is another job's, read-only or too small; and clocks that are wrong.
# Needs $WINNOW and $SOURCE; a read-only place wants root (a mount), a wrong clock a compiler.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; umount "$scratch/fixed" 2>/dev/null; rm -rf "$scratch"' EXIT
"$WINNOW" generate --customers 2000 --seed 12 >ledger.csv
"$WINNOW" generate --customers 2000 --seed 13 >other.csv
answers 0 run ledger.csv --out wanted --workers 2
ledger=$scratch/ledger.csv flags='--shards 16'
set_stage "$scratch/job" tcp
here='--bind ipc://job/v'

# --- a sink that is not there, a name that nobody knows ----------------------------------------------------
# shellcheck disable=SC2086 # flags are several words
answers 69 ventilator ledger.csv $here --sink "$at_sink" --state gone --connect-timeout 1
says err "no connection to $at_sink"
answers 69 worker --ventilator "$at_ventilator" --sink "$at_sink" --state gone --connect-timeout 1
says err "no connection to tcp://$host"
# shellcheck disable=SC2086
answers 69 ventilator ledger.csv $here --sink tcp://no.such.host.invalid:1 --state gone --connect-timeout 1
says err 'its name is not resolved'
answers 69 worker --ventilator tcp://no.such.host.invalid:1 --sink "$at_sink" --state gone2 --connect-timeout 1
says err 'no connection to tcp://no.such.host.invalid:1'

# --- two in one place --------------------------------------------------------------------------------------
start sink --metrics 127.0.0.1:0
# shellcheck disable=SC2317 # called by within
says_port() { grep -q 'figures are at' "$stage/sink.log"; }
# shellcheck disable=SC2317
has_store() { [ -e "$stage/sink/data.mdb" ]; }
within 20 says_port || complain "no sink: $(cat "$stage/sink.log")"
within 20 has_store || complain "no sink: $(cat "$stage/sink.log")"
answers 78 sink --bind "$at_sink" --out second --state second.state
says err 'in use'
answers 78 sink --bind "tcp://$host:9999" --out second --state "$stage/sink"
says err 'in use by another process'
start ventilator
# shellcheck disable=SC2317
reads_it() { grep -q 'as of' "$stage/ventilator.log"; }
within 20 reads_it || complain "no ventilator: $(cat "$stage/ventilator.log")"
answers 78 ventilator other.csv --bind "$at_ventilator" --sink "$at_sink" --state second.spool
says err 'in use'

# --- the state of another job --------------------------------------------------------------------------------
# Nobody has worked yet: the job is unfinished. Another one is refused, and the first goes on.
see_off ventilator
answers 78 ventilator other.csv --bind "$at_ventilator" --sink "$at_sink" --state second.spool
says err 'unfinished job of other inputs or flags'
says err '--restart'
start ventilator
start worker-0
within 60 is_gone ventilator || complain "the first job does not go on: $(tail -n 2 "$stage"/*.log)"
see_off ventilator
[ "$code" = 0 ] || complain "the first job: exit $code: $(tail -n 2 "$stage/ventilator.log")"
same wanted/scores.csv "$stage/made/scores.csv" 'beside those who were refused'
clear_stage

# --- read-only, or too small ---------------------------------------------------------------------------------
fixed() { # CODE ARGUMENT...: what is there cannot be written to
    answers "$@"
    says err 'Read-only file system'
}
mkdir fixed
if mount -t tmpfs -o size=8m winnow-test fixed 2>/dev/null; then
    answers 0 run ledger.csv --out fixed/made --state fixed/state --workers 1
    mount -o remount,ro "$PWD/fixed"
    fixed 73 run ledger.csv --out made --state fixed/new
    says err '--state'
    fixed 73 run ledger.csv --out made --state fixed/state
    fixed 73 run ledger.csv --out fixed/made
    says err '--out'
    # shellcheck disable=SC2086
    fixed 73 ventilator ledger.csv $here --sink ipc://job/s --state fixed/new
    fixed 73 sink --bind ipc://job/s --out made --state fixed/new
    says err '--state'
    fixed 73 sink --bind ipc://job/s --out made --state fixed/state/sink
    says err '--state'
    fixed 73 worker --ventilator ipc://job/v --sink ipc://job/s --state fixed/new
    says err '--state'
    fixed 73 worker --ventilator ipc://job/v --sink ipc://job/s --state fixed/state/worker-0
    mount -o remount,rw,size=8m "$PWD/fixed"
    rm -rf fixed/*
    mount -o remount,size=600k "$PWD/fixed"
    "$WINNOW" generate --customers 60000 --seed 12 >large.csv
    answers 74 run large.csv --out made --state fixed/state
    says err 'MB are needed'
    says err 'MB are free; --state names another place'
else
    echo 'not done here: a place that cannot be written to, which wants root'
fi

# --- clocks ------------------------------------------------------------------------------------------------
# Those of two roles say another year, before and after: nothing is compared between machines.
cat >skew.c <<'C'
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now)
{
    long r = syscall(SYS_clock_gettime, id, now);
    if (id == CLOCK_REALTIME)
        now->tv_sec += atol(getenv("SKEW_S") ? getenv("SKEW_S") : "0");
    return (int)r;
}
C
# The name of what is loaded first may have no blank.
loaded=$(mktemp -d "${TMPDIR:-/tmp}/winnow.XXXXXX")
trap 'clear_stage; umount "$scratch/fixed" 2>/dev/null; rm -rf "$scratch" "$loaded"' EXIT
if ! grep -q __asan_init "$WINNOW" && cc -shared -fPIC -o "$loaded/skew.so" skew.c 2>/dev/null; then
    set_stage "$scratch/job" ipc
    program=$WINNOW
    for each in sink:400000000 ventilator:0 worker-0:-400000000; do
        printf '#!/bin/sh\nSKEW_S=%s LD_PRELOAD="%s" exec "%s" "$@"\n' "${each#*:}" "$loaded/skew.so" "$program" >skewed
        chmod +x skewed
        WINNOW=$scratch/skewed
        start "${each%:*}"
        within 5 pid_of "${each%:*}" >/dev/null
        sleep 0.2 # it has read what it is to execute
    done
    WINNOW=$program
    within 60 is_gone ventilator || complain "wrong clocks: not done: $(tail -n 2 "$stage"/*.log)"
    see_off ventilator
    [ "$code" = 0 ] || complain "wrong clocks: exit $code: $(tail -n 2 "$stage/ventilator.log")"
    same wanted/scores.csv "$stage/made/scores.csv" 'wrong clocks'
    # The ventilator's is years behind, so the ledger is from the future: said, and what mends it.
    SKEW_S=-400000000 LD_PRELOAD=$loaded/skew.so timeout 60 "$WINNOW" run ledger.csv --out made 2>err
    code=$?
    [ "$code" = 65 ] || complain "a clock that is years behind: exit $code: $(tail -n 2 err)"
    says err 'future_date'
    grep -q 'ERROR: ld.so' err "$stage"/*.log && complain 'wrong clocks: they were right'
else
    echo 'not done here: wrong clocks, which want a compiler and no sanitizer'
fi
exit $bad
