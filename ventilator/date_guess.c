/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/date_guess.h"

#include <string.h>

#include "common/hash.h"

/* The formats that are tried, rivals together. Year first with two digits is a rival only with
 * hyphens, where it is somebody's habit; with slashes or points it would leave every European
 * ledger open. */
static const struct {
    enum date_order order;
    char separator;
    int digits;
    int group;
    const char *pattern; /* of DATE_PATTERN */
} formats[DATE_GUESS_FORMATS] = {
    {DATE_YMD, '-', 4, 0, NULL},           {DATE_YMD, '/', 4, 1, NULL},
    {DATE_YMD, '.', 4, 2, NULL},           {DATE_DMY, '/', 4, 3, NULL},
    {DATE_MDY, '/', 4, 3, NULL},           {DATE_DMY, '-', 4, 4, NULL},
    {DATE_MDY, '-', 4, 4, NULL},           {DATE_DMY, '.', 4, 5, NULL},
    {DATE_MDY, '.', 4, 5, NULL},           {DATE_DMY, '/', 2, 6, NULL},
    {DATE_MDY, '/', 2, 6, NULL},           {DATE_DMY, '-', 2, 7, NULL},
    {DATE_MDY, '-', 2, 7, NULL},           {DATE_YMD, '-', 2, 7, NULL},
    {DATE_DMY, '.', 2, 8, NULL},           {DATE_MDY, '.', 2, 8, NULL},
    {DATE_COMPACT, 0, 4, 9, NULL},         {DATE_EPOCH, 0, 9, 10, NULL},
    {DATE_PATTERN, 0, 0, 11, "%d-%b-%Y"},  {DATE_PATTERN, 0, 0, 12, "%d %b %Y"},
    {DATE_PATTERN, 0, 0, 13, "%b %d, %Y"}, {DATE_PATTERN, 0, 0, 14, "%d-%b-%y"},
};

static struct date_format format_of(int i)
{
    struct date_format format = {.order = DATE_PATTERN};
    if (!formats[i].pattern)
        return date_format_make(formats[i].order, formats[i].separator, formats[i].digits);
    memcpy(format.pattern, formats[i].pattern, strlen(formats[i].pattern) + 1);
    return format;
}

void date_guess_begin(struct date_guess *guess)
{
    memset(guess, 0, sizeof *guess);
    guess->any = guess->differing = PROOF_NONE;
    for (int i = 0; i < DATE_GUESS_FORMATS; i++) {
        struct date_candidate *it = &guess->candidate[i];
        it->format = format_of(i);
        it->group = formats[i].group;
        it->in_group = i && formats[i - 1].group == it->group ? it[-1].in_group + 1 : 0;
        it->first = PROOF_NONE;
        for (int j = 0; j < DATE_GUESS_RIVALS; j++)
            it->against[j].proof = PROOF_NONE;
    }
}

/* A value, and what every format makes of it: a day, or DAY_NONE. */
struct reading {
    struct slice value;
    const struct proof *place;
    const int32_t *day;
};

static void keep_first(struct proof *proof, const struct reading *reading)
{
    if (proof->column < 0)
        proof_set(proof, reading->place, reading->value);
}

static void compare(struct date_guess *guess, int i, int j, const struct reading *reading)
{
    struct date_rival *against = &guess->candidate[i].against[guess->candidate[j].in_group];
    if (reading->day[j] == DAY_NONE) {
        against->only++;
        keep_first(&against->proof, reading);
    } else if (reading->day[i] != reading->day[j]) {
        against->differ++;
        keep_first(&guess->differing, reading);
    }
}

/* Rivals stand together. */
static void credit(struct date_guess *guess, int i, const struct reading *reading)
{
    const int group = guess->candidate[i].group;
    guess->candidate[i].read++;
    keep_first(&guess->candidate[i].first, reading);
    for (int j = i - guess->candidate[i].in_group;
         j < DATE_GUESS_FORMATS && guess->candidate[j].group == group; j++)
        if (j != i)
            compare(guess, i, j, reading);
}

/* What a text shows at a glance of the formats it can be in. */
struct look {
    char mark; /* the first byte behind blanks and digits; 0: none */
    int month; /* its first letter is one that a month begins with */
};

