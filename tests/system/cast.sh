# The three roles as processes of their own, as on several machines, and what can be done to them. Sourced
# after scene.sh by tests that play with processes. The stage is a directory: sockets, states, logs, output.
# shellcheck shell=sh disable=SC2034,SC2154 # who sources this sets and reads
# A role is called `sink`, `ventilator` or `worker-N`; its process is in $stage/ROLE.pid.

# alive PID: there, and no corpse.
alive() {
    [ -n "$1" ] && read -r _ _ run_state _ 2>/dev/null <"/proc/$1/stat" && [ "$run_state" != Z ]
}

pid_of() { cat "$stage/$1.pid" 2>/dev/null; } # ROLE
is_here() { alive "$(pid_of "$1")"; }        # ROLE

# set_stage DIR ipc|tcp: an empty stage, and where its servers listen: at a loopback address that is this
# process's alone, with no port twice.
host=127.$((1 + $$ / 65536 % 250)).$(($$ / 256 % 256)).$((1 + $$ % 254))
next_port=10000
set_stage() {
    stage=$1
    rm -rf "$stage"
    mkdir -p "$stage"
    if [ "$2" = tcp ]; then
        next_port=$((next_port + 2))
        at_ventilator=tcp://$host:$next_port at_sink=tcp://$host:$((next_port + 1))
    else
        at_ventilator="ipc://$stage/v" at_sink="ipc://$stage/s"
    fi
}

# start ROLE [FLAG...]: ventilators get $ledger and $flags, too.
start() {
    who=$1
    shift
    # A corpse may have threads that still hold its files: waited for, it has none.
    before_it=$(pid_of "$who")
    [ -z "$before_it" ] || alive "$before_it" || wait "$before_it" 2>/dev/null
    # shellcheck disable=SC2086 # flags are several words
    case $who in
        sink) set -- sink --bind "$at_sink" --out "$stage/made" --state "$stage/sink" "$@" ;;
        ventilator) set -- ventilator "$ledger" --bind "$at_ventilator" --sink "$at_sink" \
            --state "$stage/spool" $flags "$@" ;;
        *) set -- worker --ventilator "$at_ventilator" --sink "$at_sink" --state "$stage/$who" "$@" ;;
    esac
    "$WINNOW" "$@" >>"$stage/$who.log" 2>&1 &
    echo $! >"$stage/$who.pid"
}

# see_off ROLE: its exit code, in $code; who is still here is killed. Once a process.
see_off() {
    ! is_here "$1" || kill -KILL "$(pid_of "$1")"
    wait "$(pid_of "$1")" 2>/dev/null
    code=$?
}

# within SECONDS COMMAND...: asks every 20 ms until it says yes.
within() {
    until=$(($(date +%s) + $1))
    shift
    while ! "$@"; do
        [ "$(date +%s)" -le $until ] || return 1
        sleep 0.02
    done
}

is_gone() { ! is_here "$1"; } # ROLE
is_published() { [ -e "$stage/made/_SUCCESS" ]; }

# Everybody off the stage, by number.
clear_stage() {
    for file in "$stage"/*.pid; do
        [ -e "$file" ] || continue
        pid=$(cat "$file")
        alive "$pid" || continue
        kill -CONT "$pid" 2>/dev/null
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}

# --- chance --------------------------------------------------------------------------------------------

# draw N: a number below N in $drawn, from $seed.
draw() {
    seed=$(((seed * 1103515245 + 12345) & 0x7fffffff))
    drawn=$(((seed >> 8) % $1))
}

# doze LEAST MOST: milliseconds, drawn.
doze() {
    draw $(($2 - $1 + 1))
    sleep "$(printf '%d.%03d' $((($1 + drawn) / 1000)) $((($1 + drawn) % 1000)))"
}
