# One SHA-256 whoever compiled the program, and how: gcc and clang, hardly optimised and highly, for any processor
# and for x86-64-v3, beside the build at hand. Needs $WINNOW, $SOURCE and $BUILD; with what is missing it skips.
set -u
. "$SOURCE/tests/system/scene.sh"

command -v clang-14 >/dev/null && command -v gcc >/dev/null || skip 'no clang-14 or no gcc here'
"$WINNOW" generate --customers 20000 --seed 43 --refund-share 2% >ledger.csv || exit 1
tail -n +2 ledger.csv | cut -d , -f 1 | sort -u | awk '
    BEGIN { srand(43); print "customer_id,staff,trade" }
    { printf "%s,%d,%c\n", $1, 1 + int(90 * rand()), 97 + int(8 * rand()) }' >people.csv

build() { # NAME COMPILER FLAGS [V3]
    cmake -S "$SOURCE" -B "$BUILD/matrix/$1" -G Ninja -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_COMPILER="$2" -DCMAKE_C_FLAGS="$3" -DWINNOW_V3="${4:-OFF}" >"$1.log" 2>&1 &&
        cmake --build "$BUILD/matrix/$1" --target winnow >>"$1.log" 2>&1
}

runs() { # NAME PROGRAM: each model, and everything else that computes
    for model in bgnbd mbgnbd; do
        "$2" run ledger.csv --as-of 2024-12-01 --churn-model $model --customers people.csv \
            --wallet-units staff --wallet-peers trade --digits 17 --out "$1-$model" 2>err ||
            complain "$1: $(tail -n 2 err)"
        for table in scores.csv tiers.csv; do
            cmp "here-$model/$table" "$1-$model/$table" || complain "$1, $model: other bytes in $table"
        done
    done
}

runs here "$WINNOW"
for kind in 'gcc-1 gcc -O1' 'gcc-3 gcc -O3 ON' 'clang-1 clang-14 -O1' 'clang-3 clang-14 -O3'; do
    # shellcheck disable=SC2086 # three words
    set -- $kind
    if build "$@"; then
        runs "$1" "$BUILD/matrix/$1/winnow"
    else
        complain "$1 does not build: $(tail -n 5 "$1.log")"
    fi
done

code() { sed -n 's/.*"code": "\([^"]*\)".*/\1/p' "$1-bgnbd/manifest.json"; }

# Both halves of one program; a processor without AVX2 has only the one to run.
if grep -q ' avx2 ' /proc/cpuinfo; then
    [ "$(code gcc-3)" = x86-64-v3 ] || complain "the code for x86-64-v3 was not taken: $(code gcc-3)"
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX2_Usable
    export GLIBC_TUNABLES
    runs masked "$BUILD/matrix/gcc-3/winnow"
    [ "$(code masked)" = any ] || complain "with AVX2 masked $(code masked) was taken"
fi
exit $bad
