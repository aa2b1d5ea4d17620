/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/calibration_json.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct json *json, const char *key, const char *text)
{
    json_put_key(json, key);
    json_put_text(json, text);
}

static void put_int(struct json *json, const char *key, int64_t value)
{
    json_put_key(json, key);
    json_put_int(json, value);
}

static void put_number(struct json *json, const char *key, double value)
{
    json_put_key(json, key);
    json_put_double(json, value);
}

static void put_pair(struct json *json, const char *key, const double pair[2])
{
    json_put_key(json, key);
    json_open_object(json);
    put_number(json, "model", pair[0]);
    put_number(json, "stack", pair[1]);
    json_close(json);
}

static void put_contest(struct json *json, const struct calibration *c)
{
    if (!c->has_brier) {
        json_put_key(json, "brier");
        json_put_null(json);
        return;
    }
    put_pair(json, "brier", c->contest.brier);
    put_number(json, "brier_difference_standard_error", c->contest.standard_error);
    put_pair(json, "log_loss", c->contest.log_loss);
}

static void put_stack(struct json *json, const struct stack *stack)
{
    put_number(json, "intercept", stack->intercept);
    json_put_key(json, "weights");
    json_open_object(json);
    for (size_t i = 0; i < STACK_FEATURES; i++)
        put_number(json, stack_feature_name(i), stack->weight[i]);
    json_close(json);
}

void calibration_json_put(struct json *json, const struct calibration *calibration)
{
    static const char *const asked[] = {"off", "auto", "stack"};
    if (!calibration->tried)
        return;
    json_put_key(json, "calibration");
    json_open_object(json);
    put_text(json, "asked", asked[calibration->asked]);
    put_text(json, "churn_prob_by", calibration->published ? "stack" : "model");
    put_text(json, "reason", calibration->reason);
    put_int(json, "horizon_days", calibration->horizon_days);
    put_int(json, "trial_days", calibration->trial_days);
    put_int(json, "customers", (int64_t)calibration->customers);
    put_contest(json, calibration);
    if (calibration->has_stack)
        put_stack(json, &calibration->stack);
    json_close(json);
}

static int whole_of(const json_t *value, const char *key, int64_t *out)
{
    const json_t *member = json_object_get(value, key);
    *out = json_integer_value(member);
    return json_is_integer(member) && *out >= 0 ? 0 : CALIBRATION_JSON_E_UNREADABLE;
}

static int number_of(const json_t *value, const char *key, double *out)
{
    const json_t *member = json_object_get(value, key);
    *out = json_number_value(member);
    return json_is_number(member) ? 0 : CALIBRATION_JSON_E_UNREADABLE;
}

static int read_stack(const json_t *value, struct stack *stack)
{
    const json_t *weights = json_object_get(value, "weights");
    int r = number_of(value, "intercept", &stack->intercept);
    for (size_t i = 0; r == 0 && i < STACK_FEATURES; i++)
        r = number_of(weights, stack_feature_name(i), &stack->weight[i]);
    return r;
}

static int read_pair(const json_t *pair, double out[2])
{
    return number_of(pair, "model", &out[0]) || number_of(pair, "stack", &out[1]);
}

static int read_contest(const json_t *value, struct verdict_contest *out)
{
    return read_pair(json_object_get(value, "brier"), out->brier) ||
           read_pair(json_object_get(value, "log_loss"), out->log_loss) ||
           number_of(value, "brier_difference_standard_error", &out->standard_error);
}

static enum calibration_choice asked_of(const char *word)
{
    return word && strcmp(word, "auto") == 0    ? CALIBRATION_AUTO
           : word && strcmp(word, "stack") == 0 ? CALIBRATION_STACK
                                                : CALIBRATION_OFF;
}

int calibration_json_read(const json_t *value, struct fitted *fitted)
{
    struct calibration *c = &fitted->calibration;
    int64_t horizon, trial, customers;
    const char *by = json_string_value(json_object_get(value, "churn_prob_by"));
    const char *reason = json_string_value(json_object_get(value, "reason"));
    if (!value)
        return 0;
    if (!by || !reason || whole_of(value, "horizon_days", &horizon) ||
        whole_of(value, "trial_days", &trial) || whole_of(value, "customers", &customers) ||
        horizon > INT32_MAX || trial > INT32_MAX)
        return CALIBRATION_JSON_E_UNREADABLE;
    *c = (struct calibration){.asked = asked_of(json_string_value(json_object_get(value, "asked"))),
                              .tried = 1,
                              .published = strcmp(by, "stack") == 0,
                              .horizon_days = (int32_t)horizon,
                              .trial_days = (int32_t)trial,
                              .customers = (uint64_t)customers};
    snprintf(c->reason, sizeof c->reason, "%s", reason);
    c->has_brier = read_contest(value, &c->contest) == 0;
    c->stack.horizon_days = c->horizon_days;
    c->has_stack = read_stack(value, &c->stack) == 0;
    if (c->published)
        fitted->model.stack = c->stack;
    return c->published && (!c->has_stack || c->horizon_days == 0) ? CALIBRATION_JSON_E_UNREADABLE
                                                                   : 0;
}
