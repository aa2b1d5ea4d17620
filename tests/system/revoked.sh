# A key that is taken away from a worker who has leases in his hands: from then on nobody hears him, the leases go
# to others by their end, and the job gives the bytes of winnow run; a worker's key does not make a sink; and
# connections that say a byte now and then keep nobody out. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
holder=
trap '[ -z "$holder" ] || kill $holder 2>/dev/null; clear_stage; rm -rf "$scratch"' EXIT
"$WINNOW" generate --customers 4000 --seed 9 >ledger.csv
answers 0 run ledger.csv --out wanted
answers 0 keygen keys
answers 0 keygen keys --worker spare
ledger=$scratch/ledger.csv flags='--shards 64'
set_stage "$scratch/job" tcp

# --- a worker's key, posing as a sink: neither a worker nor a ventilator speaks to it -----------------------------
mkdir -p poser/trusted
cp keys/worker/identity.key poser/
cp keys/sink/trusted/*.pub poser/trusted/
start sink --keys "$scratch/poser"
posed=$at_sink
for role in worker ventilator; do
    if [ $role = worker ]; then
        set -- worker --ventilator "tcp://$host:9998"
    else
        set -- ventilator ledger.csv --bind "tcp://$host:9997"
    fi
    "$WINNOW" "$@" --sink "$posed" --state "of.$role" --keys "keys/$role" --connect-timeout 4 2>err
    code=$?
    case $code in 69 | 77) ;; *) complain "a $role at a false sink: exit $code: $(tail -n 2 err)" ;; esac
done
grep -q 'job' "$stage/sink.log" && complain "the false sink has heard of a job: $(cat "$stage/sink.log")"
clear_stage

# --- taken away, with leases in hand ------------------------------------------------------------------------------
set_stage "$scratch/job" tcp
# The sink commits 20 times, then no more: what the worker has is not acknowledged, and he keeps it.
printf '%20s' '' >token
export WINNOW_CRASH_AT="sink-in-commit:$scratch/token"
start sink --keys "$scratch/keys/sink"
unset WINNOW_CRASH_AT
start ventilator --keys "$scratch/keys/ventilator"
# shellcheck disable=SC2317 # called by within
reads() { grep -q 'as of' "$stage/ventilator.log"; }
within 30 reads || complain "the ventilator does not read: $(cat "$stage/ventilator.log")"
start worker-0 --keys "$scratch/keys/worker" --metrics 127.0.0.1:0
if command -v python3 >/dev/null 2>&1; then
    # As many connections as there are descriptors for workers, and each says a byte now and then.
    python3 - "$host" "${at_sink##*:}" "${at_ventilator##*:}" <<'PY' &
import socket, sys, time
kept = [socket.create_connection((sys.argv[1], int(port))) for port in sys.argv[2:] * 100]
while True:
    for byte in b"\xff\0\0\0\0\0\0\0\1\x7f\3\1CURVE":
        for s in kept:
            try:
                s.sendall(bytes([byte]))
            except OSError:
                pass
        time.sleep(0.5)
PY
    holder=$!
fi
within 60 is_gone sink || complain "the sink did not die: $(tail -n 2 "$stage"/*.log)"
port=$(sed -n 's/.*figures are at .* port \([0-9]*\).*/\1/p' "$stage/worker-0.log")
"$WINNOW" status "127.0.0.1:$port" >page 2>err || complain "no figures: $(cat err)"
grep -q 'winnow_leases_held [1-9]' page || complain "worker-0 has no leases: $(cat page)"
rm keys/ventilator/trusted/worker.pub keys/sink/trusted/worker.pub
start sink --keys "$scratch/keys/sink" --metrics 127.0.0.1:0
start worker-1 --keys "$scratch/keys/worker-spare"
before=$(date +%s)
within 90 is_gone ventilator || complain "the job is not done without him: $(tail -n 2 "$stage"/*.log)"
echo "done $(($(date +%s) - before)) s after the key was taken away"
see_off ventilator
[ "$code" = 0 ] || complain "the ventilator ended with $code: $(tail -n 3 "$stage/ventilator.log")"
for file in scores.csv tiers.csv; do
    same "wanted/$file" "$stage/made/$file" 'a key that was taken away'
done
number() { sed -n "s/^ *\"$1\": \([0-9]*\),*$/\1/p" "$stage/made/manifest.json" | head -n 1; } # KEY
[ $(($(number expired) + $(number workers_lost))) -ge 1 ] || complain 'no lease was taken from him'
exit $bad
