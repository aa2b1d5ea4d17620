/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of the store over LMDB alone: files, other processes, deaths, a full disk. */
#define _GNU_SOURCE /* unshare */

#include "common/store.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/contract.h"

#define SKIPPED 77

struct place {
    struct contract_scratch scratch;
    char path[100];
    struct store *store;
};

static struct slice text(const char *words)
{
    return (struct slice){words, strlen(words)};
}

static int put_bytes(struct store *store, const char *key, const void *data, size_t size)
{
    struct store_put put = {.key = text(key), .part = {{data, size}}, .n_parts = 1};
    return store_write(store, &put, 1);
}

static void open_here(struct place *place, enum store_care care)
{
    assert_int_equal(store_lmdb_open(place->path, care, &place->store), 0);
}

static int open_answer(struct place *place, enum store_care care)
{
    struct store *store = NULL;
    int rc = store_lmdb_open(place->path, care, &store);
    store_close(&store);
    return rc;
}

/* Runs it in a process of its own, where nothing may be asserted; answers its exit code. */
static int elsewhere(int (*run)(const char *path), const char *path)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(run(path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void file_path(const struct place *place, const char *name, char out[160])
{
    snprintf(out, 160, "%s/%s", place->path, name);
}

/* ---- owners ---- */

static int try_open(const char *path)
{
    struct store *store = NULL;
    int rc = store_lmdb_open(path, STORE_DURABLE, &store);
    store_close(&store);
    return rc;
}

static void a_second_open_is_busy_here_and_in_another_process(void **state)
{
    struct place *place = *state;
    open_here(place, STORE_DURABLE);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_BUSY);
    assert_int_equal(open_answer(place, STORE_CACHE), STORE_E_BUSY);
    assert_int_equal(elsewhere(try_open, place->path), STORE_E_BUSY);
    assert_int_equal(put_bytes(place->store, "key", "value", 5), 0); /* and did no harm */
    store_close(&place->store);
    assert_int_equal(elsewhere(try_open, place->path), 0);
    assert_int_equal(open_answer(place, STORE_DURABLE), 0);
}

static void the_directory_is_the_owners_alone(void **state)
{
    struct place *place = *state;
    struct stat seen;
    open_here(place, STORE_DURABLE);
    assert_int_equal(stat(place->path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0700);
}

static void a_directory_that_cannot_be_made_is_an_error(void **state)
{
    struct place *place = *state;
    struct store *store = NULL;
    strcat(place->path, "/no/where");
    assert_int_equal(store_lmdb_open(place->path, STORE_DURABLE, &store), STATUS_NO_OUTPUT);
    assert_null(store);
}

/* ---- deaths ---- */

#define KEYS       8
#define VALUE_SIZE 300000

/* Writes round after round of the same number under all keys, and says each round that is done. */
static void write_for_ever(const char *path, enum store_care care, int out)
{
    struct store *store;
    static uint64_t value[VALUE_SIZE / sizeof(uint64_t)];
    if (store_lmdb_open(path, care, &store))
        _exit(1);
    for (uint64_t round = 1;; round++) {
        struct store_put puts[KEYS];
        static const char names[] = "abcdefgh";
        for (size_t i = 0; i < sizeof value / sizeof value[0]; i++)
            value[i] = round;
        for (size_t i = 0; i < KEYS; i++)
            puts[i] = (struct store_put){
                .key = {names + i, 1}, .part = {{value, sizeof value}}, .n_parts = 1};
        if (store_write(store, puts, KEYS) || write(out, &round, sizeof round) != sizeof round)
            _exit(1);
    }
}

/* Lets it say so many rounds, kills it, answers the last round that it was heard to say. */
static uint64_t write_and_die(struct place *place, enum store_care care, int n_rounds)
{
    int ends[2];
    uint64_t said = 0, round;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_for_ever(place->path, care, ends[1]);
    }
    close(ends[1]);
    for (int i = 0; i < n_rounds; i++)
        assert_int_equal(read(ends[0], &said, sizeof said), sizeof said);
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(ends[0], &round, sizeof round) == sizeof round)
        said = round; /* said before it died */
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return said;
}

