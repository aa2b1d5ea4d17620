/* SPDX-License-Identifier: Apache-2.0 */
/* The roles see what they see in production: a line, a store, a clock. That they share a process is
 * known here only, in a few variables at file scope, since a clock and a store's opener are asked for
 * as functions without a context. */
#include "support/stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/settings.h"
#include "common/wire.h"
#include "doubles/line_memory.h"
#include "doubles/mortal.h"
#include "doubles/store_memory.h"
#include "sink/sink.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/referee.h"
#include "support/scratch.h"
#include "ventilator/ventilator.h"
#include "worker/worker.h"

#define LETTERS_LIMIT 200 /* waiting in one direction of a connection */
#define AT_VENTILATOR "inproc://ventilator"
#define AT_SINK       "inproc://sink"
#define LONGEST_MS    INT64_C(600000)
#define IDLE_MS       5 /* between rounds, at most, while somebody is busy */
#define TODAY         20000
#define RETURNS_MS    400 /* after a death another comes within this */

static int64_t clock_ms;
static struct shelf *shelves[STAGE_WORKERS];
static struct mortal *owners[STAGE_WORKERS]; /* of what is on them */

/* Somebody with a line, and what the loop would know of him. */
struct actor {
    struct role role;
    struct line *line; /* his own, in front of `known` */
    struct line *known;
    struct mortal mortal;
    int64_t deadline_ms;
    int64_t sleeps_ms;  /* has no turn before this */
    int64_t returns_ms; /* dead: another comes in his place at this time; 0: none does */
    int present;
    int went_home; /* of his own accord */
};

/* Two between whom nothing gets through for a time. */
struct block {
    size_t a, b;
    int64_t until_ms;
};

#define NAME_SIZE 32
#define BLOCKS    4
#define ACTORS    (STAGE_WORKER + STAGE_WORKERS)

struct stage {
    struct stage_order order;
    struct scratch scratch;
    char state[SCRATCH_PATH], own_out[SCRATCH_PATH];
    const char *out;
    struct settings settings;
    struct line_memory *board;
    struct chance chance;
    struct actor actor[ACTORS]; /* the ventilator, the sink, workers */
    struct block block[BLOCKS];
    struct referee referee;
    struct ventilator *v;
    struct sink *s;
    struct worker *w[STAGE_WORKERS];
    struct cache *cache[STAGE_WORKERS];
    struct shelf *sink_shelf;
    size_t n_workers; /* that ever came */
    uint64_t n_born;  /* processes that ever were */
    uint64_t letters;
    uint64_t committed[3]; /* acknowledgements, by stage */
    uint64_t said[64];     /* letters, by kind */
};

static int64_t hand_clock(void)
{
    return clock_ms;
}

static int open_shelf(const char *number, struct store **store)
{
    struct store *shelf = NULL;
    int i = atoi(number), r = store_memory_open(shelves[i], &shelf);
    return r == 0 ? mortal_store(owners[i], &shelf, store) : r;
}

/* The test fails, at once or where the stage is asked. */
static void stage_fail(struct stage *stage, const char *words)
{
    referee_says(&stage->referee, words);
    if (!stage->order.lenient)
        fail_msg("%s (seed %" PRIu64 ", %" PRIu64 " letters, %" PRId64 " ms)", stage->referee.words,
                 stage->order.seed, stage->letters, clock_ms);
}

const char *stage_broken(const struct stage *stage)
{
    return stage->referee.words[0] ? stage->referee.words : NULL;
}

static const char *name_of(size_t number, char name[NAME_SIZE])
{
    if (number < STAGE_WORKER)
        return number == STAGE_SINK ? "sink" : "ventilator";
    snprintf(name, NAME_SIZE, "worker %zu", number - STAGE_WORKER);
    return name;
}

/* What happens, for who plays a seed again. */
static void tell(const struct stage *stage, const char *what, size_t number)
{
    char name[NAME_SIZE];
    if (stage->order.tells)
        fprintf(stderr, "%8" PRId64 " %s: %s\n", clock_ms, name_of(number, name), what);
}

