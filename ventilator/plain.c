/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/plain.h"

/* "YYYY-MM-", or 0. */
static int month_of(const char *text, struct civil *month)
{
    for (int i = 0; i < 8; i++)
        if ((i == 4 || i == 7) ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return 0;
    month->year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    month->month = (text[5] - '0') * 10 + (text[6] - '0');
    month->day = 1;
    return 1;
}

int plain_learn(struct plain_months *months, uint64_t head, size_t place)
{
    char text[8];
    struct civil month;
    int32_t first, last;
    memcpy(text, &head, 8);
    if (!month_of(text, &month) || day_from_civil(month, &first))
        return 0;
    for (month.day = 31; day_from_civil(month, &last); month.day--)
        ;
    months->known[place].head = head;
    months->known[place].before = first - 1;
    months->known[place].days = (uint32_t)(last - first + 1);
    return 1;
}
