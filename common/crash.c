/* SPDX-License-Identifier: Apache-2.0 */
/* The count is in a file rather than here: a role that is started again must not die of the same
 * order, and the next process cannot know what this one knew. Asking the environment at each point
 * costs some hundred nanoseconds a shard, so the points are in what is shipped, too: what is tested is what
 * runs. */
#include "common/crash.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether it is this process's turn. Nobody's who cannot open the file: it is gone with the one that died. */
static int is_turn(const char *path)
{
    struct stat seen;
    int file = open(path, O_WRONLY | O_CLOEXEC), turn = 0;
    if (file < 0)
        return 0;
    if (fstat(file, &seen) == 0 && seen.st_size > 0)
        turn = ftruncate(file, seen.st_size - 1) != 0;
    else
        turn = unlink(path) == 0;
    close(file);
    return turn;
}

void crash_point(const char *name)
{
    const char *asked = getenv("WINNOW_CRASH_AT");
    size_t n = strlen(name);
    if (!asked || strncmp(asked, name, n) != 0 || asked[n] != ':' || !is_turn(asked + n + 1))
        return;
    kill(getenv("WINNOW_CRASH_ALL") ? 0 : getpid(), SIGKILL);
}
