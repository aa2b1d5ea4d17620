/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board.h"

#include <stdlib.h>
#include <string.h>

#define BAR 30

double board_figure(const char *page, const char *name, double absent)
{
    size_t size = strlen(name);
    for (const char *at = page; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (strncmp(at, name, size) == 0 && at[size] == ' ')
            return strtod(at + size, NULL);
    return absent;
}

static void draw_bar(FILE *out, const char *name, double share)
{
    int full = (int)(share * BAR);
    fprintf(out, "  %-10s [", name);
    for (int i = 0; i < BAR; i++)
        fputc(i < full ? '#' : '.', out);
    fprintf(out, "] %3.0f %%\n", share * 100);
}

static double within(double share)
{
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* The share of the stage that is going on. */
static double share_now(const char *page, int stage)
{
    double done = board_figure(page, "winnow_shards{state=\"done\"}", 0);
    double all = done + board_figure(page, "winnow_shards{state=\"leased\"}", 0) +
                 board_figure(page, "winnow_shards{state=\"ready\"}", 0);
    if (stage == 1)
        return within(board_figure(page, "winnow_read_ratio", 0));
    return all > 0 ? within(done / all) : 0;
}

static void draw_stages(const char *page, FILE *out)
{
    static const char *const name[] = {"reading", "gathering", "scoring", "writing"};
    int stage = (int)board_figure(page, "winnow_stage", 0);
    double share = share_now(page, stage);
    double seconds = board_figure(page, "winnow_stage_seconds", 0);
    for (int i = 1; i <= 4; i++)
        draw_bar(out, name[i - 1], i < stage ? 1 : i == stage ? share : 0);
    if (share > 0.02 && share < 1)
        fprintf(out, "  %.0f s left of this stage\n", seconds / share * (1 - share));
}

static double rate(double now, double before, double took_s)
{
    return took_s > 0 && now > before ? (now - before) / took_s : 0;
}

static void draw_rates(struct board *board, const char *page, double took_s, FILE *out)
{
    double rows = board_figure(page, "winnow_rows_read_total", 0);
    double bytes = board_figure(page, "winnow_read_bytes_total", 0);
    fprintf(out,
            "  %.0f rows read (%.2f M/s, %.0f MB/s), %.0f rejects, %.0f workers, %.0f leases, "
            "%.0f expired, %.0f lost\n",
            rows, rate(rows, board->rows, took_s) / 1e6, rate(bytes, board->bytes, took_s) / 1e6,
            board_figure(page, "winnow_rejects_total", 0), board_figure(page, "winnow_workers", 0),
            board_figure(page, "winnow_leases_total", 0),
            board_figure(page, "winnow_leases_expired_total", 0),
            board_figure(page, "winnow_leases_lost_total", 0));
    board->rows = rows;
    board->bytes = bytes;
}

/* Rows "winnow_shards_gathered_total{worker="3",host="x"} 17", and what they have in the other
 * families. */
static void draw_workers(struct board *board, const char *page, double took_s, FILE *out)
{
    static const char first[] = "winnow_shards_gathered_total{worker=\"";
    int titled = 0;
    for (const char *at = page; (at = strstr(at, first)); at++) {
        char labels[160], name[200];
        const char *brace = strchr(at, '{'), *end = strchr(at, '}');
        unsigned number = (unsigned)strtoul(at + sizeof first - 1, NULL, 10);
        if (!end || (size_t)(end - brace) >= sizeof labels - 1 || number > 255)
            continue;
        snprintf(labels, sizeof labels, "%.*s", (int)(end - brace + 1), brace);
        double gathered = strtod(end + 1, NULL);
        snprintf(name, sizeof name, "winnow_shards_scored_total%s", labels);
        double scored = board_figure(page, name, 0);
        snprintf(name, sizeof name, "winnow_worker_memory_kibibytes%s", labels);
        const char *host = strstr(labels, "host=\"");
        int size = host ? (int)strcspn(host + 6, "\"") : 0;
        if (!titled++)
            fprintf(out, "  %-4s %-24s %9s %9s %9s %9s\n", "", "worker", "gathered", "scored",
                    "shards/s", "MiB");
        fprintf(out, "  %-4u %-24.*s %9.0f %9.0f %9.1f %9.0f\n", number, size, host ? host + 6 : "",
                gathered, scored, rate(gathered + scored, board->worker_shards[number], took_s),
                board_figure(page, name, 0) / 1024);
        board->worker_shards[number] = gathered + scored;
    }
}

/* Every figure but the buckets of a histogram. */
static void draw_plain(const char *page, FILE *out)
{
    for (size_t size; *page; page += size + (page[size] == '\n')) {
        size = strcspn(page, "\n");
        const char *bucket = strstr(page, "_bucket{");
        if (*page != '#' && (!bucket || bucket > page + size))
            fprintf(out, "  %.*s\n", (int)size, page);
    }
}

void board_draw(struct board *board, const char *page, double at_s, FILE *out)
{
    double took_s = board->at_s > 0 ? at_s - board->at_s : 0;
    if (board_figure(page, "winnow_stage", -1) < 0) {
        draw_plain(page, out);
        return;
    }
    draw_stages(page, out);
    draw_rates(board, page, took_s, out);
    draw_workers(board, page, took_s, out);
    board->at_s = at_s;
}
