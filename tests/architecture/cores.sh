# The protocol's cores call nothing but what cores.txt lists, and one another: nm on the roles' libraries.
# Needs $BUILD.
set -eu
table=$(cd "$(dirname "$0")" && pwd)/cores.txt
command -v nm >/dev/null || { echo "skipped: no nm here"; exit 77; }
symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
for file in $(sed -n 's/^files: //p' "$table"); do
    library=$BUILD/${file%/*}/libwinnow_${file%/*}.a
    # A member is named as its file is; each symbol comes behind its name.
    nm "$library" 2>/dev/null | sed -n "/^${file#*/}\.c\.o:\$/,/^\$/p" > "$symbols.one"
    [ -s "$symbols.one" ] || { echo "$file: not in $library"; rm -f "$symbols.one"; exit 1; }
    sed "s|^|$file |" "$symbols.one" >> "$symbols"
    rm -f "$symbols.one"
done
grep -q ' T ' "$symbols" || { echo "skipped: no machine code in the libraries"; exit 77; }
awk -v table="$table" '
    BEGIN {
        while ((getline line < table) > 0) {
            n = line ~ /^(#|files:)/ ? 0 : split(line, words, " ")
            for (i = 1; i <= n; i++)
                pure[words[i]] = 1
        }
    }
    NF == 4 { own[$4] = 1 }
    NF == 3 && $2 == "U" && $3 !~ /^__(asan|ubsan|tsan|sanitizer|gcov|sancov|odr)/ { called[$1 " calls " $3] = $3 }
    END {
        for (call in called)
            if (!(called[call] in own) && !(called[call] in pure)) {
                print call
                bad = 1
            }
        exit bad
    }' "$symbols"
