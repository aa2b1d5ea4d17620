/* SPDX-License-Identifier: Apache-2.0 */
/* A letter: who (2 bits) and the time in steps of 4 ms (6 bits); how many parts; of each part its size, 16 bits
 * low first, and its bytes. The last part is cut where the bytes end. */
#include "support/transcript.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS   4
#define STEPS     63
#define PARTS     16
#define PART_SIZE 65535

void transcript_write(FILE *file, int who, int64_t later_ms, const struct parcel *parcel)
{
    int64_t steps = later_ms / STEP_MS;
    size_t n = parcel->n < PARTS ? parcel->n : PARTS;
    fputc((int)((steps < STEPS ? steps : STEPS) << 2) | (who & 3), file);
    fputc((int)n, file);
    for (size_t i = 0; i < n; i++) {
        size_t size = parcel->part[i].size < PART_SIZE ? parcel->part[i].size : PART_SIZE;
        fputc((int)(size & 255), file);
        fputc((int)(size >> 8), file);
        fwrite(parcel->part[i].data, 1, size, file);
    }
}

static void read_part(const uint8_t **data, size_t *size, struct parcel *parcel)
{
    size_t wanted = (size_t)(*data)[0] | (size_t)(*data)[1] << 8;
    *data += 2;
    *size -= 2;
    if (wanted > *size)
        wanted = *size;
    struct part part = part_new(wanted);
    if (!part.data)
        abort();
    if (wanted > 0)
        memcpy(part.data, *data, wanted);
    *data += wanted;
    *size -= wanted;
    if (parcel_add(parcel, &part) != 0)
        abort();
}

int transcript_read(const uint8_t **data, size_t *size, struct transcript_letter *letter)
{
    letter->parcel.n = 0;
    if (*size < 4)
        return 0;
    letter->who = (*data)[0] & 3;
    letter->later_ms = ((*data)[0] >> 2) * STEP_MS;
    size_t n = 1 + ((*data)[1] - 1u) % PARTS;
    *data += 2;
    *size -= 2;
    for (size_t i = 0; i < n && *size >= 2; i++)
        read_part(data, size, &letter->parcel);
    return letter->parcel.n > 0;
}

int transcript_open(struct transcript *transcript, const char *directory)
{
    static const char *const names[TRANSCRIPT_ROLES] = {"ventilator", "sink", "worker"};
    int r = 0;
    for (size_t i = 0; i < TRANSCRIPT_ROLES; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        transcript->file[i] = fopen(path, "wb");
        transcript->last_ms[i] = 0;
        r |= transcript->file[i] == NULL;
    }
    return r;
}

/* Who is speaking, as the listener's fuzz target counts: servers first, then workers in turn. */
static int speaker(size_t from, size_t to)
{
    if (to >= 2)
        return from == 0 ? 0 : 1;
    return from < 2 ? 0 : 1 + (int)(from - 2) % 3;
}

void transcript_note(struct transcript *transcript, size_t from, size_t to, int64_t now_ms,
                     const struct parcel *parcel)
{
    if (to >= TRANSCRIPT_ROLES || !transcript->file[to])
        return;
    transcript_write(transcript->file[to], speaker(from, to),
                     transcript->last_ms[to] ? now_ms - transcript->last_ms[to] : 0, parcel);
    transcript->last_ms[to] = now_ms;
}

void transcript_close(struct transcript *transcript)
{
    for (size_t i = 0; i < TRANSCRIPT_ROLES; i++)
        if (transcript->file[i])
            fclose(transcript->file[i]);
}
