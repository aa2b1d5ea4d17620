# What the roles tell of themselves: /metrics, /healthz and /readyz of each, winnow health, status and
# top, and the log as JSON. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
trap 'kill $roles 2>/dev/null; rm -rf "$scratch"' EXIT
roles=
sockets=$(mktemp -d "${TMPDIR:-/tmp}/winnow.XXXXXX") # short: the name of a socket has 107 bytes
trap 'kill $roles 2>/dev/null; rm -rf "$scratch" "$sockets"' EXIT

"$WINNOW" generate --customers 500 --seed 5 >ledger.csv || exit 1

# start NAME ARGUMENT...: a role in the background; its log is NAME.log, its figures at $NAME.
start() {
    name=$1
    shift
    "$WINNOW" "$@" --metrics 127.0.0.1:0 --log-format json 2>"$name.log" &
    roles="$roles $!"
    until port=$(sed -n 's/.*figures are at .* port \([0-9]*\)".*/\1/p' "$name.log") && [ -n "$port" ]; do
        kill -0 $! 2>/dev/null || { complain "$name ended: $(cat "$name.log")"; exit 1; }
    done
    eval "$name=127.0.0.1:$port"
}

# until_page ROLE WORDS: asks until the figures say them.
until_page() {
    n=0
    until "$WINNOW" status "$(eval "echo \$$1")" >page 2>err && grep -qF -- "$2" page; do
        n=$((n + 1))
        [ $n -lt 2000 ] || { complain "$1 never says '$2': $(cat page err)"; exit 1; }
    done
}

start sink sink --bind "ipc://$sockets/s" --out scores --state sink.d
start ventilator ventilator ledger.csv --bind "ipc://$sockets/v" --sink "ipc://$sockets/s"
sink_pid=${roles% *}
answers 0 health "$sink"
says out ok
answers 69 health 127.0.0.1:1
WINNOW_METRICS=$ventilator "$WINNOW" health >out || complain 'health does not heed WINNOW_METRICS'
"$WINNOW" health >out || complain 'health wants something to ask'

# Nobody works yet, so the job stands in its second stage.
until_page ventilator 'gathering  [....'
says page 'reading    [##############################] 100 %'
rows=$(($(wc -l <ledger.csv) - 1))
says page "$rows rows read"
until_page sink 'winnow_ready 1'

start worker worker --ventilator "ipc://$sockets/v" --sink "ipc://$sockets/s" --state worker.d
top_words=$("$WINNOW" top "$ventilator" 2>/dev/null)
case $top_words in '' | *'stage'* | *reading*) ;; *) complain "top says $top_words" ;; esac
for role in $roles; do
    wait "$role" || complain "a role ended with $?: $(tail -n 1 ./*.log)"
done
[ -s scores/scores.csv ] || complain 'no scores'
: "$sink_pid"

grep -q '"role":"sink","job":"[0-9a-f]*"' sink.log || complain "no job in the sink's log: $(cat sink.log)"
grep -q '"worker":"[0-9a-f]*"' worker.log || complain "no worker in his log: $(cat worker.log)"
answers 2 worker --metrics nonsense
says err 'HOST:PORT'
exit $bad
