/* SPDX-License-Identifier: Apache-2.0 */
/* The whole job on this machine, as several machines would do it: the same roles, as processes, over
 * sockets in a private directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "cli/descriptors.h"
#include "cli/household.h"
#include "cli/options.h"
#include "cli/roles.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/timeline.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/scrap.h"
#include "sink/publish.h"

#define GRACE_MS       700 /* everything is published; a worker who missed CLOSE need not be waited for */
#define LOCK_MS        2000
#define DEATHS_TRUSTED 2 /* a worker that has died more often may be dying of its cache */

/* What every child needs to know. */
struct run {
    const struct settings *settings;
    char sockets[SCRAP_PATH];
    char state[ROLES_PATH];
    int keeps_state;
    char poison[ROLES_PATH]; /* what evidence begins with that must outlive the state */
    int lock;
    char at_ventilator[SCRAP_PATH + 32], at_sink[SCRAP_PATH + 32];
    struct trace *trace; /* of this process */
};

static int child_work(void *context, enum household_kind kind, int number, int starts)
{
    struct run *run = context;
    char path[ROLES_PATH], role[32], part[TIMELINE_PATH];
    struct roles_place place = {
        .bind = kind == HOUSEHOLD_SINK ? run->at_sink : run->at_ventilator,
        .ventilator = run->at_ventilator,
        .sink = run->at_sink,
        .state = run->state,
        .out = run->settings->running.out,
        .poison = run->keeps_state ? NULL : run->poison,
        .distrusts_cache = starts > DEATHS_TRUSTED + 1,
        .terminal = isatty(STDERR_FILENO),
        .stop = signals_catch(SIGNALS_INT_IGNORED, SIGNALS_SECOND_LEAVES),
        .trace = run->trace ? part : NULL,
        .number = number,
        .starts = starts,
    };
    int r = 0;
    if (kind == HOUSEHOLD_SINK)
        r = roles_state(run->state, "sink", -1, path);
    else if (kind == HOUSEHOLD_WORKER)
        r = roles_state(run->state, "worker", number, path);
    if (r < 0)
        return r;
    if (kind == HOUSEHOLD_WORKER)
        snprintf(role, sizeof role, "worker-%d", number);
    else
        snprintf(role, sizeof role, "%s", kind == HOUSEHOLD_SINK ? "sink" : "ventilator");
    log_open(run->settings->running.log_format, role, LOG_INFO);
    timeline_part(run->sockets, role, number, starts, part);
    if (kind == HOUSEHOLD_VENTILATOR)
        return roles_ventilator(run->settings, &place);
    place.state = path;
    return kind == HOUSEHOLD_WORKER ? roles_worker(&place) : roles_sink(&place);
}

/* One run at a time in a state. The roles of a run that was killed hold the lock until they are gone,
 * too, which is a moment later. */
static int lock_state(struct run *run)
{
    char path[ROLES_PATH + 8];
    snprintf(path, sizeof path, "%s/lock", run->state);
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (run->lock < 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s; --state names another place", path,
                        strerror(errno));
    int64_t until = clock_monotonic_ms() + LOCK_MS;
    int held;
    while ((held = flock(run->lock, LOCK_EX | LOCK_NB)) != 0 && clock_monotonic_ms() < until)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    if (held != 0)
        return log_fail(STATUS_CONFIG,
                        "the state in %s is in use by another run; --state names another",
                        run->state);
    return 0;
}

static int make_state(struct run *run)
{
    const struct settings_running *running = &run->settings->running;
    int n = running->state ? snprintf(run->state, sizeof run->state, "%s", running->state)
                           : snprintf(run->state, sizeof run->state, "%s.state-%d", running->out,
                                      (int)getpid());
    run->keeps_state = running->state != NULL;
    snprintf(run->poison, sizeof run->poison, "%s.poison", running->out);
    if (n >= ROLES_PATH)
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name that is too long");
    int r = roles_make_directory(run->state);
    return r < 0 ? r : lock_state(run);
}

/* Bytes of the inputs that can be asked: the spool is smaller, the caches too; packed text grows. */
static uint64_t input_bytes(const struct settings_reading *reading)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < reading->n_ledgers; i++) {
        struct stat info;
        const char *path = reading->ledgers[i];
        size_t n = strlen(path);
        if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        int packed = (n > 3 && strcmp(path + n - 3, ".gz") == 0) ||
                     (n > 4 && strcmp(path + n - 4, ".zst") == 0);
        bytes += (uint64_t)info.st_size * (packed ? 6 : 1);
    }
    return bytes;
}

