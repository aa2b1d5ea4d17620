# The cache earns its place: what a run with --state reads, sends and folds, by the counts of its manifest;
# and a cache that is damaged, of another version or somebody else's costs work, never a result.
# Needs $WINNOW and $SOURCE.
set -u
. "$SOURCE/tests/system/scene.sh"

"$WINNOW" generate --customers 2000 --seed 5 --days 400 >january.csv || exit 1
"$WINNOW" generate --customers 2000 --seed 6 --days 30 --start 2024-03-01 >february.csv || exit 1
january=$(($(wc -l <january.csv) - 1))
february=$(($(wc -l <february.csv) - 1))

runs() { # NAME ARGUMENT...
    name=$1
    shift
    answers 0 run "$@" --workers 1 --out "$name" # with more, a shard may move, and its rows are sent again
    tr -d ' \n' <"$name/manifest.json" >flat
}
counts() { # WORDS
    grep -qF -- "$1" flat || complain "$name: no $1 in $(grep -o '"dispatch":{[^}]*}\|"gather":{[^}]*}\|"score":{[^}]*}\|"inputs":\[[^]]*\]' flat)"
}
same_results() { # NAME NAME
    same "$1/scores.csv" "$2/scores.csv" scores
    same "$1/tiers.csv" "$2/tiers.csv" tiers
}

# Cold: every row is read and sent once; stage 2 has its histories from the cache.
runs cold january.csv --state state
counts "\"rows_read\":$january"
counts "\"rows_sent\":$january,\"rows_sent_again\":0"
counts "\"gather\":{\"shards\":8,\"shards_from_cache\":0,\"rows_folded\":$january,\"rows_from_cache\":0,\"shards_kept\":0}"
counts "\"score\":{\"shards\":8,\"shards_from_cache\":8,\"rows_folded\":0,\"rows_from_cache\":$january,\"shards_kept\":0}"

# Warm, also as of another day and with other settings: no row is read or sent. What the sink has kept needs
# no cache (kept.sh); --restart asks the workers.
for how in '' --restart; do
    # shellcheck disable=SC2086 # a word or none
    runs warm$how january.csv --state state $how
    kept=8
    [ "$how" ] && kept=0
    counts '"rows_read":0'
    counts '"rows_sent":0,"rows_sent_again":0'
    counts "\"gather\":{\"shards\":8,\"shards_from_cache\":8,\"rows_folded\":0,\"rows_from_cache\":$january,\"shards_kept\":$kept}"
    same_results cold warm$how
done
runs earlier january.csv --state state --as-of 2023-12-01 --churn-model mbgnbd --rfm-bins 4
counts '"rows_read":0'
counts '"rows_sent":0,"rows_sent_again":0'
runs earlier-alone january.csv --as-of 2023-12-01 --churn-model mbgnbd --rfm-bins 4
same_results earlier earlier-alone

# An input that has lain for a while is known by its file's times. Whatever happens to it after that is seen: a byte
# that is another in the same place, though the time that can be set says that nothing was; or a copy in its place.
sleep 3.2
runs lain january.csv --state state
grep -q '^input.* @ [0-9 ]*$' state/known || complain "no stamp: $(cat state/known)"
same_results cold lain
runs lain-again january.csv --state state
counts '"rows_read":0'
same_results cold lain-again
cp -p january.csv aside
tr 1 2 <january.csv | tail -n 1 >last
size=$(stat -c %s january.csv)
dd if=last of=january.csv bs=1 seek=$((size - $(stat -c %s last))) conv=notrunc 2>/dev/null
touch -r aside january.csv
cmp -s aside january.csv && complain 'nothing was changed'
runs touched january.csv --state state
counts "\"rows_read\":$january"
runs touched-alone january.csv
same_results touched touched-alone
mv aside january.csv
runs back january.csv --state state
same_results cold back

# A file more: its rows only.
runs longer january.csv february.csv --state state
counts "\"rows_sent\":$february,\"rows_sent_again\":0"
counts "\"gather\":{\"shards\":8,\"shards_from_cache\":0,\"rows_folded\":$february,\"rows_from_cache\":$january,\"shards_kept\":0}"
runs longer-alone january.csv february.csv
same_results longer longer-alone
# And a file less, whose rows the cache must forget: they are sent again from the spool, not read.
runs shorter january.csv --state state
counts '"rows_read":0'
same_results cold shorter

# damaged HOW: a run after the caches were changed says so once for each, whether it asks the workers or not; and has
# the same result.
damaged() {
    for how in '' --restart; do
        change_caches
        # shellcheck disable=SC2086 # a word or none
        runs "$1$how" january.csv --state state $how
        caches=$(find state -maxdepth 1 -name "worker-*.aside-*" | wc -l)
        [ "$caches" -ge 1 ] || complain "$1: nothing was put aside"
        [ "$(grep -c 'moved to .*aside' err)" = "$caches" ] || complain "$1: $(cat err)"
        [ -z "$how" ] || counts "\"rows_sent\":$january"
        same_results cold "$1$how"
        rm -rf state/worker-*.aside-*
        runs again january.csv --state state --restart # so that there are blocks to be damaged
    done
}
change_caches() { # to noise
    for cache in state/worker-*; do
        size=$(stat -c %s "$cache/data.mdb")
        head -c "$size" /dev/urandom >"$cache/data.mdb"
    done
}
damaged noise
change_caches() { # a bite here and there, of blocks
    for cache in state/worker-*; do
        for at in 30000 40000 50000 60000 70000 80000 90000 100000 110000; do
            head -c 64 /dev/zero | tr '\0' y | dd of="$cache/data.mdb" bs=1 seek=$at conv=notrunc 2>/dev/null
        done
    done
}
damaged bitten
change_caches() { # to nothing
    for cache in state/worker-*; do
        : >"$cache/data.mdb"
    done
}
for how in '' --restart; do
    change_caches
    # shellcheck disable=SC2086 # a word or none
    runs emptied$how january.csv --state state $how
    same_results cold emptied$how
done
rm -rf state/worker-*

# Somebody else's cache, of other customers, under our name.
"$WINNOW" generate --customers 500 --seed 99 >others.csv
answers 0 run others.csv --state foreign --out others --shards 8 --workers 1
answers 0 run january.csv --state state --out fill --workers 1
for cache in state/worker-*; do
    rm -rf "$cache"
    cp -r "foreign/${cache#state/}" "$cache"
done
runs foreign-cache january.csv --state state --restart
counts "\"rows_sent\":$january"
same_results cold foreign-cache
exit $bad
