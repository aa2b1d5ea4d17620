/* SPDX-License-Identifier: Apache-2.0 */
/* The right comes as file capabilities that are permitted and not effective, so a process that was
 * given none starts all the same. The alternative, an image that starts as root, is refused by half of
 * the places that run images, and an entrypoint script would need a shell. */
#define _GNU_SOURCE
#include "cli/caller.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/options.h"
#include "common/log.h"

#define RIGHTS ((1u << CAP_SETUID) | (1u << CAP_SETGID))

static int rights_read(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    memset(data, 0, 2 * sizeof *data);
    return syscall(SYS_capget, &header, data) == 0;
}

static int rights_set(unsigned rights)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{rights, rights, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, data) == 0;
}

/* Root has the same rights without having been given them by a file; who starts winnow as root
 * means it. */
static int is_granted(void)
{
    struct __user_cap_data_struct data[2];
    return geteuid() != 0 && rights_read(data) && (data[0].permitted & RIGHTS) == RIGHTS;
}

/* The path itself, or the nearest directory above it that exists. */
static int find_owner(const char *path, struct stat *owner)
{
    char at[PATH_MAX];
    if (snprintf(at, sizeof at, "%s", path) >= (int)sizeof at)
        return 0;
    while (stat(at, owner) != 0) {
        char *slash = strrchr(at, '/');
        if (!slash)
            return stat(".", owner) == 0;
        slash[slash == at] = '\0';
        if (slash == at && stat("/", owner) != 0)
            return 0;
    }
    return 1;
}

/* What the verb cannot do without: where it writes, else what it reads. */
static const char *vital_path(const struct options *options)
{
    switch (options->verb) {
    case VERB_RUN:
    case VERB_SINK:
    case VERB_FETCH:
        return options->settings.running.out;
    case VERB_WORKER:
        return options->settings.running.state;
    case VERB_EXPLAIN:
        return options->run;
    case VERB_KEYGEN:
    case VERB_CHECK:
        return options->operands[0];
    case VERB_VENTILATOR:
        return options->n_operands > 0 ? options->operands[0] : options->settings.running.state;
    default:
        return NULL;
    }
}

static int change(const struct stat *owner)
{
    if (!rights_set(RIGHTS) || setgroups(0, NULL) != 0 ||
        setresgid(owner->st_gid, owner->st_gid, owner->st_gid) != 0 ||
        setresuid(owner->st_uid, owner->st_uid, owner->st_uid) != 0)
        return log_fail(STATUS_CONFIG, "cannot become user %u: %s", (unsigned)owner->st_uid,
                        strerror(errno));
    return 0;
}

int caller_become(const struct options *options)
{
    struct stat owner;
    const char *path = vital_path(options);
    if (!is_granted())
        return 0;
    int is_other = path && find_owner(path, &owner) && owner.st_uid != geteuid() &&
                   access(path, W_OK) != 0 && !S_ISCHR(owner.st_mode);
    /* A directory that is everybody's, as /tmp is, is nobody's in particular. */
    int r = is_other && !(owner.st_mode & S_IWOTH) ? change(&owner) : 0;
    if (!rights_set(0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return log_fail(STATUS_BUG, "cannot lay down capabilities: %s", strerror(errno));
    return r;
}