/* ---- what befalls letters ---- */

static int happens(struct stage *stage, uint32_t in_a_thousand)
{
    return chance_below(&stage->chance, 1000) < in_a_thousand;
}

static int mishaps(const struct stage *stage)
{
    return stage->order.mishaps_ms == 0 || clock_ms < stage->order.mishaps_ms;
}

static int is_data(const struct parcel *parcel)
{
    struct letter letter;
    return wire_letter_read(parcel, &letter) == 0 && letter.kind == LETTER_DATA;
}

static size_t number_of(const struct stage *stage, const struct line *known)
{
    for (size_t i = 0; i < ACTORS; i++)
        if (stage->actor[i].present && stage->actor[i].known == known)
            return i;
    return ACTORS;
}

static void tell_letter(const struct stage *stage, size_t from, size_t to,
                        const struct letter *letter)
{
    char name[NAME_SIZE], words[96];
    snprintf(words, sizeof words, "to %s letter %d, stage %u shard %u attempt %u code %d",
             name_of(to, name), (int)letter->kind, letter->stage, letter->shard, letter->attempt,
             (int)letter->code);
    tell(stage, words, from);
}

static void note(struct stage *stage, const struct line *from, const struct line *to,
                 const struct parcel *parcel)
{
    struct letter letter;
    size_t number = number_of(stage, from), listener = number_of(stage, to);
    stage->letters++;
    if (stage->order.transcript)
        transcript_note(stage->order.transcript, number, listener, clock_ms, parcel);
    if (wire_letter_read(parcel, &letter) != 0)
        return;
    stage->said[(unsigned)letter.kind % 64]++;
    if (stage->order.tells && letter.kind != LETTER_PROBE && letter.kind != LETTER_BEAT)
        tell_letter(stage, number, listener, &letter);
    if (number != STAGE_SINK)
        return;
    referee_letter(&stage->referee, parcel);
    if (letter.kind == LETTER_ACK && letter.code == ACK_COMMITTED)
        stage->committed[letter.stage]++;
}

static int is_lost(void *context, const struct line *from, const struct line *to,
                   const struct parcel *parcel)
{
    struct stage *stage = context;
    note(stage, from, to, parcel);
    int lost = mishaps(stage) && happens(stage, stage->order.lost) && !is_data(parcel);
    if (lost)
        tell(stage, "what he said is lost", number_of(stage, from));
    return lost;
}

static int comes_twice(void *context, const struct line *from, const struct line *to,
                       const struct parcel *parcel)
{
    struct stage *stage = context;
    (void)from;
    (void)to;
    return mishaps(stage) && happens(stage, stage->order.twice) && !is_data(parcel);
}

static int is_blocked(void *context, const struct line *from, const struct line *to)
{
    const struct stage *stage = context;
    size_t a = number_of(stage, from), b = number_of(stage, to);
    for (size_t i = 0; i < BLOCKS; i++) {
        const struct block *block = &stage->block[i];
        if (clock_ms < block->until_ms &&
            ((block->a == a && block->b == b) || (block->a == b && block->b == a)))
            return 1;
    }
    return 0;
}

static size_t is_heard(void *context, const struct line *at, size_t n)
{
    struct stage *stage = context;
    (void)at;
    return happens(stage, stage->order.late) ? n : (size_t)chance_below(&stage->chance, n);
}

/* ---- actors ---- */

static int actor_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct actor *actor = self;
    return actor->role.letter(actor->role.self, from, parcel, now_ms);
}

static int actor_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct actor *actor = self;
    int r = actor->role.tick(actor->role.self, now_ms, deadline_ms);
    actor->deadline_ms = *deadline_ms;
    return r;
}

