# SPDX-License-Identifier: Apache-2.0
# awk -v width=72 -f timeline.awk TRACE: a trace as text, a line a lane. A column is a slice of the run, and shows the
# letter of what took most of it; '.' is waiting, ' ' is nothing. Of spans within spans the inner one counts.

function word(key,    at, text) {
    at = index($0, "\"" key "\":")
    if (!at)
        return ""
    text = substr($0, at + length(key) + 3)
    sub(/[,}].*/, "", text)
    gsub(/"/, "", text)
    return text
}
function letter_of(name,    i, c) {
    if (name == "waiting")
        return "."
    if (name in letters)
        return letters[name]
    for (i = 1; i <= length(name) + 52; i++) {
        c = i <= length(name) ? substr(name, i, 1) \
            : substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", i - length(name), 1)
        if (c ~ /[a-zA-Z0-9]/ && !(c in taken)) {
            taken[c] = name
            order[++n_names] = name
            return letters[name] = c
        }
    }
    return "?"
}
BEGIN { if (!width) width = 72 }
/"process_name"|"thread_name"/ {
    pid = word("pid")
    tid = index($0, "\"thread_name\"") ? word("tid") : ""
    sub(/.*"args":\{"name":"/, "")
    sub(/".*/, "")
    if (tid == "")
        role[pid] = $0
    else
        lane_name[pid " " tid] = $0
    next
}
/"sort_index"/ { place[word("pid")] = word("sort_index"); next }
/"ph":"X"/ {
    lane = word("pid") " " word("tid")
    if (!(lane in lane_name))
        next
    n[lane]++
    from[lane, n[lane]] = word("ts") + 0
    to[lane, n[lane]] = from[lane, n[lane]] + word("dur")
    what[lane, n[lane]] = word("name")
    pids[lane] = word("pid")
    if (word("name") == "run") {
        first = word("ts") + 0
        last = first + word("dur")
    }
}
END {
    if (!last) {
        for (lane in n)
            for (i = 1; i <= n[lane]; i++) {
                if (!first || from[lane, i] < first) first = from[lane, i]
                if (to[lane, i] > last) last = to[lane, i]
            }
    }
    slice = (last - first) / width
    for (lane in n) {
        split("", much)
        row = ""
        for (c = 0; c < width; c++)
            cell[c] = " "
        for (i = 1; i <= n[lane]; i++) {
            a = int((from[lane, i] - first) / slice)
            b = int((to[lane, i] - first) / slice)
            for (c = a; c <= b && c < width; c++) {
                left = first + c * slice
                right = left + slice
                if (left < from[lane, i]) left = from[lane, i]
                if (right > to[lane, i]) right = to[lane, i]
                share[c, what[lane, i]] += right - left
                # an inner span comes after the one around it: it wins from half of what that has
                if (share[c, what[lane, i]] >= 0.5 * much[c] &&
                    share[c, what[lane, i]] > 0.05 * slice) {
                    much[c] = share[c, what[lane, i]]
                    cell[c] = letter_of(what[lane, i])
                }
            }
        }
        for (c = 0; c < width; c++)
            row = row cell[c]
        split("", share)
        split(lane, part, " ")
        printf("%03d %04d %-11s %-10s |%s|\n", place[part[1]], part[2], role[part[1]], lane_name[lane], row) | "sort | cut -c10-"
    }
    close("sort | cut -c10-")
    printf "%24s%.0f ms, a column is %.0f ms:", "", (last - first) / 1000, slice / 1000
    for (i = 1; i <= n_names; i++) {
        if (length(line) + length(order[i]) > 70) {
            print line
            line = ""
        }
        line = line " " letters[order[i]] "=" order[i]
    }
    print line
}
