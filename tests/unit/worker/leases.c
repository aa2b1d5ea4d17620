/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of leases when connections break and things are said twice: a worker between a
 * ventilator and a sink whose letters are written here. */
#include "worker/worker.h"

#include <string.h>

#include "common/settings.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "doubles/line_memory.h"
#include "doubles/store_memory.h"
#include "score/day.h"
#include "support/assert.h"
#include "support/correspondent.h"

#define SHARDS 4

static const struct digest job = {1, 2}, other_job = {3, 4}, segment = {5, 6};

struct scene {
    struct line_memory *board;
    struct line *line;
    struct correspondent ventilator, sink;
    struct cache *cache;
    struct worker *worker;
    int64_t now_ms;
};

static struct shelf *shelf;

static int open_shelf(const char *directory, struct store **store)
{
    (void)directory;
    return store_memory_open(shelf, store);
}

/* As often as a shard without a customer needs. */
static void turn(struct scene *scene)
{
    struct role role = worker_role(scene->worker);
    for (int i = 0; i < 12; i++)
        assert_int_equal(loop_turn(&role, scene->line, scene->now_ms, 0), 0);
    scene->now_ms += 10;
}

static void bind_to(struct line_memory *board, const char *endpoint, struct correspondent *who)
{
    uint32_t gate;
    assert_int_equal(line_memory_open(board, &who->line), 0);
    assert_int_equal(line_bind(who->line, endpoint, &gate), 0);
}

static int begin(void **state)
{
    static struct scene scene;
    uint32_t ventilator, sink;
    memset(&scene, 0, sizeof scene);
    assert_int_equal(line_memory_new(&scene.board, 100), 0);
    bind_to(scene.board, "inproc://ventilator", &scene.ventilator);
    bind_to(scene.board, "inproc://sink", &scene.sink);
    assert_int_equal(line_memory_open(scene.board, &scene.line), 0);
    assert_int_equal(line_connect(scene.line, "inproc://ventilator", &ventilator), 0);
    assert_int_equal(line_connect(scene.line, "inproc://sink", &sink), 0);
    assert_int_equal(store_memory_shelf_new(&shelf), 0);
    assert_int_equal(cache_open("cache", open_shelf, &scene.cache), 0);
    const struct worker_settings settings = {.line = scene.line,
                                             .ventilator = {.gate = ventilator},
                                             .sink = {.gate = sink},
                                             .cache = scene.cache,
                                             .name = {7, 8},
                                             .version = "0",
                                             .host = "here",
                                             .credit = 4};
    assert_int_equal(worker_new(&settings, &scene.worker), 0);
    turn(&scene);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    worker_destroy(&scene->worker);
    cache_close(&scene->cache);
    store_memory_shelf_destroy(&shelf);
    line_close(&scene->line);
    line_close(&scene->ventilator.line);
    line_close(&scene->sink.line);
    line_memory_destroy(&scene->board);
    return 0;
}

/* ---- what a ventilator says ---- */

