/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_job.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"
#include "common/wire_segments.h"

typedef Winnow__Proto__Tier ProtoTier;
typedef Winnow__Proto__Cut ProtoCut;

#define GROUPS_PER_PART     16384
#define UNCERTAINTY_DOUBLES (sizeof(struct uncertainty) / sizeof(double))

struct packed_plan {
    ProtoPlan plan;
    ProtoTier tier[PLAN_TIERS_LIMIT];
    ProtoTier *tiers[PLAN_TIERS_LIMIT];
    struct packed_segments segments;
};

/* Borrows the names of work. */
static void plan_pack(const struct work_plan *work, struct packed_plan *out)
{
    const struct plan *plan = &work->plan;
    ProtoPlan *to = &out->plan;
    winnow__proto__plan__init(to);
    to->as_of = plan->as_of;
    to->first_day = plan->first_day;
    to->inactive_after_days = plan->inactive_after_days;
    to->rfm_window_days = plan->rfm_window_days;
    to->horizon_days = plan->horizon_days;
    to->churn_horizon_days = plan->churn_horizon_days;
    to->wallet_window_days = plan->wallet_window_days;
    to->holdout_days = (uint32_t)plan->holdout_days;
    to->trial_days = (uint32_t)plan->trial_days;
    to->monthly_discount = plan->monthly_discount;
    to->margin_millionths = plan->margin_millionths;
    to->serve_cost = plan->serve_cost;
    to->churn_threshold = plan->churn_threshold;
    to->rfm_bins = (uint32_t)plan->rfm_bins;
    to->rfm_ties = plan->rfm_ties;
    to->rfm_frequency = plan->rfm_frequency;
    to->wallet_method = plan->wallet_method;
    to->wallet_tau_millionths = plan->wallet_tau_millionths;
    to->tier_by = plan->tier_by;
    to->n_tiers = (size_t)plan->n_tiers;
    to->tiers = out->tiers;
    for (int32_t i = 0; i < plan->n_tiers; i++) {
        winnow__proto__tier__init(&out->tier[i]);
        out->tier[i].name = (char *)(uintptr_t)plan->tiers[i].name;
        out->tier[i].share = plan->tiers[i].share;
        out->tiers[i] = &out->tier[i];
    }
    to->offer_asked = plan->offer.asked;
    to->contact_cost = plan->offer.contact_cost;
    to->offer_cost = plan->offer.offer_cost;
    to->save_rate_millionths = plan->offer.save_rate_millionths;
    to->take_rate_millionths = plan->offer.take_rate_millionths;
    to->summary = plan->summary;
    to->n_recency_cuts = (size_t)plan->rfm_cuts[RFM_RECENCY].n;
    to->recency_cuts = (int64_t *)(uintptr_t)plan->rfm_cuts[RFM_RECENCY].value;
    to->n_frequency_cuts = (size_t)plan->rfm_cuts[RFM_FREQUENCY].n;
    to->frequency_cuts = (int64_t *)(uintptr_t)plan->rfm_cuts[RFM_FREQUENCY].value;
    to->n_monetary_cuts = (size_t)plan->rfm_cuts[RFM_MONETARY].n;
    to->monetary_cuts = (int64_t *)(uintptr_t)plan->rfm_cuts[RFM_MONETARY].value;
    wire_segments_pack(&plan->segments, &out->segments);
    to->n_segments = (size_t)plan->segments.n;
    to->segments = out->segments.list;
    to->has_amount = plan->has_amount;
    to->has_order = plan->has_order;
    to->decimals = (uint32_t)plan->decimals;
    to->shards = work->shards;
    to->sample_per_shard = work->sample_per_shard;
}