static void actor_enter(struct actor *actor, struct role role)
{
    actor->role = role;
    actor->present = 1;
    actor->deadline_ms = clock_ms;
    actor->sleeps_ms = actor->returns_ms = 0;
    actor->went_home = 0;
}

/* 0 or ROLE_E_FINISHED; what a dead one answers is nobody's concern. */
static int actor_turn(struct stage *stage, size_t number)
{
    struct actor *actor = &stage->actor[number];
    const struct role role = {actor, actor_letter, actor_tick};
    int r = loop_turn(&role, actor->line, clock_ms, 0);
    if (actor->mortal.dead)
        return 0;
    if (r < 0) {
        char words[64], name[NAME_SIZE];
        snprintf(words, sizeof words, "the %s failed with %d", name_of(number, name), r);
        stage_fail(stage, words);
    }
    return r;
}

static void must(int status)
{
    assert_int_equal(status, 0);
}

/* A line of his own for somebody who comes, and a new life. */
static struct line *line_of(struct stage *stage, size_t number)
{
    struct actor *actor = &stage->actor[number];
    struct line *line = NULL;
    must(line_memory_open(stage->board, &line));
    actor->known = line;
    actor->mortal = (struct mortal){0};
    must(mortal_line(&actor->mortal, &line, &actor->line));
    return actor->line;
}

static void watch(void *context, const struct store_put *puts, size_t n)
{
    struct stage *stage = context;
    referee_transaction(&stage->referee, puts, n);
}

static void enter_ventilator(struct stage *stage)
{
    struct ventilator_settings settings = {
        .settings = &stage->settings,
        .state = stage->state,
        .threads = 0,
        .today = TODAY,
        .name = {stage->order.seed, ++stage->n_born},
        .version = "0",
        .timing = {.lease_ms = 200,
                   .stall_ms = 600,
                   .straggler_ms = 60,
                   .beat_ms = 40,
                   .resend_ms = 30,
                   .resync_ms = 100,
                   .probe_ms = 10,
                   .credit = 2,
                   .frame_window = 8},
        .now_ms = hand_clock,
    };
    uint32_t gate;
    settings.line = line_of(stage, STAGE_VENTILATOR);
    must(line_bind(settings.line, AT_VENTILATOR, &settings.workers));
    must(line_connect(settings.line, AT_SINK, &gate));
    settings.sink = (struct peer){.gate = gate};
    must(ventilator_new(&settings, &stage->v));
    actor_enter(&stage->actor[STAGE_VENTILATOR], ventilator_role(stage->v));
}

static void enter_sink(struct stage *stage)
{
    struct store *shelf = NULL, *store = NULL;
    struct mortal *mortal = &stage->actor[STAGE_SINK].mortal;
    struct sink_settings settings = {.out = stage->out,
                                     .version = "0",
                                     .boot = stage->order.seed * 1000 + ++stage->n_born,
                                     .threads = 1,
                                     .now_ms = hand_clock};
    uint32_t gate;
    settings.line = line_of(stage, STAGE_SINK);
    must(store_memory_open(stage->sink_shelf, &shelf));
    must(mortal_store(mortal, &shelf, &store));
    mortal->watcher = watch;
    mortal->context = stage;
    must(line_bind(settings.line, AT_SINK, &gate));
    must(sink_new(&settings, &store, &stage->s));
    actor_enter(&stage->actor[STAGE_SINK], sink_role(stage->s));
}

static void enter_worker(struct stage *stage, size_t i)
{
    char number[8];
    uint32_t ventilator, sink;
    struct worker_settings settings = {
        .name = {stage->order.seed, ++stage->n_born}, .version = "0", .host = "here", .credit = 2};
    settings.line = line_of(stage, STAGE_WORKER + i);
    owners[i] = &stage->actor[STAGE_WORKER + i].mortal;
    snprintf(number, sizeof number, "%zu", i);
    must(cache_open(number, open_shelf, &stage->cache[i]));
    settings.cache = stage->cache[i];
    must(line_connect(settings.line, AT_VENTILATOR, &ventilator));
    must(line_connect(settings.line, AT_SINK, &sink));
    settings.ventilator = (struct peer){.gate = ventilator};
    settings.sink = (struct peer){.gate = sink};
    must(worker_new(&settings, &stage->w[i]));
    actor_enter(&stage->actor[STAGE_WORKER + i], worker_role(stage->w[i]));
}

