/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_MODEL_JSON_H
#define SINK_MODEL_JSON_H

#include "sink/fitting.h"
#include "sink/tiering.h"

/* model.json and groups.csv: everything that was estimated, complete for --model. Numbers have 17
 * significant digits, cut points are exact decimals, so reading gives back the same model. */

#define MODEL_JSON_VERSION 1
/* Peer groups beyond this many go to groups.csv. */
#define MODEL_JSON_GROUPS 64

struct model_text {
    char *json;
    size_t json_size;
    char *groups; /* NULL: in model.json */
    size_t groups_size;
};

/* customers[] of each tier (n_tiers entries). Both texts are the caller's to free. */
int model_json_write(const struct fitted *fitted, const struct plan *plan,
                     const struct tiering *tiering, const uint64_t *customers, struct digest digest,
                     struct model_text *text) MUST_USE;

/* What an earlier run froze, and the part of its plan that goes with it. */
struct model_read {
    struct frozen frozen;
    struct plan plan; /* rfm_*, wallet_*, tier*, churn_threshold are set; the rest is zero */
};

/* name is for words (the file's path). groups may be empty. STATUS_DATA with words for a text that is no
 * model.json of this version, or whose groups.csv is missing or was changed. */
int model_json_read(const char *name, struct slice json, struct slice groups,
                    struct model_read *read) MUST_USE;
void model_read_free(struct model_read *read);

/* Copies what the model freezes into a plan, part by part, but for those to be refitted. */
void model_read_apply(const struct model_read *read, unsigned refit, struct plan *plan);

#endif
