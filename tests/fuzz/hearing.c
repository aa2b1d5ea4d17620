/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/hearing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/transcript.h"

#define LETTERS_LIMIT  1000 /* on their way; everybody hears what is said at once */
#define LETTERS_PLAYED 300

void hearing_must(int holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: not so: %s\n", words);
    abort();
}

void hearing_open(struct hearing *hearing)
{
    memset(hearing, 0, sizeof *hearing);
    hearing->now_ms = 1000;
    hearing_must(line_memory_new(&hearing->board, LETTERS_LIMIT) == 0 &&
                     line_memory_open(hearing->board, &hearing->line) == 0,
                 "there is a board");
}

void hearing_close(struct hearing *hearing)
{
    for (int i = 0; i < HEARING_SPEAKERS; i++)
        if (hearing->speaker[i])
            line_close(&hearing->speaker[i]);
    line_memory_destroy(&hearing->board);
}

void hearing_caller(struct hearing *hearing, int who, const char *endpoint)
{
    uint32_t gate = 0;
    hearing_must(line_memory_open(hearing->board, &hearing->speaker[who]) == 0 &&
                     line_connect(hearing->speaker[who], endpoint, &gate) == 0,
                 "a speaker connects");
    hearing->to[who] = (struct peer){.gate = gate};
}

void hearing_host(struct hearing *hearing, int who, const char *endpoint)
{
    uint32_t gate = 0;
    hearing_must(line_memory_open(hearing->board, &hearing->speaker[who]) == 0 &&
                     line_bind(hearing->speaker[who], endpoint, &gate) == 0,
                 "a speaker binds");
    hearing->to[who] = (struct peer){.gate = gate};
}

/* Whoever is bound learns the role's route by what it says. */
static void listen_all(struct hearing *hearing)
{
    struct parcel parcel;
    for (int i = 0; i < HEARING_SPEAKERS; i++)
        while (hearing->speaker[i] &&
               line_wait(hearing->speaker[i], 0, &hearing->to[i], &parcel) == 0) {
            if (hearing->hears)
                hearing->hears(hearing->context, &parcel);
            parcel_clear(&parcel);
        }
}

int hearing_turns(struct hearing *hearing, const struct role *role, int turns)
{
    int r = 0;
    for (int i = 0; r == 0 && i < turns; i++) {
        r = loop_turn(role, hearing->line, hearing->now_ms, 0);
        listen_all(hearing);
    }
    return r;
}

void hearing_play(struct hearing *hearing, const struct role *role, const uint8_t *data,
                  size_t size)
{
    struct transcript_letter letter;
    for (int i = 0; i < LETTERS_PLAYED && transcript_read(&data, &size, &letter); i++) {
        struct line *speaker = hearing->speaker[letter.who];
        hearing->now_ms += letter.later_ms;
        if (speaker && line_send(speaker, hearing->to[letter.who], &letter.parcel) < 0)
            abort();
        parcel_clear(&letter.parcel);
        if (hearing_turns(hearing, role, 3) != 0)
            return;
    }
}
