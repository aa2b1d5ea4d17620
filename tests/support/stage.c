/* SPDX-License-Identifier: Apache-2.0 */
/* The roles see what they see in production: a line, a store, a clock. That they share a process is
 * known here only, in a few variables at file scope, since a clock and a store's opener are asked for
 * as functions without a context. */
#include "support/stage.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/settings.h"
#include "common/wire.h"
#include "doubles/line_memory.h"
#include "doubles/store_memory.h"
#include "sink/sink.h"
#include "support/assert.h"
#include "support/chance.h"
#include "ventilator/ventilator.h"
#include "worker/worker.h"

#define LETTERS_LIMIT  200 /* waiting in one direction of a connection */
#define AT_VENTILATOR  "inproc://ventilator"
#define AT_SINK        "inproc://sink"
#define LONGEST_MS     INT64_C(600000)
#define IDLE_MS        5 /* between rounds, at most, while somebody is busy */
#define TODAY          20000
#define PARTS_LIMIT_KB 64

static int64_t clock_ms;
static struct shelf *shelves[STAGE_WORKERS];

/* Somebody with a line, and what the loop would know of him. */
struct actor {
    struct role role;
    struct line *line;
    int64_t deadline_ms;
    int present;
};

struct stage {
    struct stage_order order;
    char directory[64];
    char state[96], own_out[96];
    const char *out;
    struct settings settings;
    struct line_memory *board;
    struct chance chance;
    struct actor ventilator, sink, worker[STAGE_WORKERS];
    struct ventilator *v;
    struct sink *s;
    struct worker *w[STAGE_WORKERS];
    struct cache *cache[STAGE_WORKERS];
    struct shelf *sink_shelf;
    size_t n_workers; /* that ever came */
    uint64_t n_sinks; /* likewise */
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
    return store_memory_open(shelves[atoi(number)], store);
}

