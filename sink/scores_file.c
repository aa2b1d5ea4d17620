/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody waits for a text but the file's own thread: whoever has ended the part whose turn it is hands over
 * that and all that are ready behind it, and goes on with the next part. What bounds the texts in memory is
 * how far ahead of the one whose turn it is a part may be begun; that one's thread never waits for others.
 * All stop only where the walk over what is committed moves on, which lets go of the parts at hand. */
#include "sink/scores_file.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/trace.h"
#include "sink/outfile.h"

#define ARENA_LIMIT   ((size_t)256 << 20)
#define THREADS_LIMIT 65
#define AT_HAND_LEAST 32 /* parts; some 18 MB in place */
#define AT_HAND_PER   4  /* thread, where that is more */
#define AHEAD_PER     3  /* thread: parts begun or ready before their turn */

struct text {
    char *bytes;
    size_t size;
    int ready;
};

/* What the threads share. */
struct formatting {
    const struct scores_csv *csv;
    struct outfile *file;
    struct arena *arena[THREADS_LIMIT];
    struct tier_sums (*sums)[TIER_ROWS]; /* one a thread */
    size_t threads;
    const struct slice *part; /* those at hand */
    size_t n;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t turned;
    struct text *text; /* one a part at hand */
    size_t turn;       /* the part that is handed over next */
    int giving;        /* somebody hands over */
    uint64_t rows;
    int failed;
};

static void await_turn(struct formatting *f, size_t i)
{
    pthread_mutex_lock(&f->lock);
    while (i >= f->turn + AHEAD_PER * f->threads)
        pthread_cond_wait(&f->turned, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static int make_text(struct formatting *f, size_t i, size_t who, struct text *text, uint64_t *rows)
{
    struct score_columns columns;
    arena_reset(f->arena[who]);
    if (wire_scores_read(f->part[i], f->arena[who], &columns) != 0)
        return log_fail(STATUS_BUG, "scores that were committed cannot be read again");
    *rows = columns.n;
    return scores_csv_rows(f->csv, &columns, &text->bytes, &text->size, f->sums[who]);
}

static int give(struct formatting *f, struct text *text, int failed)
{
    if (failed == 0)
        return outfile_give(f->file, text->bytes, text->size);
    free(text->bytes);
    return failed;
}

/* With the lock, which is let go while the file makes somebody wait. */
static void give_ready(struct formatting *f)
{
    if (f->giving)
        return;
    f->giving = 1;
    while (f->turn < f->n && f->text[f->turn].ready) {
        struct text text = f->text[f->turn];
        int failed = f->failed;
        pthread_mutex_unlock(&f->lock);
        int r = give(f, &text, failed);
        pthread_mutex_lock(&f->lock);
        f->failed = f->failed < 0 ? f->failed : r;
        f->turn++;
        pthread_cond_broadcast(&f->turned);
    }
    f->giving = 0;
}

static void format_part(void *context, size_t i, size_t who)
{
    struct formatting *f = context;
    struct text text = {NULL, 0, 1};
    uint64_t rows = 0;
    await_turn(f, i);
    int r = make_text(f, i, who, &text, &rows);
    pthread_mutex_lock(&f->lock);
    f->failed = f->failed < 0 ? f->failed : r;
    f->rows += rows;
    f->text[i] = text;
    give_ready(f);
    pthread_mutex_unlock(&f->lock);
}

static int formatting_begin(struct formatting *f, struct crew *crew)
{
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->turned, NULL);
    f->threads = crew_threads(crew);
    f->sums = calloc(f->threads, sizeof *f->sums);
    int whole = f->sums != NULL;
    for (size_t t = 0; t < f->threads; t++) {
        f->arena[t] = arena_new(ARENA_LIMIT);
        whole = whole && f->arena[t];
    }
    return whole ? 0 : log_fail(STATUS_BUG, "out of memory to format scores.csv");
}

static void formatting_end(struct formatting *f)
{
    for (size_t t = 0; t < f->threads; t++)
        arena_destroy(&f->arena[t]);
    free(f->sums);
    pthread_cond_destroy(&f->turned);
    pthread_mutex_destroy(&f->lock);
}

static int format_at_hand(struct formatting *f, const struct committed *parts, struct crew *crew)
{
    f->part = parts->part;
    f->n = parts->n;
    f->turn = 0;
    f->text = calloc(parts->n, sizeof *f->text);
    if (!f->text)
        return log_fail(STATUS_BUG, "out of memory to format %zu parts", parts->n);
    struct span span = trace_begin(crew_timeline(crew), TRACE_LOOP, "formatting");
    crew_run(crew, parts->n, format_part, f);
    trace_end(crew_timeline(crew), &span);
    free(f->text);
    return f->failed;
}

static int write_head(const struct scores_csv *csv, struct outfile *file)
{
    char *text;
    size_t size;
    int r = scores_csv_head(csv, &text, &size);
    return r < 0 ? r : outfile_give(file, text, size);
}

static int add_up(const struct formatting *f, struct scores_file *written)
{
    *written = (struct scores_file){.rows = f->rows};
    for (size_t t = 0; t < f->threads; t++)
        for (size_t tier = 0; tier < TIER_ROWS; tier++)
            if (tier_sums_merge(&written->sums[tier], &f->sums[t][tier]) != 0)
                return log_fail(STATUS_DATA, "the money of a tier does not fit in 9.2e14");
    return 0;
}

int scores_file_write(const struct scores_csv *csv, struct committed *parts, struct crew *crew,
                      struct outfile *file, struct scores_file *written)
{
    struct formatting f = {.csv = csv, .file = file};
    int r = formatting_begin(&f, crew);
    size_t most = AT_HAND_PER * f.threads > AT_HAND_LEAST ? AT_HAND_PER * f.threads : AT_HAND_LEAST;
    if (r == 0)
        r = write_head(csv, file);
    committed_rewind(parts);
    while (r == 0 && (r = committed_next(parts, most)) == 0)
        r = format_at_hand(&f, parts, crew);
    if (r == COMMITTED_E_END)
        r = add_up(&f, written);
    formatting_end(&f);
    return r;
}
