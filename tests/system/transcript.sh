# Runs the transcripts of documents: every block fenced as `console`, in order, each document in a
# directory of its own. A line `$ command` is run, with its here-document or the lines after a `\`;
# what follows it up to the next one must be what it prints, stdout and stderr. A line of three dots
# stands for any lines. --write puts what was printed into the document instead.
# transcript.sh [--write] DOCUMENT...; needs $WINNOW and $SOURCE. Exits 1 with the differences.
set -u
write=0
[ "${1:-}" != --write ] || { write=1; shift; }
here=$(mktemp -d "${TMPDIR:-/tmp}/winnow transcript.XXXXXX")
trap 'rm -rf "$here"' EXIT
bad=0

# The tree as a reader has it before his eyes, but for the compiler: what ./dev builds is $WINNOW.
mkdir "$here/bin"
ln -s "$WINNOW" "$here/bin/winnow"
cat >"$here/bin/cmake" <<'CMAKE'
#!/bin/sh
mkdir -p build/release && ln -sf "$WINNOW" build/release/winnow
CMAKE
chmod +x "$here/bin/cmake"
export WINNOW SOURCE PATH="$here/bin:$PATH"

# Whether the lines of a file are as wanted, three dots being any.
fits() { # WANTED GOT
    awk '
        function begins(at, i, k) { # the stretch of wanted from part `at` on is found at line i of got
            for (k = 0; k < size[at]; k++) if (i + k > n || got[i + k] != part[at, k]) return 0
            return 1
        }
        BEGIN { parts = n = 0 }
        FILENAME == ARGV[1] && $0 == "..." { parts++; next }
        FILENAME == ARGV[1] { part[parts, size[parts] + 0] = $0; size[parts]++; next }
        { got[++n] = $0 }
        END {
            if (parts == 0) exit !(n == size[0] + 0 && begins(0, 1))
            if (!begins(0, 1)) exit 1
            i = 1 + size[0]
            for (p = 1; p < parts; p++) {
                while (i <= n && !begins(p, i)) i++
                if (!begins(p, i)) exit 1
                i += size[p]
            }
            last = n - size[parts] + 1
            exit !(last >= i && begins(parts, last))
        }' "$1" "$2"
}

# Ends a command: what it should print is in wanted. The line after it is still to come.
judge() {
    [ -n "$command" ] || return 0
    (cd "$place" && eval "$command") >"$here/got" 2>&1 </dev/null
    if fits "$here/wanted" "$here/got"; then
        cat "$here/wanted" >>"$here/new"
    else
        cat "$here/got" >>"$here/new"
        printf '%s: $ %s\n' "$document" "$command"
        diff "$here/wanted" "$here/got" | sed 's/^/    /'
        [ $write = 1 ] || bad=1
    fi
    command=''
}

newline='
'
run_document() {
    document=$1
    place="$here/place"
    rm -rf "$place"
    mkdir "$place"
    cp "$SOURCE/dev" "$SOURCE/CMakePresets.json" "$place"
    : >"$here/new"
    state=text command='' until='' commands=0
    while IFS= read -r line; do
        case $state,$line in
            text,'```console') state=block ;;
            block,'```') judge; state=text ;;
            block,'$ '*)
                judge
                command=${line#'$ '}
                commands=$((commands + 1))
                : >"$here/wanted"
                case $command in
                    *"<<'"*) state=here until=${command##*"<<'"} until=${until%%"'"*} ;;
                    *\\) state=lines ;;
                esac
                ;;
            here,*)
                command=$command$newline$line
                [ "$line" != "$until" ] || state=block
                ;;
            lines,*)
                command=$command$newline$line
                case $line in *\\) ;; *) state=block ;; esac
                ;;
            block,*)
                printf '%s\n' "$line" >>"$here/wanted"
                continue
                ;;
        esac
        printf '%s\n' "$line" >>"$here/new"
    done <"$document"
    if [ $state != text ] || [ $commands = 0 ]; then
        echo "$document: a block that does not end, or no command at all"
        bad=1
    fi
    [ $write = 0 ] || cat "$here/new" >"$document"
}

for each; do
    run_document "$each"
done
exit $bad
