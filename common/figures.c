/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed table of atomic numbers rather than a registry of named ones: a role can then set a figure
 * for the price of a store, and whatever is printed is listed in one place. Only the workers' rows have
 * words in them, and those have a lock. */
#include "common/figures.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/log.h"
#include "common/version.h"

static const int64_t commit_bounds_ms[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};
#define COMMIT_BOUNDS (sizeof commit_bounds_ms / sizeof commit_bounds_ms[0])

struct figures {
    enum figures_role role;
    _Atomic int64_t value[FIGURES];
    _Atomic int64_t commit_count[COMMIT_BOUNDS + 1]; /* last: longer than all */
    _Atomic int64_t commit_sum_ms;
    pthread_mutex_t lock; /* of what follows */
    struct figures_worker worker[FIGURES_WORKERS];
};

enum kind { GAUGE, COUNTER };

/* Rows of one name are one family, and follow each other. */
static const struct row {
    enum figure figure;
    unsigned roles;
    enum kind kind;
    int64_t divisor; /* from what is kept to what is printed */
    const char *name;
    const char *labels;
    const char *help;
} rows[] = {
    {FIGURE_READY, 7, GAUGE, 1, "winnow_ready", "", "1 when the role can do its part"},
    {FIGURE_REFUSED_LETTERS, 7, COUNTER, 1, "winnow_letters_refused", "",
     "Letters refused at the door or for want of the right to send them"},
    {FIGURE_MALFORMED, 7, COUNTER, 1, "winnow_letters_malformed", "",
     "Letters that could not be read, and were dropped"},
    {FIGURE_STAGE, 1, GAUGE, 1, "winnow_stage", "", "1 reading, 2 gathering, 3 scoring, 4 writing"},
    {FIGURE_STAGE_MILLIS, 1, GAUGE, 1000, "winnow_stage_seconds", "",
     "How long the stage has lasted"},
    {FIGURE_SHARDS_READY, 1, GAUGE, 1, "winnow_shards", "state=\"ready\"",
     "Shards of this stage by state"},
    {FIGURE_SHARDS_LEASED, 1, GAUGE, 1, "winnow_shards", "state=\"leased\"", NULL},
    {FIGURE_SHARDS_DONE, 1, GAUGE, 1, "winnow_shards", "state=\"done\"", NULL},
    {FIGURE_READ_MILLIONTHS, 1, GAUGE, 1000000, "winnow_read_ratio", "",
     "Share of the input that has been read; negative when not known"},
    {FIGURE_ROWS_READ, 1, COUNTER, 1, "winnow_rows_read", "", "Rows of the ledgers"},
    {FIGURE_BYTES_READ, 1, COUNTER, 1, "winnow_read_bytes", "", "Bytes of the ledgers"},
    {FIGURE_REJECTS, 1, COUNTER, 1, "winnow_rejects", "", "Rows that could not be read"},
    {FIGURE_WORKERS, 1, GAUGE, 1, "winnow_workers", "", "Workers that are connected"},
    {FIGURE_LEASES, 1, COUNTER, 1, "winnow_leases", "", "Leases given"},
    {FIGURE_RETRIES, 1, COUNTER, 1, "winnow_leases_expired", "",
     "Leases taken away for want of a beat or of progress"},
    {FIGURE_COPIES, 1, COUNTER, 1, "winnow_leases_copied", "", "Second leases of slow shards"},
    {FIGURE_LOST, 1, COUNTER, 1, "winnow_leases_lost", "", "Leases that went with their worker"},
    {FIGURE_ROWS_SENT, 1, COUNTER, 1, "winnow_rows_sent", "", "Rows sent to workers"},
    {FIGURE_ROWS_SENT_AGAIN, 1, COUNTER, 1, "winnow_rows_sent_again", "",
     "Rows among them that had been sent before"},
    {FIGURE_BYTES_SENT, 1, COUNTER, 1, "winnow_sent_bytes", "", "Bytes sent to workers"},
    {FIGURE_JOBS_WAITING, 1, GAUGE, 1, "winnow_jobs_waiting", "",
     "Jobs of a serving ventilator that wait"},
    {FIGURE_JOBS_DONE, 1, COUNTER, 1, "winnow_jobs_done", "", "Jobs that it has done"},
    {FIGURE_JOBS_FAILED, 1, COUNTER, 1, "winnow_jobs_failed", "", "Jobs that have failed"},
    {FIGURE_HELD, 2, GAUGE, 1, "winnow_leases_held", "", "Leases at hand"},
    {FIGURE_CREDIT, 2, GAUGE, 1, "winnow_credit", "", "Leases that may be at hand at once"},
    {FIGURE_GATHERED, 2, COUNTER, 1, "winnow_worker_shards", "stage=\"gather\"",
     "Shards worked through"},
    {FIGURE_SCORED, 2, COUNTER, 1, "winnow_worker_shards", "stage=\"score\"", NULL},
    {FIGURE_CACHE_HITS, 2, COUNTER, 1, "winnow_cache_hits", "",
     "Shards whose histories were in the cache whole"},
    {FIGURE_RESENT, 2, COUNTER, 1, "winnow_results_sent", "", "Results sent, and sent again"},
    {FIGURE_COMMITTED_GATHERED, 4, COUNTER, 1, "winnow_committed_shards", "stage=\"gather\"",
     "Results committed"},
    {FIGURE_COMMITTED_SCORED, 4, COUNTER, 1, "winnow_committed_shards", "stage=\"score\"", NULL},
    {FIGURE_DUPLICATES, 4, COUNTER, 1, "winnow_duplicates", "", "Results that were here already"},
    {FIGURE_CONFLICTS, 4, COUNTER, 1, "winnow_conflicts", "",
     "Results that were here already and were not the same"},
    {FIGURE_UNREADABLE, 4, COUNTER, 1, "winnow_results_unreadable", "",
     "Results that could not be read"},
    {FIGURE_DISK_FULL, 4, GAUGE, 1, "winnow_disk_full", "",
     "1 while the sink waits for space on its disk"},
};