static void assert_one_round(struct place *place, uint64_t at_least)
{
    uint64_t round = 0;
    for (int i = 0; i < KEYS; i++) {
        struct slice value;
        char key[2] = {(char)('a' + i), '\0'};
        assert_int_equal(store_read(place->store, text(key), &value), 0);
        const uint64_t *number = value.data;
        round = i == 0 ? number[0] : round;
        size_t wrong = 0;
        for (size_t k = 0; k < value.size / sizeof *number; k++)
            wrong += number[k] != round;
        assert_int_equal(wrong, 0);
    }
    store_release(place->store);
    assert_true(round == at_least || round == at_least + 1);
}

static void killed_in_the_middle(struct place *place, enum store_care care)
{
    for (int n_rounds = 1; n_rounds <= 12; n_rounds++) {
        uint64_t said = write_and_die(place, care, n_rounds);
        assert_true(said >= (uint64_t)n_rounds);
        open_here(place, care);
        assert_one_round(place, said);
        store_close(&place->store);
    }
}

static void
a_process_killed_in_the_middle_leaves_the_last_write_that_it_was_told_is_done(void **state)
{
    killed_in_the_middle(*state, STORE_DURABLE);
}

static void a_cache_survives_its_process_too(void **state)
{
    killed_in_the_middle(*state, STORE_CACHE);
}

/* ---- what is broken ---- */

static void fill_some(struct place *place, enum store_care care)
{
    static const char value[200000] = "something";
    char key[20];
    open_here(place, care);
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "key %d", i);
        assert_int_equal(put_bytes(place->store, key, value, sizeof value), 0);
    }
    store_close(&place->store);
}

static void overwrite(struct place *place, const char *name, off_t at, const char *bytes,
                      size_t size)
{
    char path[160];
    file_path(place, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    close(fd);
}

static void a_file_that_is_no_store_is_unreadable(void **state)
{
    struct place *place = *state;
    char words[8192];
    memset(words, 'x', sizeof words);
    fill_some(place, STORE_DURABLE);
    overwrite(place, "data.mdb", 0, words, sizeof words);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_UNREADABLE);
    assert_int_equal(open_answer(place, STORE_CACHE), STORE_E_UNREADABLE);
}

static void a_store_of_another_version_is_unreadable(void **state)
{
    struct place *place = *state;
    fill_some(place, STORE_DURABLE);
    /* Behind a page's head of 16 bytes and the magic of 4, on both of the first pages. */
    overwrite(place, "data.mdb", 20, "\x63\0\0\0", 4);
    overwrite(place, "data.mdb", sysconf(_SC_PAGESIZE) + 20, "\x63\0\0\0", 4);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_UNREADABLE);
}

static void a_store_that_was_cut_off_is_unreadable_and_no_bus_error(void **state)
{
    struct place *place = *state;
    char path[160];
    fill_some(place, STORE_DURABLE);
    file_path(place, "data.mdb", path);
    assert_int_equal(truncate(path, 1000000), 0);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_UNREADABLE);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_UNREADABLE);
}

static void a_file_where_the_directory_should_be_is_unreadable(void **state)
{
    struct place *place = *state;
    int fd = open(place->path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(open_answer(place, STORE_CACHE), STORE_E_UNREADABLE);
}

static void an_unreadable_store_can_be_moved_aside(void **state)
{
    struct place *place = *state;
    char aside[120], words[64] = "no";
    fill_some(place, STORE_CACHE);
    overwrite(place, "data.mdb", 0, words, sizeof words);
    overwrite(place, "data.mdb", sysconf(_SC_PAGESIZE), words, sizeof words);
    assert_int_equal(open_answer(place, STORE_CACHE), STORE_E_UNREADABLE);
    snprintf(aside, sizeof aside, "%s.broken", place->path);
    assert_int_equal(rename(place->path, aside), 0);
    assert_int_equal(open_answer(place, STORE_CACHE), 0);
}

/* Pages that one batch takes at the file's end and gives back are never written, when there are
 * older free pages that they can be counted among. */
static void a_batch_that_gives_pages_back_leaves_a_whole_store(void **state)
{
    struct place *place = *state;
    static const char value[900000];
    struct slice seen;
    const struct store_put puts[] = {
        {.key = {"a", 1}, .part = {{value, 5}}, .n_parts = 1},
        {.key = {"b", 1}, .part = {{value, sizeof value}}, .n_parts = 1},
        {.key = {"b", 1}, .n_parts = 0},
    };
    open_here(place, STORE_DURABLE);
    for (int i = 0; i < 6; i++)
        assert_int_equal(put_bytes(place->store, "a", value, 10000), 0);
    assert_int_equal(store_write(place->store, puts, 3), 0);
    store_close(&place->store);
    open_here(place, STORE_DURABLE);
    assert_int_equal(store_read(place->store, text("a"), &seen), 0);
}

/* ---- the machine's end ---- */

static void a_cache_of_another_boot_is_unreadable(void **state)
{
    struct place *place = *state;
    fill_some(place, STORE_CACHE);
    assert_int_equal(open_answer(place, STORE_CACHE), 0);
    overwrite(place, "owner", 0, "00000000", 8);
    assert_int_equal(open_answer(place, STORE_CACHE), STORE_E_UNREADABLE);
    assert_int_equal(open_answer(place, STORE_DURABLE), STORE_E_UNREADABLE);
}

static void a_durable_store_is_not_marked(void **state)
{
    struct place *place = *state;
    struct stat seen;
    char path[160];
    file_path(place, "owner", path);
    fill_some(place, STORE_DURABLE);
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_size, 0);
    fill_some(place, STORE_CACHE);
    assert_int_equal(stat(path, &seen), 0);
    assert_true(seen.st_size > 0);
    fill_some(place, STORE_DURABLE); /* which flushes first what the cache had left */
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_size, 0);
}

