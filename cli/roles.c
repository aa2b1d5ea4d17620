/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "cli/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/descriptors.h"
#include "cli/doorman.h"
#include "cli/frozen.h"
#include "cli/signals.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/line.h"
#include "common/log.h"
#include "common/store.h"
#include "common/version.h"
#include "sink/publish.h"
#include "sink/sink.h"
#include "ventilator/ventilator.h"
#include "worker/cache.h"
#include "worker/worker.h"

/* At most half of what a worker has room for (DESK_LEASES_LIMIT): what is committed and not yet acknowledged
 * lies there too. With 16 it ran out of room, which counts as leaving. */
#define WORKER_CREDIT 8

int roles_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

int roles_make_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return log_fail(STATUS_NO_OUTPUT,
                        "cannot make the state directory %s: %s; --state names "
                        "another place",
                        path, strerror(errno));
    return 0;
}

int roles_state(const char *state, const char *role, int number, char path[ROLES_PATH])
{
    int n = number < 0 ? snprintf(path, ROLES_PATH, "%s/%s", state, role)
                       : snprintf(path, ROLES_PATH, "%s/%s-%d", state, role, number);
    if (n >= ROLES_PATH)
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name that is too long");
    return 0;
}

/* Frames and columns are some hundred KiB, taken and given back all the time: fresh pages for each would
 * cost more than the work on them. */
#define KEEP_MOST (32 << 20) /* bytes of a piece; the most that glibc takes */
/* The sink's pieces are such, too, but for those that hold something of every customer, one stage after
 * the other: these are given back. */
#define KEEP_PARTS (4 << 20)

static void keep_pieces(int piece_bytes)
{
    mallopt(M_MMAP_THRESHOLD, piece_bytes);
    mallopt(M_TRIM_THRESHOLD, 16 * piece_bytes);
    mallopt(M_ARENA_MAX, 4);
}

void roles_keep_memory(enum figures_role role)
{
    keep_pieces(role == FIGURES_SINK ? KEEP_PARTS : KEEP_MOST);
}

struct digest roles_draw(void)
{
    struct digest drawn = {0, 0};
    if (getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn) {
        drawn.low = (uint64_t)clock_wall_ms();
        drawn.high = (uint64_t)getpid();
    }
    return drawn;
}

int roles_reach(struct line *line, enum keys_role server, const char *endpoint, uint32_t *gate)
{
    line_zmq_expect(line, server);
    return line_connect(line, endpoint, gate);
}

/* ---- ventilator ---- */

static int ventilator_loop(const struct ventilator_settings *settings, struct doorman *doorman)
{
    struct ventilator *ventilator = NULL;
    int r = ventilator_new(settings, &ventilator);
    if (r < 0)
        return r;
    struct role role = ventilator_role(ventilator);
    r = doorman_run(doorman, role);
    ventilator_destroy(&ventilator);
    return r;
}

struct ventilator_settings roles_of_ventilator(const struct roles_place *place)
{
    return (struct ventilator_settings){
        .state = place->state,
        .poison = place->poison,
        .threads = (uint32_t)roles_cores(),
        .today = clock_today(),
        .wall_ms = clock_wall_ms(),
        .name = roles_draw(),
        .redact_key = roles_draw(),
        .version = version_text(),
        .timing = ventilator_timing_default(),
        .now_ms = clock_monotonic_ms,
        .terminal = place->terminal,
        .stop = place->stop,
    };
}

int roles_ventilator(const struct settings *settings, const struct roles_place *place)
{
    struct settings own = *settings;
    struct frozen_file frozen;
    struct doorman doorman;
    struct ventilator_settings role = roles_of_ventilator(place);
    uint32_t gate;
    role.settings = &own;
    roles_keep_memory(FIGURES_VENTILATOR);
    int r = descriptors_raise(DESCRIPTORS_OF_A_ROLE);
    if (r == 0)
        r = frozen_read(&own, &frozen);
    if (r < 0)
        return r;
    role.model = frozen.model;
    role.groups = frozen.groups;
    r = doorman_open(&doorman, FIGURES_VENTILATOR, place);
    role.line = doorman.line;
    if (r == 0)
        r = line_bind(role.line, place->bind, &role.workers);
    if (r == 0)
        r = roles_reach(role.line, KEYS_SINK, place->sink, &gate);
    if (r == 0) {
        role.sink = (struct peer){gate, 0, 0};
        role.figures = doorman.figures;
        role.trace = doorman.trace;
        figures_set(role.figures, FIGURE_READY, 1);
        r = ventilator_loop(&role, &doorman);
    }
    doorman_close(&doorman);
    frozen_free(&frozen);
    return r;
}

/* ---- worker ---- */

static int worker_loop(const struct worker_settings *settings, struct doorman *doorman)
{
    struct worker *worker = NULL;
    int r = worker_new(settings, &worker);
    if (r < 0)
        return r;
    struct role role = worker_role(worker);
    r = doorman_run(doorman, role);
    worker_destroy(&worker);
    return r;
}