size_t stage_add_worker(struct stage *stage)
{
    size_t i = stage->n_workers++;
    assert_true(i < STAGE_WORKERS);
    must(store_memory_shelf_new(&shelves[i]));
    enter_worker(stage, i);
    return i;
}

/* ---- leaving ---- */

/* Whoever leaves with a lease on life has gone for good. */
static void leave(struct stage *stage, size_t number)
{
    struct actor *actor = &stage->actor[number];
    if (!actor->present)
        return;
    actor->present = 0;
    if (number == STAGE_VENTILATOR)
        ventilator_destroy(&stage->v);
    else if (number == STAGE_SINK)
        sink_destroy(&stage->s);
    else
        worker_destroy(&stage->w[number - STAGE_WORKER]);
    if (number >= STAGE_WORKER)
        cache_close(&stage->cache[number - STAGE_WORKER]);
    line_close(&actor->line);
    actor->known = NULL;
}

static void enter(struct stage *stage, size_t number)
{
    tell(stage, "comes", number);
    if (number == STAGE_VENTILATOR)
        enter_ventilator(stage);
    else if (number == STAGE_SINK)
        enter_sink(stage);
    else
        enter_worker(stage, number - STAGE_WORKER);
}

void stage_lose_worker(struct stage *stage, size_t i)
{
    leave(stage, STAGE_WORKER + i);
}

void stage_replace_sink(struct stage *stage)
{
    leave(stage, STAGE_SINK);
    enter_sink(stage);
}

void stage_replace_sink_and_store(struct stage *stage)
{
    leave(stage, STAGE_SINK);
    store_memory_shelf_destroy(&stage->sink_shelf);
    must(store_memory_shelf_new(&stage->sink_shelf));
    referee_follow(&stage->referee, stage->sink_shelf);
    enter_sink(stage);
}

void stage_cut(struct stage *stage, size_t number, uint32_t gate)
{
    if (!stage->actor[number].present || number == STAGE_SINK)
        return;
    tell(stage, gate ? "is cut off from the sink" : "is cut off from the ventilator", number);
    line_memory_cut(stage->actor[number].known, gate);
}

void stage_doom(struct stage *stage, size_t number, uint64_t deeds, int torn)
{
    struct mortal *mortal = &stage->actor[number].mortal;
    if (!stage->actor[number].present || mortal->dies_at)
        return;
    tell(stage, "is doomed", number);
    mortal->dies_at = mortal->done + deeds;
    mortal->torn = torn;
}

uint64_t stage_deeds(const struct stage *stage, size_t number)
{
    return stage->actor[number].mortal.done;
}

void stage_pause(struct stage *stage, size_t number, int64_t until_ms)
{
    tell(stage, "is stopped", number);
    stage->actor[number].sleeps_ms = until_ms;
}

void stage_block(struct stage *stage, size_t a, size_t b, int64_t until_ms)
{
    for (size_t i = 0; i < BLOCKS; i++)
        if (stage->block[i].until_ms <= clock_ms) {
            tell(stage, "does not get through to another", a);
            stage->block[i] = (struct block){a, b, until_ms};
            return;
        }
}

void stage_power_cut(struct stage *stage, size_t i, size_t transactions)
{
    leave(stage, STAGE_WORKER + i);
    store_memory_shelf_rewind(shelves[i], transactions);
    enter(stage, STAGE_WORKER + i);
}

void stage_fill_disk(struct stage *stage, int full)
{
    stage->actor[STAGE_SINK].mortal.full = full;
}

