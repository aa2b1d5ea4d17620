/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H

#include <stdio.h>

#include "cli/people.h"
#include "common/status.h"

/* Writes the ledger of people to fd: a header, then rows sorted by date, within a date in no
 * order of customers. The same people give the same bytes on every host. Memory: 36 bytes a
 * customer, and 24 for each refund that is due within 30 days. truth, where not NULL, gets a row a
 * customer afterwards. STATUS_IO or STATUS_BUG, said. */
int generate_ledger(const struct people *people, int fd, FILE *truth) MUST_USE;

#endif
