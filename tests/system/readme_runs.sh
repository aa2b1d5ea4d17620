# What README.md and docs/SCORING.md show is what the program does: their transcripts are run, and
# every flag, verb and file that a document names is there. Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

sh "$SOURCE/tests/system/transcript.sh" "$SOURCE/README.md" "$SOURCE/docs/SCORING.md" ||
    complain 'where that is as it should be: tests/system/transcript.sh --write DOCUMENT'

# That it can fail: another number, a line too many, a command that says nothing any more.
lie() { # SED-SCRIPT WORDS
    sed "$1" "$SOURCE/docs/SCORING.md" >lie.md
    cmp -s lie.md "$SOURCE/docs/SCORING.md" && complain "$2: nothing to lie about"
    ! sh "$SOURCE/tests/system/transcript.sh" lie.md >/dev/null 2>&1 || complain "$2 goes unnoticed"
}
lie 's/^clv 71\.0549$/clv 71.0548/' 'another number'
lie 's/^tier top$/&\n&/' 'a line too many'
lie 's/^bob,2023-11-11,60\.00/bob,2023-11-11,61.00/' 'another ledger'

# Every flag in the documents is one of some verb; every verb in them is one.
"$WINNOW" help >overview 2>&1
sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\).*/\1/p' overview | sort >verbs
while read -r verb; do "$WINNOW" help "$verb" </dev/null; done <verbs >help 2>&1
for document in "$SOURCE/README.md" "$SOURCE"/docs/*.md; do
    grep -oE '(^|[^-a-z0-9_])--[a-z][-a-z]+' "$document" | grep -oE '\--[a-z][-a-z]+' | sort -u |
        while read -r flag; do
            case $flag in # ctest's and Docker's
                --preset | --rm | --scale | --exit-code-from | --user | --target | --cap-drop | --no-recreate) continue ;;
            esac
            grep -qE -- "^ *$flag( |\$)" help || echo "${document##*/}: no verb has $flag"
        done
    grep -oE '(^ +|`|[$] )(build/release/)?winnow [a-z]+( [^0-9]|`|$)' "$document" |
        sed 's/.*winnow \([a-z]*\).*/\1/' | sort -u | comm -23 - verbs |
        sed "s/.*/${document##*/}: no verb &/"
    grep -oE '\]\([^)#:]+\)' "$document" | sed 's/](\(.*\))/\1/' |
        while read -r link; do
            [ -e "${document%/*}/$link" ] || echo "${document##*/}: no file $link"
        done
done >wrong
[ ! -s wrong ] || complain "$(cat wrong)"
exit $bad
