/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "common/status.h"
#include "score/plan.h"
#include "sink/model_json.h"

/* A directory that a run left, as far as it says how a customer was scored: model.json, and what of
 * manifest.json is needed besides. */

#define RESULTS_PATH 4096

struct results {
    const char *directory; /* as given */
    struct model_read read;
    struct plan plan;       /* of that run */
    struct tiering tiering; /* cut-offs and thresholds */
    char version[32];       /* of the program that wrote it */
    char run_id[40];
    char reason[256]; /* why that churn model */
    int32_t digits;
    int32_t unit_days; /* of --columns lifetimes */
    int redacted;
    int took_back; /* 1: some purchases were refunded or cancelled */
    int64_t customers, active;
    char columns[512]; /* --columns, as it was said */
};

/* STATUS_NO_INPUT: no such directory, or none that a run has left. STATUS_DATA: it holds what this
 * program cannot read. Close it in every case. */
int results_open(const char *directory, struct results *results) MUST_USE;
void results_close(struct results *results);

/* The path of one of its files; STATUS_NO_INPUT where that is too long. */
int results_path(const struct results *results, const char *name, char path[RESULTS_PATH]) MUST_USE;

static inline const struct model *results_model(const struct results *results)
{
    return &results->read.frozen.fitted.model;
}

#endif