static int tiers_read(const ProtoPlan *from, struct plan *plan)
{
    int64_t sum = 0;
    if (from->n_tiers < 1 || from->n_tiers > PLAN_TIERS_LIMIT)
        return WIRE_E_MALFORMED;
    plan->n_tiers = (int32_t)from->n_tiers;
    for (size_t i = 0; i < from->n_tiers; i++) {
        const ProtoTier *tier = from->tiers[i];
        if (strlen(tier->name) > PLAN_TIER_NAME_LIMIT || tier->share < 0 ||
            tier->share > PLAN_SHARE_WHOLE)
            return WIRE_E_MALFORMED;
        strcpy(plan->tiers[i].name, tier->name);
        plan->tiers[i].share = tier->share;
        sum += tier->share;
    }
    return sum == PLAN_SHARE_WHOLE ? 0 : WIRE_E_MALFORMED;
}

/* Both in years 1 to 9999, so that differences of days need no care. */
static int days_possible(const ProtoPlan *from)
{
    return from->first_day >= -719162 && from->first_day <= from->as_of && from->as_of <= 2932896;
}

static int offer_possible(const ProtoPlan *from)
{
    return from->contact_cost >= 0 && from->offer_cost >= 0 && from->save_rate_millionths >= -1 &&
           from->save_rate_millionths <= PLAN_MILLION && from->take_rate_millionths >= 0 &&
           from->take_rate_millionths <= PLAN_MILLION;
}

static int plan_possible(const ProtoPlan *from)
{
    return days_possible(from) && offer_possible(from) && from->rfm_bins >= 2 &&
           from->rfm_bins <= RFM_BINS_LIMIT && from->rfm_ties <= RFM_NTILE &&
           from->rfm_frequency <= RFM_ORDERS && from->wallet_method <= WALLET_WAR &&
           from->wallet_tau_millionths >= 0 && from->wallet_tau_millionths <= PLAN_MILLION &&
           from->tier_by <= TIER_BY_PROFIT && from->decimals <= 4 &&
           from->summary <= PLAN_SUMMARY_DATED && from->horizon_days >= 0 &&
           from->churn_horizon_days >= 0 && from->monthly_discount >= 0 &&
           from->monthly_discount < 1e6 && from->churn_threshold >= -1 &&
           from->churn_threshold <= 1 && from->inactive_after_days >= 0 &&
           from->rfm_window_days >= 0 && from->wallet_window_days >= 0 &&
           from->holdout_days <= 3652059 && from->trial_days <= 3652059 && from->shards >= 1 &&
           from->shards <= SHARDS_LIMIT && (from->shards & (from->shards - 1)) == 0;
}

static int own_cuts_read(const int64_t *value, size_t n, uint32_t bins, struct plan_cuts *cuts)
{
    if (n != 0 && n != bins - 1)
        return WIRE_E_MALFORMED;
    *cuts = (struct plan_cuts){.n = (int32_t)n};
    for (size_t i = 0; i < n; i++) {
        cuts->value[i] = value[i];
        if (i > 0 && value[i] <= value[i - 1])
            return WIRE_E_MALFORMED;
    }
    return 0;
}

