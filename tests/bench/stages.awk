# SPDX-License-Identifier: Apache-2.0
# awk -F '\t' -v rows=N -v customers=N -f stages.awk SPANS... docs/PERFORMANCE.md: what each stage of its table costs, by
# what trace.awk prints of some runs, beside the stage's limit.
FILENAME !~ /PERFORMANCE/ { # the least of each kind of span
    key = $1 ":" $2
    if (!(key in least) || $4 < least[key])
        least[key] = $4
    next
}
# | stage | per | limit ns | spans | what the limit is | what explains more |
/^## / { in_table = /^## Limits/ }
!in_table || !/^\| / || /^\| stage/ { next }
{
    split($0, cell, / *\| */)
    n = split(cell[5], spans, / *, */)
    us = 0
    for (i = 1; i <= n; i++)
        for (key in least)
            if (key == spans[i] || index(key, spans[i] "@") == 1) {
                us += least[key]
                used[key] = 1
            }
    units = cell[3] == "row" ? rows : customers
    ns = us * 1000 / units
    limit = cell[4] + 0
    all += us
    floor += limit * units / 1000
    if (!head++)
        printf "%-34s %10s %10s %7s   %s\n", "stage, one core", "ns", "limit", "times", "what explains more than 1.5 times"
    printf("%-34s %10.1f %10.1f %7s   %s\n", cell[2] ", a " cell[3], ns, limit,
        limit > 0 ? sprintf("%.2f", ns / limit) : "-", limit > 0 && ns > 1.5 * limit ? cell[7] : "")
}
END {
    for (key in least)
        if (!(key in used)) {
            other += least[key]
            names = names " " key
        }
    printf "%-34s %10.1f %10s %7s  %s\n", "not in the table, a row", other * 1000 / rows, "", "", names
    printf "%-34s %10.1f %10.1f %7.2f\n", "everything, core-s per 10 M rows", (all + other) * 10 / rows,
        floor * 10 / rows, (all + other) / floor
}
