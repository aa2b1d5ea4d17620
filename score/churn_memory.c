/* SPDX-License-Identifier: Apache-2.0 */
/* By the handful, because what is left to do for one whose forecast is known goes for several at a time
 * (churn_lanes.c). */
#include "score/churn_memory.h"

#include <string.h>

#include "score/churn_lanes.h"
#include "score/churn_parts.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* of 2^64 */

/* What a slot remembers of x and a day. Under Pareto/NBD the second one is of t_x; under a CNBD kind
 * slot i > 0 has phases 2 i - 1 and 2 i. */
enum { OF_NOW, OF_LAST };

/* Slots for one x and day. */
static uint32_t slots_of(const struct churn_model *model)
{
    return model->kind == CHURN_PNBD ? 2 : 1 + (uint32_t)forecast_phases(model) / 2;
}

/* What a slot is known by, and found. */
struct key {
    uint32_t x_plus_1;
    int32_t day;
    uint32_t what;
};

/* The days of one (x, what) lie side by side, and rows of days start a golden section of the memory
 * apart: evenly, however many they are, so that none meet while they fit in at all. */
static struct churn_memory_slot *place_of(const struct churn_memory *memory, uint32_t slots,
                                          struct key key)
{
    uint64_t row = ((uint64_t)key.x_plus_1 * slots + key.what) * GOLDEN;
    size_t start = (size_t)((row >> 32) * memory->n >> 32);
    return &memory->slot[(start + (uint32_t)key.day) & (memory->n - 1)];
}

/* *known says whether the place of what is wanted remembers it; else it is to be filled now. */
static struct churn_memory_slot *slot_of(const struct churn_memory *memory, uint32_t slots,
                                         struct key key, int *known)
{
    struct churn_memory_slot *slot = place_of(memory, slots, key);
    *known = slot->x_plus_1 == key.x_plus_1 && slot->day == key.day && slot->what == key.what;
    if (*known)
        return slot;
    slot->x_plus_1 = key.x_plus_1;
    slot->day = key.day;
    slot->what = key.what;
    return slot;
}

/* A slot's share of the forecasts (of the model, then of each it is moved to), to and fro. Of the
 * moved ones only what a discounted expectation needs. */
static void slot_keep(struct churn_memory_slot *slot, const struct forecast *of, int32_t n_moved,
                      int32_t phase)
{
    int32_t next = phase > 0 ? phase + 1 : 0;
    slot->part[0] = phase > 0 ? of->expected[phase] : of->quiet;
    slot->part[1] = phase > 0 ? of->discounted[phase] : of->standing;
    slot->part[2] = of->expected[next];
    slot->part[3] = of->discounted[next];
    for (int32_t j = 0; j < n_moved; j++) {
        const struct forecast *moved = &of[1 + j];
        slot->moved[j][0] = phase > 0 ? moved->discounted[phase] : moved->standing;
        slot->moved[j][1] = moved->discounted[next];
    }
}

static void slot_give(const struct churn_memory_slot *slot, struct forecast *to, int32_t n_moved,
                      int32_t phase)
{
    int32_t next = phase > 0 ? phase + 1 : 0;
    *(phase > 0 ? &to->expected[phase] : &to->quiet) = slot->part[0];
    *(phase > 0 ? &to->discounted[phase] : &to->standing) = slot->part[1];
    to->expected[next] = slot->part[2];
    to->discounted[next] = slot->part[3];
    for (int32_t j = 0; j < n_moved; j++) {
        struct forecast *moved = &to[1 + j];
        *(phase > 0 ? &moved->discounted[phase] : &moved->standing) = slot->moved[j][0];
        moved->discounted[next] = slot->moved[j][1];
    }
}

/* Of the model, and of each it is moved to. Without a shelf one desk serves all. */
static void make_forecasts(const struct churn_model *model, struct repeat seen,
                           const struct churn_horizon *horizon, const struct churn_memory *memory,
                           struct forecast *out)
{
    struct forecast_desk own, *desk = &own;
    int own_desk = memory->shelves == 0;
    own.unit = 0.0; /* and nothing on it */
    if (!own_desk)
        desk = memory->shelf[(uint32_t)seen.age_days & (memory->shelves - 1)].desk;
    churn_forecast(model, seen, horizon, desk, out);
    for (int32_t j = memory->n_moved; j > 0; j--) /* those of the same alpha first */
        churn_forecast_moved(&memory->moved[j - 1], seen, horizon, own_desk ? desk : &desk[j],
                             &out[j]);
}

/* Slot by slot, as two of them may be one place. */
static void recall_forecasts(const struct churn_model *model, struct repeat seen,
                             const struct churn_horizon *horizon, const struct churn_memory *memory,
                             struct forecast *out)
{
    struct key wanted = {.x_plus_1 = seen.x + 1, .day = seen.age_days};
    int32_t phases = forecast_phases(model);
    uint32_t slots = slots_of(model);
    int known, all = 1;
    if (memory->n == 0) {
        make_forecasts(model, seen, horizon, memory, out);
        return;
    }
    for (int32_t j = 0; j<phases; j += j> 0 ? 2 : 1) {
        wanted.what = ((uint32_t)j + 1) / 2;
        struct churn_memory_slot *slot = slot_of(memory, slots, wanted, &known);
        all &= known;
        slot_give(slot, out, memory->n_moved, j);
    }
    if (all)
        return;
    make_forecasts(model, seen, horizon, memory, out);
    for (int32_t j = 0; j<phases; j += j> 0 ? 2 : 1) {
        wanted.what = ((uint32_t)j + 1) / 2;
        slot_keep(slot_of(memory, slots, wanted, &known), out, memory->n_moved, j);
    }
}

