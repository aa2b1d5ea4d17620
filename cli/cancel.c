/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inquiry.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "common/log.h"

/* One that runs ends with the ventilator's next look at it. */
int cancel_verb(const struct options *options)
{
    const char *id = options->operands[0];
    struct inquiry inquiry;
    struct entries entries;
    if (!wire_name_sound(id))
        return log_fail(STATUS_USAGE, "%s: not the id of a job", id);
    int r = inquiry_open(options->client.to, &options->settings.running, &inquiry);
    if (r == 0)
        r = inquiry_about(&inquiry, LETTER_WITHDRAW, id, &entries);
    inquiry_close(&inquiry);
    return r;
}
