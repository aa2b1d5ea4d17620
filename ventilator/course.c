/* SPDX-License-Identifier: Apache-2.0 */
/* Every word to the sink is said again until what it asks for is here, so none is waited for and no answer
 * is tied to a question. */
#include "ventilator/course.h"

#define SEAL_AGAIN_MS 30000 /* sealing takes its time */
#define NEVER         INT64_MAX

struct course course_new(int64_t resync_every_ms)
{
    return (struct course){.resync_every_ms = resync_every_ms,
                           .announce_ms = NEVER,
                           .resync_ms = NEVER,
                           .seal_ms = NEVER};
}

void course_read(struct course *course, int refuses, int64_t now_ms)
{
    course->phase = COURSE_ANNOUNCING;
    course->refuses = refuses;
    course->announce_ms = now_ms;
}

static uint32_t count(const uint8_t *bits, uint32_t n)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < n; i++)
        set += (uint32_t)bits[i / 8] >> (i % 8) & 1u;
    return set;
}

/* Only the sink's word counts, so there is work to be done again. */
static int has_forgotten(const struct course *course, const struct done_set *set, uint32_t n_done)
{
    uint32_t gathered = count(set->gathered, set->shards);
    if (course->phase == COURSE_GATHERING)
        return gathered < n_done;
    return (course->phase == COURSE_SCORING || course->phase == COURSE_SEALING) &&
           !course->refuses && (gathered < set->shards || count(set->scored, set->shards) < n_done);
}

static void note(struct course *course, uint64_t boot, uint64_t sequence)
{
    course->sink_known = 1;
    course->boot = boot;
    course->sequence = sequence;
}

enum course_news course_done_set(struct course *course, const struct done_set *set, uint64_t boot,
                                 uint64_t sequence, uint32_t n_done)
{
    if (course->phase < COURSE_ANNOUNCING || course->phase == COURSE_CLOSED)
        return COURSE_NO_NEWS;
    note(course, boot, sequence);
    course->announce_ms = NEVER;
    if (course->phase == COURSE_ANNOUNCING && course->refuses) {
        course->phase = COURSE_SEALING;
        course->seal_ms = course->resync_ms = 0;
        return COURSE_NO_NEWS;
    }
    int begins = course->phase == COURSE_ANNOUNCING;
    if (!begins && !has_forgotten(course, set, n_done)) {
        course->seal_ms = course->phase == COURSE_SEALING ? 0 : NEVER; /* it has not heard SEAL */
        return COURSE_ADVANCES;
    }
    course->phase = COURSE_GATHERING;
    course->sealing = 0;
    course->seal_ms = NEVER;
    course->resync_ms = 0;
    return begins ? COURSE_BEGINS : COURSE_FORGOT;
}

void course_done(struct course *course, uint64_t boot, uint64_t sequence, int64_t now_ms)
{
    int gap = !course->sink_known || boot != course->boot || sequence != course->sequence + 1;
    note(course, boot, sequence);
    if (gap && course->phase > COURSE_ANNOUNCING)
        course->resync_ms = now_ms;
}

int course_model(struct course *course)
{
    if (course->phase != COURSE_GATHERING)
        return 0;
    course->phase = COURSE_SCORING;
    return 1;
}

void course_complete(struct course *course, int64_t now_ms)
{
    if (course->phase != COURSE_SCORING)
        return;
    course->phase = COURSE_SEALING;
    course->seal_ms = now_ms;
}

int course_sealed(struct course *course)
{
    if (course->phase < COURSE_ANNOUNCING || course->phase == COURSE_CLOSED)
        return 0;
    course->phase = COURSE_CLOSED;
    return 1;
}

void course_rehello(struct course *course, int64_t now_ms)
{
    course->announce_ms = now_ms;
}

static int due(int64_t *then_ms, int64_t every_ms, int64_t now_ms, int64_t *wake_ms)
{
    int is_due = now_ms >= *then_ms;
    if (is_due)
        *then_ms = every_ms == NEVER ? NEVER : now_ms + every_ms;
    if (*then_ms < *wake_ms)
        *wake_ms = *then_ms;
    return is_due;
}

enum course_action course_next(struct course *course, int64_t now_ms, int64_t *wake_ms)
{
    int64_t again_ms = course->phase == COURSE_ANNOUNCING ? course->resync_every_ms : NEVER;
    if (course->phase == COURSE_CLOSED)
        return COURSE_LEAVE;
    if (due(&course->announce_ms, again_ms, now_ms, wake_ms))
        return course->phase == COURSE_READING ? COURSE_HELLO : COURSE_ANNOUNCE;
    if (course->phase == COURSE_SEALING && due(&course->seal_ms, SEAL_AGAIN_MS, now_ms, wake_ms)) {
        course->sealing = 1;
        return COURSE_SEAL;
    }
    if (course->phase > COURSE_ANNOUNCING &&
        due(&course->resync_ms, course->resync_every_ms, now_ms, wake_ms))
        return COURSE_RESYNC;
    return COURSE_NOTHING;
}
