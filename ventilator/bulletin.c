/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/bulletin.h"

#include <stdio.h>

static void put_progress(struct figures *figures, const struct bulletin_news *news)
{
    const struct progress_state *progress = news->progress, *read = news->read;
    figures_set(figures, FIGURE_STAGE, progress->stage);
    figures_set(figures, FIGURE_WORKERS, progress->workers);
    figures_set(figures, FIGURE_REJECTS, (int64_t)read->rejects);
    figures_set(figures, FIGURE_ROWS_READ, (int64_t)read->rows);
    figures_set(figures, FIGURE_BYTES_READ, (int64_t)read->bytes);
    figures_set(figures, FIGURE_READ_MILLIONTHS,
                progress->stage > 1 ? 1000000 : (int64_t)(read->share * 1e6));
}

static void put_shards(struct figures *figures, const struct bulletin_news *news)
{
    struct staff_counts counts = staff_counts(news->staff);
    int is_dealt = news->progress->stage == 2 || news->progress->stage == 3;
    uint32_t done = is_dealt ? dispatch_n_done(staff_dispatch(news->staff)) : 0;
    uint32_t leased = is_dealt ? news->leased : 0;
    uint32_t ready = is_dealt ? news->shards - done - leased : 0;
    figures_set(figures, FIGURE_SHARDS_DONE, done);
    figures_set(figures, FIGURE_SHARDS_LEASED, leased);
    figures_set(figures, FIGURE_SHARDS_READY, ready);
    figures_set(figures, FIGURE_LEASES, (int64_t)counts.dispatch.leases);
    figures_set(figures, FIGURE_RETRIES, (int64_t)counts.dispatch.expired);
    figures_set(figures, FIGURE_COPIES, (int64_t)counts.dispatch.copies);
    figures_set(figures, FIGURE_LOST, (int64_t)counts.dispatch.lost);
    figures_set(figures, FIGURE_ROWS_SENT, (int64_t)counts.rows_sent);
    figures_set(figures, FIGURE_ROWS_SENT_AGAIN, (int64_t)counts.rows_sent_again);
    figures_set(figures, FIGURE_BYTES_SENT, (int64_t)counts.bytes_sent);
}

static void put_workers(struct figures *figures, struct muster *muster)
{
    for (uint32_t i = 0; i < muster_places(muster) && i < FIGURES_WORKERS; i++) {
        const struct mustered *who = muster_at(muster, i);
        struct figures_worker row = {.here = who->here};
        snprintf(row.host, sizeof row.host, "%s", who->host);
        row.gathered = who->shards_done[1];
        row.scored = who->shards_done[2];
        row.resident_kib = who->resident_kib;
        figures_put_worker(figures, i, &row);
    }
}

void bulletin_put(struct bulletin *bulletin, const struct bulletin_news *news, int64_t now_ms)
{
    int is_new = bulletin->stage != news->progress->stage;
    if (!bulletin->figures || (!is_new && now_ms < bulletin->next_ms))
        return;
    if (is_new) {
        bulletin->stage = news->progress->stage;
        bulletin->since_ms = now_ms;
    }
    bulletin->next_ms = now_ms + BULLETIN_MS;
    figures_set(bulletin->figures, FIGURE_STAGE_MILLIS, now_ms - bulletin->since_ms);
    put_progress(bulletin->figures, news);
    put_shards(bulletin->figures, news);
    put_workers(bulletin->figures, staff_muster(news->staff));
}
