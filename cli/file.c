/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define BYTES_LIMIT ((size_t)1 << 30)
#define FIRST_BYTES 65536

int file_read(const char *path, struct slice *bytes)
{
    FILE *file = fopen(path, "rbe");
    size_t size = 0, room = FIRST_BYTES;
    char *text = NULL;
    if (!file)
        return errno == ENOENT
                   ? FILE_E_ABSENT
                   : log_fail(STATUS_NO_INPUT, "cannot read %s: %s", path, strerror(errno));
    for (;;) {
        char *more = size < BYTES_LIMIT ? realloc(text, room) : NULL;
        if (!more)
            break;
        text = more;
        size_t n = fread(text + size, 1, room - size, file);
        size += n;
        if (n == 0)
            break;
        if (size == room)
            room *= 2;
    }
    int failed = ferror(file) || !text || size >= BYTES_LIMIT;
    fclose(file);
    if (failed) {
        free(text);
        return log_fail(STATUS_NO_INPUT, "cannot read %s", path);
    }
    *bytes = (struct slice){text, size};
    return 0;
}