static int open_cache_store(const char *directory, struct store **store)
{
    return store_lmdb_open(directory, STORE_CACHE, store);
}

static int open_cache(const struct roles_place *place, struct cache **cache)
{
    return place->distrusts_cache ? cache_open_anew(place->state, open_cache_store,
                                                    "may be what this worker died of", cache)
                                  : cache_open(place->state, open_cache_store, cache);
}

/* The note of the worker in this place; where there can be none, nothing is lost but what it would say. */
static struct note *open_note(const char *state)
{
    char path[ROLES_PATH + 8];
    snprintf(path, sizeof path, "%s/note", state);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *page = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof(struct note)) == 0)
        page = mmap(NULL, sizeof(struct note), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    return page == MAP_FAILED ? NULL : page;
}

static void close_note(struct note *note)
{
    if (!note)
        return;
    signals_confess(NULL);
    munmap(note, sizeof *note);
}

int roles_worker(const struct roles_place *place)
{
    char host[64] = "", name[DIGEST_TEXT];
    struct worker_settings role = {.name = roles_draw(),
                                   .version = version_text(),
                                   .host = host,
                                   .credit = WORKER_CREDIT,
                                   .stop = place->stop,
                                   .stays = place->stays};
    struct doorman doorman;
    uint32_t ventilator, sink;
    roles_keep_memory(FIGURES_WORKER);
    gethostname(host, sizeof host - 1);
    digest_print(role.name, name);
    log_about(LOG_WORKER, name);
    int r = descriptors_raise(DESCRIPTORS_OF_A_ROLE);
    if (r < 0)
        return r;
    r = doorman_open(&doorman, FIGURES_WORKER, place);
    if (r == 0)
        r = open_cache(place, &role.cache);
    role.line = doorman.line;
    if (r == 0)
        role.note = open_note(place->state);
    if (role.note)
        signals_confess(&role.note->died);
    if (r == 0)
        r = roles_reach(role.line, KEYS_VENTILATOR, place->ventilator, &ventilator);
    if (r == 0)
        r = roles_reach(role.line, KEYS_SINK, place->sink, &sink);
    if (r == 0) {
        role.ventilator = (struct peer){ventilator, 0, 0};
        role.sink = (struct peer){sink, 0, 0};
        role.figures = doorman.figures;
        role.trace = doorman.trace;
        r = worker_loop(&role, &doorman);
    }
    doorman_close(&doorman);
    close_note(role.note);
    cache_close(&role.cache);
    return r;
}

/* ---- sink ---- */

static int sink_loop(const struct sink_settings *settings, struct store **store,
                     struct doorman *doorman)
{
    struct sink *sink = NULL;
    int r = sink_new(settings, store, &sink);
    if (r < 0)
        return r;
    struct role role = sink_role(sink);
    r = doorman_run(doorman, role);
    sink_destroy(&sink);
    return r;
}

int roles_open_sink_store(const char *directory, struct store **store)
{
    /* For ./dev bench, which prints what durability costs. */
    int unsafe = getenv("WINNOW_BENCH_NO_FSYNC") != NULL;
    if (unsafe)
        log_say(LOG_WARN, "WINNOW_BENCH_NO_FSYNC: the sink's state does not survive a power cut");
    int r = store_lmdb_open(directory, unsafe ? STORE_CACHE : STORE_DURABLE, store);
    if (r == STORE_E_BUSY)
        return log_fail(
            STATUS_CONFIG,
            "the sink's state in %s is in use by another process; --state names another",
            directory);
    if (r > 0)
        return log_fail(STATUS_CONFIG,
                        "the sink's state in %s cannot be read; remove it, or name another --state",
                        directory);
    return r;
}

struct sink_settings roles_of_sink(const struct roles_place *place)
{
    return (struct sink_settings){
        .out = place->out,
        .version = version_text(),
        .boot = roles_draw().low,
        .threads = (size_t)roles_cores(),
        .now_ms = clock_monotonic_ms,
        .stop = place->stop,
    };
}

int roles_sink(const struct roles_place *place)
{
    struct store *store = NULL;
    struct sink_settings role = roles_of_sink(place);
    struct doorman doorman;
    uint32_t gate;
    roles_keep_memory(FIGURES_SINK);
    int r = descriptors_raise(DESCRIPTORS_OF_A_ROLE);
    if (r < 0)
        return r;
    r = doorman_open(&doorman, FIGURES_SINK, place);
    if (r == 0)
        r = publish_check(place->out);
    if (r == 0)
        r = roles_open_sink_store(place->state, &store);
    role.line = doorman.line;
    if (r == 0)
        r = line_bind(role.line, place->bind, &gate);
    if (r == 0) {
        role.figures = doorman.figures;
        role.trace = doorman.trace;
        figures_set(role.figures, FIGURE_READY, 1);
        r = sink_loop(&role, &store, &doorman);
    }
    doorman_close(&doorman);
    store_close(&store);
    return r;
}
