/* SPDX-License-Identifier: Apache-2.0 */
/* State at file scope because a signal handler has no other place to write to. */
#include "cli/signals.h"

#include <string.h>
#include <unistd.h>

#include "common/status.h"

static volatile sig_atomic_t stop;
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t second_leaves;

static void caught(int number)
{
    if (number == SIGINT)
        interrupted = 1;
    if (stop > 0 && second_leaves)
        _exit(status_exit_code(STATUS_STOPPED));
    if (stop < 100)
        stop = stop + 1;
}

const volatile sig_atomic_t *signals_catch(enum signals_interrupt interrupt,
                                           enum signals_second second)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    stop = 0;
    second_leaves = second == SIGNALS_SECOND_LEAVES;
    action.sa_handler = caught; /* no SA_RESTART: who waits is to wake up */
    sigaction(SIGTERM, &action, NULL);
    if (interrupt == SIGNALS_INT_IGNORED)
        action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    return &stop;
}

static volatile uint32_t *last_word;

static void dies(int number)
{
    *last_word = (uint32_t)number;
    raise(number); /* the handler is gone: SA_RESETHAND */
}

void signals_confess(volatile uint32_t *died)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    last_word = died;
    action.sa_handler = died ? dies : SIG_DFL;
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigaction(own[i], &action, NULL);
}

int signals_interrupted(void)
{
    return interrupted;
}
