# No file is longer than budgets.txt allows, and none is called after an activity. Needs $SOURCE.
set -eu
table=$(cd "$(dirname "$0")" && pwd)/budgets.txt
cd "$SOURCE"
bad=0
budget_of() {
    while read -r lines pattern; do
        # shellcheck disable=SC2254 # a pattern it is
        case $1 in $pattern) [ "$lines" = '#' ] || { echo "$lines"; return; } ;; esac
    done < "$table"
}
for file in CMakeLists.txt README.md $(find score common ventilator worker sink cli tests -name '*.[ch]' | sort); do
    [ -f "$file" ] || continue
    budget=$(budget_of "$file")
    lines=$(wc -l < "$file")
    if [ "$lines" -gt "$budget" ]; then
        echo "$file: $lines lines, $budget allowed"
        bad=1
    fi
    case $(basename "$file") in
        *util*|*helper*|*manager*|*misc*|*stuff*)
            echo "$file: named after an activity, not a noun of the domain"
            bad=1
            ;;
    esac
done
exit $bad
