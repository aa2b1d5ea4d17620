#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The committed table is what its script prints. Skipped where python3-mpmath is not installed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
"$python" -c 'import mpmath' 2>/dev/null || {
    echo "skipped: no python3-mpmath"
    exit 77
}
"$python" "$here/special_table.py" | cmp - "$here/../../score/special_table.c"