static int plan_unpack(const ProtoPlan *from, struct work_plan *work)
{
    struct plan *plan = &work->plan;
    if (!plan_possible(from) || tiers_read(from, plan) != 0)
        return WIRE_E_MALFORMED;
    plan->as_of = from->as_of;
    plan->first_day = from->first_day;
    plan->inactive_after_days = from->inactive_after_days;
    plan->rfm_window_days = from->rfm_window_days;
    plan->horizon_days = from->horizon_days;
    plan->churn_horizon_days = from->churn_horizon_days;
    plan->wallet_window_days = from->wallet_window_days;
    plan->holdout_days = (int32_t)from->holdout_days;
    plan->trial_days = (int32_t)from->trial_days;
    plan->monthly_discount = from->monthly_discount;
    plan->margin_millionths = from->margin_millionths;
    plan->serve_cost = from->serve_cost;
    plan->churn_threshold = from->churn_threshold;
    plan->rfm_bins = (int32_t)from->rfm_bins;
    if (own_cuts_read(from->recency_cuts, from->n_recency_cuts, from->rfm_bins,
                      &plan->rfm_cuts[RFM_RECENCY]) != 0 ||
        own_cuts_read(from->frequency_cuts, from->n_frequency_cuts, from->rfm_bins,
                      &plan->rfm_cuts[RFM_FREQUENCY]) != 0 ||
        own_cuts_read(from->monetary_cuts, from->n_monetary_cuts, from->rfm_bins,
                      &plan->rfm_cuts[RFM_MONETARY]) != 0 ||
        wire_segments_read(from, &plan->segments) != 0)
        return WIRE_E_MALFORMED;
    plan->rfm_ties = (enum rfm_ties)from->rfm_ties;
    plan->rfm_frequency = (enum rfm_frequency)from->rfm_frequency;
    plan->wallet_method = (enum wallet_method)from->wallet_method;
    plan->wallet_tau_millionths = from->wallet_tau_millionths;
    plan->tier_by = (enum tier_by)from->tier_by;
    plan->offer = (struct plan_offer){from->offer_asked, from->contact_cost, from->offer_cost,
                                      from->save_rate_millionths, from->take_rate_millionths};
    plan->summary = (enum plan_summary)from->summary;
    plan->has_amount = from->has_amount;
    plan->has_order = from->has_order;
    plan->decimals = (int32_t)from->decimals;
    work->shards = from->shards;
    work->sample_per_shard = from->sample_per_shard;
    return 0;
}

int wire_plan_put(const struct work_plan *plan, struct parcel *parcel)
{
    struct packed_plan packed;
    plan_pack(plan, &packed);
    return pb_put(&packed.plan.base, parcel);
}

int wire_plan_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct work_plan *plan)
{
    ProtoPlan *in = pb_read(&winnow__proto__plan__descriptor, parcel, i, arena);
    return in ? plan_unpack(in, plan) : WIRE_E_MALFORMED;
}

static char *words(const char *text)
{
    return (char *)(uintptr_t)(text ? text : "");
}

int wire_job_put(const struct job *job, struct parcel *parcel)
{
    struct packed_plan packed;
    Winnow__Proto__Job out = WINNOW__PROTO__JOB__INIT;
    plan_pack(&job->work, &packed);
    out.plan = &packed.plan;
    out.churn_choice = job->churn_choice;
    out.churn_kind = job->churn_kind;
    out.regularity = (uint32_t)job->regularity;
    out.refit = job->refit;
    out.digits = (uint32_t)job->digits;
    out.columns = words(job->columns);
    out.time_unit = words(job->time_unit);
    out.has_model = job->has_model;
    out.restart = job->restart;
    out.redact = job->redact;
    out.calibration = job->calibration;
    out.run_key = words(job->run_key);
    out.content = pb_digest(&job->content);
    return pb_put(&out.base, parcel);
}

int wire_job_read(const struct parcel *parcel, size_t i, struct arena *arena, struct job *job)
{
    Winnow__Proto__Job *in = pb_read(&winnow__proto__job__descriptor, parcel, i, arena);
    if (!in || !in->plan || plan_unpack(in->plan, &job->work) != 0 ||
        in->churn_choice > CHURN_OFF || in->churn_kind > CHURN_MBGCNBD || in->digits < 1 ||
        in->digits > 17 || pb_digest_read(in->content, &job->content) != 0 || in->calibration > CALIBRATION_STACK || in->regularity > 100)
        return WIRE_E_MALFORMED;
    job->churn_choice = (enum churn_choice)in->churn_choice;
    job->churn_kind = (enum churn_kind)in->churn_kind;
    job->regularity = (int32_t)in->regularity;
    job->refit = in->refit;
    job->digits = (int32_t)in->digits;
    job->columns = in->columns;
    job->time_unit = in->time_unit;
    job->has_model = in->has_model;
    job->restart = in->restart;
    job->redact = in->redact;
    job->calibration = (enum calibration_choice)in->calibration;
    job->run_key = in->run_key;
    return 0;
}

