#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# curve.sh WINNOW LEDGER DIR: the job by roles of their own that talk over tcp with keys, two workers; ends when all
# have. Results are in DIR/out. For bench.sh, which measures it as one command.
set -eu
winnow=$1 ledger=$2 dir=$3
# A loopback address that is this process's alone.
host=127.$((1 + $$ / 65536 % 250)).$(($$ / 256 % 256)).$((1 + $$ % 254))
rm -rf "$dir/out" "$dir/sink" "$dir/spool" "$dir/worker-1" "$dir/worker-2"
[ -d "$dir/keys" ] || "$winnow" keygen "$dir/keys" >/dev/null
"$winnow" sink --bind "tcp://$host:10001" --out "$dir/out" --state "$dir/sink" --keys "$dir/keys/sink" &
sink=$!
workers=
for n in 1 2; do
    "$winnow" worker --ventilator "tcp://$host:10002" --sink "tcp://$host:10001" --state "$dir/worker-$n" \
        --keys "$dir/keys/worker" &
    workers="$workers $!"
done
# shellcheck disable=SC2086 # several processes
trap 'kill $sink $workers 2>/dev/null || true' EXIT
"$winnow" ventilator "$ledger" --bind "tcp://$host:10002" --sink "tcp://$host:10001" --state "$dir/spool" \
    --keys "$dir/keys/ventilator"
for pid in $sink $workers; do wait "$pid"; done
trap - EXIT
