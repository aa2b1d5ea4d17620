/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that serve, a worker and clients in one process, on memory and a hand clock: jobs of two owners, and
 * whoever dies meanwhile. Whatever happens, each job ends as it should, with the bytes of a quiet day. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/settings.h"
#include "common/wire_order.h"
#include "doubles/line_memory.h"
#include "doubles/store_memory.h"
#include "sink/archivist.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/stage_ledger.h"
#include "ventilator/steward.h"
#include "worker/worker.h"

#define STEP_MS  5
#define LONG_MS  600000
#define AGAIN_MS 200
#define SHELVES  256
#define SEEDS    10
#define JOBS     5
#define WALL     INT64_C(1767225600000) /* 2026-01-01 */

static int64_t clock_ms = 1000;

static int64_t hand_clock(void)
{
    return clock_ms;
}

static int64_t hand_wall(void)
{
    return WALL + clock_ms;
}

static int32_t hand_day(void)
{
    return 20454;
}

/* ---- stores by directory, which outlive whoever opens them ---- */

static struct {
    char directory[SCRATCH_PATH + 64];
    struct shelf *shelf;
} shelves[SHELVES];
static int broken; /* no store can be opened */

static int open_shelf(const char *directory, struct store **store)
{
    size_t i = 0;
    if (broken)
        return STATUS_IO;
    while (i < SHELVES && shelves[i].shelf && strcmp(shelves[i].directory, directory) != 0)
        i++;
    assert_true(i < SHELVES);
    if (!shelves[i].shelf) {
        snprintf(shelves[i].directory, sizeof shelves[i].directory, "%s", directory);
        assert_int_equal(store_memory_shelf_new(&shelves[i].shelf), 0);
    }
    return store_memory_open(shelves[i].shelf, store);
}

static void clear_shelves(void)
{
    for (size_t i = 0; i < SHELVES; i++)
        if (shelves[i].shelf)
            store_memory_shelf_destroy(&shelves[i].shelf);
}

/* ---- a job's words: the first is its ledger, "" is refused ---- */

static int check_words(const char *const *words, size_t n)
{
    return n > 0 && **words ? 0 : log_fail(STATUS_USAGE, "a job without a ledger");
}

struct held {
    struct settings settings;
    const char *ledger;
};

static int read_words(const struct docket_job *job, struct ventilator_settings *role, void **out)
{
    struct held *held = calloc(1, sizeof *held);
    assert_non_null(held);
    held->settings = settings_default();
    held->ledger = job->words[0];
    held->settings.reading.ledgers = &held->ledger;
    held->settings.reading.n_ledgers = 1;
    held->settings.running.shards = 8;
    held->settings.running.restart = 1;
    held->settings.running.out = "nowhere";
    held->settings.scoring.churn_choice = CHURN_OFF;
    role->settings = &held->settings;
    *out = held;
    return 0;
}

static void release_words(void **held)
{
    free(*held);
    *held = NULL;
}

/* ---- the scene ---- */

enum place { AT_VENTILATOR, AT_SINK, AT_OUT, AT_WORKER, PLACES };
static const char *const places[PLACES] = {"ventilator", "sink", "out", "worker"};

struct scene {
    struct scratch scratch;
    char path[PLACES][SCRATCH_PATH + 16];
    struct stage_ledger ledger[2];
    struct line_memory *board;
    struct line *at_steward, *at_archivist, *at_worker, *at_client;
    struct peer server; /* the client's */
    struct steward *steward;
    struct archivist *archivist;
    struct worker *worker;
    struct cache *cache;
    struct chance chance;
    uint64_t born, asked;
    unsigned lost, kills; /* of a thousand letters, and rounds */
    struct arena *arena;
};

