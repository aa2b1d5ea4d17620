# soak.sh [--jobs N] [--workers N]: 200 jobs in one state, and one job through which 200 workers come and go. What lives
# on does not grow: the state, descriptors and memory of the servers, what each role needs; and nothing is
# left behind. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none
jobs=200 comings=200
while [ $# -gt 0 ]; do
    case $1 in
        --jobs) jobs=$2 ;;
        --workers) comings=$2 ;;
        *) echo "soak: what is $1? --jobs N, --workers N" >&2; exit 2 ;;
    esac
    shift 2
done

# bounded WORDS BEFORE NOW SPARE
bounded() {
    echo "$1: $2 before, $3 now"
    [ "$3" -le $(($2 * 5 / 4 + $4)) ] || complain "$1 has grown from $2 to $3"
}

# --- one state, many nights ----------------------------------------------------------------------------
# The ledger is rotated: every tenth night another one, on the others another as-of.
mkdir tmp
export TMPDIR="$scratch/tmp"
for i in 0 1 2; do "$WINNOW" generate --customers 3000 --seed 9$i >ledger.$i; done
most_of() { sed -n "s/^ *\"$1\": \([0-9]*\),*$/\1/p" made/manifest.json | sort -n | tail -n 1; }
job=0
while [ $job -lt "$jobs" ]; do
    job=$((job + 1))
    answers 0 run "ledger.$((job / 10 % 3))" --as-of "2024-0$((1 + job % 9))-15" --out made --state state --workers 2
    [ $bad = 0 ] || exit 1
    [ $job = 40 ] || [ $job = "$jobs" ] || continue
    now="$(du -sk state | cut -f1) $(find state | wc -l) $(most_of ventilator_resident_kib) $(most_of sink_resident_kib) $(most_of resident_kib)"
    [ $job != 40 ] || before=$now
done
if [ "$jobs" -gt 40 ]; then
    # shellcheck disable=SC2086 # several words
    set -- $before $now
    bounded 'the state, KiB' "$1" "$6" 2048
    bounded 'files in it' "$2" "$7" 2
    bounded "the ventilator's memory, KiB" "$3" "$8" 1024
    bounded "the sink's memory, KiB" "$4" "$9" 1024
    shift 4
    bounded "a worker's memory, KiB" "$1" "$6" 1024
fi
[ -z "$(ls -A tmp)" ] || complain "left behind in TMPDIR: $(ls tmp)"
unset TMPDIR

# --- one job, many workers ---------------------------------------------------------------------------------
# Each joins, works for a moment and is killed. The job would end, so its ledger is cut in 65,536 shards.
ledger=$scratch/ledger.0 flags='--shards 65536'
set_stage "$scratch/job" tcp
descriptors() { find "/proc/$(pid_of "$1")/fd" -type l 2>/dev/null | wc -l; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pid_of "$1")/status"; }
measure() { echo "$(descriptors ventilator) $(descriptors sink) $(resident ventilator) $(resident sink)"; }
start sink
start ventilator
seed=1 coming=0
while [ $coming -lt "$comings" ] && is_here ventilator; do
    coming=$((coming + 1))
    rm -rf "$stage/worker-0"
    start worker-0
    doze 100 300
    see_off worker-0
    [ $coming = 20 ] || [ $coming = "$comings" ] || continue
    sleep 2 # until it is noticed
    now=$(measure)
    [ $coming != 20 ] || before=$now
done
is_here ventilator || complain "the job was done after $coming workers, too early to tell"
if [ "$comings" -gt 20 ] && [ $bad = 0 ]; then
    # shellcheck disable=SC2086
    set -- $before $now
    bounded 'descriptors of the ventilator' "$1" "$5" 2
    bounded 'descriptors of the sink' "$2" "$6" 2
    bounded 'memory of the ventilator, KiB' "$3" "$7" 4096
    bounded 'memory of the sink, KiB' "$4" "$8" 8192
fi
exit $bad