uint64_t stage_said(const struct stage *stage, int kind)
{
    return stage->said[(unsigned)kind % 64];
}

int stage_has(const struct stage *stage, size_t number)
{
    return stage->actor[number].present;
}

size_t stage_workers(const struct stage *stage)
{
    size_t n = 0;
    for (size_t i = 0; i < stage->n_workers; i++)
        n += stage->actor[STAGE_WORKER + i].present != 0;
    return n;
}

/* ---- the stage ---- */

static void set_flags(struct stage *stage)
{
    stage->settings = settings_default();
    while (stage->settings.reading.n_ledgers < STAGE_LEDGERS &&
           stage->order.ledger[stage->settings.reading.n_ledgers])
        stage->settings.reading.n_ledgers++;
    stage->settings.reading.ledgers = stage->order.ledger;
    if (stage->order.modelless)
        stage->settings.scoring.churn_choice = CHURN_OFF;
    stage->settings.running.shards = stage->order.shards;
    stage->settings.running.out = stage->out;
    if (stage->order.flags)
        stage->order.flags(&stage->settings);
}

static void set_up(struct stage *stage)
{
    stage->scratch = scratch_new();
    scratch_directory(&stage->scratch, "state");
    strcpy(stage->state, scratch_at(&stage->scratch, "state"));
    strcpy(stage->own_out, scratch_at(&stage->scratch, "out"));
    stage->out = stage->order.out ? stage->order.out : stage->own_out;
    set_flags(stage);
    must(line_memory_new(&stage->board, LETTERS_LIMIT));
    line_memory_chances(stage->board, (struct line_memory_chances){.context = stage,
                                                                   .loses = is_lost,
                                                                   .doubles = comes_twice,
                                                                   .picks = is_heard,
                                                                   .blocks = is_blocked});
}

struct stage *stage_open(const struct stage_order *order)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->order = *order;
    stage->chance = (struct chance){order->seed};
    clock_ms = 1000;
    log_open(LOG_TEXT, "stage",
             order->tells     ? LOG_INFO
             : order->lenient ? (enum log_level)(LOG_ERROR + 1)
                              : LOG_ERROR);
    set_up(stage);
    must(store_memory_shelf_new(&stage->sink_shelf));
    referee_follow(&stage->referee, stage->sink_shelf);
    enter_sink(stage);
    enter_ventilator(stage);
    for (size_t i = 0; i < order->workers; i++)
        stage_add_worker(stage);
    return stage;
}

void stage_close(struct stage **handle)
{
    struct stage *stage = *handle;
    if (!stage)
        return;
    for (size_t i = 0; i < ACTORS; i++)
        leave(stage, i);
    for (size_t i = 0; i < stage->n_workers; i++)
        store_memory_shelf_destroy(&shelves[i]);
    store_memory_shelf_destroy(&stage->sink_shelf);
    line_memory_destroy(&stage->board);
    scratch_remove(&stage->scratch);
    free(stage);
    *handle = NULL;
}

static void expect_back(struct stage *stage, size_t number)
{
    stage->actor[number].returns_ms =
        clock_ms + 1 + (int64_t)chance_below(&stage->chance, RETURNS_MS);
}

/* One who has died is followed by another on what he left behind, as `winnow run` sees to; a ventilator
 * finds those again who had gone home. */
static void bury(struct stage *stage, size_t number)
{
    tell(stage, "is dead", number);
    leave(stage, number);
    expect_back(stage, number);
    for (size_t i = STAGE_SINK; number == STAGE_VENTILATOR && i < ACTORS; i++)
        if (stage->actor[i].went_home)
            expect_back(stage, i);
}

static void take_turn(struct stage *stage, size_t number)
{
    struct actor *actor = &stage->actor[number];
    if (!actor->present && actor->returns_ms && clock_ms >= actor->returns_ms)
        enter(stage, number);
    if (!actor->present || clock_ms < actor->sleeps_ms)
        return;
    int r = actor_turn(stage, number);
    if (actor->mortal.dead) {
        bury(stage, number);
    } else if (r != 0) {
        tell(stage, "is done", number);
        leave(stage, number);
        actor->went_home = 1;
    }
}

