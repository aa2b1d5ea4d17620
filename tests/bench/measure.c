/* SPDX-License-Identifier: Apache-2.0 */
/* measure COMMAND...: runs it and prints, on one line of stdout,
 *   wall_s cpu_s peak_mb exit
 * cpu is user and system time of the command and everybody it waited for; peak is the largest sum of
 * the resident memory of all its processes at one moment (shared pages counted once: PSS), seen by
 * looking every few milliseconds, and less often where looking takes long. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_LIMIT 8192
#define LOOK_S          0.01
#define LOOK_SHARE      30 /* a look at gigabytes takes milliseconds, which are not to be felt */

struct process {
    int pid, parent;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void doze(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static int parent_of(int pid)
{
    char path[64], text[512], *end;
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    end = strrchr(text, ')');
    if (end)
        sscanf(end + 1, " %*c %d", &parent);
    return parent;
}

static long pss_kb(int pid)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %ld kB", &kb) == 1)
            break;
    fclose(file);
    return kb;
}

/* Sum over root and all its descendants. */
static long tree_kb(int root)
{
    static struct process list[PROCESSES_LIMIT];
    int in[PROCESSES_LIMIT] = {0}, n = 0, grown = 1;
    DIR *proc = opendir("/proc");
    long kb = 0;
    if (!proc)
        return 0;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL && n < PROCESSES_LIMIT;) {
        int pid = atoi(entry->d_name);
        if (pid > 0)
            list[n++] = (struct process){pid, parent_of(pid)};
    }
    closedir(proc);
    while (grown) {
        grown = 0;
        for (int i = 0; i < n; i++) {
            int is = list[i].pid == root;
            for (int k = 0; !is && k < n; k++)
                is = in[k] && list[k].pid == list[i].parent;
            if (is && !in[i])
                in[i] = grown = 1;
        }
    }
    for (int i = 0; i < n; i++)
        if (in[i])
            kb += pss_kb(list[i].pid);
    return kb;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    long peak = 0;
    int status = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: measure COMMAND...\n");
        return 2;
    }
    double since = now();
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        fprintf(stderr, "measure: cannot run %s: %s\n", argv[1], strerror(errno));
        _exit(127);
    }
    while (waitpid(pid, &status, WNOHANG) == 0) {
        double before = now();
        long kb = tree_kb(pid);
        doze(LOOK_S + LOOK_SHARE * (now() - before));
        peak = kb > peak ? kb : peak;
    }
    double wall = now() - since;
    getrusage(RUSAGE_CHILDREN, &usage);
    double cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("%.3f %.3f %.1f %d\n", wall, cpu, (double)peak / 1024,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
