/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/uncertainty_json.h"

static void put_list(struct json *json, const char *key, const double *values, size_t n)
{
    json_put_key(json, key);
    json_open_array(json);
    for (size_t i = 0; i < n; i++)
        json_put_double(json, values[i]);
    json_close(json);
}

#define CHURN_SIZE ((size_t)CHURN_PARAMETERS * CHURN_PARAMETERS)
#define SPEND_SIZE ((size_t)9)

void uncertainty_json_put(struct json *json, const struct uncertainty *uncertainty)
{
    json_put_key(json, "uncertainty");
    json_open_object(json);
    put_list(json, "churn_log_covariance", &uncertainty->churn[0][0], CHURN_SIZE);
    put_list(json, "spend_log_covariance", &uncertainty->spend[0][0], SPEND_SIZE);
    json_close(json);
}

static int read_list(const json_t *list, double *values, size_t n)
{
    if (json_array_size(list) != n)
        return UNCERTAINTY_JSON_E_UNREADABLE;
    for (size_t i = 0; i < n; i++) {
        if (!json_is_number(json_array_get(list, i)))
            return UNCERTAINTY_JSON_E_UNREADABLE;
        values[i] = json_number_value(json_array_get(list, i));
    }
    return 0;
}

int uncertainty_json_read(const json_t *value, struct uncertainty *uncertainty)
{
    *uncertainty = (struct uncertainty){0};
    if (!value)
        return 0;
    return read_list(json_object_get(value, "churn_log_covariance"), &uncertainty->churn[0][0],
                     CHURN_SIZE) ||
           read_list(json_object_get(value, "spend_log_covariance"), &uncertainty->spend[0][0],
                     SPEND_SIZE);
}
