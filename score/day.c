/* SPDX-License-Identifier: Apache-2.0 */
/* Days from civil dates by counting years from March, so that the leap day is a year's last day
 * and needs no table (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013). */
#include "score/day.h"

#define DAYS_IN_400_YEARS 146097
#define DAYS_TO_1970      719468 /* from 0000-03-01 */

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int day_from_civil(struct civil date, int32_t *day)
{
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month))
        return DAY_E_IMPOSSIBLE;
    int32_t year = date.year - (date.month <= 2);
    int32_t era = year / 400;
    int32_t of_era = year - era * 400;
    int32_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int32_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    *day = era * DAYS_IN_400_YEARS + day_of_era - DAYS_TO_1970;
    return 0;
}

/* Euclidean affine functions: a division by a constant is a product whose upper half is the
 * quotient and whose lower half still has the remainder (Neri & Schneider 2022). Two dates a row
 * of output make the difference felt. */
struct civil day_to_civil(int32_t day)
{
    uint32_t quarters = 4 * (uint32_t)(day + DAYS_TO_1970) + 3;
    uint32_t century = quarters / DAYS_IN_400_YEARS;
    uint32_t of_century = quarters % DAYS_IN_400_YEARS | 3;
    uint64_t product = (uint64_t)2939745 * of_century; /* 2^32 / 1461 */
    uint32_t of_year = (uint32_t)product / 2939745 / 4;
    uint32_t months = 2141 * of_year + 197913; /* 2^16 * 5 / 153 */
    uint32_t next_year = of_year >= 306;       /* January and February */
    struct civil date;
    date.year = (int32_t)(100 * century + (uint32_t)(product >> 32) + next_year);
    date.month = (int32_t)((months >> 16) - 12 * next_year);
    date.day = (int32_t)((months & 0xffff) / 2141 + 1);
    return date;
}

static void print_number(int32_t value, char *out, int digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

void day_print(int32_t day, char out[11])
{
    struct civil date = day_to_civil(day);
    print_number(date.year, out, 4);
    out[4] = '-';
    print_number(date.month, out + 5, 2);
    out[7] = '-';
    print_number(date.day, out + 8, 2);
    out[10] = '\0';
}

static int read_number(const char *text, int digits, int32_t *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return DAY_E_IMPOSSIBLE;
        *value = *value * 10 + (text[i] - '0');
    }
    return 0;
}

int day_read(const char *text, int32_t *day)
{
    struct civil date;
    if (read_number(text, 4, &date.year) || text[4] != '-' ||
        read_number(text + 5, 2, &date.month) || text[7] != '-' ||
        read_number(text + 8, 2, &date.day) || text[10] != '\0')
        return DAY_E_IMPOSSIBLE;
    return day_from_civil(date, day);
}