/* The cuts of one metric; borrows their ids. */
static ProtoCut **cuts_pack(const struct rfm_cuts *cuts, enum rfm_metric metric,
                            struct arena *arena)
{
    size_t n = cuts->bins > 1 ? (size_t)cuts->bins - 1 : 0;
    ProtoCut *cut = arena_take(arena, n * sizeof *cut);
    ProtoCut **list = arena_take(arena, n * sizeof *list);
    if (!cut || !list)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        winnow__proto__cut__init(&cut[i]);
        cut[i].value = cuts->cut[metric][i].value;
        cut[i].id.len = cuts->cut[metric][i].id_length;
        cut[i].id.data = (uint8_t *)(uintptr_t)cuts->cut[metric][i].id;
        list[i] = &cut[i];
    }
    return list;
}

static int model_head_put(const struct model *model, struct arena *arena, struct parcel *parcel)
{
    Winnow__Proto__Model out = WINNOW__PROTO__MODEL__INIT;
    out.rfm_ties = model->rfm.ties;
    out.rfm_bins = (uint32_t)model->rfm.bins;
    out.n_recency = out.n_frequency = out.n_monetary =
        model->rfm.bins > 1 ? (size_t)model->rfm.bins - 1 : 0;
    out.recency = cuts_pack(&model->rfm, RFM_RECENCY, arena);
    out.frequency = cuts_pack(&model->rfm, RFM_FREQUENCY, arena);
    out.monetary = cuts_pack(&model->rfm, RFM_MONETARY, arena);
    if (!out.recency || !out.frequency || !out.monetary)
        return log_fail(STATUS_BUG, "out of memory for a model's cut points");
    out.churn_kind = model->churn.kind;
    out.regularity = (uint32_t)model->churn.regularity;
    out.n_churn_parameters = CHURN_PARAMETERS;
    out.churn_parameters = (double *)(uintptr_t)model->churn.parameter;
    out.spend_kind = model->spend.kind;
    out.spend_p = model->spend.p;
    out.spend_q = model->spend.q;
    out.spend_v = model->spend.v;
    out.spend_mean = model->spend.mean;
    out.stack_horizon = (uint32_t)model->stack.horizon_days;
    out.stack_intercept = model->stack.intercept;
    out.n_stack_weights = STACK_FEATURES;
    out.stack_weights = (double *)(uintptr_t)model->stack.weight;
    out.value_by = model->value_by;
    out.groups = model->groups.n;
    out.wallet_slope = model->groups.slope;
    out.n_uncertainty = UNCERTAINTY_DOUBLES;
    out.uncertainty = (double *)(uintptr_t)&model->uncertainty;
    return pb_put(&out.base, parcel);
}

static int groups_put(const struct model_groups *groups, uint32_t from, uint32_t n,
                      struct arena *arena, struct parcel *parcel)
{
    Winnow__Proto__Groups out = WINNOW__PROTO__GROUPS__INIT;
    uint32_t *length = arena_take(arena, n * sizeof *length);
    if (!length)
        return log_fail(STATUS_BUG, "out of memory for a model's groups");
    for (uint32_t i = 0; i < n; i++)
        length[i] = groups->offset[from + i + 1] - groups->offset[from + i];
    out.groups = n;
    out.name_length = pb_column(arena, PACKED_U32, length, n);
    out.names.data = (uint8_t *)(uintptr_t)(groups->names + groups->offset[from]);
    out.names.len = groups->offset[from + n] - groups->offset[from];
    out.estimate = pb_column(arena, PACKED_I64, groups->estimate + from, n);
    if (!out.name_length || !out.estimate)
        return log_fail(STATUS_BUG, "out of memory for a model's groups");
    return pb_put(&out.base, parcel);
}

