/* SPDX-License-Identifier: Apache-2.0 */
/* A role like the others, so that only the loop waits; it is finished when its question is answered. Whatever
 * is lost is asked again, and every question may be: an answer says which one it is to. */
#include "cli/inquiry.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"

#define ARENA_LIMIT ((size_t)64 << 20)
#define AGAIN_MS    1000
#define PATIENCE_MS 30000

int inquiry_open(const char *endpoint, const struct settings_running *running,
                 struct inquiry *inquiry)
{
    uint32_t gate;
    *inquiry = (struct inquiry){.arena = arena_new(ARENA_LIMIT), .endpoint = endpoint};
    inquiry->patience_ms =
        running->connect_timeout > 0 ? (int64_t)running->connect_timeout * 1000 : PATIENCE_MS;
    int r = inquiry->arena ? line_zmq_open(&inquiry->line)
                           : log_fail(STATUS_BUG, "out of memory for a question");
    if (r == 0 && running->keys)
        r = keys_open(running->keys, &inquiry->keys);
    if (r == 0 && inquiry->keys)
        r = line_zmq_guard(inquiry->line, inquiry->keys);
    if (r < 0)
        return r;
    line_zmq_expect(inquiry->line, KEYS_VENTILATOR);
    line_zmq_patience(inquiry->line, inquiry->patience_ms);
    r = line_connect(inquiry->line, endpoint, &gate);
    inquiry->server = (struct peer){gate, 0, 0};
    inquiry->sequence = (uint64_t)clock_wall_ms();
    return r;
}

void inquiry_close(struct inquiry *inquiry)
{
    keys_close(&inquiry->keys);
    line_close(&inquiry->line);
    arena_destroy(&inquiry->arena);
}

/* ---- a question ---- */

struct asking {
    struct inquiry *inquiry;
    const struct inquiry_question *question;
    struct parcel *answer;
    int64_t since_ms, again_ms;
};

static int say(struct asking *asking)
{
    struct inquiry *inquiry = asking->inquiry;
    struct letter letter = asking->question->letter;
    struct parcel parcel;
    letter.sequence = inquiry->sequence;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0 && asking->question->payload.size > 0)
        r = wire_bytes_put(asking->question->payload, &parcel);
    if (r == 0)
        r = line_post(inquiry->line, inquiry->server, &parcel);
    return r < 0 ? r : 0;
}

static int asking_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct asking *asking = self;
    const struct inquiry *inquiry = asking->inquiry;
    if (now_ms - asking->since_ms >= inquiry->patience_ms)
        return log_fail(STATUS_UNREACHABLE, "no answer from %s for %d s", inquiry->endpoint,
                        (int)(inquiry->patience_ms / 1000));
    if (now_ms >= asking->again_ms) {
        asking->again_ms = now_ms + AGAIN_MS;
        int r = say(asking);
        if (r < 0)
            return r;
    }
    *deadline_ms = asking->again_ms;
    return 0;
}

static int asking_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct asking *asking = self;
    const struct inquiry *inquiry = asking->inquiry;
    struct letter letter;
    (void)from;
    (void)now_ms;
    int r = wire_letter_read(parcel, &letter);
    if (r == WIRE_E_VERSION)
        return log_fail(STATUS_CONFIG, "%s speaks another version of the protocol than %d",
                        inquiry->endpoint, WIRE_PROTOCOL);
    if (r == 0 && letter.kind == LETTER_REHELLO)
        return log_fail(STATUS_CONFIG,
                        "the ventilator at %s takes no jobs: it runs without "
                        "--serve",
                        inquiry->endpoint);
    if (r != 0 || letter.sequence != inquiry->sequence)
        return 0;
    if (letter.kind == LETTER_REFUSED)
        return log_fail(status_of_exit_code(letter.code), "%s", letter.text);
    *asking->answer = *parcel;
    parcel->n = 0;
    return ROLE_E_FINISHED;
}

int inquiry_ask(struct inquiry *inquiry, const struct inquiry_question *question,
                struct parcel *answer)
{
    struct asking asking = {inquiry, question, answer, clock_monotonic_ms(), 0};
    const struct role role = {&asking, asking_letter, asking_tick};
    answer->n = 0;
    inquiry->sequence++;
    return loop_run(&role, inquiry->line);
}

int inquiry_hand(struct inquiry *inquiry, enum letter_kind kind, struct parcel *payload,
                 struct parcel *answer)
{
    struct inquiry_question question = {.letter = {.kind = kind}};
    question.payload = (struct slice){payload->part[0].data, payload->part[0].size};
    int r = inquiry_ask(inquiry, &question, answer);
    parcel_clear(payload);
    return r;
}

int inquiry_about(struct inquiry *inquiry, enum letter_kind kind, const char *id,
                  struct entries *entries)
{
    struct inquiry_question question = {.letter = {.kind = kind}};
    struct parcel answer;
    snprintf(question.letter.text, sizeof question.letter.text, "%s", id);
    int r = inquiry_ask(inquiry, &question, &answer);
    if (r < 0)
        return r;
    arena_reset(inquiry->arena);
    r = wire_entries_read(&answer, 1, inquiry->arena, entries);
    parcel_clear(&answer);
    if (r != 0 || (*id && entries->n != 1))
        return log_fail(STATUS_UNREACHABLE, "%s answers what cannot be read", inquiry->endpoint);
    return 0;
}

/* ---- letting time pass ---- */

static int resting_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    *deadline_ms = *(const int64_t *)self;
    return now_ms >= *deadline_ms ? ROLE_E_FINISHED : 0;
}

static int resting_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    (void)self;
    (void)from;
    (void)parcel;
    (void)now_ms;
    return 0;
}

int inquiry_rest(struct inquiry *inquiry, int64_t ms)
{
    int64_t until_ms = clock_monotonic_ms() + ms;
    const struct role role = {&until_ms, resting_letter, resting_tick};
    return loop_run(&role, inquiry->line);
}
