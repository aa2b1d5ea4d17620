/* SPDX-License-Identifier: Apache-2.0 */
/* A list in the order of arrival, looked through once at each question: a few thousand jobs take less time
 * than a letter. Whose turn it is follows from the jobs (the turn each was last given), so nothing else is
 * kept that a crash could leave in disagreement with them. The alternative, shares of time with weights,
 * answers a question nobody has asked. */
#include "ventilator/docket.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct owner {
    char name[ORDER_NAME_LIMIT + 1];
    uint64_t turn; /* his last; 0: none */
};

struct docket {
    struct docket_job **job;
    size_t n, capacity;
    struct owner *owner;
    size_t n_owners, owners_capacity;
    uint64_t turn; /* the last of all */
    int64_t slice_ms;
    struct docket_job *current; /* begun by this process */
    int stopping;               /* the current one is to be cancelled */
    int64_t dealt_ms;           /* the current one has had the workers for so long */
    int64_t dealing_since;      /* while it has them; -1: it has not */
};

/* ---- birth and death ---- */

int docket_new(int64_t slice_ms, struct docket **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return log_fail(STATUS_BUG, "out of memory for the queue");
    (*out)->slice_ms = slice_ms;
    (*out)->dealing_since = -1;
    return 0;
}

static void job_free(struct docket_job *job)
{
    free(job->words);
    free(job);
}

void docket_destroy(struct docket **docket)
{
    if (!*docket)
        return;
    for (size_t i = 0; i < (*docket)->n; i++)
        job_free((*docket)->job[i]);
    free((*docket)->job);
    free((*docket)->owner);
    free(*docket);
    *docket = NULL;
}

/* ---- the list ---- */

static void copy_text(char *to, size_t room, const char *from)
{
    size_t size = strlen(from);
    size = size < room ? size : room - 1;
    memcpy(to, from, size);
    to[size] = '\0';
}

#define COPY(to, from) copy_text((to), sizeof(to), (from))

/* Pointers first, then what they point to. */
static const char **copy_words(const struct order *order)
{
    size_t bytes = (order->n_words + 1) * sizeof(char *);
    for (size_t i = 0; i < order->n_words; i++)
        bytes += strlen(order->words[i]) + 1;
    const char **words = malloc(bytes);
    char *at = words ? (char *)(words + order->n_words + 1) : NULL;
    for (size_t i = 0; words && i < order->n_words; i++) {
        size_t size = strlen(order->words[i]) + 1;
        words[i] = memcpy(at, order->words[i], size);
        at += size;
    }
    if (words)
        words[order->n_words] = NULL;
    return words;
}

static int grow(struct docket *docket)
{
    size_t capacity = docket->capacity ? 2 * docket->capacity : 64;
    if (docket->n == docket->capacity) {
        struct docket_job **job = realloc(docket->job, capacity * sizeof(struct docket_job *));
        if (!job)
            return log_fail(STATUS_BUG, "out of memory for the queue");
        docket->job = job;
        docket->capacity = capacity;
    }
    capacity = docket->owners_capacity ? 2 * docket->owners_capacity : 16;
    if (docket->n_owners == docket->owners_capacity) {
        struct owner *owner = realloc(docket->owner, capacity * sizeof *owner);
        if (!owner)
            return log_fail(STATUS_BUG, "out of memory for the queue");
        docket->owner = owner;
        docket->owners_capacity = capacity;
    }
    return 0;
}

/* There is room for one more. */
static size_t place_of_owner(struct docket *docket, const char *name)
{
    size_t i = 0;
    while (i < docket->n_owners && strcmp(docket->owner[i].name, name) != 0)
        i++;
    if (i == docket->n_owners) {
        COPY(docket->owner[i].name, name);
        docket->owner[i].turn = 0;
        docket->n_owners++;
    }
    return i;
}

/* At its place in the order of arrival. */
static int add(struct docket *docket, const struct order *order, uint64_t number,
               struct docket_job **out)
{
    int r = grow(docket);
    if (r < 0)
        return r;
    struct docket_job *job = calloc(1, sizeof *job);
    if (job)
        job->words = copy_words(order);
    if (!job || !job->words) {
        free(job);
        return log_fail(STATUS_BUG, "out of memory for a job");
    }
    COPY(job->owner, order->owner);
    COPY(job->name, order->name);
    COPY(job->key, order->key);
    job->n_words = order->n_words;
    job->owner_place = place_of_owner(docket, job->owner);
    job->number = number;
    size_t i = docket->n++;
    for (; i > 0 && docket->job[i - 1]->number > number; i--)
        docket->job[i] = docket->job[i - 1];
    docket->job[i] = job;
    *out = job;
    return 0;
}