int figures_new(enum figures_role role, struct figures **out)
{
    struct figures *figures = calloc(1, sizeof *figures);
    if (!figures)
        return log_fail(STATUS_BUG, "out of memory for figures");
    figures->role = role;
    pthread_mutex_init(&figures->lock, NULL);
    *out = figures;
    return 0;
}

void figures_destroy(struct figures **figures)
{
    if (!*figures)
        return;
    pthread_mutex_destroy(&(*figures)->lock);
    free(*figures);
    *figures = NULL;
}

void figures_set(struct figures *figures, enum figure figure, int64_t value)
{
    if (figures)
        atomic_store_explicit(&figures->value[figure], value, memory_order_relaxed);
}

void figures_add(struct figures *figures, enum figure figure, int64_t more)
{
    if (figures)
        atomic_fetch_add_explicit(&figures->value[figure], more, memory_order_relaxed);
}

int64_t figures_get(const struct figures *figures, enum figure figure)
{
    return atomic_load_explicit(&figures->value[figure], memory_order_relaxed);
}

void figures_commit(struct figures *figures, int64_t took_ms)
{
    size_t i = 0;
    if (!figures)
        return;
    while (i < COMMIT_BOUNDS && took_ms > commit_bounds_ms[i])
        i++;
    atomic_fetch_add(&figures->commit_count[i], 1);
    atomic_fetch_add(&figures->commit_sum_ms, took_ms);
}

void figures_put_worker(struct figures *figures, uint32_t index,
                        const struct figures_worker *worker)
{
    if (!figures || index >= FIGURES_WORKERS)
        return;
    pthread_mutex_lock(&figures->lock);
    figures->worker[index] = *worker;
    pthread_mutex_unlock(&figures->lock);
}

/* ---- the page ---- */

struct page {
    char *out;
    size_t n, room;
    enum figures_form form;
};

static PRINTF_LIKE(2, 3) void put(struct page *page, const char *format, ...)
{
    va_list list;
    size_t left = page->room - page->n;
    va_start(list, format);
    int n = vsnprintf(page->out + page->n, left, format, list);
    va_end(list);
    if (n > 0)
        page->n += (size_t)n < left ? (size_t)n : left - 1;
}

static void put_family(struct page *page, const char *name, const char *type, const char *help)
{
    int is_named_total = page->form == FIGURES_TEXT && strcmp(type, "counter") == 0;
    const char *total = is_named_total ? "_total" : "";
    put(page, "# TYPE %s%s %s\n# HELP %s%s %s\n", name, total, type, name, total, help);
}

