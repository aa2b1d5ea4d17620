/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ATTRIBUTES_H
#define VENTILATOR_ATTRIBUTES_H

#include "common/settings.h"
#include "common/status.h"
#include "ventilator/facts.h"
#include "ventilator/spool.h"

/* The rows of --customers into a segment of the spool, dealt by the same hash as the ledger's. */

struct attributes_reading;

struct attributes_order {
    const struct settings_reading *settings; /* borrowed */
    struct digest redact_key;
    struct spool *spool;
    uint32_t shards;
};

int attributes_start(const struct attributes_order *order,
                     struct attributes_reading **reading) MUST_USE;
void attributes_stop(struct attributes_reading **reading);

/* Reads on. 0: all is in the segment. */
enum { ATTRIBUTES_E_BUSY = 1 };
int attributes_poll(struct attributes_reading *reading) MUST_USE;

/* After 0: the sealed segment, whose id names what was read and how; and what was found. Borrowed. */
struct spool_segment *attributes_segment(const struct attributes_reading *reading);
const struct facts *attributes_facts(const struct attributes_reading *reading);

#endif
