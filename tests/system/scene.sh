# What every system test stands on: a scratch directory with a blank in its name, words for what is
# wrong, and the program's answers. Sourced; needs $WINNOW. A test ends with `exit $bad`.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/winnow scene.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
# What somebody has set for his own runs is not for these.
for variable in $(env | sed -n 's/^\(WINNOW_[A-Z_]*\)=.*/\1/p'); do
    case $variable in WINNOW_DATA | WINNOW_MATRIX) ;; *) unset "$variable" ;; esac
done
# shellcheck disable=SC2034 # who sources this exits with it
bad=0

complain() {
    echo "$*"
    bad=1
}

skip() { # WORDS
    echo "skipped: $*"
    exit 77
}

# answers CODE ARGUMENT...: runs winnow, keeps out and err.
answers() {
    want=$1
    shift
    "$WINNOW" "$@" >out 2>err
    got=$?
    [ $got = "$want" ] || complain "winnow $*: exit $got, wanted $want: $(tail -n 3 err)"
}

says() { # FILE WORDS
    grep -qF -- "$2" "$1" || complain "$1 lacks '$2': $(head -n 5 "$1")"
}

same() { # FILE FILE WORDS
    cmp -s "$1" "$2" || complain "$3: $1 and $2 differ"
}

# The whole text of a file, from a here-document.
reads() { # FILE
    cat >wanted
    diff wanted "$1" >difference || complain "$1 reads otherwise: $(cat difference)"
}
