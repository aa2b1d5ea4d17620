/* SPDX-License-Identifier: Apache-2.0 */
/* Every question can be asked again: what it did the first time is found, and answered. So nothing is kept of
 * who is waiting; who asks for a result goes with the question to the sink, and comes back with the answer. */
#include "ventilator/wicket.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "ventilator/ventilator.h"

#define WORDS_IN_LIST 200

int wicket_hears(enum letter_kind kind)
{
    return kind == LETTER_SUBMIT || kind == LETTER_ASK || kind == LETTER_WITHDRAW ||
           kind == LETTER_FETCH;
}

/* ---- answers ---- */

static int refuse(struct wicket *wicket, struct peer to, const struct letter *about, int32_t code,
                  const char *words)
{
    struct letter letter = {.kind = LETTER_REFUSED, .sequence = about->sequence, .code = code};
    struct parcel parcel;
    snprintf(letter.text, sizeof letter.text, "%s", words);
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = line_post(wicket->line, to, &parcel);
    return r < 0 ? r : 0;
}

static int tell(struct wicket *wicket, struct peer to, const struct letter *about,
                const struct entries *entries)
{
    struct letter letter = {.kind = LETTER_ENTRIES, .sequence = about->sequence};
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_entries_put(entries, wicket->arena, &parcel);
    if (r == 0)
        r = line_post(wicket->line, to, &parcel);
    return r < 0 ? r : 0;
}

/* text is room for how far it is. */
static struct entry entry_of(struct wicket *wicket, const struct docket_job *job, char text[128])
{
    struct entry entry = docket_entry(job);
    if (job != docket_current(wicket->docket))
        return entry;
    entry.text = "waiting for the sink";
    if (wicket->ventilator) {
        ventilator_tell(wicket->ventilator, text, 128);
        entry.text = text;
    }
    return entry;
}

static int tell_one(struct wicket *wicket, struct peer to, const struct letter *about,
                    const struct docket_job *job)
{
    char text[128];
    struct entry entry = entry_of(wicket, job, text);
    struct entries one = {&entry, 1};
    return tell(wicket, to, about, &one);
}

/* All of them go into one letter. */
static void shorten(struct wicket *wicket, struct entry *entry)
{
    char *text = arena_take(wicket->arena, WORDS_IN_LIST + 1);
    if (text)
        snprintf(text, WORDS_IN_LIST + 1, "%.*s", WORDS_IN_LIST, entry->text);
    entry->text = text ? text : "";
    entry->order.key = "";
    entry->order.n_words = 0;
}

static int tell_all(struct wicket *wicket, struct peer to, const struct letter *about)
{
    char text[128];
    size_t n = docket_size(wicket->docket);
    struct entry *list = arena_take(wicket->arena, (n + 1) * sizeof *list);
    struct entries all = {list, n};
    if (!list)
        return refuse(wicket, to, about, status_exit_code(STATUS_BUG), "too many jobs to tell");
    for (size_t i = 0; i < n; i++) {
        list[i] = entry_of(wicket, docket_at(wicket->docket, i), text);
        shorten(wicket, &list[i]);
    }
    return tell(wicket, to, about, &all);
}

/* ---- questions ---- */

/* The moment, and what sets two of one second apart: it sorts, and can be read out on the telephone. */
static void draw_id(struct wicket *wicket, char id[ORDER_NAME_LIMIT + 1])
{
    char when[25];
    do {
        const uint64_t seed[] = {wicket->name.low, wicket->name.high, wicket->drawn++};
        unsigned mark = (unsigned)digest_of(seed, sizeof seed).low & 0xffff;
        clock_print(wicket->wall_ms(), when);
        snprintf(id, ORDER_NAME_LIMIT + 1, "%.4s%.2s%.2s-%.2s%.2s%.2s-%04x", when, when + 5,
                 when + 8, when + 11, when + 14, when + 17, mark);
    } while (docket_find(wicket->docket, id));
}

/* Its words go to the client, and not with what the current job is to be told of. */
static int check(struct wicket *wicket, const struct order *order, char words[WIRE_TEXT_LIMIT + 1])
{
    struct log_first first = {0};
    struct log_first *before = log_keep(&first);
    int r = wicket->check(order->words, order->n_words);
    log_keep(before);
    snprintf(words, WIRE_TEXT_LIMIT + 1, "%s", log_kept(&first));
    return r;
}

static int keep_new(struct wicket *wicket, struct peer from, const struct letter *letter,
                    struct docket_job *job)
{
    int r = archive_save(wicket->archive, job);
    if (r == 0) {
        log_say(LOG_INFO, "job %s of %s is in the queue", job->id, job->owner);
        return tell_one(wicket, from, letter, job);
    }
    docket_forget(wicket->docket, job);
    return r < 0 ? r
                 : refuse(wicket, from, letter, status_exit_code(STATUS_IO),
                          "the disk of the queue is full");
}