/* churn_standing_at_last of the model, and of each it is moved to. */
static void recall_at_last(const struct churn_model *model, struct repeat seen,
                           const struct churn_memory *memory, double *out)
{
    const struct key wanted = {seen.x + 1, seen.span_days, OF_LAST};
    int known = 0;
    memset(out, 0, (1 + (size_t)memory->n_moved) * sizeof *out);
    if (model->kind != CHURN_PNBD)
        return;
    struct churn_memory_slot one, *slot = &one;
    if (memory->n > 0)
        slot = slot_of(memory, slots_of(model), wanted, &known);
    if (!known) {
        slot->part[0] = churn_standing_at_last(model, seen);
        for (int32_t j = 0; j < memory->n_moved; j++)
            slot->moved[j][0] = churn_standing_at_last(&memory->moved[j], seen);
    }
    out[0] = slot->part[0];
    for (int32_t j = 0; j < memory->n_moved; j++)
        out[1 + j] = slot->moved[j][0];
}

static void look_at_one(const struct churn_model *model, struct repeat seen,
                        const struct churn_horizon *horizon, const struct churn_memory *memory,
                        struct churn_outlooks *out, size_t i)
{
    struct forecast forecast[1 + CHURN_PARAMETERS];
    double at_last[1 + CHURN_PARAMETERS];
    struct churn_silence silence = {0};
    recall_forecasts(model, seen, horizon, memory, forecast);
    recall_at_last(model, seen, memory, at_last);
    struct churn_outlook outlook =
        churn_outlook_of(model, seen, horizon, forecast, at_last[0], &silence);
    out->p_alive[i] = outlook.p_alive;
    out->churn_prob[i] = outlook.churn_prob;
    out->expected_purchases[i] = outlook.expected_purchases;
    out->discounted[i] = outlook.discounted;
    for (int32_t j = memory->n_moved; j > 0; j--) /* those of the same alpha first */
        out->moved[j - 1][i] =
            churn_discounted(&memory->moved[j - 1], seen, &forecast[j], at_last[j], &silence);
}

/* One slot has all there is of a customer. */
static void lay_lane(const struct churn_model *model, struct repeat seen,
                     const struct churn_horizon *horizon, const struct churn_memory *memory,
                     struct churn_lanes *lanes, size_t i)
{
    struct key wanted = {seen.x + 1, seen.age_days, OF_NOW};
    struct churn_memory_slot one, *slot = &one;
    int known = 0;
    if (memory->n > 0)
        slot = slot_of(memory, 1, wanted, &known);
    if (!known) {
        struct forecast forecast[1 + CHURN_PARAMETERS];
        make_forecasts(model, seen, horizon, memory, forecast);
        slot_keep(slot, forecast, memory->n_moved, 0);
    }
    lanes->x[i] = seen.x;
    lanes->span[i] = seen.span_days;
    lanes->silent[i] = (double)seen.age_days - seen.span_days;
    lanes->quiet[i] = slot->part[0];
    lanes->standing[0][i] = slot->part[1];
    lanes->expected[i] = slot->part[2];
    lanes->discounted[0][i] = slot->part[3];
    for (int32_t j = 0; j < memory->n_moved; j++) {
        lanes->standing[1 + j][i] = slot->moved[j][0];
        lanes->discounted[1 + j][i] = slot->moved[j][1];
    }
}

void churn_outlooks(const struct churn_model *model, const struct repeat *seen, size_t n,
                    const struct churn_horizon *horizon, const struct churn_memory *memory,
                    struct churn_outlooks *out)
{
    struct churn_lanes lanes;
    if (n < CHURN_HANDFUL || !churn_supported(model))
        memset(out, 0, sizeof *out);
    if (!churn_supported(model))
        return;
    if (!churn_lanes_fit(model)) {
        for (size_t i = 0; i < n; i++)
            look_at_one(model, seen[i], horizon, memory, out, i);
        return;
    }
    if (n < CHURN_HANDFUL)
        memset(&lanes, 0, sizeof lanes);
    for (size_t i = 0; i < n; i++)
        lay_lane(model, seen[i], horizon, memory, &lanes, i);
    churn_lanes_outlooks(&lanes, model, memory, out);
}

void churn_memory_fetch(const struct churn_memory *memory, const struct churn_model *model,
                        struct repeat seen)
{
    if (memory->n == 0)
        return;
    const struct churn_memory_slot *slot =
        place_of(memory, slots_of(model), (struct key){seen.x + 1, seen.age_days, OF_NOW});
    __builtin_prefetch(slot);
    __builtin_prefetch((const char *)slot + sizeof *slot / 2);
}