size_t docket_size(const struct docket *docket)
{
    return docket->n;
}

size_t docket_waiting(const struct docket *docket)
{
    size_t waiting = 0;
    for (size_t i = 0; i < docket->n; i++)
        waiting += docket->job[i]->state == ENTRY_QUEUED;
    return waiting;
}

struct docket_job *docket_at(struct docket *docket, size_t i)
{
    return docket->job[i];
}

struct docket_job *docket_find(struct docket *docket, const char *id)
{
    for (size_t i = 0; i < docket->n; i++)
        if (strcmp(docket->job[i]->id, id) == 0)
            return docket->job[i];
    return NULL;
}

static int is_over(const struct docket_job *job)
{
    return job->state != ENTRY_QUEUED && job->state != ENTRY_RUNNING;
}

int docket_begun(const struct docket_job *job)
{
    return !is_over(job) && job->turn > 0;
}

struct docket_job *docket_surplus(struct docket *docket)
{
    for (size_t i = 0; docket->n > DOCKET_KEPT_LIMIT && i < docket->n; i++)
        if (is_over(docket->job[i]))
            return docket->job[i];
    return NULL;
}

void docket_forget(struct docket *docket, struct docket_job *job)
{
    for (size_t i = 0; i < docket->n; i++) {
        if (docket->job[i] != job)
            continue;
        size_t after = docket->n - i - 1;
        memmove(docket->job + i, docket->job + i + 1, after * sizeof(struct docket_job *));
        docket->n--;
        job_free(job);
        return;
    }
}

struct entry docket_entry(const struct docket_job *job)
{
    return (struct entry){
        .id = job->id,
        .order = {job->owner, job->name, job->key, job->words, job->n_words},
        .state = job->state,
        .code = job->code,
        .text = job->text,
        .submitted_ms = job->submitted_ms,
        .began_ms = job->began_ms,
        .ended_ms = job->ended_ms,
        .number = job->number,
        .turn = job->turn,
        .starts = job->starts,
    };
}

/* ---- coming and going ---- */

static void note_turn(struct docket *docket, struct docket_job *job, uint64_t turn)
{
    struct owner *owner = &docket->owner[job->owner_place];
    job->turn = turn;
    owner->turn = turn > owner->turn ? turn : owner->turn;
    docket->turn = turn > docket->turn ? turn : docket->turn;
}

int docket_restore(struct docket *docket, const struct entry *entry, int64_t now_ms)
{
    struct docket_job *job;
    if (docket_find(docket, entry->id))
        return 0;
    int r = add(docket, &entry->order, entry->number, &job);
    if (r < 0)
        return r;
    COPY(job->id, entry->id);
    COPY(job->text, entry->text);
    job->state = entry->state;
    job->code = entry->code;
    job->submitted_ms = entry->submitted_ms;
    job->began_ms = entry->began_ms;
    job->ended_ms = entry->ended_ms;
    job->starts = entry->starts;
    note_turn(docket, job, entry->turn);
    job->waits_since = now_ms;
    return 0;
}

static int same_content(const struct docket_job *job, const struct order *order)
{
    if (strcmp(job->name, order->name) != 0 || job->n_words != order->n_words)
        return 0;
    for (size_t i = 0; i < order->n_words; i++)
        if (strcmp(job->words[i], order->words[i]) != 0)
            return 0;
    return 1;
}

/* The last that came with this key: it may have been used again long after. */
static struct docket_job *find_key(struct docket *docket, const struct order *order)
{
    for (size_t i = docket->n; *order->key && i-- > 0;)
        if (strcmp(docket->job[i]->key, order->key) == 0 &&
            strcmp(docket->job[i]->owner, order->owner) == 0)
            return docket->job[i];
    return NULL;
}

int docket_submit(struct docket *docket, const struct docket_submission *submission,
                  struct docket_job **job)
{
    const struct order *order = submission->order;
    *job = find_key(docket, order);
    if (*job)
        return same_content(*job, order) ? DOCKET_KNOWN : DOCKET_OTHER;
    if (docket_waiting(docket) >= DOCKET_WAITING_LIMIT)
        return DOCKET_FULL;
    int r = add(docket, order, docket->n ? docket->job[docket->n - 1]->number + 1 : 1, job);
    if (r < 0)
        return r;
    COPY((*job)->id, submission->id);
    (*job)->submitted_ms = submission->wall_ms;
    (*job)->waits_since = submission->now_ms;
    return DOCKET_NEW;
}

static void end(struct docket_job *job, const struct docket_end *end, int64_t wall_ms)
{
    job->state = end->state;
    job->code = end->code;
    COPY(job->text, end->text);
    job->ended_ms = wall_ms;
    job->starts = 0;
}

