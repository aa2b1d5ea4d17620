/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SPANS_H
#define SINK_SPANS_H

#include <stdint.h>

/* Dates and spans of days as texts, made once: a run has far fewer of them than customers. */

struct spans;

/* Dates up to as_of; spans in weeks with so many significant digits. NULL without memory. */
struct spans *spans_new(int32_t as_of, int32_t digits);
void spans_free(struct spans *spans);

/* Like digits_day and digits_double(days / 7): writes at out and answers its end. Any day will do, those
 * of the last years are quick. */
char *spans_date(const struct spans *spans, char *out, int32_t day);
char *spans_weeks(const struct spans *spans, char *out, int32_t days);

#endif
