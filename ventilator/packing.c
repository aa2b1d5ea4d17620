/* SPDX-License-Identifier: Apache-2.0 */
/* zlib and zstd behind one step function. zlib stops after a member and has to be told to go on;
 * gzip(1) also forgives zero bytes behind the last member (tape blocks), and so do we, but nothing
 * else: garbage there is more often a broken copy than a tape. */
#include "ventilator/packing.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST /* what is unpacked is only read */
#include <zlib.h>
#include <zstd.h>

#include "common/log.h"

#define GZIP_WINDOW (15 + 16) /* 32 KiB of history, with a gzip header */

struct packing {
    enum packing_kind kind;
    z_stream zlib;
    ZSTD_DStream *zstd;
    int complete;
};

/* Bytes at an offset of a file, and what they say it is. */
struct magic {
    size_t at;
    size_t size;
    const char *bytes;
    const char *words;
};

static int begins_with(const void *data, size_t size, const char *bytes, size_t n)
{
    return size >= n && memcmp(data, bytes, n) == 0;
}

enum packing_kind packing_of(const void *magic, size_t size)
{
    const unsigned char *bytes = magic;
    if (begins_with(magic, size, "\x1f\x8b", 2))
        return PACKING_GZIP;
    if (begins_with(magic, size, "\x28\xb5\x2f\xfd", 4))
        return PACKING_ZSTD;
    if (size >= 4 && bytes[0] >> 4 == 5 && begins_with(bytes + 1, size - 1, "\x2a\x4d\x18", 3))
        return PACKING_ZSTD; /* a skippable frame, as pzstd writes first */
    return PACKING_PLAIN;
}

const char *packing_name(enum packing_kind kind)
{
    static const char *const name[] = {"plain", "gzip", "zstd"};
    return name[kind];
}

const char *packing_foreign(const void *magic, size_t size)
{
    static const struct magic foreign[] = {
        {0, 4, "PK\x03\x04", "a zip archive or a workbook (.xlsx): save it as csv"},
        {0, 4, "\xd0\xcf\x11\xe0", "a workbook (.xls): save it as csv"},
        {1, 4, "7zXZ", "packed by xz: unpack it first"},
        {4, 4, "1AY&", "packed by bzip2: unpack it first"},
        {0, 4, "PAR1", "a Parquet file: export it as csv"},
        {0, 8, "SQLite f", "an SQLite database: export the table as csv"},
        {0, 5, "%PDF-", "a PDF document"},
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const struct magic *it = &foreign[i];
        if (size > it->at &&
            begins_with((const char *)magic + it->at, size - it->at, it->bytes, it->size))
            return it->words;
    }
    return NULL;
}

static int open_library(struct packing *packing)
{
    if (packing->kind == PACKING_GZIP)
        return inflateInit2(&packing->zlib, GZIP_WINDOW) == Z_OK;
    packing->zstd = ZSTD_createDStream();
    return packing->zstd != NULL;
}

int packing_new(enum packing_kind kind, struct packing **out)
{
    struct packing *packing = calloc(1, sizeof *packing);
    if (packing)
        packing->kind = kind;
    if (!packing || !open_library(packing)) {
        free(packing);
        return log_fail(STATUS_BUG, "no memory to unpack %s", packing_name(kind));
    }
    *out = packing;
    return 0;
}

void packing_destroy(struct packing **packing)
{
    if (!*packing)
        return;
    if ((*packing)->kind == PACKING_GZIP)
        inflateEnd(&(*packing)->zlib);
    ZSTD_freeDStream((*packing)->zstd);
    free(*packing);
    *packing = NULL;
}

static unsigned at_most_uint(size_t size)
{
    return size < 1u << 30 ? (unsigned)size : 1u << 30;
}

static void skip_zeros(struct packing_flow *flow)
{
    while (flow->in_size && *flow->in == 0) {
        flow->in++;
        flow->in_size--;
    }
}

static int step_gzip(struct packing *packing, struct packing_flow *flow)
{
    z_stream *zlib = &packing->zlib;
    if (packing->complete) {
        packing->complete = 0;
        inflateReset(zlib);
    }
    zlib->next_in = flow->in;
    zlib->avail_in = at_most_uint(flow->in_size);
    zlib->next_out = flow->out;
    zlib->avail_out = at_most_uint(flow->out_size);
    int answer = inflate(zlib, Z_NO_FLUSH);
    flow->in_size -= (size_t)(zlib->next_in - flow->in);
    flow->in = zlib->next_in;
    flow->out_size -= (size_t)(zlib->next_out - flow->out);
    flow->out = zlib->next_out;
    packing->complete = answer == Z_STREAM_END;
    return answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR ? 0
                                                                             : PACKING_E_DAMAGED;
}

static int step_zstd(struct packing *packing, struct packing_flow *flow)
{
    ZSTD_inBuffer in = {flow->in, flow->in_size, 0};
    ZSTD_outBuffer out = {flow->out, flow->out_size, 0};
    size_t answer = ZSTD_decompressStream(packing->zstd, &out, &in);
    flow->in += in.pos;
    flow->in_size -= in.pos;
    flow->out += out.pos;
    flow->out_size -= out.pos;
    if (ZSTD_isError(answer))
        return PACKING_E_DAMAGED;
    packing->complete = answer == 0;
    return 0;
}

int packing_step(struct packing *packing, struct packing_flow *flow)
{
    if (packing->complete && packing->kind == PACKING_GZIP)
        skip_zeros(flow);
    if (packing->complete && !flow->in_size)
        return 0;
    return packing->kind == PACKING_GZIP ? step_gzip(packing, flow) : step_zstd(packing, flow);
}

int packing_complete(const struct packing *packing)
{
    return packing->complete;
}