static struct look look_at(struct slice value)
{
    const char *bytes = value.data;
    struct look look = {0};
    size_t i = 0;
    while (i < value.size && (bytes[i] == ' ' || bytes[i] == '\t'))
        i++;
    while (i < value.size && bytes[i] >= '0' && bytes[i] <= '9')
        i++;
    look.mark = i < value.size ? bytes[i] : '\0';
    for (; i < value.size; i++)
        if ((bytes[i] | 0x20) >= 'a' && (bytes[i] | 0x20) <= 'z') {
            look.month = memchr("jfmasond", bytes[i] | 0x20, 8) != NULL;
            break;
        }
    return look;
}

/* Whether to try: numbers stand on either side of their separator, patterns have a month's name. */
static int may_read(int i, struct look look)
{
    if (formats[i].pattern)
        return look.month;
    return !formats[i].separator || formats[i].separator == look.mark;
}

static void read_days(const struct date_guess *guess, struct slice value, int32_t *day)
{
    const struct look look = look_at(value);
    for (int i = 0; i < DATE_GUESS_FORMATS; i++) {
        struct moment moment;
        int read = may_read(i, look) && !date_read(&guess->candidate[i].format, value, &moment);
        day[i] = read ? moment.day : DAY_NONE;
    }
}

/* What the formats make of a text, remembered where it is short. */
static const int32_t *days_of(struct date_guess *guess, struct slice value, struct date_seen *own)
{
    char text[DATE_GUESS_SEEN_TEXT] = {0};
    if (value.size - 1 >= sizeof text) {
        read_days(guess, value, own->day);
        return own->day;
    }
    memcpy(text, value.data, value.size);
    struct date_seen *seen = &guess->seen[XXH3_64bits(text, sizeof text) % DATE_GUESS_SEEN];
    if (seen->size != value.size || memcmp(seen->text, text, sizeof text) != 0) {
        memcpy(seen->text, text, sizeof text);
        seen->size = value.size;
        read_days(guess, value, seen->day);
    }
    return seen->day;
}

void date_guess_see(struct date_guess *guess, struct slice value, const struct proof *place)
{
    struct date_seen own;
    const struct reading reading = {value, place, days_of(guess, value, &own)};
    guess->values++;
    keep_first(&guess->any, &reading);
    for (int i = 0; i < DATE_GUESS_FORMATS; i++)
        if (reading.day[i] != DAY_NONE)
            credit(guess, i, &reading);
}

/* Whether a needs to fear nothing from b. */
static int beats(const struct date_candidate *a, const struct date_candidate *b)
{
    const struct date_rival *mine = &a->against[b->in_group];
    const struct date_rival *theirs = &b->against[a->in_group];
    if (mine->only == 0 && theirs->only == 0)
        return mine->differ == 0;
    return theirs->only * DATE_GUESS_DOUBT <= mine->only + theirs->only;
}

static void find_proof(const struct date_guess *guess, struct date_verdict *verdict)
{
    verdict->proof = verdict->a->first;
    for (int i = 0; i < DATE_GUESS_FORMATS; i++) {
        const struct date_candidate *rival = &guess->candidate[i];
        if (rival == verdict->a || rival->group != verdict->a->group || !rival->read)
            continue;
        const struct date_rival *against = &verdict->a->against[rival->in_group];
        if (against->only)
            verdict->proof = against->proof;
    }
}

int date_guess_end(const struct date_guess *guess, struct date_verdict *verdict)
{
    const struct date_candidate *all = guess->candidate, *best = all;
    for (int i = 1; i < DATE_GUESS_FORMATS; i++)
        if (all[i].read > best->read)
            best = &all[i];
    *verdict = (struct date_verdict){.a = best, .foreign = guess->values - best->read};
    if (!best->read)
        return DATE_GUESS_E_NONE;
    for (int i = 0; i < DATE_GUESS_FORMATS; i++) {
        if (&all[i] == best || all[i].group != best->group || beats(best, &all[i]))
            continue;
        verdict->b = &all[i];
        return best->against[all[i].in_group].only || all[i].against[best->in_group].only
                   ? DATE_GUESS_E_MIXED
                   : DATE_GUESS_E_OPEN;
    }
    find_proof(guess, verdict);
    return 0;
}

int date_guess_looks(struct slice value)
{
    struct moment moment;
    for (int i = 0; i < DATE_GUESS_FORMATS; i++) {
        struct date_format format = format_of(i);
        if (date_read(&format, value, &moment) == 0)
            return 1;
    }
    return 0;
}
