# The checks of this folder see what is planted for them, and pass what is clean.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/winnow architecture.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
bad=0

fresh() { # a small clean tree
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree"
    cd "$scratch/tree"
    mkdir -p proto score common ventilator worker sink cli tests
    echo 'int money_add(int a, int b);' > score/money.h
    printf '#include "score/money.h"\n#include <math.h>\n' > score/money.c
    printf '#include "common/line_zmq.h"\n' > common/line_zmq.c
    printf '#include <czmq.h>\n' > common/line_zmq.h
    printf '#include "common/store.h"\n#include <lmdb.h>\n' > common/store_lmdb.c
    printf '#include "winnow.pb-c.h"\n' > common/wire.h
    printf '#include "common/wire.h"\n' > common/wire.c
    touch common/store.h
    printf '#include "ventilator/dispatch.h"\n#include "score/money.h"\n' > ventilator/dispatch.c
    touch ventilator/dispatch.h README.md CMakeLists.txt
    echo 'int main(void) { return 0; }' > cli/main.c
}

run() {
    SOURCE=$scratch/tree BUILD=$scratch/tree sh "$here/$1.sh" > "$scratch/words" 2>&1
}

clean() {
    fresh
    run "$1" || { echo "$1 complains of a clean tree: $(cat "$scratch/words")"; bad=1; }
}

caught() { # CHECK WORDS: the check fails on the tree as it is, and says the words
    if run "$1"; then
        echo "$1 missed: $2"
        bad=1
    elif ! grep -qF -- "$2" "$scratch/words"; then
        echo "$1 should have said '$2', said: $(cat "$scratch/words")"
        bad=1
    fi
}

clean includes
echo '#include "common/wire.h"' >> score/money.c
caught includes 'score/money.c:3: includes "common/wire.h"'
fresh
echo '# include <stdio.h>' >> score/money.c
caught includes 'score/money.c:3: includes <stdio.h>'
fresh
echo '#include "worker/worker.h"' >> ventilator/dispatch.c
caught includes 'may not include worker/'
fresh
echo '#include "sink/sink.h"' >> common/wire.c
caught includes 'may not include sink/'
fresh
echo '#include "dispatch.h"' >> ventilator/dispatch.c
caught includes 'which names no room'

clean ports
echo '#include <lmdb.h>' >> worker/worker.c
caught ports 'worker/worker.c: includes lmdb.h'
fresh
echo '  #  include <zmq.h>' >> sink/sink.c
caught ports 'sink/sink.c: includes zmq.h'
fresh
echo '#include "winnow.pb-c.h"' > sink/sink.c
caught ports 'sink/sink.c: includes .pb-c.h'
fresh
echo '#include "common/line_zmq.h"' > worker/worker.c
caught ports 'worker/worker.c: includes common/line_zmq.h, the private header'
fresh
echo '#include <lmdb.h>' > common/store_lmdb_cursor.c
caught ports 'lmdb.h: 2 files'

charted() { # a small clean tree with a map
    fresh
    mkdir -p docs
    cat > docs/DESIGN.md <<'END'
## Code structure

| file | is |
|---|---|
| **score/** | arithmetic |
| `money` | money |
| **common/** | shared |
| `line_zmq store store_*`, `wire` | ports |
| **ventilator/** | |
| `dispatch` | who works on what |
| **cli/** | |
| `main` | the program |
END
}
charted
run map || { echo "map complains of a clean tree: $(cat "$scratch/words")"; bad=1; }
touch score/spend.c
caught map 'score/spend.c: not in the map'
charted
rm score/money.[ch]
caught map 'no file score/money'
charted
touch worker/money.c # a noun of another room
caught map 'worker/money.c: not in the map'

clean budgets
awk 'BEGIN { for (i = 0; i < 501; i++) print "" }' > sink/fit.c
caught budgets 'sink/fit.c: 501 lines, 500 allowed'
fresh
awk 'BEGIN { for (i = 0; i < 101; i++) print "" }' > cli/main.c
caught budgets 'cli/main.c: 101 lines, 100 allowed'
fresh
awk 'BEGIN { for (i = 0; i < 121; i++) print "" }' > sink/fit.h
caught budgets 'sink/fit.h: 121 lines, 120 allowed'
fresh
touch common/string_utils.c
caught budgets 'common/string_utils.c: named after an activity'

if command -v cc >/dev/null && command -v ar >/dev/null; then
    fresh
    printf 'double sqrt(double);\ndouble root(double x);\ndouble root(double x) { return sqrt(x); }\n' > score/root.c
    cc -c -fno-builtin score/root.c -o score/root.o
    ar rc score/libwinnow_score.a score/root.o
    run purity || { echo "purity complains of sqrt: $(cat "$scratch/words")"; bad=1; }
    printf 'long time(long *);\nlong now(void);\nlong now(void) { return time(0); }\n' > score/now.c
    cc -c score/now.c -o score/now.o
    ar rc score/libwinnow_score.a score/now.o
    caught purity 'score/ calls time'

    fresh
    for file in $(sed -n 's/^files: //p' "$here/cores.txt"); do
        noun=${file#*/}
        printf 'long %s(long x);\nlong %s(long x) { return x; }\n' "$noun" "$noun" > "$file.c"
        cc -c "$file.c" -o "$file.c.o"
        ar rc "${file%/*}/libwinnow_${file%/*}.a" "$file.c.o"
    done
    run cores || { echo "cores complains of clean ones: $(cat "$scratch/words")"; bad=1; }
    printf 'long time(long *);\nlong desk(void);\nlong desk(void) { return time(0); }\n' > worker/desk.c
    cc -c worker/desk.c -o worker/desk.c.o
    ar rc worker/libwinnow_worker.a worker/desk.c.o
    caught cores 'worker/desk calls time'
fi

if command -v git >/dev/null; then
    fresh
    git -c init.defaultBranch=main init -q .
    git add -A
    run generated || { echo "generated complains of a clean tree: $(cat "$scratch/words")"; bad=1; }
    touch common/winnow.pb-c.h
    git add -A
    caught generated 'common/winnow.pb-c.h'
fi
exit $bad
