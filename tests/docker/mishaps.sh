# What happens to containers: killed from the host and started again by their policy, out of memory, cut
# off from the network, on a lossy link, stopped. The job ends, with the bytes of winnow run. Needs
# $WINNOW and $SOURCE.
set -u
image=${WINNOW_IMAGE:-}
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/docker/engine.sh"
[ "$(id -u)" = 0 ] || skip 'only root can kill what is in a container'
"$WINNOW" generate --customers 4000 --seed 7 >ledger.csv || exit 1
chmod 0644 ledger.csv
chmod 0755 .
wants ledger.csv

# One job for all of it, slow enough that it lasts longer than what happens to it.
job_settings <<YML
version: "2.4"
services:
  ventilator: {image: $image, environment: {WINNOW_SHARDS: 2048}}
  worker: {image: $image, cpus: 0.02}
  sink: {image: $image}
YML

# kill_role ROLE: as a crash would; the engine starts it again.
kill_role() {
    victim=$(container "$1")
    before=$(restarts "$victim")
    kill -9 "$(host_pid "$victim")"
    n=0
    until [ "$(restarts "$victim")" -gt "$before" ] && [ "$(host_pid "$victim")" != 0 ]; do
        n=$((n + 1))
        [ $n -lt 400 ] || { complain "$1 was not started again"; return; }
    done
}

begin 3
until_committed 10
kill_role worker
until_committed 40
kill_role sink
until_committed 20 # this sink's own
kill_role ventilator
until_committed 40
kill_role sink
kill_role worker
until_committed 10

victim=$(container worker 2)
docker stop -t 60 "$victim" >/dev/null
code=$(docker inspect -f '{{.State.ExitCode}}' "$victim")
[ "$code" = 0 ] || complain "a worker that was stopped ended with $code"

victim=$(container worker 3)
# What is in a tmpfs counts as the container's memory.
for limit in 24m 32m 40m 48m; do # the least that it fits in now
    docker update --memory $limit --memory-swap $limit "$victim" >/dev/null 2>&1 && break
done
docker exec "$victim" sh -c 'head -c 60000000 /dev/zero >/tmp/fill' 2>/dev/null
n=0
until [ "$(restarts "$victim")" -gt 0 ] || [ $n -gt 200 ]; do n=$((n + 1)); done
oom=$(restarts "$victim")
docker update --memory 512m --memory-swap 512m "$victim" >/dev/null 2>&1
[ "$oom" -gt 0 ] || complain 'nothing ran out of memory'

# Cut for longer than a heartbeat's patience; the other worker goes on.
victim=$(container worker 1)
before=$(committed)
docker network disconnect "${project}_inside" "$victim"
sleep 12 # the cut itself
[ "$(committed)" -gt "$before" ] || complain 'nothing was committed while a worker was cut off'
docker network connect --alias worker "${project}_inside" "$victim"

# A fifth of all packets to the sink are lost: by its own rules, or by the queue of its link.
pid=$(host_pid "$(container sink)")
in_sink() { nsenter -t "$pid" -n "$@" 2>>lossy.log; }
dropped() { # packets so far
    case $lossy in
        rules) in_sink iptables -nvxL INPUT | awk '$3 == "DROP" { print $1 }' ;;
        queue) in_sink tc -s qdisc show dev eth0 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | head -n 1 ;;
    esac
}
lossy=
if command -v nsenter >/dev/null; then
    if in_sink iptables -A INPUT -m statistic --mode random --probability 0.2 -j DROP; then
        lossy=rules
    elif in_sink tc qdisc add dev eth0 root netem loss 20%; then
        lossy=queue
    fi
fi
if [ -n "$lossy" ]; then
    before=$(committed)
    n=0
    until [ "$(dropped)" -ge 50 ]; do # the loss itself
        n=$((n + 1))
        [ $n -lt 600 ] || { complain "only $(dropped) packets were lost"; break; }
        sleep 0.1
    done
    until_committed $((before + 5)) # and the job goes on over it
    echo "a lossy link by its $lossy: $(dropped) packets lost, $(($(committed) - before)) shards committed meanwhile"
    [ $lossy = queue ] || in_sink iptables -F INPUT
    [ $lossy = rules ] || in_sink tc qdisc del dev eth0 root
else
    echo "not done here: a lossy link, which wants nsenter, and iptables with statistic or tc with netem: $(head -n 1 lossy.log)"
fi
ends 'killed, stopped, out of memory, cut off, on a lossy link'
exit $bad
