/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/courier.h"

#include "common/crash.h"

static int deliver(const struct courier *courier, struct parcel *parcel, int status)
{
    int r = status < 0 ? status : line_send(courier->line, courier->sink, parcel);
    parcel_clear(parcel);
    return r < 0 ? r : 0;
}

int courier_hello(const struct courier *courier)
{
    struct letter letter = {.kind = LETTER_HELLO};
    struct hello hello = {
        .role = 1, .name = courier->name, .version = courier->version, .host = ""};
    struct parcel parcel;
    parcel.n = 0;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_hello_put(&hello, &parcel);
    return deliver(courier, &parcel, r);
}

int courier_job(const struct courier *courier, const struct assignment *assignment,
                const struct account *account)
{
    struct parcel parcel;
    parcel.n = 0;
    int r = assignment_job_letter(assignment, account, courier->model, courier->groups, &parcel);
    r = deliver(courier, &parcel, r);
    crash_point("ventilator-announced");
    return r;
}

int courier_seal(const struct courier *courier, const struct assignment *assignment,
                 const struct account *account)
{
    struct parcel parcel;
    parcel.n = 0;
    int r = assignment_seal_letter(assignment, account, &parcel);
    r = deliver(courier, &parcel, r);
    crash_point("ventilator-sealing");
    return r;
}

int courier_word(const struct courier *courier, enum letter_kind kind, struct digest job)
{
    struct letter letter = {.kind = kind, .job = job};
    struct parcel parcel;
    parcel.n = 0;
    int r = wire_letter_put(&letter, &parcel);
    return deliver(courier, &parcel, r);
}
