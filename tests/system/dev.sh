# ./dev as somebody new to it calls it: from elsewhere, through a path with a blank, without a verb.
# Needs $SOURCE.
set -u
scratch=$(mktemp -d "${TMPDIR:-/tmp}/winnow dev.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
ln -s "$SOURCE" "$scratch/the tree"
cd "$scratch" || exit 1
bad=0
complain() {
    echo "$*"
    bad=1
}

"the tree/dev" help >out 2>err || complain "help: exit $?: $(cat err)"
for verb in demo test build bench fuzz chaos soak docker format lint help; do
    grep -qE "^  $verb( |\$)" out || complain "./dev help lacks $verb"
done
"the tree/dev" >out 2>err
[ $? = 2 ] || complain 'no verb is not a usage error'
[ ! -s out ] || complain 'usage is on stdout'
"the tree/dev" nonsense >out 2>err
[ $? = 2 ] || complain 'an unknown verb is not a usage error'
grep -q 'nonsense: no such verb' err || complain "an unknown verb: $(cat err)"
exit $bad