static int64_t earliest(int64_t then, const struct actor *actor)
{
    int64_t due = actor->present ? actor->deadline_ms : actor->returns_ms;
    if (actor->present && due < actor->sleeps_ms)
        due = actor->sleeps_ms;
    return due > 0 && due < then ? due : then;
}

/* Breaks a connection of somebody who is there: a worker's to the ventilator or to the sink, or the
 * ventilator's to the sink. It is made again at once. */
static void cut_somebody(struct stage *stage)
{
    size_t i = (size_t)chance_below(&stage->chance, stage->n_workers + 1);
    if (i < stage->n_workers)
        stage_cut(stage, STAGE_WORKER + i, (uint32_t)chance_below(&stage->chance, 2));
    else
        stage_cut(stage, STAGE_VENTILATOR, 1);
}

/* Time goes on a little, or, where nobody has anything to hear, to when somebody has something to do. */
static void wind_clock(struct stage *stage)
{
    int64_t then = INT64_MAX;
    for (size_t i = 0; i < ACTORS; i++)
        then = earliest(then, &stage->actor[i]);
    if (line_memory_pending(stage->board) == 0 && then > clock_ms && then < INT64_MAX)
        clock_ms = then;
    else
        clock_ms += (int64_t)chance_below(&stage->chance, IDLE_MS + 1);
}

int stage_round(struct stage *stage)
{
    size_t n = stage->n_workers + 2;
    for (size_t i = 0; i < n; i++)
        take_turn(stage, (size_t)chance_below(&stage->chance, n));
    if (mishaps(stage) && happens(stage, stage->order.cut))
        cut_somebody(stage);
    wind_clock(stage);
    if (stage->referee.words[0] && !stage->order.lenient)
        stage_fail(stage, "");
    const struct actor *ventilator = &stage->actor[STAGE_VENTILATOR];
    return stage->referee.words[0] || (!ventilator->present && !ventilator->returns_ms)
               ? STAGE_E_OVER
               : 0;
}

static int round_in_time(struct stage *stage)
{
    int r = stage_round(stage);
    if (r == 0 && clock_ms > (stage->order.longest_ms ? stage->order.longest_ms : LONGEST_MS)) {
        stage_fail(stage, "it hangs");
        r = STAGE_E_OVER;
    }
    return r;
}

void stage_play(struct stage *stage)
{
    while (round_in_time(stage) == 0)
        ;
    if (stage->order.shards)
        referee_end(&stage->referee, stage->order.shards);
    if (stage->referee.words[0])
        stage_fail(stage, "");
}

void stage_encore(struct stage *stage, void (*flags)(struct settings *))
{
    size_t n = STAGE_WORKER + stage->n_workers;
    stage->order.flags = flags;
    stage->order.longest_ms += clock_ms;
    for (size_t i = 0; i < n; i++)
        leave(stage, i);
    set_flags(stage);
    for (size_t i = 0; i < n; i++)
        enter(stage, (i + STAGE_SINK) % n); /* the sink first, which the others look for */
}

void stage_play_until(struct stage *stage, uint32_t stage_number, uint32_t results)
{
    while (stage->committed[stage_number] < results && round_in_time(stage) == 0)
        ;
}

void stage_play_until_said(struct stage *stage, int kind)
{
    while (stage->said[(unsigned)kind % 64] == 0 && round_in_time(stage) == 0)
        ;
}

int64_t stage_now_ms(const struct stage *stage)
{
    (void)stage;
    return clock_ms;
}

uint64_t stage_letters(const struct stage *stage)
{
    return stage->letters;
}

char *stage_result(const struct stage *stage, const char *name, size_t *size)
{
    char path[SCRATCH_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", stage->out, name);
    return stage_text(path, size);
}