static void put_row(struct page *page, const struct figures *figures, const struct row *row)
{
    int64_t value = figures_get(figures, row->figure);
    const char *brace = *row->labels ? "{" : "", *end = *row->labels ? "}" : "";
    if (row->help)
        put_family(page, row->name, row->kind == COUNTER ? "counter" : "gauge", row->help);
    put(page, "%s%s%s%s%s ", row->name, row->kind == COUNTER ? "_total" : "", brace, row->labels,
        end);
    if (row->divisor == 1)
        put(page, "%lld\n", (long long)value);
    else
        put(page, "%.6f\n", (double)value / (double)row->divisor);
}

static void put_commits(struct page *page, const struct figures *figures)
{
    int64_t n = 0;
    put_family(page, "winnow_commit_seconds", "histogram", "How long the sink's commits took");
    for (size_t i = 0; i < COMMIT_BOUNDS; i++) {
        n += atomic_load(&figures->commit_count[i]);
        put(page, "winnow_commit_seconds_bucket{le=\"%.3f\"} %lld\n",
            (double)commit_bounds_ms[i] / 1000, (long long)n);
    }
    n += atomic_load(&figures->commit_count[COMMIT_BOUNDS]);
    put(page, "winnow_commit_seconds_bucket{le=\"+Inf\"} %lld\n", (long long)n);
    put(page, "winnow_commit_seconds_count %lld\nwinnow_commit_seconds_sum %.3f\n", (long long)n,
        (double)atomic_load(&figures->commit_sum_ms) / 1000);
}

/* Hosts name themselves, so what would end a label is left out. */
static void put_host(struct page *page, const char *host)
{
    for (; *host; host++)
        if (*host > ' ' && *host < 0x7f && *host != '"' && *host != '\\')
            put(page, "%c", *host);
}

static void put_worker(struct page *page, uint32_t i, const struct figures_worker *worker,
                       const char *name, uint64_t value)
{
    put(page, "%s{worker=\"%u\",host=\"", name, i);
    put_host(page, worker->host);
    put(page, "\"} %llu\n", (unsigned long long)value);
}

static void put_workers(struct page *page, struct figures *figures)
{
    static const struct {
        const char *name, *type, *suffix, *help;
        size_t place;
    } families[] = {
        {"winnow_shards_gathered", "counter", "_total", "Shards gathered, by worker",
         offsetof(struct figures_worker, gathered)},
        {"winnow_shards_scored", "counter", "_total", "Shards scored, by worker",
         offsetof(struct figures_worker, scored)},
        {"winnow_worker_memory_kibibytes", "gauge", "", "Memory, by worker",
         offsetof(struct figures_worker, resident_kib)},
    };
    pthread_mutex_lock(&figures->lock);
    for (size_t k = 0; k < sizeof families / sizeof families[0]; k++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", families[k].name, families[k].suffix);
        put_family(page, families[k].name, families[k].type, families[k].help);
        for (uint32_t i = 0; i < FIGURES_WORKERS; i++) {
            const struct figures_worker *worker = &figures->worker[i];
            uint64_t value;
            memcpy(&value, (const char *)worker + families[k].place, sizeof value);
            if (worker->here)
                put_worker(page, i, worker, name, value);
        }
    }
    pthread_mutex_unlock(&figures->lock);
}

static void put_process(struct page *page)
{
    struct rusage usage;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        memset(&usage, 0, sizeof usage);
    put_family(page, "process_resident_memory_bytes", "gauge", "Memory that is in use");
    put(page, "process_resident_memory_bytes %lld\n", (long long)pages * sysconf(_SC_PAGESIZE));
    put_family(page, "process_cpu_seconds", "counter", "Processor time, of all threads");
    put(page, "process_cpu_seconds_total %.3f\n",
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

size_t figures_print(struct figures *figures, enum figures_form form, char *out, size_t room)
{
    static const char *const role[] = {"", "ventilator", "worker", "", "sink"};
    struct page page = {out, 0, room, form};
    put_family(&page, "winnow_info", "gauge", "Which winnow this is");
    put(&page, "winnow_info{role=\"%s\",version=\"%s\"} 1\n", role[figures->role], version_text());
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].roles & (unsigned)figures->role)
            put_row(&page, figures, &rows[i]);
    if (figures->role == FIGURES_SINK)
        put_commits(&page, figures);
    if (figures->role == FIGURES_VENTILATOR)
        put_workers(&page, figures);
    put_process(&page);
    put(&page, "# EOF\n");
    return page.n;
}
