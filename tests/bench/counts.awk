# SPDX-License-Identifier: Apache-2.0
# awk -v role=ROLE -f counts.awk CALLGRIND-FILE: the instructions of each source file of ours, and of everything
# else by its library: "ROLE GROUP COUNT" a line. Inlined code counts for the file it is written in; what was
# called from there counts for the file that was called. What has less than 10,000 is the rest.

# "(7) name" defines number 7, "(7)" is it again.
function named(table, text,    id) {
    id = text
    sub(/\).*/, ")", id)
    sub(/^\([0-9]+\) ?/, "", text)
    if (text != "")
        table[id] = text
    return table[id]
}

# "score/pnbd.c" of ours: the program is compiled by relative or whole paths of these rooms.
function group(object, file) {
    if (object !~ /\/winnow$/) {
        sub(/.*\//, "", object)
        sub(/[-.][0-9].*/, "", object)
        sub(/\.so$/, "", object)
        return object == "" || object == "???" ? "library" : object
    }
    if (match(file, /(score|common|ventilator|worker|sink|cli|proto)\/[a-z_0-9.-]+$/))
        return substr(file, RSTART)
    return "inlined"
}

/^ob=/ { object = named(objects, substr($0, 4)); next }
/^fl=/ { file = named(files, substr($0, 4)); next }
/^f[ie]=/ { file = named(files, substr($0, 4)); next }
/^cob=/ { named(objects, substr($0, 5)); next }
/^cf[il]=/ { named(files, substr($0, 5)); next }
/^calls=/ { called = 1; next }
/^[0-9+*-]/ {
    if (!called)
        count[group(object, file)] += $2
    called = 0
}
END {
    for (name in count)
        if (count[name] < 10000) {
            count["rest"] += count[name]
            delete count[name]
        }
    for (name in count)
        printf "%s %s %.0f\n", role, name, count[name]
}
