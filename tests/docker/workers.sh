# compose.yml with 1, 2 and 4 workers, and with workers that come and go: the bytes of winnow run. A job
# that cannot be done ends with the ventilator's exit code. Needs $WINNOW and $SOURCE.
set -u
image=${WINNOW_IMAGE:-}
. "$SOURCE/tests/system/scene.sh"
. "$SOURCE/tests/docker/engine.sh"
"$WINNOW" generate --customers 3000 --seed 6 >ledger.csv || exit 1
chmod 0644 ledger.csv
chmod 0755 .
wants ledger.csv
job_settings <<YML
version: "2.4"
services:
  ventilator: {image: $image, environment: {WINNOW_SHARDS: 64}}
  worker: {image: $image}
  sink: {image: $image}
YML

for workers in 1 2 4; do
    keys
    compose up --scale "worker=$workers" --exit-code-from ventilator >up.log 2>&1
    code=$?
    [ $code = 0 ] || complain "$workers workers: exit $code: $(tail -n 15 up.log)"
    ends "$workers workers"
done

echo 'a,b' >ledger.csv
keys
compose up --scale worker=1 --exit-code-from ventilator >up.log 2>&1
code=$?
[ $code = 65 ] || complain "a ledger that cannot be read: exit $code: $(tail -n 15 up.log)"
compose down -v -t 5 >/dev/null 2>&1
job=

"$WINNOW" generate --customers 3000 --seed 6 >ledger.csv
job_settings <<YML
version: "2.4"
services:
  ventilator: {image: $image, environment: {WINNOW_SHARDS: 1024}}
  worker: {image: $image, cpus: 0.01}
  sink: {image: $image}
YML
begin 1
until_committed 8
compose up -d --scale worker=4 --no-recreate >/dev/null 2>&1
until_committed 20
compose up -d --scale worker=2 --no-recreate >/dev/null 2>&1
ends 'workers that come and go'
exit $bad