static void stage_fail(const struct stage *stage, const char *words)
{
    fail_msg("%s (seed %" PRIu64 ", %" PRIu64 " letters, %" PRId64 " ms)", words, stage->order.seed,
             stage->letters, clock_ms);
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

static void note(struct stage *stage, const struct line *from, const struct parcel *parcel)
{
    struct letter letter;
    stage->letters++;
    if (wire_letter_read(parcel, &letter) != 0)
        return;
    stage->said[(unsigned)letter.kind % 64]++;
    if (from == stage->sink.line && letter.kind == LETTER_ACK && letter.code == ACK_COMMITTED)
        stage->committed[letter.stage]++;
}

static int is_lost(void *context, const struct line *from, const struct line *to,
                   const struct parcel *parcel)
{
    struct stage *stage = context;
    (void)to;
    note(stage, from, parcel);
    return mishaps(stage) && happens(stage, stage->order.lost) && !is_data(parcel);
}

static int comes_twice(void *context, const struct line *from, const struct line *to,
                       const struct parcel *parcel)
{
    struct stage *stage = context;
    (void)from;
    (void)to;
    return mishaps(stage) && happens(stage, stage->order.twice) && !is_data(parcel);
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
}

/* 0 or ROLE_E_FINISHED. */
static int actor_turn(struct stage *stage, struct actor *actor, const char *name)
{
    const struct role role = {actor, actor_letter, actor_tick};
    int r = loop_turn(&role, actor->line, clock_ms, 0);
    if (r < 0) {
        char words[64];
        snprintf(words, sizeof words, "the %s failed with %d", name, r);
        stage_fail(stage, words);
    }
    return r;
}

static void must(int status)
{
    assert_int_equal(status, 0);
}

static struct line *line_of(struct stage *stage)
{
    struct line *line = NULL;
    must(line_memory_open(stage->board, &line));
    return line;
}

static void enter_ventilator(struct stage *stage)
{
    struct ventilator_settings settings = {
        .settings = &stage->settings,
        .state = stage->state,
        .threads = 0,
        .today = TODAY,
        .name = {stage->order.seed, 1},
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
    settings.line = stage->ventilator.line = line_of(stage);
    must(line_bind(settings.line, AT_VENTILATOR, &settings.workers));
    must(line_connect(settings.line, AT_SINK, &gate));
    settings.sink = (struct peer){.gate = gate};
    must(ventilator_new(&settings, &stage->v));
    actor_enter(&stage->ventilator, ventilator_role(stage->v));
}

static void enter_sink(struct stage *stage)
{
    struct store *store = NULL;
    struct sink_settings settings = {.out = stage->out,
                                     .version = "0",
                                     .boot = stage->order.seed * 1000 + ++stage->n_sinks,
                                     .threads = 1,
                                     .now_ms = hand_clock};
    uint32_t gate;
    must(store_memory_open(stage->sink_shelf, &store));
    settings.line = stage->sink.line = line_of(stage);
    must(line_bind(settings.line, AT_SINK, &gate));
    must(sink_new(&settings, &store, &stage->s));
    actor_enter(&stage->sink, sink_role(stage->s));
}

size_t stage_add_worker(struct stage *stage)
{
    size_t i = stage->n_workers++;
    char number[8];
    uint32_t ventilator, sink;
    struct worker_settings settings = {
        .name = {stage->order.seed, 100 + i}, .version = "0", .host = "here", .credit = 2};
    assert_true(i < STAGE_WORKERS);
    snprintf(number, sizeof number, "%zu", i);
    must(store_memory_shelf_new(&shelves[i]));
    must(cache_open(number, open_shelf, &stage->cache[i]));
    settings.cache = stage->cache[i];
    settings.line = stage->worker[i].line = line_of(stage);
    must(line_connect(settings.line, AT_VENTILATOR, &ventilator));
    must(line_connect(settings.line, AT_SINK, &sink));
    settings.ventilator = (struct peer){.gate = ventilator};
    settings.sink = (struct peer){.gate = sink};
    must(worker_new(&settings, &stage->w[i]));
    actor_enter(&stage->worker[i], worker_role(stage->w[i]));
    return i;
}

/* ---- leaving ---- */

static void leave_ventilator(struct stage *stage)
{
    stage->ventilator.present = 0;
    ventilator_destroy(&stage->v);
    line_close(&stage->ventilator.line);
}

static void leave_sink(struct stage *stage)
{
    if (!stage->sink.present)
        return;
    stage->sink.present = 0;
    sink_destroy(&stage->s);
    line_close(&stage->sink.line);
}

void stage_lose_worker(struct stage *stage, size_t i)
{
    if (!stage->worker[i].present)
        return;
    stage->worker[i].present = 0;
    worker_destroy(&stage->w[i]);
    cache_close(&stage->cache[i]);
    line_close(&stage->worker[i].line);
}

void stage_replace_sink(struct stage *stage)
{
    leave_sink(stage);
    enter_sink(stage);
}

void stage_replace_sink_and_store(struct stage *stage)
{
    leave_sink(stage);
    store_memory_shelf_destroy(&stage->sink_shelf);
    must(store_memory_shelf_new(&stage->sink_shelf));
    enter_sink(stage);
}

void stage_cut_ventilator(struct stage *stage)
{
    if (stage->ventilator.present)
        line_memory_cut(stage->ventilator.line, 1);
}

int stage_has_sink(const struct stage *stage)
{
    return stage->sink.present;
}

size_t stage_workers(const struct stage *stage)
{
    size_t n = 0;
    for (size_t i = 0; i < stage->n_workers; i++)
        n += stage->worker[i].present != 0;
    return n;
}

/* ---- the stage ---- */

static void set_up(struct stage *stage)
{
    const char *where = getenv("TMPDIR");
    snprintf(stage->directory, sizeof stage->directory, "%s/winnow-stage-XXXXXX",
             where && strlen(where) < 30 ? where : "/tmp");
    assert_non_null(mkdtemp(stage->directory));
    snprintf(stage->state, sizeof stage->state, "%s/state", stage->directory);
    must(mkdir(stage->state, 0700));
    snprintf(stage->own_out, sizeof stage->own_out, "%s/out", stage->directory);
    stage->out = stage->order.out ? stage->order.out : stage->own_out;
    stage->settings = settings_default();
    while (stage->settings.reading.n_ledgers < STAGE_LEDGERS &&
           stage->order.ledger[stage->settings.reading.n_ledgers])
        stage->settings.reading.n_ledgers++;
    stage->settings.reading.ledgers = stage->order.ledger;
    stage->settings.running.shards = stage->order.shards;
    stage->settings.running.out = stage->out;
    must(line_memory_new(&stage->board, LETTERS_LIMIT));
    line_memory_chances(stage->board, (struct line_memory_chances){.context = stage,
                                                                   .loses = is_lost,
                                                                   .doubles = comes_twice,
                                                                   .picks = is_heard});
}

struct stage *stage_open(const struct stage_order *order)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->order = *order;
    stage->chance = (struct chance){order->seed};
    clock_ms = 1000;
    log_open(LOG_TEXT, "stage", LOG_ERROR);
    set_up(stage);
    must(store_memory_shelf_new(&stage->sink_shelf));
    enter_sink(stage);
    enter_ventilator(stage);
    for (size_t i = 0; i < order->workers; i++)
        stage_add_worker(stage);
    return stage;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void stage_close(struct stage **handle)
{
    struct stage *stage = *handle;
    if (!stage)
        return;
    for (size_t i = 0; i < stage->n_workers; i++) {
        stage_lose_worker(stage, i);
        store_memory_shelf_destroy(&shelves[i]);
    }
    if (stage->ventilator.present)
        leave_ventilator(stage);
    leave_sink(stage);
    store_memory_shelf_destroy(&stage->sink_shelf);
    line_memory_destroy(&stage->board);
    nftw(stage->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(stage);
    *handle = NULL;
}

/* Number 0 is the ventilator, 1 the sink, the others are workers. */
static void take_turn(struct stage *stage, size_t number)
{
    if (number == 0 && stage->ventilator.present) {
        if (actor_turn(stage, &stage->ventilator, "ventilator") == ROLE_E_FINISHED)
            leave_ventilator(stage);
    } else if (number == 1 && stage->sink.present) {
        if (actor_turn(stage, &stage->sink, "sink") == ROLE_E_FINISHED)
            leave_sink(stage);
    } else if (number > 1 && stage->worker[number - 2].present) {
        if (actor_turn(stage, &stage->worker[number - 2], "worker") == ROLE_E_FINISHED)
            stage_lose_worker(stage, number - 2);
    }
}

static int64_t earliest(int64_t then, const struct actor *actor)
{
    return actor->present && actor->deadline_ms < then ? actor->deadline_ms : then;
}

/* Breaks a connection of somebody who is there: a worker's to the ventilator or to the sink, or the
 * ventilator's to the sink. It is made again at once. */
static void cut_somebody(struct stage *stage)
{
    size_t i = (size_t)chance_below(&stage->chance, stage->n_workers + 1);
    if (i < stage->n_workers && stage->worker[i].present)
        line_memory_cut(stage->worker[i].line, (uint32_t)chance_below(&stage->chance, 2));
    if (i == stage->n_workers && stage->ventilator.present)
        line_memory_cut(stage->ventilator.line, 1);
}

/* Time goes on a little, or, where nobody has anything to hear, to when somebody has something to do. */
static void wind_clock(struct stage *stage)
{
    int64_t then = earliest(earliest(INT64_MAX, &stage->ventilator), &stage->sink);
    for (size_t i = 0; i < stage->n_workers; i++)
        then = earliest(then, &stage->worker[i]);
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
    return stage->ventilator.present ? 0 : STAGE_E_OVER;
}

static int round_in_time(struct stage *stage)
{
    int r = stage_round(stage);
    if (r == 0 && clock_ms > LONGEST_MS)
        stage_fail(stage, "it hangs");
    return r;
}

void stage_play(struct stage *stage)
{
    while (round_in_time(stage) == 0)
        ;
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

static char *read_whole(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) != 0) {
        if (file)
            fclose(file);
        return NULL;
    }
    char *text = malloc((size_t)info.st_size + 1);
    assert_non_null(text);
    *size = fread(text, 1, (size_t)info.st_size, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

char *stage_result(const struct stage *stage, const char *name, size_t *size)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", stage->out, name);
    return read_whole(path, size);
}

/* ---- a ledger ---- */

#define ROW_BYTES 96

/* Customers come one after another, each stays for a stretch of his own, from a day to all of it. */
static unsigned draw_customer(struct chance *chance, size_t i, size_t rows)
{
    for (;;) {
        double come = (double)(rows / 4), newest = come * (double)i / (double)rows + 1;
        unsigned who = (unsigned)chance_below(chance, (uint64_t)newest + 1);
        double stays = (double)(who * 7919U % 97) / 97, since = (newest - who) / come;
        if (since < stays * stays * stays)
            return who;
    }
}

static void make_row(struct chance *chance, size_t i, size_t rows, char row[ROW_BYTES])
{
    static const char *const odd[] = {"", "\"a, \"\"quoted\"\" one\"", "caf\xc3\xa9",
                                      "\"two\nlines\""};
    uint64_t kind = chance_below(chance, 200);
    int day = (int)(i * 700 / rows), cents = (int)chance_below(chance, 20000) + 1;
    char id[32], order[16] = "";
    snprintf(id, sizeof id, "c%05u", draw_customer(chance, i, rows));
    if (chance_below(chance, 2))
        snprintf(order, sizeof order, "o%u", (unsigned)chance_below(chance, 100));
    snprintf(row, ROW_BYTES, "%s,%04d-%02d-%02d,%s%d.%02d,%s\n", kind < 4 ? odd[kind] : id,
             2018 + day / 360, day % 360 / 30 + 1, kind == 150 ? 31 : day % 30 % 28 + 1,
             kind > 190 ? "-" : "", cents / 100, cents % 100, order);
}

static void shuffle_rows(char (*row)[ROW_BYTES], size_t n, uint64_t seed)
{
    struct chance chance = {seed};
    for (size_t i = n; seed && i > 1; i--) {
        size_t k = (size_t)chance_below(&chance, i);
        char kept[ROW_BYTES];
        memcpy(kept, row[i - 1], ROW_BYTES);
        memcpy(row[i - 1], row[k], ROW_BYTES);
        memcpy(row[k], kept, ROW_BYTES);
    }
}

struct stage_ledger stage_ledger_make(size_t rows, size_t n_files, uint64_t shuffle)
{
    struct stage_ledger ledger = {.directory = "/tmp/winnow-ledger-XXXXXX", .n = n_files};
    struct chance chance = {7};
    char(*row)[ROW_BYTES] = malloc(rows * sizeof *row);
    assert_non_null(row);
    assert_non_null(mkdtemp(ledger.directory));
    for (size_t i = 0; i < rows; i++)
        make_row(&chance, i, rows, row[i]);
    shuffle_rows(row, rows, shuffle);
    for (size_t f = 0; f < n_files; f++) {
        snprintf(ledger.path[f], sizeof ledger.path[f], "%s/ledger-%zu.csv", ledger.directory, f);
        FILE *file = fopen(ledger.path[f], "wb");
        assert_non_null(file);
        fputs("customer_id,date,amount,order_id\n", file);
        for (size_t i = f; i < rows; i += n_files)
            fputs(row[i], file);
        must(fclose(file));
    }
    free(row);
    return ledger;
}

void stage_ledger_remove(struct stage_ledger *ledger)
{
    for (size_t f = 0; f < ledger->n; f++)
        unlink(ledger->path[f]);
    rmdir(ledger->directory);
}
