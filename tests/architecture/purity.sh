# score/ calls nothing but what pure.txt lists: nm on its library. Needs $BUILD.
set -eu
table=$(cd "$(dirname "$0")" && pwd)/pure.txt
library=$BUILD/score/libwinnow_score.a
command -v nm >/dev/null || { echo "skipped: no nm here"; exit 77; }
symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
nm "$library" > "$symbols" 2>/dev/null
# Objects for link-time optimisation have no symbols of the machine yet.
grep -q ' T ' "$symbols" || { echo "skipped: no machine code in $library"; exit 77; }
awk -v table="$table" '
    BEGIN {
        while ((getline line < table) > 0) {
            n = line ~ /^#/ ? 0 : split(line, words, " ")
            for (i = 1; i <= n; i++)
                pure[words[i]] = 1
        }
    }
    NF == 3 { own[$3] = 1 }
    NF == 2 && $1 == "U" && $2 !~ /^__(asan|ubsan|tsan|sanitizer|gcov|sancov|odr)/ { called[$2] = 1 }
    END {
        for (name in called)
            if (!(name in own) && !(name in pure)) {
                print "score/ calls " name
                bad = 1
            }
        exit bad
    }' "$symbols"