static int submit(struct wicket *wicket, struct peer from, const struct letter *letter,
                  const struct parcel *parcel, int64_t now_ms)
{
    struct order order;
    struct docket_job *job;
    char id[ORDER_NAME_LIMIT + 1], words[WIRE_TEXT_LIMIT + 1];
    if (wire_order_read(parcel, 1, wicket->arena, &order) != 0)
        return refuse(wicket, from, letter, status_exit_code(STATUS_DATA),
                      "a job that cannot be read");
    int r = check(wicket, &order, words);
    if (r < 0)
        return refuse(wicket, from, letter, status_exit_code(r), words);
    draw_id(wicket, id);
    const struct docket_submission submission = {&order, id, wicket->wall_ms(), now_ms};
    r = docket_submit(wicket->docket, &submission, &job);
    if (r < 0)
        return r;
    arena_reset(wicket->arena);
    switch ((enum docket_answer)r) {
    case DOCKET_NEW:
        return keep_new(wicket, from, letter, job);
    case DOCKET_KNOWN:
        return tell_one(wicket, from, letter, job);
    case DOCKET_OTHER:
        snprintf(words, sizeof words,
                 "--idempotency-key %s is of job %s, which has other flags or ledgers", job->key,
                 job->id);
        return refuse(wicket, from, letter, status_exit_code(STATUS_CONFIG), words);
    case DOCKET_FULL:
        break;
    }
    snprintf(words, sizeof words, "%d jobs are waiting already", DOCKET_WAITING_LIMIT);
    return refuse(wicket, from, letter, status_exit_code(STATUS_STOPPED), words);
}

static int refuse_unknown(struct wicket *wicket, struct peer from, const struct letter *letter,
                          const char *id)
{
    char words[WIRE_TEXT_LIMIT + 1];
    snprintf(words, sizeof words, "there is no job %s", id);
    return refuse(wicket, from, letter, status_exit_code(STATUS_NO_INPUT), words);
}

static int ask(struct wicket *wicket, struct peer from, const struct letter *letter)
{
    if (!letter->text[0])
        return tell_all(wicket, from, letter);
    const struct docket_job *job = docket_find(wicket->docket, letter->text);
    return job ? tell_one(wicket, from, letter, job)
               : refuse_unknown(wicket, from, letter, letter->text);
}

static int withdraw(struct wicket *wicket, struct peer from, const struct letter *letter)
{
    struct docket_job *job;
    char words[WIRE_TEXT_LIMIT + 1];
    int r;
    switch ((enum docket_withdrawal)docket_cancel(wicket->docket, letter->text, wicket->wall_ms(),
                                                  &job)) {
    case DOCKET_WITHDRAWN:
        r = archive_save(wicket->archive, job);
        return r < 0 ? r : tell_one(wicket, from, letter, job);
    case DOCKET_STOPS:
        return tell_one(wicket, from, letter, job);
    case DOCKET_OVER:
        snprintf(words, sizeof words, "job %s is over", job->id);
        return refuse(wicket, from, letter, status_exit_code(STATUS_CONFIG), words);
    case DOCKET_ABSENT:
        break;
    }
    return refuse_unknown(wicket, from, letter, letter->text);
}

/* ---- results ---- */

static int hand_on(struct wicket *wicket, struct peer from, const struct letter *letter,
                   const struct wish *wish)
{
    struct letter on = *letter;
    struct parcel parcel;
    on.boot = from.route_low | (uint64_t)from.route_high << 32;
    int r = wire_letter_put(&on, &parcel);
    if (r == 0)
        r = wire_wish_put(wish, &parcel);
    if (r == 0)
        r = line_post(wicket->line, wicket->sink, &parcel);
    return r < 0 ? r : 0;
}

static int fetch(struct wicket *wicket, struct peer from, const struct letter *letter,
                 const struct parcel *parcel)
{
    struct wish wish;
    char words[WIRE_TEXT_LIMIT + 1];
    if (wire_wish_read(parcel, 1, wicket->arena, &wish) != 0)
        return refuse(wicket, from, letter, status_exit_code(STATUS_DATA),
                      "a file that cannot be asked for");
    const struct docket_job *job = docket_find(wicket->docket, wish.id);
    if (!job)
        return refuse_unknown(wicket, from, letter, wish.id);
    if (job->state == ENTRY_DONE)
        return hand_on(wicket, from, letter, &wish);
    if (job->state == ENTRY_QUEUED || job->state == ENTRY_RUNNING) {
        snprintf(words, sizeof words, "job %s is not done yet", job->id);
        return refuse(wicket, from, letter, status_exit_code(STATUS_STOPPED), words);
    }
    snprintf(words, sizeof words, "job %s has no results: %.900s", job->id, job->text);
    return refuse(wicket, from, letter, job->code, words);
}

int wicket_letter(struct wicket *wicket, struct peer from, const struct letter *letter,
                  const struct parcel *parcel, int64_t now_ms)
{
    arena_reset(wicket->arena);
    switch (letter->kind) {
    case LETTER_SUBMIT:
        return submit(wicket, from, letter, parcel, now_ms);
    case LETTER_ASK:
        return ask(wicket, from, letter);
    case LETTER_WITHDRAW:
        return withdraw(wicket, from, letter);
    case LETTER_FETCH:
        return fetch(wicket, from, letter, parcel);
    default:
        return 0;
    }
}

int wicket_hand_back(struct wicket *wicket, const struct letter *letter, struct parcel *parcel)
{
    struct peer to = {wicket->gate, (uint32_t)letter->boot, (uint32_t)(letter->boot >> 32)};
    int r = line_post(wicket->line, to, parcel);
    return r < 0 ? r : 0;
}