static void welcome(struct scene *scene)
{
    const struct letter letter = {.kind = LETTER_WELCOME};
    const struct welcome terms = {1000, 1000, 8, 4};
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_welcome_put(&terms, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
}

static void brief(struct scene *scene)
{
    const struct letter letter = {.kind = LETTER_PLAN, .job = job};
    struct work_plan work = {.plan = settings_default().scoring.plan, .shards = SHARDS};
    struct parcel parts = {.n = 0};
    work.plan.as_of = work.plan.first_day = 18000;
    work.plan.wallet_window_days = 1;
    assert_int_equal(wire_plan_put(&work, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
}

static void employ(struct scene *scene)
{
    struct letter letter;
    assert_true(correspondent_hears(&scene->ventilator, LETTER_HELLO, &letter, NULL));
    assert_true(correspondent_hears(&scene->sink, LETTER_HELLO, &letter, NULL));
    welcome(scene);
    brief(scene);
    turn(scene);
    correspondent_rests(&scene->ventilator);
}

static void lease(struct scene *scene, struct digest of, uint32_t attempt, uint32_t frames)
{
    const struct letter letter = {
        .kind = LETTER_LEASE, .job = of, .stage = 1, .shard = 2, .attempt = attempt};
    const struct lease_order order = {.want = &segment, .n_want = 1, .frames = frames};
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_lease_put(&order, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
    turn(scene);
}

static void say(struct correspondent *who, enum letter_kind kind)
{
    const struct letter letter = {.kind = kind, .job = job};
    correspondent_says(who, &letter, NULL);
}

/* The last beat: its leases, with the attempt and state of the first one. */
struct heartbeat {
    size_t n;
    uint32_t attempt, state;
};

static struct heartbeat last_beat(struct scene *scene)
{
    struct heartbeat last = {99, 0, 0};
    struct arena *arena = arena_new(1 << 16);
    struct letter letter;
    struct parcel parcel;
    while (correspondent_hears(&scene->ventilator, LETTER_BEAT, &letter, &parcel)) {
        struct beat beat;
        assert_int_equal(wire_beat_read(&parcel, 1, arena, &beat), 0);
        last =
            (struct heartbeat){beat.n, beat.n ? beat.attempts[0] : 0, beat.n ? beat.states[0] : 0};
        parcel_clear(&parcel);
    }
    arena_destroy(&arena);
    return last;
}

static struct heartbeat next_beat(struct scene *scene)
{
    correspondent_rests(&scene->ventilator);
    scene->now_ms += 1000;
    turn(scene);
    return last_beat(scene);
}

/* ---- */

static void what_waits_for_frames_is_gone_with_its_connection(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, job, 1, 1);
    assert_int_equal(next_beat(scene).n, 1);
    say(&scene->ventilator, LETTER_REHELLO);
    turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_HELLO, &letter, NULL));
    welcome(scene);
    turn(scene);
    assert_int_equal(last_beat(scene).n, 0);
}

static void what_has_been_worked_through_survives_the_connection(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, job, 1, 0);
    assert_true(correspondent_hears(&scene->sink, LETTER_RESULT, &letter, NULL));
    say(&scene->ventilator, LETTER_REHELLO);
    turn(scene);
    welcome(scene);
    turn(scene);
    struct heartbeat beat = last_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.state, BEAT_SENT);
}

static void another_attempt_takes_the_place_of_one_that_waits(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, job, 1, 1);
    lease(scene, job, 2, 1);
    assert_false(correspondent_hears(&scene->ventilator, LETTER_RELEASE, &letter, NULL));
    struct heartbeat beat = next_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.attempt, 2);
}

static void another_attempt_at_what_is_sent_changes_nothing(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, job, 1, 0);
    assert_true(correspondent_hears(&scene->sink, LETTER_RESULT, &letter, NULL));
    lease(scene, job, 2, 0);
    assert_false(correspondent_hears(&scene->ventilator, LETTER_RELEASE, &letter, NULL));
    assert_false(correspondent_hears(&scene->sink, LETTER_RESULT, &letter, NULL));
    assert_int_equal(next_beat(scene).attempt, 1);
}

static void what_the_sink_asks_for_again_is_sent_again(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, job, 1, 0);
    assert_true(correspondent_hears(&scene->sink, LETTER_RESULT, &letter, NULL));
    say(&scene->sink, LETTER_REHELLO);
    turn(scene);
    assert_true(correspondent_hears(&scene->sink, LETTER_HELLO, &letter, NULL));
    assert_true(correspondent_hears(&scene->sink, LETTER_RESULT, &letter, NULL));
    assert_int_equal(letter.shard, 2);
}

static void a_lease_of_an_unknown_job_goes_back_under_its_name(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    employ(scene);
    lease(scene, other_job, 1, 0);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_RELEASE, &letter, NULL));
    assert_int_equal(letter.code, RELEASE_NO_PLAN);
    assert_true(digest_same(letter.job, other_job));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_waits_for_frames_is_gone_with_its_connection, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_has_been_worked_through_survives_the_connection, begin,
                                        end),
        cmocka_unit_test_setup_teardown(another_attempt_takes_the_place_of_one_that_waits, begin,
                                        end),
        cmocka_unit_test_setup_teardown(another_attempt_at_what_is_sent_changes_nothing, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_the_sink_asks_for_again_is_sent_again, begin, end),
        cmocka_unit_test_setup_teardown(a_lease_of_an_unknown_job_goes_back_under_its_name, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
