/* SPDX-License-Identifier: Apache-2.0 */
/* Of roles that stay for the next job, and of clients that bring one. */
#include <string.h>

#include "cli/flags.h"
#include "cli/options.h"
#include "common/wire_order.h"

static int read_name(const char **place, const struct flag_given *given)
{
    if (!wire_name_sound(given->text))
        return flags_refuse(given,
                            "wants letters, digits and . _ -, at most %d, not beginning "
                            "with . or -",
                            ORDER_NAME_LIMIT);
    *place = given->text;
    return 0;
}

static int read_owner(struct options *options, const struct flag_given *given)
{
    return read_name(&options->client.owner, given);
}

static int read_job_name(struct options *options, const struct flag_given *given)
{
    return read_name(&options->client.name, given);
}

static int read_job(struct options *options, const struct flag_given *given)
{
    return read_name(&options->client.job, given);
}

static int read_key(struct options *options, const struct flag_given *given)
{
    if (strlen(given->text) > ORDER_KEY_LIMIT)
        return flags_refuse(given, "has more than %d bytes", ORDER_KEY_LIMIT);
    options->client.key = given->text;
    return 0;
}

static int read_to(struct options *options, const struct flag_given *given)
{
    return flags_take_endpoint(&options->client.to, given);
}

#define CLIENT(field)  client.field
#define RUNNING(field) settings.running.field
#define ASKERS         (FLAG_OF(VERB_SUBMIT) | FLAG_OF(VERB_CANCEL) | FLAG_OF(VERB_FETCH))

static const struct flag rows[] = {
    {"serve", NULL, "", FLAG_OF_ROLES, FLAGS_RUNNING,
     "stay for the next job; a ventilator takes them from winnow submit",
     FLAG_AS_SWITCH(RUNNING(serve))},
    {"slice", "SECONDS", "300", FLAG_OF(VERB_VENTILATOR), FLAGS_RUNNING,
     "with --serve: how long a job works before another owner's that has waited for as long has "
     "its "
     "turn",
     FLAG_AS_COUNT(RUNNING(slice), 1, 86400)},
    {"to", "ENDPOINT", "", ASKERS, FLAGS_RUNNING, "where the serving ventilator listens",
     FLAG_AS_OWN(read_to)},
    {"name", "NAME", "", FLAG_OF(VERB_SUBMIT), FLAGS_RUNNING,
     "jobs of one name share a state, so each reads and sends only what is new; OUT/NAME leads to "
     "the last results",
     FLAG_AS_OWN(read_job_name)},
    {"owner", "NAME", "the name of the key, or the user's", FLAG_OF(VERB_SUBMIT), FLAGS_RUNNING,
     "owners take turns", FLAG_AS_OWN(read_owner)},
    {"idempotency-key", "TEXT", "drawn", FLAG_OF(VERB_SUBMIT), FLAGS_RUNNING,
     "said again with the same job it is the same job, with another it is refused",
     FLAG_AS_OWN(read_key)},
    {"wait", NULL, "", FLAG_OF(VERB_SUBMIT), FLAGS_RUNNING,
     "until the job is over, and end with its exit code", FLAG_AS_SWITCH(CLIENT(wait))},
    {"job", "ID", "", FLAG_OF(VERB_STATUS), FLAGS_RUNNING,
     "all about one job of a serving ventilator", FLAG_AS_OWN(read_job)},
    {"connect-timeout", "SECONDS", "30", FLAG_OF_CLIENTS, FLAGS_RUNNING,
     "leave with 69 when the ventilator does not answer for so long",
     FLAG_AS_COUNT(RUNNING(connect_timeout), 1, 86400)},
    {"out", "DIR", "winnow-out", FLAG_OF(VERB_FETCH), FLAGS_OUTPUT,
     "where the results go; an earlier DIR of winnow's is moved to DIR.prev",
     FLAG_AS_TEXT(RUNNING(out))},
};

struct flags_piece flags_serving(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
