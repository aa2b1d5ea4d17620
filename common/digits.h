/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_DIGITS_H
#define COMMON_DIGITS_H

#include <stdint.h>

/* Numbers as text, for outputs of a million rows: each writes at out and answers the end of what
 * it wrote. No NUL, no locale, no allocation. A function may touch DIGITS_ROOM bytes from out on,
 * however short its answer is. */

#define DIGITS_ROOM 48

/* The longest answers. */
#define DIGITS_INT    20 /* -9223372036854775808 */
#define DIGITS_MONEY  21 /* -922337203685477.5808 */
#define DIGITS_DOUBLE 24 /* -2.2250738585072014e-308 */
#define DIGITS_DAY    10 /* 2026-01-31 */

char *digits_int(char *out, int64_t value);

/* Money (1/10,000 of a unit) with 0..4 decimals; what they drop is rounded half-even. A negative
 * amount that is rounded to nothing has no sign. */
char *digits_money(char *out, int64_t money, int decimals);

/* Money as the shortest exact decimal: 12.3, 5, -0.0001. */
char *digits_money_exact(char *out, int64_t money);

/* The bytes of printf("%.*g", significant, value), 1..17 significant digits, in the C locale:
 * correctly rounded from the exact binary value, ties to even. 17 digits read back as the same
 * double. What is not finite is printed as printf does. */
char *digits_double(char *out, double value, int significant);

/* "YYYY-MM-DD" of a day (score/day.h), years 1 to 9999. */
char *digits_day(char *out, int32_t day);

#endif
