/* SPDX-License-Identifier: Apache-2.0 */
/* A cache is written without waiting for the disk, so a power cut leaves some of its pages new and
 * some old, which no reader of the file can see. The boot's name can: flushing at every close would
 * cost seconds to save what may be thrown away, a digest over the file as much at every open. */
#include "common/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/log.h"

#define NAME_BYTES 64
#define NO_NAME    "unknown" /* of a system that does not say; never the same as another */

static void boot_name(char name[NAME_BYTES])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, name, NAME_BYTES - 1);
    if (fd >= 0)
        close(fd);
    name[n > 0 ? n : 0] = '\0';
    if (n <= 0)
        memcpy(name, NO_NAME, sizeof NO_NAME);
}

static void last_name(int fd, char name[NAME_BYTES])
{
    ssize_t n = pread(fd, name, NAME_BYTES - 1, 0);
    name[n > 0 ? n : 0] = '\0';
}

int owner_lock(int directory_fd, const char *directory, int *fd)
{
    int error;
    *fd = openat(directory_fd, "owner", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s/owner: %s; --state names another place",
                        directory, strerror(errno));
    if (!flock(*fd, LOCK_EX | LOCK_NB))
        return STATUS_DONE;
    error = errno;
    close(*fd);
    *fd = -1;
    if (error == EWOULDBLOCK)
        return OWNER_E_BUSY;
    return log_fail(STATUS_IO, "cannot lock %s/owner: %s", directory, strerror(error));
}

int owner_trusts(int fd)
{
    char boot[NAME_BYTES], last[NAME_BYTES];
    last_name(fd, last);
    boot_name(boot);
    return last[0] == '\0' || (strcmp(boot, NO_NAME) != 0 && strcmp(boot, last) == 0);
}

int owner_sign(int fd, const char *directory)
{
    char boot[NAME_BYTES], last[NAME_BYTES];
    last_name(fd, last);
    boot_name(boot);
    if (strcmp(boot, last) == 0)
        return STATUS_DONE;
    ssize_t size = (ssize_t)strlen(boot);
    if (pwrite(fd, boot, (size_t)size, 0) != size || ftruncate(fd, size) || fsync(fd))
        return log_fail(STATUS_IO, "cannot sign %s/owner: %s", directory, strerror(errno));
    return STATUS_DONE;
}

int owner_clear(int fd, const char *directory)
{
    char last[NAME_BYTES];
    last_name(fd, last);
    if (last[0] && (ftruncate(fd, 0) || fsync(fd)))
        return log_fail(STATUS_IO, "cannot clear %s/owner: %s", directory, strerror(errno));
    return STATUS_DONE;
}
