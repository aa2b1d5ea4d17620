/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DATE_PATTERN_H
#define VENTILATOR_DATE_PATTERN_H

#include "ventilator/daytime.h"

/* Dates by a strptime pattern, one directive at a time; date_format.h lists which. English names.
 * A pattern without a time of day lets one stand behind the date, as everywhere. */

/* Says what a pattern lacks or what is not known in it (STATUS_USAGE). */
int date_pattern_check(const char *pattern) MUST_USE;

int date_pattern_read(const char *pattern, struct cursor *cursor, struct moment *moment);

/* A year of two digits, as POSIX has it. */
int32_t date_year_of_two(int32_t year);

/* Seconds since 1970 as a moment; DATE_E_IMPOSSIBLE outside the years 1 to 9999. */
int date_of_epoch(int64_t seconds, struct moment *moment);

#endif