/* How many groups from there on go into one part. */
static uint32_t groups_stretch(const struct model_groups *groups, uint32_t from)
{
    uint32_t n = 1;
    while (from + n < groups->n && n < GROUPS_PER_PART &&
           groups->offset[from + n + 1] - groups->offset[from] <= PB_STRINGS_LIMIT)
        n++;
    return n;
}

int wire_model_put(const struct model *model, struct arena *arena, struct parcel *parcel)
{
    int r = model_head_put(model, arena, parcel);
    for (uint32_t from = 0, n; r == 0 && from < model->groups.n; from += n) {
        n = groups_stretch(&model->groups, from);
        r = groups_put(&model->groups, from, n, arena, parcel);
    }
    return r;
}

static int cuts_unpack(ProtoCut *const *from, size_t n, enum rfm_metric metric,
                       struct rfm_cuts *cuts)
{
    if (cuts->bins == 0 ? n != 0 : n != (size_t)cuts->bins - 1)
        return WIRE_E_MALFORMED;
    for (size_t i = 0; i < n; i++) {
        cuts->cut[metric][i].value = from[i]->value;
        cuts->cut[metric][i].id = (const char *)from[i]->id.data;
        cuts->cut[metric][i].id_length = from[i]->id.len;
    }
    return 0;
}

static int finite(double x)
{
    return x - x == 0;
}

static int churn_possible(const Winnow__Proto__Model *in)
{
    int regular = in->churn_kind == CHURN_BGCNBD || in->churn_kind == CHURN_MBGCNBD;
    return in->churn_kind <= CHURN_MBGCNBD && in->n_churn_parameters == CHURN_PARAMETERS &&
           in->regularity <= 100 && (in->regularity > 0 || !regular);
}

static int stack_read(const Winnow__Proto__Model *in, struct stack *stack)
{
    if (in->stack_horizon > 3652059 || in->n_stack_weights != STACK_FEATURES ||
        !finite(in->stack_intercept))
        return WIRE_E_MALFORMED;
    stack->horizon_days = (int32_t)in->stack_horizon;
    stack->intercept = in->stack_intercept;
    for (size_t i = 0; i < STACK_FEATURES; i++) {
        stack->weight[i] = in->stack_weights[i];
        if (!finite(stack->weight[i]))
            return WIRE_E_MALFORMED;
    }
    return 0;
}

static int uncertainty_read(const Winnow__Proto__Model *in, struct uncertainty *uncertainty)
{
    *uncertainty = (struct uncertainty){0};
    if (in->n_uncertainty != UNCERTAINTY_DOUBLES)
        return WIRE_E_MALFORMED;
    for (size_t i = 0; i < UNCERTAINTY_DOUBLES; i++)
        if (!finite(in->uncertainty[i]))
            return WIRE_E_MALFORMED;
    memcpy(uncertainty, in->uncertainty, sizeof *uncertainty);
    return 0;
}

static int model_head_read(const Winnow__Proto__Model *in, struct model *model)
{
    if (in->rfm_ties > RFM_NTILE || in->rfm_bins == 1 || in->rfm_bins > RFM_BINS_LIMIT ||
        !churn_possible(in) || in->spend_kind > SPEND_MEAN || in->value_by > VALUE_PURCHASE_DAYS)
        return WIRE_E_MALFORMED;
    model->rfm.ties = (enum rfm_ties)in->rfm_ties;
    model->rfm.bins = (int32_t)in->rfm_bins;
    model->churn.kind = (enum churn_kind)in->churn_kind;
    model->churn.regularity = (int32_t)in->regularity;
    for (size_t i = 0; i < CHURN_PARAMETERS; i++) {
        model->churn.parameter[i] = in->churn_parameters[i];
        if (!finite(in->churn_parameters[i]) || in->churn_parameters[i] < 0)
            return WIRE_E_MALFORMED;
    }
    model->spend = (struct spend_model){(enum spend_kind)in->spend_kind, in->spend_p, in->spend_q,
                                        in->spend_v, in->spend_mean};
    model->value_by = (enum model_value)in->value_by;
    if (!finite(in->spend_p) || !finite(in->spend_q) || !finite(in->spend_v) ||
        !finite(in->spend_mean) || stack_read(in, &model->stack) != 0)
        return WIRE_E_MALFORMED;
    return cuts_unpack(in->recency, in->n_recency, RFM_RECENCY, &model->rfm) ||
                   cuts_unpack(in->frequency, in->n_frequency, RFM_FREQUENCY, &model->rfm) ||
                   cuts_unpack(in->monetary, in->n_monetary, RFM_MONETARY, &model->rfm)
               ? WIRE_E_MALFORMED
               : 0;
}

