#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The protocol's model, exhaustively: safe with 3 faults, alive with 2, and every mutant refused. Skips (77) without spin.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
command -v spin > /dev/null 2>&1 || { echo 'skipped: spin is not installed'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# verify DEFINES COMPILER_FLAGS RUN_FLAGS: prints what was found; answers whether it was clean.
verify() {
    spin -a $1 "$here/protocol.pml" > spin.log 2>&1 || { cat spin.log; exit 1; }
    cc -O2 -w $2 -o pan pan.c
    ./pan -m1000000 $3 > pan.log 2>&1 || { cat pan.log; exit 1; }
    grep -q 'errors: 0' pan.log && ! grep -q 'max search depth too small' pan.log
}
states() { sed -n 's/^ *\([0-9][0-9]*\) states, stored.*/\1/p' pan.log; }
safe='-DSAFETY -DCOLLAPSE'
alive='-DCOLLAPSE -DNFAIR=4'

verify '-DF=3' "$safe" -noclaim || { cat pan.log; echo 'not safe with 3 faults'; exit 1; }
echo "safe with 3 faults: $(states) states"
verify '-DF=2' "$alive" '-a -f -N ends' || { cat pan.log; echo 'not alive with 2 faults'; exit 1; }
echo "alive with 2 faults: $(states) states"
verify '-DF=2 -DNW=3 -DSTAGES=1' "$safe" -noclaim || { cat pan.log; echo 'not safe with 3 workers'; exit 1; }
echo "safe with 3 workers and 2 faults: $(states) states"

for bug in ACK_FIRST TRUST NO_DEDUPE EARLY_SEAL; do
    if verify "-DF=2 -DBUG_$bug" "$safe" -noclaim; then echo "mutant $bug was not noticed"; exit 1; fi
    echo "mutant $bug is unsafe, as it should be"
done
for bug in NO_RESEND NO_EXPIRY NO_RESYNC; do
    if verify "-DF=2 -DBUG_$bug" "$alive" '-a -f -N ends'; then echo "mutant $bug was not noticed"; exit 1; fi
    echo "mutant $bug never ends, as it should be"
done
