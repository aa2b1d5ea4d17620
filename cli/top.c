/* SPDX-License-Identifier: Apache-2.0 */
/* Asks once a second until nobody answers any more, which after a first answer is how a job ends. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/options.h"
#include "cli/signals.h"
#include "cli/verbs.h"
#include "cli/visit.h"
#include "common/clock.h"
#include "common/log.h"

static void doze(void)
{
    struct timespec second = {1, 0};
    nanosleep(&second, NULL);
}

int top_verb(const struct options *options)
{
    struct board board = {0};
    const volatile sig_atomic_t *stop = signals_catch(SIGNALS_INT_STOPS, SIGNALS_SECOND_LEAVES);
    int answered = 0, r = 0;
    struct visit *visit = malloc(sizeof *visit);
    if (!visit)
        return log_fail(STATUS_BUG, "out of memory");
    while (!*stop) {
        r = visit_make(options->operands[0], "/metrics", visit);
        if (r != 0 || visit->code != 200)
            break;
        answered = 1;
        if (isatty(STDOUT_FILENO))
            fputs("\033[H\033[J", stdout);
        board_draw(&board, visit->text, (double)clock_monotonic_ms() / 1000, stdout);
        fflush(stdout);
        doze();
    }
    free(visit);
    return answered ? 0 : r;
}