/* Room for the groups of all parts, filled part by part. */
struct groups_room {
    uint32_t n;
    uint32_t *offset;
    int64_t *estimate;
    char *names;
    size_t names_size;
};

static int groups_append(const Winnow__Proto__Groups *in, uint32_t limit, struct arena *arena,
                         struct groups_room *room)
{
    const void *length, *estimate;
    if (in->groups > limit - room->n ||
        pb_column_read(in->name_length, PACKED_U32, in->groups, arena, &length) != 0 ||
        pb_column_read(in->estimate, PACKED_I64, in->groups, arena, &estimate) != 0)
        return WIRE_E_MALFORMED;
    uint64_t at = room->offset[room->n];
    for (uint32_t i = 0; i < in->groups; i++) {
        at += ((const uint32_t *)length)[i];
        if (at > room->names_size)
            return WIRE_E_MALFORMED;
        room->offset[room->n + i + 1] = (uint32_t)at;
        room->estimate[room->n + i] = ((const int64_t *)estimate)[i];
    }
    if (at - room->offset[room->n] != in->names.len)
        return WIRE_E_MALFORMED;
    if (in->names.len > 0)
        memcpy(room->names + room->offset[room->n], in->names.data, in->names.len);
    room->n += in->groups;
    return 0;
}

static int groups_read(const struct parcel *parcel, size_t i, uint32_t n, struct arena *arena,
                       struct model_groups *groups)
{
    struct groups_room room = {0};
    for (size_t k = i; k < parcel->n; k++)
        room.names_size += parcel->part[k].size;
    if (n > room.names_size) /* a group takes more than a byte */
        return WIRE_E_MALFORMED;
    room.offset = arena_take(arena, ((size_t)n + 1) * sizeof *room.offset);
    room.estimate = arena_take(arena, (size_t)n * sizeof *room.estimate);
    room.names = arena_take(arena, room.names_size);
    if (!room.offset || !room.estimate || !room.names || room.names_size > UINT32_MAX)
        return WIRE_E_MALFORMED;
    room.offset[0] = 0;
    for (; i < parcel->n; i++) {
        Winnow__Proto__Groups *in = pb_read(&winnow__proto__groups__descriptor, parcel, i, arena);
        if (!in || groups_append(in, n, arena, &room) != 0)
            return WIRE_E_MALFORMED;
    }
    *groups = (struct model_groups){n, room.names, room.offset, room.estimate, 1};
    return room.n == n ? 0 : WIRE_E_MALFORMED;
}

int wire_model_read(const struct parcel *parcel, size_t i, struct arena *arena, struct model *model)
{
    Winnow__Proto__Model *in = pb_read(&winnow__proto__model__descriptor, parcel, i, arena);
    if (!in || model_head_read(in, model) != 0)
        return WIRE_E_MALFORMED;
    if (!finite(in->wallet_slope) || uncertainty_read(in, &model->uncertainty) != 0)
        return WIRE_E_MALFORMED;
    int r = groups_read(parcel, i + 1, in->groups, arena, &model->groups);
    model->groups.slope = in->wallet_slope;
    return r;
}