static void enter_steward(struct scene *scene)
{
    struct store *store = NULL;
    uint32_t gate;
    struct steward_settings settings = {
        .role = {.threads = 0,
                 .name = {7, ++scene->born},
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
                 .now_ms = hand_clock},
        .reading = {check_words, read_words, release_words},
        .state = scene->path[AT_VENTILATOR],
        .slice_ms = 50,
        .wall_ms = hand_wall,
        .today = hand_day,
    };
    assert_int_equal(line_memory_open(scene->board, &scene->at_steward), 0);
    settings.role.line = scene->at_steward;
    assert_int_equal(line_bind(scene->at_steward, "inproc://v", &settings.role.workers), 0);
    assert_int_equal(line_connect(scene->at_steward, "inproc://s", &gate), 0);
    settings.role.sink = (struct peer){.gate = gate};
    assert_int_equal(open_shelf("queue", &store), 0);
    assert_int_equal(steward_new(&settings, &store, &scene->steward), 0);
}

static void enter_archivist(struct scene *scene)
{
    uint32_t gate;
    struct archivist_settings settings = {
        .role = {.version = "0", .boot = ++scene->born * 1000, .threads = 1, .now_ms = hand_clock},
        .out = scene->path[AT_OUT],
        .state = scene->path[AT_SINK],
        .open_store = open_shelf};
    assert_int_equal(line_memory_open(scene->board, &scene->at_archivist), 0);
    settings.role.line = scene->at_archivist;
    assert_int_equal(line_bind(scene->at_archivist, "inproc://s", &gate), 0);
    assert_int_equal(archivist_new(&settings, &scene->archivist), 0);
}

static void enter_worker(struct scene *scene)
{
    uint32_t ventilator, sink;
    struct worker_settings settings = {
        .name = {9, ++scene->born}, .version = "0", .host = "here", .credit = 2};
    assert_int_equal(line_memory_open(scene->board, &scene->at_worker), 0);
    assert_int_equal(cache_open(scene->path[AT_WORKER], open_shelf, &scene->cache), 0);
    settings.line = scene->at_worker;
    settings.cache = scene->cache;
    assert_int_equal(line_connect(scene->at_worker, "inproc://v", &ventilator), 0);
    assert_int_equal(line_connect(scene->at_worker, "inproc://s", &sink), 0);
    settings.ventilator = (struct peer){.gate = ventilator};
    settings.sink = (struct peer){.gate = sink};
    assert_int_equal(worker_new(&settings, &scene->worker), 0);
}

static void leave_steward(struct scene *scene)
{
    steward_destroy(&scene->steward);
    line_close(&scene->at_steward);
}

static void leave_archivist(struct scene *scene)
{
    archivist_destroy(&scene->archivist);
    line_close(&scene->at_archivist);
}

static void leave_worker(struct scene *scene)
{
    if (!scene->worker)
        return;
    worker_destroy(&scene->worker);
    cache_close(&scene->cache);
    line_close(&scene->at_worker);
}

/* DATA is not lost while its connection lasts: a line promises that, and nobody would say it again. */
static int loses(void *context, const struct line *from, const struct line *to,
                 const struct parcel *parcel)
{
    struct scene *scene = context;
    struct letter letter;
    (void)from;
    (void)to;
    return wire_letter_read(parcel, &letter) == 0 && letter.kind != LETTER_DATA &&
           chance_below(&scene->chance, 1000) < scene->lost;
}

static int begin(void **state)
{
    static struct scene scene;
    uint32_t gate;
    memset(&scene, 0, sizeof scene);
    scene.chance = (struct chance){5};
    scene.scratch = scratch_new();
    for (size_t i = 0; i < PLACES; i++) {
        scratch_directory(&scene.scratch, places[i]);
        snprintf(scene.path[i], sizeof scene.path[i], "%s", scratch_at(&scene.scratch, places[i]));
    }
    scene.ledger[0] = stage_ledger_make(200, 1, 0);
    scene.ledger[1] = stage_ledger_make(300, 1, 3);
    scene.arena = arena_new((size_t)16 << 20);
    assert_int_equal(line_memory_new(&scene.board, 1000), 0);
    line_memory_chances(scene.board,
                        (struct line_memory_chances){.context = &scene, .loses = loses});
    enter_archivist(&scene);
    enter_steward(&scene);
    assert_int_equal(line_memory_open(scene.board, &scene.at_client), 0);
    assert_int_equal(line_connect(scene.at_client, "inproc://v", &gate), 0);
    scene.server = (struct peer){.gate = gate};
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    leave_steward(scene);
    leave_archivist(scene);
    leave_worker(scene);
    line_close(&scene->at_client);
    line_memory_destroy(&scene->board);
    arena_destroy(&scene->arena);
    clear_shelves();
    broken = 0;
    for (size_t i = 0; i < 2; i++)
        stage_ledger_remove(&scene->ledger[i]);
    scratch_remove(&scene->scratch);
    return 0;
}

