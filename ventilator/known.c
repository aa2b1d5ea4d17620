/* SPDX-License-Identifier: Apache-2.0 */
/*  winnow known 1
 *  shards 256
 *  input BYTES DIGEST HOW SEGMENT SEGMENT ... @ DEVICE INODE MODIFIED CHANGED
 *  end
 *
 * Without a stamp a line ends before the @. Times are in nanoseconds.
 *
 * A file that does not end so, or has a line that is none of these, says nothing. */
#include "ventilator/known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define PATH_BYTES 4096
#define LINE_BYTES (256 + KNOWN_SEGMENTS_LIMIT * DIGEST_TEXT)
#define HEAD       "winnow known 1\n"

struct known {
    char path[PATH_BYTES];
    struct known_input *input;
    size_t n;
};

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 digits and what follows them; NULL: not a digest. */
static const char *digest_read(const char *text, struct digest *digest)
{
    uint64_t half[2] = {0, 0};
    for (int i = 0; i < 32; i++) {
        int digit = hex(text[i]);
        if (digit < 0)
            return NULL;
        half[i / 16] = half[i / 16] << 4 | (uint64_t)digit;
    }
    *digest = (struct digest){half[1], half[0]};
    return text + 32;
}

/* What follows the segments; 0: it is the line's end, or a stamp. */
static int stamp_read(const char *text, struct known_input *input)
{
    struct stamp *stamp = &input->stamp;
    int read = 0;
    if (strcmp(text, "\n") == 0)
        return 0;
    if (sscanf(text, " @ %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64 "%n", &stamp->device,
               &stamp->inode, &stamp->modified_ns, &stamp->changed_ns, &read) != 4)
        return 1;
    stamp->bytes = input->bytes;
    return strcmp(text + read, "\n") != 0;
}

static int input_read(const char *line, struct known_input *input)
{
    char *end;
    *input = (struct known_input){0};
    input->bytes = strtoull(line, &end, 10);
    if (*end != ' ')
        return 1;
    const char *at = digest_read(end + 1, &input->digest);
    if (!at || *at != ' ')
        return 1;
    at = digest_read(at + 1, &input->how);
    while (at && at[0] == ' ' && at[1] != '@' && input->n_segments < KNOWN_SEGMENTS_LIMIT)
        at = digest_read(at + 1, &input->segment[input->n_segments++]);
    return !at || input->n_segments == 0 || stamp_read(at, input) != 0;
}

int known_add(struct known *known, const struct known_input *input)
{
    for (size_t i = 0; i < known->n; i++)
        if (digest_same(known->input[i].digest, input->digest) &&
            digest_same(known->input[i].how, input->how)) {
            known->input[i] = *input;
            return 0;
        }
    struct known_input *more = realloc(known->input, (known->n + 1) * sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu known inputs", known->n + 1);
    known->input = more;
    known->input[known->n++] = *input;
    return 0;
}

/* 0: read to its end. */
static int file_read(struct known *known, FILE *file, uint32_t *shards)
{
    static const char input_word[] = "input ";
    char *line = malloc(LINE_BYTES);
    struct known_input *input = malloc(sizeof *input);
    int r = 1;
    if (line && input && fgets(line, LINE_BYTES, file) && strcmp(line, HEAD) == 0 &&
        fgets(line, LINE_BYTES, file) && sscanf(line, "shards %" SCNu32, shards) == 1)
        while (fgets(line, LINE_BYTES, file)) {
            if (strcmp(line, "end\n") == 0) {
                r = 0;
                break;
            }
            if (strncmp(line, input_word, sizeof input_word - 1) != 0 ||
                input_read(line + sizeof input_word - 1, input) != 0 ||
                known_add(known, input) != 0)
                break;
        }
    free(line);
    free(input);
    return r;
}

int known_open(const char *directory, struct known **out, uint32_t *shards)
{
    struct known *known = calloc(1, sizeof *known);
    if (!known)
        return log_fail(STATUS_BUG, "out of memory for the known inputs");
    *shards = 0;
    if (snprintf(known->path, sizeof known->path, "%s/known", directory) >= PATH_BYTES) {
        known_close(&known);
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name of over %d bytes",
                        PATH_BYTES - 8);
    }
    FILE *file = fopen(known->path, "re");
    if (file && file_read(known, file, shards) != 0) {
        log_say(LOG_WARN, "%s is not readable; the inputs are read anew", known->path);
        known->n = 0;
        *shards = 0;
    }
    if (file)
        fclose(file);
    *out = known;
    return 0;
}

void known_close(struct known **known)
{
    if (!*known)
        return;
    free((*known)->input);
    free(*known);
    *known = NULL;
}

size_t known_size(const struct known *known)
{
    return known->n;
}

const struct known_input *known_at(const struct known *known, size_t i)
{
    return &known->input[i];
}

void known_keep(struct known *known, const unsigned char *keep)
{
    size_t n = 0;
    for (size_t i = 0; i < known->n; i++)
        if (keep[i])
            known->input[n++] = known->input[i];
    known->n = n;
}

static void input_write(const struct known_input *input, FILE *file)
{
    char digest[DIGEST_TEXT], how[DIGEST_TEXT];
    digest_print(input->digest, digest);
    digest_print(input->how, how);
    fprintf(file, "input %" PRIu64 " %s %s", input->bytes, digest, how);
    for (uint32_t i = 0; i < input->n_segments; i++) {
        digest_print(input->segment[i], digest);
        fprintf(file, " %s", digest);
    }
    if (input->stamp.changed_ns != 0)
        fprintf(file, " @ %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64, input->stamp.device,
                input->stamp.inode, input->stamp.modified_ns, input->stamp.changed_ns);
    fputc('\n', file);
}

int known_write(const struct known *known, uint32_t shards)
{
    char aside[PATH_BYTES + 8];
    snprintf(aside, sizeof aside, "%s.new", known->path);
    mode_t mask = umask(077);
    FILE *file = fopen(aside, "we");
    umask(mask);
    if (!file)
        return log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s", aside, strerror(errno));
    fprintf(file, HEAD "shards %" PRIu32 "\n", shards);
    for (size_t i = 0; i < known->n; i++)
        input_write(&known->input[i], file);
    fputs("end\n", file);
    int failed = ferror(file);
    if (fclose(file) != 0 || failed || rename(aside, known->path) != 0)
        return log_fail(STATUS_IO, "cannot write %s: %s", known->path, strerror(errno));
    return 0;
}
