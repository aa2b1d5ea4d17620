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

struct civil day_to_civil(int32_t day)
{
    int32_t z = day + DAYS_TO_1970;
    int32_t era = (z >= 0 ? z : z - (DAYS_IN_400_YEARS - 1)) / DAYS_IN_400_YEARS;
    int32_t of_era = z - era * DAYS_IN_400_YEARS;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t from_march = (5 * of_year + 2) / 153;
    struct civil date;
    date.day = of_year - (153 * from_march + 2) / 5 + 1;
    date.month = from_march + (from_march < 10 ? 3 : -9);
    date.year = year + era * 400 + (date.month <= 2);
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
