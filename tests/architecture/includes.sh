# Who includes whom, against rooms.txt; needs $SOURCE, and takes the table from beside itself.
set -eu
table=$(cd "$(dirname "$0")" && pwd)/rooms.txt
cd "$SOURCE"
rooms=$(sed -n 's/^\([a-z]*\):.*/\1/p' "$table" | sort -u)
dirs=
for room in $rooms; do
    [ ! -d "$room" ] || dirs="$dirs $room"
done
# shellcheck disable=SC2086 # names of rooms, without blanks
find $dirs -name '*.[ch]' | sort | awk -v table="$table" '
    BEGIN {
        while ((getline line < table) > 0) {
            if (line ~ /^#/)
                continue
            room = substr(line, 1, index(line, ":") - 1)
            known[room] = 1
            n = split(substr(line, index(line, ":") + 1), words, " ")
            for (i = 1; i <= n; i++) {
                may[room, words[i]] = 1
                if (words[i] ~ /^</)
                    confined[room] = 1
            }
        }
    }
    {
        file = $0
        split(file, parts, "/")
        room = parts[1]
        line_number = 0
        while ((getline line < file) > 0) {
            line_number++
            if (line !~ /^[ \t]*#[ \t]*include/)
                continue
            name = line
            sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
            if (name ~ /[.]pb-c[.]h"$/)
                continue # generated, of no room; ports.sh sees to it
            if (name ~ /^"/) {
                split(substr(name, 2), parts, "/")
                if (name !~ /\// || !(parts[1] in known))
                    complain(name ", which names no room")
                else if (!((room, parts[1]) in may))
                    complain(name ", and " room "/ may not include " parts[1] "/")
            } else if (confined[room]) {
                sub(/>.*/, ">", name)
                if (!((room, name) in may))
                    complain(name ", and " room "/ is confined")
            }
        }
        close(file)
    }
    function complain(words) {
        print file ":" line_number ": includes " words
        bad = 1
    }
    END { exit bad }'