/* Spool, caches, rows and outputs together take about twice the ledger. */
static int check_space(const struct run *run)
{
    struct statvfs info;
    uint64_t want = input_bytes(&run->settings->reading) * 2;
    if (statvfs(run->state, &info) != 0)
        return 0;
    uint64_t free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    if (want <= free_bytes)
        return 0;
    return log_fail(STATUS_IO,
                    "about %llu MB are needed for %s and its outputs, %llu MB are free; --state "
                    "names another place",
                    (unsigned long long)(want >> 20), run->state,
                    (unsigned long long)(free_bytes >> 20));
}

static int make_places(struct run *run)
{
    int r = publish_check(run->settings->running.out);
    if (r == 0)
        r = make_state(run);
    if (r == 0)
        r = check_space(run);
    if (r == 0)
        r = scrap_make("winnow", run->sockets);
    if (r < 0) {
        run->sockets[0] = '\0';
        return r;
    }
    snprintf(run->at_ventilator, sizeof run->at_ventilator, "ipc://%s/ventilator", run->sockets);
    snprintf(run->at_sink, sizeof run->at_sink, "ipc://%s/sink", run->sockets);
    return 0;
}

static void clear_state(struct run *run)
{
    struct span span = trace_begin(run->trace, TRACE_LOOP, "cleaning up");
    if (run->lock >= 0)
        close(run->lock);
    if (run->state[0] && !run->keeps_state)
        scrap_remove(run->state);
    trace_end(run->trace, &span);
}

/* Nobody's any more once the ventilator has left; the others leave meanwhile. */
static void clear_spool(const struct run *run)
{
    char spool[SCRAP_PATH];
    if (run->keeps_state || !run->state[0] ||
        snprintf(spool, sizeof spool, "%s/spool", run->state) >= (int)sizeof spool)
        return;
    scrap_remove(spool);
}

/* The parts of all processes lie with the sockets. */
static void write_timeline(struct run *run)
{
    const struct timeline_role role = {.name = "run", .number = -1};
    const char *path = run->settings->running.trace;
    char part[TIMELINE_PATH];
    if (!run->trace)
        return;
    timeline_part(run->sockets, role.name, 0, 1, part);
    timeline_close(&run->trace, &role, run->sockets[0] ? part : path);
    if (run->sockets[0])
        timeline_join(run->sockets, path);
}

static void clear_sockets(struct run *run)
{
    if (run->sockets[0])
        scrap_remove(run->sockets);
}

static int workers_of(const struct run *run)
{
    int said = run->settings->running.workers;
    return said > 0 ? said : roles_cores();
}

static int start_all(const struct run *run, struct household *household)
{
    int workers = workers_of(run);
    int r = household_start(household, HOUSEHOLD_SINK, 0);
    if (r == 0)
        r = household_start(household, HOUSEHOLD_VENTILATOR, 0);
    for (int i = 0; r == 0 && i < workers; i++)
        r = household_start(household, HOUSEHOLD_WORKER, i);
    return r;
}

static int live(struct run *run, const volatile sig_atomic_t *stop)
{
    struct household *household;
    int r = household_new(child_work, run, &household);
    if (r < 0)
        return r;
    struct span span = trace_begin(run->trace, TRACE_LOOP, "starting");
    r = start_all(run, household);
    trace_end(run->trace, &span);
    span = trace_begin(run->trace, TRACE_LOOP, "watching");
    if (r == 0)
        r = household_watch(household, stop);
    trace_end(run->trace, &span);
    span = trace_begin(run->trace, TRACE_LOOP, "ending");
    if (r == 0)
        clear_spool(run);
    household_end(household, r == 0 ? GRACE_MS : 0, stop);
    trace_end(run->trace, &span);
    household_destroy(&household);
    return r;
}

int run_job(const struct settings *settings)
{
    struct run run = {.settings = settings, .lock = -1};
    const volatile sig_atomic_t *stop = signals_catch(SIGNALS_INT_STOPS, SIGNALS_SECOND_COUNTS);
    int r = timeline_open(settings->running.trace, &run.trace);
    struct span span = trace_begin(run.trace, TRACE_LOOP, "run");
    if (r == 0)
        r = descriptors_raise(DESCRIPTORS_OF_A_ROLE + (unsigned long)workers_of(&run));
    if (r == 0)
        r = make_places(&run);
    if (r == 0)
        r = live(&run, stop);
    clear_state(&run);
    trace_end(run.trace, &span);
    write_timeline(&run);
    clear_sockets(&run);
    if (r < 0)
        publish_sweep(settings->running.out);
    if (r == 0)
        log_say(LOG_INFO, "results in %s", settings->running.out);
    return r;
}

int run_verb(const struct options *options)
{
    return run_job(&options->settings);
}
