# The image: who it is when it runs, what it says of itself, how large it is, and that results are their
# caller's. Needs $WINNOW and $SOURCE.
set -u
image=${WINNOW_IMAGE:-}
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/docker/engine.sh"

config() { docker image inspect -f "{{$1}}" "$image"; }
is() { # WHAT WANTED GOT
    [ "$2" = "$3" ] || complain "$1 is '$3', wanted '$2'"
}
is user 10001:10001 "$(config .Config.User)"
is 'the version on the label' "$version" "$(config 'index .Config.Labels "org.opencontainers.image.version"')"
is 'the stop signal' SIGTERM "$(config .Config.StopSignal)"
is 'the health check' '[CMD /usr/local/bin/winnow health]' "$(config .Config.Healthcheck.Test)"
is 'the program' "winnow $version" "$(docker run --rm "$image" version)"
size=$(($(config .Size) - $(docker image inspect -f '{{.Size}}' debian:bookworm-slim)))
# A build for tests is not stripped of much; what is shipped is a third of this.
[ $size -lt 30000000 ] || complain "the image is $size bytes above its base"

"$WINNOW" generate --customers 300 --seed 4 >orders.csv || exit 1
wants orders.csv

# Nothing granted, nothing writable but what is mounted.
chmod 0644 orders.csv
chmod 0755 .
docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --network none --tmpfs /tmp \
    --tmpfs /results:uid=10001 -v "$PWD:/data:ro" "$image" run /data/orders.csv --out /results/scores >out 2>&1 ||
    complain "a hardened container: $(cat out)"

# The caller's files, whoever that is: his alone, and so are the results.
if [ -z "${no_setcap:-}" ] && [ "$(id -u)" = 0 ]; then
    for owner in 0 12345; do
        mkdir -m 0700 "of$owner"
        (umask 077 && cp orders.csv "of$owner/")
        chown -R "$owner:$owner" "of$owner"
        docker run --rm -v "$PWD/of$owner:/data" "$image" run /data/orders.csv --out /data/out >out 2>&1 ||
            complain "files of $owner: $(cat out)"
        is "the owner of the results" "$owner" "$(stat -c %u "of$owner/out/scores.csv")"
        same wanted/scores.csv "of$owner/out/scores.csv" "files of $owner"
    done
fi

# As PID 1 it heeds SIGTERM, at once when it holds nothing, and is found well before.
name=wt$$-worker
docker run -d --name "$name" -e WINNOW_METRICS=:9100 --tmpfs /state:uid=10001 "$image" worker \
    --ventilator tcp://127.0.0.1:1 --sink tcp://127.0.0.1:2 --state /state/w >/dev/null || complain 'no worker'
n=0
until docker exec "$name" winnow health >/dev/null 2>&1; do
    n=$((n + 1))
    [ $n -lt 100 ] || { complain 'never well'; break; }
done
docker stop -t 20 "$name" >/dev/null
is 'the exit code of a stopped worker' 0 "$(docker inspect -f '{{.State.ExitCode}}' "$name")"
docker rm -f "$name" >/dev/null
exit $bad
