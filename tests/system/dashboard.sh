# docker/grafana.json asks for nothing that no role serves; and where Debian's prometheus is here, it reads
# docker/prometheus.yml without a complaint, finds the roles of a running job up, and has every series that the
# dashboard names. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
watcher=
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null; clear_stage; rm -rf "$scratch"' EXIT
command -v python3 >/dev/null 2>&1 || skip 'no python3'

# Of so many shards that the job outlasts the questions.
"$WINNOW" generate --customers 20000 --seed 8 >ledger.csv
ledger=$scratch/ledger.csv flags='--shards 32768'
set_stage "$scratch/job" ipc
for each in sink ventilator worker-0; do start $each --metrics 127.0.0.1:0; done
port_of() { sed -n 's/.*figures are at .* port \([0-9]*\).*/\1/p' "$stage/$1.log"; } # ROLE
# shellcheck disable=SC2317 # called by within
all_serve() { [ -n "$(port_of sink)" ] && [ -n "$(port_of ventilator)" ] && [ -n "$(port_of worker-0)" ]; }
within 20 all_serve || complain "not all serve figures: $(cat "$stage"/*.log)"
set -- "127.0.0.1:$(port_of sink)" "127.0.0.1:$(port_of ventilator)" "127.0.0.1:$(port_of worker-0)"
# shellcheck disable=SC2317
works() { "$WINNOW" status "$1" 2>/dev/null | grep -q 'winnow_committed_shards_total{stage="gather"} [1-9]'; }
within 60 works "$1" || complain "no work is done: $(cat "$stage"/*.log)"

sed -n 's/.*"expr": *"\(.*\)",*$/\1/p' "$SOURCE/docker/grafana.json" | grep -o '[a-z_]*_[a-z_]*' |
    grep -E '^(winnow|process)_' | sort -u >asked
[ "$(wc -l <asked)" -ge 10 ] || complain "the dashboard asks for little: $(cat asked)"

if command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1; then
    promtool check config "$SOURCE/docker/prometheus.yml" >out 2>&1 || complain "prometheus.yml: $(cat out)"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # The same, but for where to ask: containers have names, these have ports.
    sed -e 's/scrape_interval: .*/scrape_interval: 1s/' -e '/dns_sd_configs/,$d' "$SOURCE/docker/prometheus.yml" >here.yml
    printf '    static_configs:\n      - targets: ["%s", "%s", "%s"]\n' "$@" >>here.yml
    prometheus --config.file=here.yml --storage.tsdb.path="$scratch/series" --log.level=error \
        --web.listen-address="127.0.0.1:$port" >prometheus.log 2>&1 &
    watcher=$!
    at=http://127.0.0.1:$port
else
    echo 'not done here: prometheus itself, which Debian has in prometheus'
    at=
fi
python3 - "$at" "$@" <<'PY' || complain "a series that nobody serves, or a target that is down: $(cat prometheus.log 2>/dev/null)"
import json, sys, time, urllib.request as u
at, targets = sys.argv[1], sys.argv[2:]
asked = set(open("asked").read().split())
served = set()
for target in targets:
    for line in u.urlopen("http://%s/metrics" % target).read().decode().split("\n"):
        if line and line[0] != "#":
            served.add(line.split("{")[0].split(" ")[0])
assert asked <= served, asked - served

def ask(path):
    answer = json.load(u.urlopen(at + path))
    assert answer["status"] == "success", answer
    return answer["data"]

last = None
for turn in range(300 if at else 0):
    try:
        up = [t["health"] for t in ask("/api/v1/targets")["activeTargets"]]
        names = set(ask("/api/v1/label/__name__/values"))
        if up == ["up"] * 3 and asked <= names:
            break
        last = (up, asked - names)
    except OSError as error:
        last = error
    time.sleep(0.1)
else:
    assert not at, last
PY
exit $bad
