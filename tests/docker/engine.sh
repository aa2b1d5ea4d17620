# What the tests on a container engine stand on: the image, one job of compose.yml's in a project of its
# own, and the answer of `winnow run` to compare with. Sourced after scene.sh; needs $WINNOW and $SOURCE.
# WINNOW_IMAGE names an image that is there; otherwise one is made around $WINNOW, with the last stage of
# docker/Dockerfile.

command -v docker >/dev/null 2>&1 || skip 'no docker; Debian has it in docker.io'
command -v docker-compose >/dev/null 2>&1 || skip 'no docker-compose'
docker info >/dev/null 2>&1 || skip 'no Docker engine answers'
docker image inspect debian:bookworm-slim >/dev/null 2>&1 || skip 'no image debian:bookworm-slim'

project=wt$$
export WINNOW_LEDGER="$scratch/ledger.csv" WINNOW_LOG_FORMAT=json

clean_up() {
    [ -z "${job:-}" ] || compose down -v -t 1 >/dev/null 2>&1
    rm -rf "$scratch"
}
trap clean_up EXIT

version=$(sed -n 's/^project(winnow VERSION \([0-9.]*\).*/\1/p' "$SOURCE/CMakeLists.txt")
if [ -n "${image:-}" ]; then
    docker image inspect "$image" >/dev/null 2>&1 || skip "no image $image"
else
    image=winnow-test
    sh "$SOURCE/docker/gather.sh" "$WINNOW" make/image
    mkdir -p make/places/data make/places/state make/places/results make/places/tmp make/tools
    chmod 1777 make/places/*
    mkdir -p make/places/keys/ventilator make/places/keys/sink make/places/keys/worker \
        make/places/keys/client
    chmod 1777 make/places/keys/*
    # The context of a build carries no capabilities: they are set in it, with the tool from here.
    {
        echo 'FROM debian:bookworm-slim AS build'
        echo 'COPY . /'
        if setcap=$(PATH=$PATH:/sbin:/usr/sbin command -v setcap); then
            sh "$SOURCE/docker/gather.sh" "$setcap" make/tools
            echo 'RUN /tools/usr/local/bin/winnow' \
                'cap_setuid,cap_setgid+p /image/usr/local/bin/winnow'
        fi
        sed '/^FROM debian:bookworm-slim$/,$!d' "$SOURCE/docker/Dockerfile"
    } >make/Dockerfile
    [ -n "$setcap" ] || no_setcap=1
    docker build -q -t "$image" make >/dev/null 2>built || { cat built; exit 1; }
    rm -rf make
fi

# compose ARGUMENT...: of this test's project.
compose() {
    docker-compose -p "$project" --project-directory "$SOURCE/docker" -f "$SOURCE/docker/compose.yml" \
        -f "$scratch/job.yml" "$@"
}

# job_settings: the override of this test from stdin, in place of none.
job_settings() { cat >"$scratch/job.yml"; }
container() { echo "${project}_$1_${2:-1}"; }

# figure ROLE NUMBER NAME: of a container, asked with the program in it; 0 when it does not answer.
figure() {
    docker exec "$(container "$1" "$2")" winnow status 127.0.0.1:9100 2>/dev/null | sed -n "s/^ *$3 //p" |
        head -n 1
}
# committed: shards that the sink has committed, both stages.
committed() {
    a=$(figure sink 1 'winnow_committed_shards_total{stage="gather"}')
    b=$(figure sink 1 'winnow_committed_shards_total{stage="score"}')
    echo $((${a:-0} + ${b:-0}))
}
# until_committed N: this sink (its counters begin anew with it) has committed N or more.
until_committed() {
    n=0
    until [ "$(committed)" -ge "$1" ]; do
        n=$((n + 1))
        docker inspect -f '{{.State.Running}}' "$(container ventilator)" | grep -q true ||
            { complain "the job ended before $1 shards were committed"; return 1; }
        [ $n -lt 600 ] || { complain "never $1 shards committed"; return 1; }
    done
}

# wants LEDGER: what every job of it must give, from winnow run.
wants() {
    "$WINNOW" run "$1" --out "$scratch/wanted" >/dev/null 2>"$scratch/run.log" ||
        { cat "$scratch/run.log"; exit 1; }
}

keys() {
    job=1
    sed "s/image: winnow/image: $image/" "$SOURCE/docker/keys.yml" >"$scratch/keys.yml"
    compose -f "$scratch/keys.yml" run --rm keys >"$scratch/keys.log" 2>&1 ||
        { cat "$scratch/keys.log"; exit 1; }
}
begin() { # WORKERS
    keys
    compose up -d --scale "worker=$1" >"$scratch/up.log" 2>&1 || { cat "$scratch/up.log"; exit 1; }
}
# ends WORDS: the ventilator ends with 0, and the results are those of winnow run.
ends() {
    compose ps -q worker | xargs docker update --cpus "$(nproc)" >/dev/null 2>&1 # held back no longer
    code=$(docker wait "$(container ventilator)")
    [ "$code" = 0 ] || complain "$1: the ventilator ended with $code: $(compose logs --no-color 2>&1 | tail -n 15)"
    rm -rf got
    docker cp "$(container sink):/results/scores" got >/dev/null || complain "$1: no results"
    for file in scores.csv tiers.csv; do
        same "wanted/$file" "got/$file" "$1"
    done
    compose down -v -t 5 >/dev/null 2>&1
    job=
}
host_pid() { docker inspect -f '{{.State.Pid}}' "$1"; }
restarts() { docker inspect -f '{{.RestartCount}}' "$1"; }
