# serve.yml: jobs from a client in the ventilator's container, fetched there; the servers are killed from outside and
# come back with the queue. Needs $WINNOW and $SOURCE.
set -u
image=${WINNOW_IMAGE:-}
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/docker/engine.sh"

mkdir ledgers
"$WINNOW" generate --customers 400 --seed 4 >ledgers/orders.csv || exit 1
wants ledgers/orders.csv
chmod -R a+rX .
export WINNOW_LEDGERS="$scratch/ledgers"
sed "s/image: winnow/image: $image/" "$SOURCE/docker/serve.yml" >serve.yml
sed "s/image: winnow/image: $image/" "$SOURCE/docker/keys.yml" >keys.yml
serving() { docker-compose -p "$project" --project-directory "$SOURCE/docker" -f "$scratch/serve.yml" "$@"; }
clean_up() {
    serving down -v -t 1 >/dev/null 2>&1
    rm -rf "$scratch"
}
trap clean_up EXIT
serving -f "$scratch/keys.yml" run --rm keys >keys.log 2>&1 || { cat keys.log; exit 1; }
serving up -d >up.log 2>&1 || { cat up.log; exit 1; }

# client VERB ARGUMENT...: in the ventilator's container.
client() {
    client_verb=$1
    shift
    docker exec "$(container ventilator)" winnow "$client_verb" "$@" --keys /keys/client
}
at=tcp://127.0.0.1:5555
first=$(client submit /ledgers/orders.csv --to $at --name nightly --wait) || complain "the first job: $(serving logs --no-color | tail -n 12)"
client fetch "$first" --to $at --out /tmp/got || complain 'fetch'
docker exec "$(container ventilator)" winnow version >/dev/null
docker cp "$(container sink):/results/jobs/$first" got >/dev/null || complain 'no results'
same wanted/scores.csv got/scores.csv 'the first job'

# A crash, as the engine sees it: docker kill would keep it from starting them again.
worker_pid=$(host_pid "$(container worker)")
kill -STOP "$worker_pid" || complain 'the worker cannot be stopped'
second=$(client submit /ledgers/orders.csv --to $at --horizon 90)
kill -KILL "$(host_pid "$(container ventilator)")" "$(host_pid "$(container sink)")"
kill -CONT "$worker_pid"
until_done() {
    n=0
    until client status $at --job "$second" 2>/dev/null | grep -q 'state: done'; do
        n=$((n + 1))
        [ $n -lt 120 ] || { complain "the second job: $(serving logs --no-color | tail -n 12)"; return; }
        sleep 0.2
    done
}
until_done
[ "$(restarts "$(container ventilator)")" -ge 1 ] || complain 'the ventilator was not started again'
client submit /ledgers/none.csv --to $at --wait 2>err
[ $? = 66 ] || complain "a ledger that is not there: $(cat err)"
docker stop -t 20 "$(container ventilator)" "$(container sink)" >/dev/null
for role in ventilator sink; do
    code=$(docker inspect -f '{{.State.ExitCode}}' "$(container $role)")
    [ "$code" = 0 ] || complain "the $role leaves with $code"
done
exit $bad
