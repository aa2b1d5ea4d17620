# SPDX-License-Identifier: Apache-2.0
# Reads what `winnow run --trace` leaves (one event a line, each lane by time, the outer span first) and prints
# the processor time of each kind of span without what lies within it:
#   ROLE<tab>NAME[@STAGE]<tab>SPANS<tab>CPU_US
# and of what a role did outside of all spans, as NAME "rest". Workers are one role. Spans without processor
# time of their own (waiting, phases, leases) are left out.

function word(key,    at, text) {
    at = index($0, "\"" key "\":")
    if (!at)
        return ""
    text = substr($0, at + length(key) + 3)
    sub(/[,}].*/, "", text)
    gsub(/"/, "", text)
    return text
}

function role_of(pid,    name) {
    name = roles[pid]
    sub(/[ ,].*/, "", name)
    return name
}

# The spans of a lane that are over at ts: the time of each is its own no longer in the one around it.
function close_until(lane, ts) {
    while (depth[lane] > 0 && end[lane, depth[lane]] <= ts)
        depth[lane]--
}

/"process_name"/ {
    pid = word("pid")
    sub(/.*"args":\{"name":"/, "")
    sub(/".*/, "")
    roles[pid] = $0
    next
}
/"winnow_role"/ { whole[role_of(word("pid"))] += word("cpu_us"); next }
/"ph":"X"/ {
    if (!index($0, "\"tdur\":"))
        next
    pid = word("pid")
    lane = pid " " word("tid")
    ts = word("ts") + 0
    cpu = word("tdur") + 0
    stage = word("stage")
    key = role_of(pid) "\t" word("name") (stage == "" ? "" : "@" stage)
    close_until(lane, ts)
    if (depth[lane] > 0)
        spent[kind[lane, depth[lane]]] -= cpu
    else
        told[role_of(pid)] += cpu
    spent[key] += cpu
    spans[key]++
    depth[lane]++
    end[lane, depth[lane]] = ts + word("dur")
    kind[lane, depth[lane]] = key
}
END {
    for (key in spent)
        printf "%s\t%d\t%.0f\n", key, spans[key], spent[key]
    for (role in whole)
        printf "%s\trest\t0\t%.0f\n", role, whole[role] - told[role]
}
