/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/mask.h"

/* What a register holds: gcc takes wider vectors apart, byte by byte. */
#ifdef __AVX2__
#define LANES 32
#else
#define LANES 16
#endif
#define STRETCH_MOST 255 /* blocks, as a lane counts up to that */

/* So many bytes side by side. */
typedef unsigned char lanes __attribute__((vector_size(LANES)));

/* What was seen so far, lane by lane. */
struct seen {
    lanes quotes, nuls, returns, all;
};

static size_t sum(const lanes *counts)
{
    size_t n = 0;
    for (int k = 0; k < LANES; k++)
        n += (*counts)[k];
    return n;
}

static int any(const lanes *found)
{
    int all = 0;
    for (int k = 0; k < LANES; k++)
        all |= (*found)[k];
    return all;
}

/* Answers the line ends of so many blocks. */
static size_t look_at_stretch(const char *text, size_t blocks, struct seen *seen)
{
    struct seen now = *seen;
    lanes lines = {0}, block;
    for (size_t i = 0; i < blocks; i++) {
        memcpy(&block, text + LANES * i, LANES);
        lines -= (lanes)(block == '\n');
        now.quotes |= (lanes)(block == '"');
        now.nuls |= (lanes)(block == 0);
        now.returns |= (lanes)(block == '\r');
        now.all |= block;
    }
    *seen = now;
    return sum(&lines);
}

struct mask_look mask_look(const char *text, size_t size)
{
    struct seen seen = {.nuls = {0}};
    struct mask_look look = {0};
    char rest[LANES];
    size_t blocks = size / LANES, left = size % LANES;
    for (size_t at = 0, some; at < blocks; at += some) {
        some = blocks - at < STRETCH_MOST ? blocks - at : STRETCH_MOST;
        look.lines += look_at_stretch(text + LANES * at, some, &seen);
    }
    memset(rest, ' ', sizeof rest);
    if (left)
        memcpy(rest, text + LANES * blocks, left);
    look.lines += look_at_stretch(rest, 1, &seen);
    look.quotes = any(&seen.quotes) != 0;
    look.nuls = any(&seen.nuls) != 0;
    look.bare = !any(&seen.returns);
    look.ascii = any(&seen.all) < 0x80;
    return look;
}