/* Somebody dies, and another comes in his place. */
static void kill_one(struct scene *scene)
{
    switch (chance_below(&scene->chance, 3)) {
    case 0:
        leave_steward(scene);
        enter_steward(scene);
        break;
    case 1:
        leave_archivist(scene);
        enter_archivist(scene);
        break;
    default:
        if (scene->worker) {
            leave_worker(scene);
            enter_worker(scene);
        }
    }
}

static void play_round(struct scene *scene)
{
    struct role steward = steward_role(scene->steward);
    struct role archivist = archivist_role(scene->archivist);
    if (chance_below(&scene->chance, 1000) < scene->kills)
        kill_one(scene);
    steward = steward_role(scene->steward);
    archivist = archivist_role(scene->archivist);
    assert_int_equal(loop_turn(&steward, scene->at_steward, clock_ms, 0), 0);
    assert_int_equal(loop_turn(&archivist, scene->at_archivist, clock_ms, 0), 0);
    if (scene->worker) {
        struct role worker = worker_role(scene->worker);
        assert_int_equal(loop_turn(&worker, scene->at_worker, clock_ms, 0), 0);
    }
    clock_ms += STEP_MS;
}

/* ---- the client ---- */

/* The answer to a question, said again until it comes; its parts are the caller's. */
static struct letter ask(struct scene *scene, struct letter question, const struct order *order,
                         struct parcel *answer)
{
    struct letter letter = {.kind = (enum letter_kind)0};
    struct peer from;
    question.sequence = ++scene->asked;
    for (int i = 0; i < LONG_MS / STEP_MS; i++) {
        struct parcel parcel;
        if (i % (AGAIN_MS / STEP_MS) == 0) {
            assert_int_equal(wire_letter_put(&question, &parcel), 0);
            if (order)
                assert_int_equal(wire_order_put(order, &parcel), 0);
            assert_true(line_post(scene->at_client, scene->server, &parcel) >= 0);
        }
        play_round(scene);
        while (line_wait(scene->at_client, 0, &from, answer) == 0) {
            if (wire_letter_read(answer, &letter) == 0 && letter.sequence == question.sequence)
                return letter;
            parcel_clear(answer);
        }
    }
    fail_msg("no answer to a letter of kind %d", (int)question.kind);
    return letter;
}

/* Of one job; borrows from the arena. */
static struct entry ask_entry(struct scene *scene, enum letter_kind kind, const char *id,
                              const struct order *order)
{
    struct letter question = {.kind = kind};
    struct parcel answer;
    struct entries entries;
    snprintf(question.text, sizeof question.text, "%s", id);
    assert_int_equal(ask(scene, question, order, &answer).kind, LETTER_ENTRIES);
    arena_reset(scene->arena);
    assert_int_equal(wire_entries_read(&answer, 1, scene->arena, &entries), 0);
    parcel_clear(&answer);
    assert_int_equal(entries.n, 1);
    return entries.entry[0];
}

struct job {
    char id[ORDER_NAME_LIMIT + 1];
};

static struct job submit(struct scene *scene, const char *owner, const char *name, const char *key,
                         const char *ledger)
{
    struct job job;
    const struct order order = {owner, name, key, &ledger, 1};
    struct entry entry = ask_entry(scene, LETTER_SUBMIT, "", &order);
    snprintf(job.id, sizeof job.id, "%s", entry.id);
    return job;
}

