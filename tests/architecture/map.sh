# Every source file of a room stands in the table "Code structure" of docs/DESIGN.md, and what stands there is a file.
# Needs $SOURCE.
set -eu
map=$(mktemp "${TMPDIR:-/tmp}/winnow-map.XXXXXX")
trap 'rm -f "$map"' EXIT
cd "$SOURCE"
bad=0
# "ROOM PATTERN" a line: words between backquotes in the first column, after a line "| **ROOM/** |".
awk '
    /^## / { inside = /^## Code structure/ }
    !inside || !/^\| / { next }
    match($0, /^\| \*\*[a-z]+\/\*\*/) { room = substr($0, 5, RLENGTH - 7); next }
    {
        split($0, cell, " \\| ")
        n = split(cell[1], part, "`")
        for (i = 2; i <= n; i += 2) {
            m = split(part[i], word, " ")
            for (k = 1; k <= m; k++)
                print room, word[k]
        }
    }' docs/DESIGN.md >"$map"
[ -s "$map" ] || { echo "docs/DESIGN.md has no table of the code"; exit 1; }
for file in score/*.[ch] common/*.[ch] ventilator/*.[ch] worker/*.[ch] sink/*.[ch] cli/*.[ch]; do
    [ -e "$file" ] || continue
    room=${file%%/*} noun=${file##*/} found=0
    noun=${noun%.*}
    while read -r of pattern; do
        # shellcheck disable=SC2254 # a pattern
        [ "$of" != "$room" ] || case $noun in $pattern) found=1 ;; esac
    done <"$map"
    [ $found = 1 ] || { echo "$file: not in the map of docs/DESIGN.md"; bad=1; }
done
while read -r of pattern; do
    found=0
    # shellcheck disable=SC2231 # likewise
    for file in "$of"/$pattern.[ch]; do
        [ ! -e "$file" ] || found=1
    done
    [ $found = 1 ] || { echo "docs/DESIGN.md: no file $of/$pattern"; bad=1; }
done <"$map"
exit $bad