/* ---- room ---- */

static void the_same_keys_again_and_again_do_not_grow_the_file(void **state)
{
    struct place *place = *state;
    static const char value[1 << 20];
    uint64_t early = 0;
    open_here(place, STORE_CACHE);
    for (size_t round = 0; round < 300; round++) {
        struct store_put puts[16];
        static const char names[] = "abcdefghijklmnop";
        for (size_t i = 0; i < 16; i++)
            puts[i] =
                (struct store_put){.key = {names + i, 1},
                                   .part = {{value, 60000 + (round * 7919 + i * 104729) % 200000}},
                                   .n_parts = 1};
        assert_int_equal(store_write(place->store, puts, 16), 0);
        struct slice seen; /* a reader in between, released as it should be */
        assert_int_equal(store_read(place->store, puts[3].key, &seen), 0);
        store_release(place->store);
        if (round == 40)
            early = store_bytes(place->store);
    }
    assert_true(early > 16 * 60000);
    assert_true(store_bytes(place->store) <= 2 * early);
}

/* Bytes of files that are mapped and resident. */
static uint64_t resident_bytes(void)
{
    unsigned long size, resident, shared;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        skip();
    int n = fscanf(file, "%lu %lu %lu", &size, &resident, &shared);
    (void)fclose(file);
    assert_int_equal(n, 3);
    return (uint64_t)shared * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void what_was_read_leaves_the_memory_of_the_process(void **state)
{
    struct place *place = *state;
    enum { N = 32 };
    const size_t size = (size_t)4 << 20;
    char *value = calloc(1, size), key[2] = "";
    assert_non_null(value);
    open_here(place, STORE_CACHE);
    for (int i = 0; i < N; i++) {
        key[0] = (char)('A' + i);
        assert_int_equal(put_bytes(place->store, key, value, size), 0);
    }
    free(value);
    uint64_t before = resident_bytes(), most = 0;
    unsigned sum = 0;
    for (int i = 0; i < N; i++) {
        struct slice seen;
        key[0] = (char)('A' + i);
        assert_int_equal(store_read(place->store, text(key), &seen), 0);
        for (size_t at = 0; at < seen.size; at += 4096)
            sum += ((const uint8_t *)seen.data)[at];
        most = resident_bytes() > most ? resident_bytes() : most;
        store_release(place->store);
    }
    assert_int_equal(sum, 0);
    assert_true(most < before + 8 * size);
    assert_true(resident_bytes() < before + 5 * size);
}

#define CANARY_BYTES ((size_t)32 << 20)

/* Memory that is not the store's, near an address if there is room. */
static char *a_canary(uintptr_t near)
{
    char *canary = mmap((void *)(near / 65536 * 65536), CANARY_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(canary != MAP_FAILED);
    memset(canary, 7, CANARY_BYTES);
    return canary;
}

/* What was read is let go by address, and where the map was somebody else may be. */
static void a_map_that_moved_does_not_take_others_memory_along(void **state)
{
    struct place *place = *state;
    const size_t size = (size_t)10 << 20;
    char *value = calloc(1, 2 * size), *canary[2];
    struct slice seen;
    assert_non_null(value);
    open_here(place, STORE_CACHE);
    assert_int_equal(put_bytes(place->store, "a", value, size), 0);
    assert_int_equal(store_read(place->store, text("a"), &seen), 0);
    store_release(place->store);
    /* Above and below, so that a larger map cannot stay where it is. */
    canary[0] = a_canary((uintptr_t)seen.data + ((size_t)17 << 20));
    canary[1] = a_canary((uintptr_t)seen.data - CANARY_BYTES - ((size_t)1 << 20));
    assert_int_equal(put_bytes(place->store, "b", value, 2 * size), 0);
    assert_int_equal(store_read(place->store, text("b"), &seen), 0);
    store_release(place->store);
    for (size_t i = 0; i < CANARY_BYTES; i += 4096)
        assert_true(canary[0][i] == 7 && canary[1][i] == 7);
    assert_int_equal(munmap(canary[0], CANARY_BYTES) | munmap(canary[1], CANARY_BYTES), 0);
    free(value);
}

#define DISK_BYTES ((size_t)12 << 20)

/* On a disk of its own: answers 0, SKIPPED, or the step that went wrong. */
static int on_a_small_disk(const char *path)
{
    struct store *store;
    struct slice seen;
    char options[40];
    char *value = malloc(DISK_BYTES);
    if (!value || unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return SKIPPED;
    snprintf(options, sizeof options, "size=%zu,mode=0700", DISK_BYTES);
    if (mkdir(path, 0700) || mount("tmpfs", path, "tmpfs", 0, options))
        return SKIPPED;
    memset(value, 'v', DISK_BYTES);
    if (store_lmdb_open(path, STORE_DURABLE, &store))
        return 1;
    if (put_bytes(store, "a", value, DISK_BYTES / 3))
        return 2;
    if (put_bytes(store, "b", value, DISK_BYTES) != STORE_E_FULL)
        return 3;
    if (store_read(store, text("b"), &seen) != STORE_E_ABSENT)
        return 4;
    if (store_read(store, text("a"), &seen) || seen.size != DISK_BYTES / 3)
        return 5;
    if (put_bytes(store, "c", value, DISK_BYTES / 2) != 0) /* room that the failed write took */
        return 6;
    if (put_bytes(store, "b", value, DISK_BYTES / 3) != STORE_E_FULL)
        return 7;
    store_close(&store);
    if (store_lmdb_open(path, STORE_DURABLE, &store))
        return 8;
    if (store_read(store, text("c"), &seen) || seen.size != DISK_BYTES / 2)
        return 9;
    store_close(&store);
    free(value);
    return 0;
}

static void a_full_disk_is_said_and_nothing_of_the_write_is_kept(void **state)
{
    struct place *place = *state;
    int step = elsewhere(on_a_small_disk, place->path);
    if (step == SKIPPED) {
        print_message("no right to mount a small disk\n");
        skip();
    }
    assert_int_equal(step, 0);
}

/* ---- */

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    contract_scratch_make(&place->scratch);
    snprintf(place->path, sizeof place->path, "%s/store", place->scratch.path);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    store_close(&place->store);
    contract_scratch_remove(&place->scratch);
    free(place);
    return 0;
}

int main(void)
{
    const struct contract_port ports[] = {{"lmdb", NULL}};
    const struct contract_case cases[] = {
        contract_case(a_second_open_is_busy_here_and_in_another_process),
        contract_case(the_directory_is_the_owners_alone),
        contract_case(a_directory_that_cannot_be_made_is_an_error),
        contract_case(
            a_process_killed_in_the_middle_leaves_the_last_write_that_it_was_told_is_done),
        contract_case(a_cache_survives_its_process_too),
        contract_case(a_file_that_is_no_store_is_unreadable),
        contract_case(a_store_of_another_version_is_unreadable),
        contract_case(a_store_that_was_cut_off_is_unreadable_and_no_bus_error),
        contract_case(a_file_where_the_directory_should_be_is_unreadable),
        contract_case(an_unreadable_store_can_be_moved_aside),
        contract_case(a_batch_that_gives_pages_back_leaves_a_whole_store),
        contract_case(a_cache_of_another_boot_is_unreadable),
        contract_case(a_durable_store_is_not_marked),
        contract_case(the_same_keys_again_and_again_do_not_grow_the_file),
        contract_case(what_was_read_leaves_the_memory_of_the_process),
        contract_case(a_map_that_moved_does_not_take_others_memory_along),
        contract_case(a_full_disk_is_said_and_nothing_of_the_write_is_kept),
    };
    return contract_run(cases, sizeof cases / sizeof cases[0], ports, 1, setup, teardown);
}
