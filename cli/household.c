/* SPDX-License-Identifier: Apache-2.0 */
/* Children are forked, not executed: they go on with the settings that are already read and checked,
 * and the parent has neither threads nor sockets that a fork could hurt. A child dies with its parent. */
#define _GNU_SOURCE
#include "cli/household.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

#define MEMBERS_LIMIT 1100
#define STARTS_LIMIT  6 /* the first, and 5 again */
#define LOOK_MS       20
#define DRAIN_MS      10000
#define AGAIN_MS      1000 /* who has left of his own accord is not missed before */

struct member {
    enum household_kind kind;
    int number;
    pid_t pid; /* 0: gone */
    int starts;
    int64_t again_ms; /* left, and is to be started again then if the job goes on; 0: no */
};

struct household {
    household_work *work;
    void *context;
    struct member member[MEMBERS_LIMIT];
    size_t n;
    int ventilator_done;
};

static const char *const names[] = {"sink", "ventilator", "worker"};

static sigset_t of_a_child(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return set;
}

int household_new(household_work *work, void *context, struct household **out)
{
    struct household *household = calloc(1, sizeof *household);
    if (!household)
        return log_fail(STATUS_BUG, "out of memory to start processes");
    sigset_t child = of_a_child();
    sigprocmask(SIG_BLOCK, &child, NULL);
    household->work = work;
    household->context = context;
    *out = household;
    return 0;
}

void household_destroy(struct household **household)
{
    free(*household);
    *household = NULL;
}

static void child(const struct household *household, const struct member *member, pid_t parent)
{
    char name[16];
    snprintf(name, sizeof name, "winnow-%.8s", names[member->kind]);
    prctl(PR_SET_NAME, name, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) /* it died before the line above */
        _exit(status_exit_code(STATUS_STOPPED));
    sigset_t child = of_a_child();
    sigprocmask(SIG_UNBLOCK, &child, NULL);
    int r = household->work(household->context, member->kind, member->number, member->starts);
    _exit(status_exit_code(r));
}

static int start(struct household *household, struct member *member)
{
    member->starts++;
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return log_fail(STATUS_BUG, "cannot start a process: %s", strerror(errno));
    if (pid == 0)
        child(household, member, parent);
    member->pid = pid;
    return 0;
}

int household_start(struct household *household, enum household_kind kind, int number)
{
    if (household->n == MEMBERS_LIMIT)
        return log_fail(STATUS_BUG, "more than %d processes", MEMBERS_LIMIT);
    struct member *member = &household->member[household->n++];
    *member = (struct member){.kind = kind, .number = number};
    return start(household, member);
}

static struct member *member_of(struct household *household, pid_t pid)
{
    for (size_t i = 0; i < household->n; i++)
        if (household->member[i].pid == pid)
            return &household->member[i];
    return NULL;
}

/* Somebody has told this one alone to leave (SIGTERM); or the job is over, and the ventilator about to
 * say so. */
static int has_left(int code)
{
    return code == 0 || code == status_exit_code(STATUS_STOPPED);
}

/* Exit codes that starting again would only repeat; what a ventilator calls a bug is one of the job (a shard
 * that kills workers), not of itself. */
static int is_final(const struct member *member, int code)
{
    if (member->kind == HOUSEHOLD_VENTILATOR && code == status_exit_code(STATUS_BUG))
        return 1;
    return code != status_exit_code(STATUS_BUG) && code != status_exit_code(STATUS_UNREACHABLE);
}

/* A child has ended: what that means for the whole. 0: go on. */
static int consider(struct household *household, struct member *member, int wait_status)
{
    const char *name = names[member->kind];
    member->pid = 0;
    if (WIFEXITED(wait_status)) {
        int code = WEXITSTATUS(wait_status);
        household->ventilator_done |= code == 0 && member->kind == HOUSEHOLD_VENTILATOR;
        if (has_left(code)) {
            member->again_ms = clock_monotonic_ms() + AGAIN_MS;
            return 0;
        }
        if (is_final(member, code))
            return status_of_exit_code(code);
        log_say(LOG_WARN, "the %s ended with code %d", name, code);
    } else {
        log_say(LOG_WARN, "the %s died of signal %d", name, WTERMSIG(wait_status));
    }
    if (household->ventilator_done)
        return 0;
    if (member->starts >= STARTS_LIMIT)
        return log_fail(STATUS_BUG, "the %s died %d times; giving up", name, member->starts);
    return start(household, member);
}

/* The job goes on without somebody who has left: he is called back, which is no death of his. */
static int call_back(struct household *household)
{
    int64_t now_ms = clock_monotonic_ms();
    int r = 0;
    for (size_t i = 0; r == 0 && i < household->n; i++) {
        struct member *member = &household->member[i];
        if (member->again_ms == 0 || now_ms < member->again_ms)
            continue;
        log_say(LOG_WARN, "the %s has left before the end; started again", names[member->kind]);
        member->again_ms = 0;
        member->starts--;
        r = start(household, member);
    }
    return r;
}

/* Looks after whoever has ended; 0 when nobody has, 1 when somebody has, < 0 as consider answers. */
static int look(struct household *household)
{
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0)
        return 0;
    struct member *member = member_of(household, pid);
    int r = member ? consider(household, member, status) : 0;
    return r < 0 ? r : 1;
}

/* Until a child has ended, at most so long: SIGCHLD is blocked, so one that came before is not missed. */
static void doze(int ms)
{
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    sigset_t child = of_a_child();
    (void)sigtimedwait(&child, NULL, &time);
}

int household_watch(struct household *household, const volatile sig_atomic_t *stop)
{
    while (!household->ventilator_done) {
        int r = look(household);
        if (r < 0)
            return r;
        if (*stop)
            return STATUS_STOPPED;
        if (r == 0 && (r = call_back(household)) == 0)
            doze(LOOK_MS);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Everybody, or everybody but the sink. */
enum who { ALL, ALL_BUT_SINK };

static int is_among(const struct member *member, enum who who)
{
    return member->pid != 0 && (who == ALL || member->kind != HOUSEHOLD_SINK);
}

static void signal_to(const struct household *household, enum who who, int number)
{
    for (size_t i = 0; i < household->n; i++)
        if (is_among(&household->member[i], who))
            kill(household->member[i].pid, number);
}

static size_t still_here(struct household *household, enum who who)
{
    size_t n = 0;
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct member *member = member_of(household, pid);
        if (member)
            member->pid = 0;
    }
    for (size_t i = 0; i < household->n; i++)
        n += (size_t)is_among(&household->member[i], who);
    return n;
}

static size_t wait_for(struct household *household, enum who who, int grace_ms,
                       const volatile sig_atomic_t *stop)
{
    int64_t until = clock_monotonic_ms() + grace_ms;
    size_t n;
    while ((n = still_here(household, who)) > 0 && clock_monotonic_ms() < until && *stop < 2)
        doze(LOOK_MS / 4);
    return n;
}

void household_end(struct household *household, int grace_ms, const volatile sig_atomic_t *stop)
{
    if (wait_for(household, ALL, grace_ms, stop) == 0)
        return;
    signal_to(household, ALL_BUT_SINK, SIGTERM);
    wait_for(household, ALL_BUT_SINK, grace_ms > 0 ? grace_ms : DRAIN_MS, stop);
    signal_to(household, ALL, SIGTERM);
    if (wait_for(household, ALL, grace_ms > 0 ? grace_ms : DRAIN_MS, stop) == 0)
        return;
    signal_to(household, ALL, SIGKILL);
    while (still_here(household, ALL) > 0)
        doze(LOOK_MS / 4);
}
