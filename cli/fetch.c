/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest comes first: it names the other files and their SHA-256, and its arrival says that the job is
 * sealed. What is fetched is published as a sink publishes, so DIR is whole or not there. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/inquiry.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "common/log.h"
#include "sink/outfile.h"
#include "sink/publish.h"

#define MANIFEST       "manifest.json"
#define MANIFEST_BYTES ((size_t)64 << 20)

struct fetch {
    struct inquiry inquiry;
    const char *id;
    struct publish *publish;
    struct slice manifest; /* heap */
};

/* The piece at offset, good until the next question. */
static int ask_piece(struct fetch *fetch, const char *file, uint64_t offset, struct piece *piece)
{
    struct inquiry *inquiry = &fetch->inquiry;
    const struct wish wish = {fetch->id, file, offset};
    struct parcel payload = {.n = 0}, answer;
    int r = wire_wish_put(&wish, &payload);
    if (r == 0)
        r = inquiry_hand(inquiry, LETTER_FETCH, &payload, &answer);
    if (r < 0)
        return r;
    arena_reset(inquiry->arena);
    r = wire_piece_read(&answer, 1, inquiry->arena, piece);
    parcel_clear(&answer);
    if (r != 0 || piece->offset != offset || (piece->data.size == 0 && offset < piece->size))
        return log_fail(STATUS_UNREACHABLE, "%s answers what cannot be read", inquiry->endpoint);
    return 0;
}

/* Room is made for what the first piece says; an answer that says another size later is refused. */
static int read_manifest(struct fetch *fetch)
{
    struct piece piece = {0, 0, {NULL, 0}};
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    size_t have = 0;
    int r;
    while ((r = ask_piece(fetch, MANIFEST, have, &piece)) == 0) {
        if (!bytes && piece.size > 0 && piece.size < MANIFEST_BYTES)
            bytes = malloc(size = piece.size);
        fetch->manifest.data = bytes;
        if (!bytes || piece.size != size || piece.data.size > size - have)
            return log_fail(STATUS_DATA, "%s: a manifest of %llu bytes", fetch->id,
                            (unsigned long long)piece.size);
        memcpy(bytes + have, piece.data.data, piece.data.size);
        have += piece.data.size;
        if (have == piece.size)
            break;
    }
    fetch->manifest.size = have;
    return r;
}

static int copy_pieces(struct fetch *fetch, const char *name, struct outfile *file)
{
    struct piece piece;
    uint64_t have = 0;
    do {
        int r = ask_piece(fetch, name, have, &piece);
        if (r == 0)
            r = outfile_write(file, piece.data.data, piece.data.size);
        if (r < 0)
            return r;
        have += piece.data.size;
    } while (have < piece.size);
    return 0;
}

/* sha256 NULL: of what nobody vouches for. */
static int close_checked(struct outfile **file, const char *name, const char *sha256)
{
    struct outfile_sum sum;
    int r = outfile_close(file, &sum);
    if (r == 0 && sha256 && strcmp(sum.sha256, sha256) != 0)
        return log_fail(STATUS_DATA, "%s is not what the manifest says: SHA-256 %s, %s is written",
                        name, sum.sha256, sha256);
    return r;
}

static int copy_file(struct fetch *fetch, const char *name, const char *sha256)
{
    struct outfile *file;
    if (!wire_name_sound(name))
        return log_fail(STATUS_DATA, "the manifest of %s names a file %s", fetch->id, name);
    int r = outfile_open(publish_aside(fetch->publish), name, &file);
    if (r < 0)
        return r;
    r = copy_pieces(fetch, name, file);
    if (r == 0)
        return close_checked(&file, name, sha256);
    outfile_abandon(&file);
    return r;
}

static int write_manifest(struct fetch *fetch)
{
    struct outfile *file;
    int r = outfile_open(publish_aside(fetch->publish), MANIFEST, &file);
    if (r < 0)
        return r;
    r = outfile_write(file, fetch->manifest.data, fetch->manifest.size);
    if (r == 0)
        return close_checked(&file, MANIFEST, NULL);
    outfile_abandon(&file);
    return r;
}

static int copy_outputs(struct fetch *fetch, const json_t *outputs)
{
    size_t i;
    json_t *output;
    int r = json_array_size(outputs) > 0
                ? 0
                : log_fail(STATUS_DATA, "the manifest of %s names no files", fetch->id);
    json_array_foreach(outputs, i, output)
    {
        const char *name = json_string_value(json_object_get(output, "name"));
        const char *sha256 = json_string_value(json_object_get(output, "sha256"));
        if (r == 0 && name && sha256)
            r = copy_file(fetch, name, sha256);
        else if (r == 0)
            r = log_fail(STATUS_DATA, "the manifest of %s says nothing of its files", fetch->id);
    }
    return r == 0 ? write_manifest(fetch) : r;
}

static int copy_all(struct fetch *fetch, const char *out)
{
    json_error_t error;
    json_t *root = json_loadb(fetch->manifest.data, fetch->manifest.size, 0, &error);
    if (!root)
        return log_fail(STATUS_DATA, "the manifest of %s cannot be read: %s", fetch->id,
                        error.text);
    int r = publish_begin(out, "", &fetch->publish);
    if (r == 0)
        r = copy_outputs(fetch, json_object_get(root, "outputs"));
    if (r == 0)
        r = publish_commit(&fetch->publish, PUBLISH_SUCCESS);
    if (r < 0 && fetch->publish)
        publish_abandon(&fetch->publish);
    json_decref(root);
    return r;
}

int fetch_verb(const struct options *options)
{
    const char *out = options->settings.running.out;
    struct fetch fetch = {.id = options->operands[0]};
    if (!wire_name_sound(fetch.id))
        return log_fail(STATUS_USAGE, "%s: not the id of a job", fetch.id);
    int r = publish_check(out);
    if (r < 0)
        return r;
    r = inquiry_open(options->client.to, &options->settings.running, &fetch.inquiry);
    if (r == 0)
        r = read_manifest(&fetch);
    if (r == 0)
        r = copy_all(&fetch, out);
    if (r == 0)
        log_say(LOG_INFO, "results of %s in %s", fetch.id, out);
    free((void *)(uintptr_t)fetch.manifest.data);
    inquiry_close(&fetch.inquiry);
    return r;
}
