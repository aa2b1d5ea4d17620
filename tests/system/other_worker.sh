# A worker in another language (other_worker.py): a whole job done by it alone has the scores of winnow's own, and
# its gather digests are equal byte for byte, as a sink finds that has both. Needs $WINNOW, $SOURCE, $BUILD and
# python3 with zmq, protobuf and xxhash.
set -u
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/system/cast.sh"
trap 'clear_stage; rm -rf "$scratch"' EXIT
stage=$scratch/none

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import zmq, google.protobuf, xxhash' 2>/dev/null && python=$candidate && break
done
[ "$python" ] || skip 'no python3-zmq, python3-protobuf and python3-xxhash here'
command -v protoc >/dev/null 2>&1 || skip 'no protobuf-compiler here'
mkdir -p "$BUILD/python"
protoc --proto_path="$SOURCE/proto" --python_out="$BUILD/python" winnow.proto || exit 1
export PYTHONPATH="$BUILD/python" PYTHONDONTWRITEBYTECODE=1
other() { "$python" "$SOURCE/tests/system/other_worker.py" "$@"; }

# A ledger with everything in it: refunds, orders that are cancelled, rows after as_of, customers of one purchase
# and of refunds only; and attributes for most of its customers, and for some who are not in it.
"$WINNOW" generate --customers 700 --seed 81 | awk -F, '
    NR == 1 { print $0 ",order_id"; next }
    { order = NR % 5 == 0 ? "" : "o" int(NR / 2) }
    { print $0 "," order }
    NR % 9 == 0 { print $1 "," $2 ",-" $3 "," (NR % 2 ? order : "") }
    NR % 90 == 0 { print "back" NR "," $2 ",-3.50," }' >"$scratch/orders.csv"
cut -d, -f1-3 "$scratch/orders.csv" >"$scratch/plain.csv"
awk -F, 'NR > 1 && !seen[$1]++ { n++ } NR > 1 && seen[$1] == 1 && n % 6 { seen[$1]++
    print $1 "," (n % 7 ? n % 13 : "") "," (n % 11 ? "" : n) ",g" n % 4 }
    BEGIN { print "customer_id,heads,wallet,branch" } END { print "stranger,3,,g1" }' "$scratch/plain.csv" >"$scratch/people.csv"

# compare DIR DIR: every number within 1e-9 of the other, money within a ten-thousandth as rounding may have it.
compare() {
    "$python" - "$1/scores.csv" "$2/scores.csv" <<'END'
import csv, sys
mine, theirs = (list(csv.reader(open(name))) for name in sys.argv[1:])
money = {"expected_spend", "clv", "clv_if_alive", "wallet_size", "wallet_headroom", "value"}
assert len(mine) == len(theirs) > 500 and mine[0] == theirs[0], "other customers"
rounded = 0
for a, b in zip(mine[1:], theirs[1:]):
    for column, x, y in zip(mine[0], a, b):
        if x == y or column in ("tier", "action"):
            continue
        rounded += column in money
        near = abs(float(x) - float(y)) <= max(1e-9 * abs(float(y)), 1.01e-4 if column in money else 0)
        assert near, f"{a[0]}: {column} is {x} and {y}"
assert rounded <= 3, f"{rounded} amounts are rounded to the other side"
END
}

# by_both NAME LEDGER FLAG...: the job by winnow's worker, and by the other one.
by_both() {
    name=$1
    ledger=$scratch/$2
    shift 2
    flags="--shards 8 $*"
    set_stage "$scratch/$name" ipc
    mkdir "$stage/kept"
    start sink
    start ventilator
    other "$at_ventilator" "$at_sink" "$stage/kept" 2>"$stage/other.log" &
    echo $! >"$stage/other.pid"
    within 100 is_gone ventilator || complain "$name: not done: $(tail -n 3 "$stage"/*.log)"
    see_off ventilator
    [ "$code" = 0 ] || complain "$name: the ventilator left with $code: $(tail -n 3 "$stage"/*.log)"
    within 5 is_gone other || complain "$name: the other worker is still here"
    within 5 is_gone sink || complain "$name: the sink is still here"
    clear_stage
    mv "$stage/made" "$stage/other"

    # The same by ours; the ventilator dies when the first stage is committed, and the other one's results come.
    rm -rf "$stage/sink" "$stage/spool"
    : >"$stage/token"
    start sink
    WINNOW_CRASH_AT="ventilator-model-came:$stage/token" start ventilator
    start worker-0
    within 30 is_gone ventilator || complain "$name: the first stage is not done"
    said=$(other --again "$at_sink" "$stage/kept" 2>&1)
    [ "$said" = 'duplicate 8' ] || complain "$name: handed in again, the sink says: $said"
    start ventilator
    within 60 is_gone ventilator || complain "$name: not done by ours"
    clear_stage
    compare "$stage/made" "$stage/other" >"$stage/compared" 2>&1 || complain "$name: $(tail -n 1 "$stage/compared")"
}

digits='--digits 15 --as-of 2024-06-30'
# shellcheck disable=SC2086 # several words
by_both plain plain.csv $digits
# shellcheck disable=SC2086
by_both orders orders.csv $digits --churn-model mbgnbd --rfm-ties ntile --rfm-frequency orders --rfm-window 300 \
    --inactive-after 200 --customers people.csv --wallet quantile=0.8 --wallet-units heads \
    --wallet-peers branch --wallet-declared wallet --tier-by profit --margin 0.3 --serve-cost 2
exit $bad
