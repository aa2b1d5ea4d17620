/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_MODEL_SCENE_H
#define SUPPORT_MODEL_SCENE_H

#include "sink/model_json.h"

#define PERCENT (PLAN_SHARE_WHOLE / 100)

/* A model with something in every place. */
struct model_scene {
    struct fitted fitted;
    struct plan plan;
    struct tiering tiering;
    uint64_t customers[PLAN_TIERS_LIMIT];
    struct digest digest;
    struct model_text text;
};

void model_scene_begin(struct model_scene *scene);
void model_scene_end(struct model_scene *scene);
/* Adds peer groups whose names need quotes. */
void model_scene_add_groups(struct model_scene *scene, int n);

void model_scene_write(struct model_scene *scene);
struct slice model_scene_json(const struct model_scene *scene);
struct slice model_scene_groups(const struct model_scene *scene); /* empty where there are none */
void model_scene_read(const struct model_scene *scene, struct model_read *read);
/* Fails the test unless the text is refused as data, with the words and the file's name. */
void model_scene_refused(struct model_scene *scene, struct slice json, struct slice groups,
                         const char *words);

#endif
