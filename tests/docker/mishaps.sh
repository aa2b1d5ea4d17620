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

# Slow enough that a job lasts longer than what happens to it.
settings() { # SHARDS CPUS
    job_settings <<YML
version: "2.4"
services:
  ventilator: {image: $image, environment: {WINNOW_SHARDS: $1}}
  worker: {image: $image, cpus: $2}
  sink: {image: $image}
YML
}

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

settings 256 0.02
begin 2
until_committed 10
kill_role worker
until_committed 60
kill_role sink
until_committed 30 # this sink's own
kill_role ventilator
until_committed 60
kill_role sink
kill_role worker
ends 'each role killed'

settings 512 0.02
begin 3
until_committed 20
victim=$(container worker 2)
docker stop -t 60 "$victim" >/dev/null
code=$(docker inspect -f '{{.State.ExitCode}}' "$victim")
[ "$code" = 0 ] || complain "a worker that was stopped ended with $code"
until_committed 60
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
ends 'a worker stopped, another out of memory'

settings 1024 0.02
begin 2
until_committed 20
victim=$(container worker 1)
docker network disconnect "${project}_inside" "$victim"
sleep 15 # the cut itself
docker network connect --alias worker "${project}_inside" "$victim"
until_committed 100
pid=$(host_pid "$(container sink)")
lossy() { nsenter -t "$pid" -n iptables "$1" INPUT -m statistic --mode random --probability 0.2 -j DROP; }
if command -v nsenter >/dev/null && lossy -A 2>lossy.log; then
    sleep 20 # the loss itself
    lossy -D
else
    echo "no lossy link here: $(head -n 1 lossy.log)"
fi
ends 'a cut and a lossy link'
exit $bad
