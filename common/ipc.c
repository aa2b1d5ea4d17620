/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a server lives is asked of the kernel by connecting: a file of process numbers would be
 * wrong in a container, where everybody is number 1, and a lock file would be one more file to
 * leave behind. */
#include "common/ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

static int reach(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    memcpy(address.sun_path, path, strlen(path));
    int error = connect(fd, (struct sockaddr *)&address, sizeof address) ? errno : 0;
    close(fd);
    return error;
}

int ipc_vacant(const char *path)
{
    struct stat seen;
    size_t size = strlen(path), limit = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    if (size == 0 || size > limit)
        return log_fail(STATUS_CONFIG, "cannot bind ipc://%s: a path has 1 to %zu bytes, not %zu",
                        path, limit, size);
    if (lstat(path, &seen))
        return STATUS_DONE; /* the bind itself will say what else is wrong */
    if (!S_ISSOCK(seen.st_mode))
        return log_fail(STATUS_CONFIG, "cannot bind ipc://%s: a file that is no socket is there",
                        path);
    int error = reach(path);
    if (error == ECONNREFUSED || error == ENOENT)
        return STATUS_DONE;
    /* EAGAIN is a living server with a full backlog, EACCES one that is not ours. */
    return log_fail(STATUS_CONFIG, "cannot bind ipc://%s: in use%s%s", path, error ? ": " : "",
                    error ? strerror(error) : "");
}

struct ipc_file ipc_file(const char *path)
{
    struct stat seen;
    if (lstat(path, &seen) || !S_ISSOCK(seen.st_mode))
        return (struct ipc_file){0};
    return (struct ipc_file){(uint64_t)seen.st_dev, (uint64_t)seen.st_ino};
}

void ipc_remove(const char *path, struct ipc_file file)
{
    struct ipc_file now = ipc_file(path);
    if (file.inode && now.inode == file.inode && now.device == file.device)
        (void)unlink(path);
}