int docket_cancel(struct docket *docket, const char *id, int64_t wall_ms, struct docket_job **out)
{
    static const struct docket_end withdrawn = {ENTRY_CANCELLED, 75, "cancelled before it began"};
    struct docket_job *job = docket_find(docket, id);
    *out = job;
    if (!job)
        return DOCKET_ABSENT;
    if (job->state == ENTRY_CANCELLED)
        return DOCKET_WITHDRAWN;
    if (is_over(job))
        return DOCKET_OVER;
    if (job == docket->current) {
        docket->stopping = 1;
        return DOCKET_STOPS;
    }
    end(job, &withdrawn, wall_ms);
    if (job->turn > 0)
        COPY(job->text, "cancelled");
    return DOCKET_WITHDRAWN;
}

/* ---- turns ---- */

/* Whether the state that it would work in belongs to another that is not finished. */
static int is_barred(const struct docket *docket, const struct docket_job *job)
{
    for (size_t i = 0; *job->name && i < docket->n; i++) {
        const struct docket_job *other = docket->job[i];
        if (other != job && docket_begun(other) && strcmp(other->name, job->name) == 0)
            return 1;
    }
    return 0;
}

static uint64_t owners_turn(const struct docket *docket, const struct docket_job *job)
{
    return docket->owner[job->owner_place].turn;
}

/* One that a process before was at goes on first. */
static struct docket_job *choose(const struct docket *docket)
{
    struct docket_job *best = NULL;
    for (size_t i = 0; i < docket->n; i++) {
        struct docket_job *job = docket->job[i];
        if (job->state == ENTRY_RUNNING)
            return job;
        if (job->state == ENTRY_QUEUED &&
            (!best || owners_turn(docket, job) < owners_turn(docket, best)) &&
            !is_barred(docket, job))
            best = job;
    }
    return best;
}

static int64_t dealt_ms(const struct docket *docket, int64_t now_ms)
{
    int64_t now = docket->dealing_since >= 0 ? now_ms - docket->dealing_since : 0;
    return docket->dealt_ms + now;
}

/* Whether somebody else's has waited for a slice, while the current one has worked for one. */
static int must_rest(const struct docket *docket, int64_t now_ms)
{
    if (docket->dealing_since < 0 || dealt_ms(docket, now_ms) < docket->slice_ms)
        return 0;
    for (size_t i = 0; i < docket->n; i++) {
        const struct docket_job *job = docket->job[i];
        if (job->state == ENTRY_QUEUED && strcmp(job->owner, docket->current->owner) != 0 &&
            now_ms - job->waits_since >= docket->slice_ms && !is_barred(docket, job))
            return 1;
    }
    return 0;
}

struct docket_action docket_next(struct docket *docket, int64_t now_ms)
{
    struct docket_action action = {DOCKET_NOTHING, docket->current};
    if (docket->current) {
        if (docket->stopping)
            action.verb = DOCKET_STOP;
        else if (must_rest(docket, now_ms))
            action.verb = DOCKET_REST;
        return action;
    }
    action.job = choose(docket);
    if (action.job)
        action.verb = action.job->starts >= DOCKET_STARTS_LIMIT ? DOCKET_GIVE_UP : DOCKET_START;
    return action;
}

static void make_current(struct docket *docket, struct docket_job *job)
{
    docket->current = job;
    docket->stopping = 0;
    docket->dealt_ms = 0;
    docket->dealing_since = -1;
}

void docket_began(struct docket *docket, struct docket_job *job, int64_t wall_ms)
{
    make_current(docket, job);
    note_turn(docket, job, docket->turn + 1);
    job->state = ENTRY_RUNNING;
    job->starts++;
    if (job->began_ms == 0)
        job->began_ms = wall_ms;
}

void docket_dealing(struct docket *docket, int dealing, int64_t now_ms)
{
    if (!docket->current || dealing == (docket->dealing_since >= 0))
        return;
    docket->dealt_ms = dealt_ms(docket, now_ms);
    docket->dealing_since = dealing ? now_ms : -1;
}

void docket_rested(struct docket *docket, int64_t now_ms)
{
    docket->current->state = ENTRY_QUEUED;
    docket->current->starts = 0;
    docket->current->waits_since = now_ms;
    make_current(docket, NULL);
}

void docket_paused(struct docket *docket)
{
    docket->current->starts = 0;
    make_current(docket, NULL);
}

void docket_ended(struct docket *docket, const struct docket_end *how, int64_t wall_ms)
{
    end(docket->current, how, wall_ms);
    make_current(docket, NULL);
}

struct docket_job *docket_current(struct docket *docket)
{
    return docket->current;
}
