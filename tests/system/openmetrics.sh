# The pages of figures: Debian's promtool reads the older form without a complaint, and the rules of
# OpenMetrics about names hold for the other. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"
command -v promtool >/dev/null 2>&1 || skip 'no promtool; Debian has it in prometheus'
command -v python3 >/dev/null 2>&1 || skip 'no python3'
sockets=$(mktemp -d "${TMPDIR:-/tmp}/winnow.XXXXXX")
roles=
trap 'kill $roles 2>/dev/null; rm -rf "$scratch" "$sockets"' EXIT
printf 'customer_id,date,amount\na,2024-01-01,1\nb,2024-01-05,2\n' >ledger.csv
check() { # ROLE ARGUMENT...
    role=$1
    "$WINNOW" "$@" --metrics 127.0.0.1:0 2>"$role.log" &
    pid=$!
    roles="$roles $pid"
    until port=$(sed -n 's/.*figures are at .* port \([0-9]*\)$/\1/p' "$role.log") && [ -n "$port" ]; do
        kill -0 $pid 2>/dev/null || { complain "$role ended: $(cat "$role.log")"; return; }
    done
    python3 - "$port" >"$role.page" <<'PY' || complain "$role: the server answers otherwise"
import sys, urllib.error, urllib.request as u
at = "http://127.0.0.1:%s" % sys.argv[1]
page = u.urlopen(at + "/metrics")
assert page.headers["Content-Type"].startswith("text/plain; version=0.0.4"), page.headers
sys.stdout.write(page.read().decode())
wish = u.Request(at + "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
page = u.urlopen(wish)
assert page.headers["Content-Type"].startswith("application/openmetrics-text"), page.headers
lines = page.read().decode().split("\n")
assert lines[-2:] == ["# EOF", ""], lines[-2:]
kinds = {}
for line in lines[:-2]:
    words = line.split(" ")
    if words[0] == "#":
        if words[1] == "TYPE":
            assert words[2] not in kinds, "family twice: " + words[2]
            kinds[words[2]] = words[3]
            last = words[2]
        continue
    name = words[0].split("{")[0]
    ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(kinds[last], [""])
    assert name in [last + end for end in ends], (name, last)
    float(words[1])
assert u.urlopen(at + "/healthz").status == 200
for path, data, code in (("/readyz", None, (200, 503)), ("/", None, (404,)), ("/metrics", b"x", (405,))):
    try:
        got = u.urlopen(at + path, data=data).status
    except urllib.error.HTTPError as error:
        got = error.code
    assert got in code, (path, got)
PY
    promtool check metrics <"$role.page" >words 2>&1 || complain "$role: $(cat words)"
    says "$role.page" '# EOF'
}
check sink --bind "ipc://$sockets/s" --out scores --state sink.d
check worker --ventilator "ipc://$sockets/v" --sink "ipc://$sockets/s" --state worker.d
check ventilator ledger.csv --bind "ipc://$sockets/elsewhere" --sink "ipc://$sockets/nowhere"
exit $bad