static enum entry_state state_of(struct scene *scene, const struct job *job)
{
    return ask_entry(scene, LETTER_ASK, job->id, NULL).state;
}

static void comes_to(struct scene *scene, const struct job *job, enum entry_state state)
{
    for (int i = 0; i < 4000 && state_of(scene, job) != state; i++)
        play_round(scene);
    assert_int_equal(state_of(scene, job), state);
}

static char *result_of(struct scene *scene, const char *place, size_t *size)
{
    char name[ORDER_NAME_LIMIT + 32];
    snprintf(name, sizeof name, "out/%s/scores.csv", place);
    return stage_text(scratch_at(&scene->scratch, name), size);
}

static void assert_same_results(struct scene *scene, const char *a, const char *b)
{
    size_t size_a = 0, size_b = 0;
    char *text_a = result_of(scene, a, &size_a), *text_b = result_of(scene, b, &size_b);
    assert_non_null(text_a);
    assert_non_null(text_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(text_a, text_b, size_a);
    free(text_a);
    free(text_b);
}

/* Entries of a directory of the scene. */
static size_t n_in(struct scene *scene, const char *name)
{
    size_t n = 0;
    struct dirent *entry;
    DIR *dir = opendir(scratch_at(&scene->scratch, name));
    assert_non_null(dir);
    while ((entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* ---- tests ---- */

static void a_job_is_done_and_the_next_one_after_it(void **state)
{
    struct scene *scene = *state;
    const char *ledger = scene->ledger[0].path[0];
    enter_worker(scene);
    struct job first = submit(scene, "ada", "", "1", ledger);
    struct job second = submit(scene, "ada", "", "2", ledger);
    comes_to(scene, &second, ENTRY_DONE);
    assert_int_equal(state_of(scene, &first), ENTRY_DONE);
    assert_same_results(scene, first.id, second.id);
    assert_int_equal(n_in(scene, "ventilator/jobs"), 0);
}

static void workers_who_were_there_first_are_called(void **state)
{
    struct scene *scene = *state;
    enter_worker(scene);
    for (int i = 0; i < 1000; i++)
        play_round(scene);
    struct job job = submit(scene, "ada", "", "1", scene->ledger[0].path[0]);
    comes_to(scene, &job, ENTRY_DONE);
}

static void a_job_that_fails_says_why_and_the_next_one_is_done(void **state)
{
    struct scene *scene = *state;
    struct said said;
    enter_worker(scene);
    said_begin(&said);
    struct job missing = submit(scene, "ada", "", "1", "/nowhere/ledger.csv");
    struct job job = submit(scene, "ada", "", "2", scene->ledger[0].path[0]);
    comes_to(scene, &job, ENTRY_DONE);
    said_end(&said);
    struct entry entry = ask_entry(scene, LETTER_ASK, missing.id, NULL);
    assert_int_equal(entry.state, ENTRY_FAILED);
    assert_int_equal(entry.code, 66);
    assert_non_null(strstr(entry.text, "/nowhere/ledger.csv"));
}

static void a_sink_that_fails_at_a_job_ends_it_and_stays(void **state)
{
    struct scene *scene = *state;
    struct said said;
    enter_worker(scene);
    said_begin(&said);
    broken = 1;
    struct job unlucky = submit(scene, "ada", "", "1", scene->ledger[0].path[0]);
    comes_to(scene, &unlucky, ENTRY_FAILED);
    broken = 0;
    struct job job = submit(scene, "ada", "", "2", scene->ledger[0].path[0]);
    comes_to(scene, &job, ENTRY_DONE);
    said_end(&said);
    assert_int_equal(ask_entry(scene, LETTER_ASK, unlucky.id, NULL).code, 74);
}

static void what_cannot_be_a_job_is_refused_in_words(void **state)
{
    struct scene *scene = *state;
    const char *nothing = "";
    const struct order order = {"ada", "", "1", &nothing, 1};
    const struct letter submission = {.kind = LETTER_SUBMIT};
    struct parcel answer;
    struct said said;
    said_begin(&said);
    struct letter letter = ask(scene, submission, &order, &answer);
    said_end(&said);
    parcel_clear(&answer);
    assert_int_equal(letter.kind, LETTER_REFUSED);
    assert_int_equal(letter.code, 2);
    assert_string_equal(letter.text, "a job without a ledger");
    letter = ask(scene, submission, NULL, &answer);
    parcel_clear(&answer);
    assert_int_equal(letter.kind, LETTER_REFUSED);
    assert_int_equal(letter.code, 65);
}

static void a_job_that_runs_is_ended_and_its_workers_go_on(void **state)
{
    struct scene *scene = *state;
    struct job stuck = submit(scene, "ada", "", "1", scene->ledger[0].path[0]);
    comes_to(scene, &stuck, ENTRY_RUNNING);
    enter_worker(scene);
    ask_entry(scene, LETTER_WITHDRAW, stuck.id, NULL);
    comes_to(scene, &stuck, ENTRY_CANCELLED);
    assert_int_equal(n_in(scene, "out"), 0);
    struct job next = submit(scene, "ada", "", "2", scene->ledger[1].path[0]);
    comes_to(scene, &next, ENTRY_DONE);
}

static void results_by_name_are_the_last(void **state)
{
    struct scene *scene = *state;
    enter_worker(scene);
    struct job first = submit(scene, "ada", "nightly", "1", scene->ledger[0].path[0]);
    struct job second = submit(scene, "bob", "nightly", "2", scene->ledger[1].path[0]);
    comes_to(scene, &second, ENTRY_DONE);
    assert_int_equal(state_of(scene, &first), ENTRY_DONE);
    assert_same_results(scene, "nightly", second.id);
    assert_int_equal(n_in(scene, "sink/names"), 0); /* made by the store, which is in memory */
}

static void play_seed(struct scene *scene, uint64_t seed, const char *const quiet[2])
{
    static const char *const owners[] = {"ada", "bob"};
    struct job job[JOBS];
    char key[32];
    scene->chance = (struct chance){seed};
    scene->lost = (unsigned)chance_below(&scene->chance, 30);
    scene->kills = (unsigned)chance_below(&scene->chance, 12);
    for (size_t i = 0; i < JOBS; i++) {
        snprintf(key, sizeof key, "%llu %zu", (unsigned long long)seed, i);
        job[i] = submit(scene, owners[chance_below(&scene->chance, 2)],
                        chance_below(&scene->chance, 2) ? "nightly" : "", key,
                        scene->ledger[i % 2].path[0]);
        for (size_t rounds = chance_below(&scene->chance, 60); rounds > 0; rounds--)
            play_round(scene);
    }
    for (size_t i = 0; i < JOBS; i++) {
        scene->kills = i == JOBS - 1 ? 0 : scene->kills;
        comes_to(scene, &job[i], ENTRY_DONE);
        assert_same_results(scene, job[i].id, quiet[i % 2]);
    }
}

static void whoever_dies_and_whatever_is_lost_every_job_is_done(void **state)
{
    struct scene *scene = *state;
    struct said said;
    enter_worker(scene);
    struct job first = submit(scene, "ada", "", "first", scene->ledger[0].path[0]);
    struct job second = submit(scene, "ada", "", "second", scene->ledger[1].path[0]);
    comes_to(scene, &second, ENTRY_DONE);
    const char *const quiet[2] = {first.id, second.id};
    said_begin(&said);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        play_seed(scene, seed, quiet);
    said_end(&said);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_job_is_done_and_the_next_one_after_it),
        TEST(workers_who_were_there_first_are_called),
        TEST(a_job_that_fails_says_why_and_the_next_one_is_done),
        TEST(a_sink_that_fails_at_a_job_ends_it_and_stays),
        TEST(what_cannot_be_a_job_is_refused_in_words),
        TEST(a_job_that_runs_is_ended_and_its_workers_go_on),
        TEST(results_by_name_are_the_last),
        TEST(whoever_dies_and_whatever_is_lost_every_job_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
