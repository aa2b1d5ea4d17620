# A stranger's ledgers, against pandas and scipy: outside.py. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

/usr/bin/python3 -c 'import mpmath, pandas, scipy' 2>/dev/null ||
    skip 'no python3 with pandas, scipy and mpmath (Debian: python3-pandas python3-scipy python3-mpmath)'
OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$SOURCE/tests/system/outside.py" || bad=1
exit $bad
