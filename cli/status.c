/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cli/board.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "cli/visit.h"
#include "common/log.h"

int status_verb(const struct options *options)
{
    struct board board = {0};
    struct visit *visit = malloc(sizeof *visit);
    if (!visit)
        return log_fail(STATUS_BUG, "out of memory");
    int r = visit_make(options->operands[0], "/metrics", visit);
    if (r == 0 && visit->code != 200)
        r = log_fail(STATUS_UNREACHABLE, "%s answers %d", options->operands[0], visit->code);
    if (r == 0)
        board_draw(&board, visit->text, 0, stdout);
    free(visit);
    return r;
}
