# Keys: made, never overwritten, refused when others can read them; and what becomes of those who come
# without, with the wrong ones, with the wrong role's, with none any more. The job goes on beside it all
# and gives the bytes of winnow run. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
roles=
trap 'kill $roles 2>/dev/null; rm -rf "$scratch"' EXIT
command -v python3 >/dev/null 2>&1 || skip 'no python3 to find a free port with'

answers 0 keygen keys
answers 73 keygen keys
says err 'never overwritten'
answers 0 keygen keys --worker spare
answers 0 keygen others
answers 2 keygen keys --worker ../x
find keys others -type f -perm /077 >open
[ ! -s open ] || complain "others can read $(cat open)"
grep -rl secret-key keys | grep -v '/identity[.]key$' >spilt
[ ! -s spilt ] || complain "secrets are in $(cat spilt)"

ports=$(python3 -c 'import socket
taken = [socket.socket() for _ in range(3)]
[s.bind(("127.0.0.1", 0)) for s in taken]
print(*[s.getsockname()[1] for s in taken])')
# shellcheck disable=SC2086 # three words
set -- $ports
at_ventilator=tcp://127.0.0.1:$1
at_sink=tcp://127.0.0.1:$2
at_nobody=tcp://127.0.0.1:$3

cp -r keys readable
chmod 644 readable/sink/identity.key
answers 77 sink --bind "$at_sink" --out scores --state s0 --keys readable/sink
says err 'can be read by others'
answers 78 sink --bind "$at_sink" --out scores --state s0 --keys nowhere
says err 'winnow keygen'
answers 78 sink --bind tcp://0.0.0.0:1 --out scores --state s0
says err '--keys DIR'
answers 69 worker --ventilator "$at_nobody" --sink "$at_nobody" --state w0 --connect-timeout 1
says err "no connection to $at_nobody"
answers 69 worker --ventilator tcp://no.such.host.invalid:1 --sink "$at_nobody" --state w0 --connect-timeout 1
says err 'its name is not resolved'

"$WINNOW" generate --customers 800 --seed 9 >ledger.csv || exit 1
"$WINNOW" run ledger.csv --out wanted >/dev/null 2>&1 || complain 'winnow run failed'

start() { # NAME ARGUMENT...
    name=$1
    shift
    "$WINNOW" "$@" 2>"$name.log" &
    roles="$roles $!"
    eval "$name=$!"
}
until_said() { # FILE WORDS
    n=0
    until grep -qF -- "$2" "$1"; do
        n=$((n + 1))
        [ $n -lt 20000 ] || { complain "$1 never says '$2': $(cat "$1")"; exit 1; }
    done
}
start sink sink --bind "$at_sink" --out scores --state s --keys keys/sink
start ventilator ventilator ledger.csv --bind "$at_ventilator" --sink "$at_sink" --keys keys/ventilator
until_said ventilator.log 'as of'

# Nobody works yet. First those who may not.
worker_with() { # KEYS: with some, or none where it is empty; not for long
    "$WINNOW" worker --ventilator "$at_ventilator" --sink "$at_sink" --state "w.$1" --connect-timeout 4 \
        ${1:+--keys "$1"} >out 2>err
}
worker_with ''
code=$?
[ $code = 69 ] || complain "a worker without keys: $code, $(tail -n 2 err)"
mkdir -p stranger
cp others/worker/identity.key stranger/
cp keys/worker/*.pub stranger/
worker_with stranger
code=$?
[ $code = 77 ] || complain "a worker of other keys: $code, $(tail -n 2 err)"
says err 'refuses this key'

# A worker's key makes no ventilator: the sink hears nothing of this job.
mkdir -p usurper/trusted
cp keys/worker/identity.key keys/worker/sink.pub usurper/
printf 'customer_id,date,amount\nx,2024-01-01,1\n' >forged.csv
start usurper ventilator forged.csv --bind "$at_nobody" --sink "$at_sink" --keys usurper
until_said sink.log "its sender's key is for another role"
kill $usurper

# Whatever else finds the port: plain bytes, half a greeting, many connections that say nothing.
python3 - $2 <<'PY' || complain 'strangers could not be played'
import socket, sys
port = int(sys.argv[1])
kept = []
for i in range(200):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall([b"", b"GET / HTTP/1.0\r\n\r\n", b"\xff\0\0\0\0\0\0\0\1\x7f", b"\xff" * 4096][i % 4])
    kept.append(s)
s = socket.create_connection(("127.0.0.1", port))
s.sendall(b"\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL" + b"\0" * 48)
try:
    while True:  # one endless multipart, without a handshake
        s.sendall(b"\3\xff" + b"x" * 255)
        s.settimeout(5)
except OSError:
    pass
else:
    sys.exit("the endless letter was heard out")
PY
resident=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$sink/status")
[ "$resident" -lt 400000 ] || complain "strangers made the sink grow to $resident KiB"

# One who may, until his key is taken out; another goes on.
start worker worker --ventilator "$at_ventilator" --sink "$at_sink" --state w1 --keys keys/worker
rm keys/ventilator/trusted/worker.pub keys/sink/trusted/worker.pub
start spare worker --ventilator "$at_ventilator" --sink "$at_sink" --state w2 --keys keys/worker-spare
wait "$ventilator" || complain "the ventilator ended with $?: $(tail -n 3 ventilator.log)"
wait "$sink" || complain "the sink ended with $?: $(tail -n 3 sink.log)"
same wanted/scores.csv scores/scores.csv 'with keys'
grep -hE 'secret|identity' ./*.log >leak && complain "a log speaks of secrets: $(cat leak)"
exit $bad
