/* SPDX-License-Identifier: Apache-2.0 */
/* A row says where its value goes, so that most flags need no code of their own; those that do
 * bring a reader. The alternative, a switch over letters beside a help text beside a list of
 * variables, is three lists that drift apart. */
#include "cli/flags.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/decimal.h"
#include "cli/options.h"
#include "cli/spelling.h"
#include "common/log.h"

#define REAL_PLACES 9
#define REAL_WHOLE  1000000000.0
#define REAL_MOST   INT64_C(1000000000000000) /* 10^6 */

const struct flag *flags_row(size_t i)
{
    const struct flags_piece pieces[] = {
        flags_reading(), flags_scoring(), flags_value(),
        flags_running(), flags_people(),  flags_serving(),
    };
    for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
        if (i < pieces[k].n)
            return pieces[k].row + i;
        i -= pieces[k].n;
    }
    return NULL;
}

const struct flag *flags_find(enum verb_kind verb, const char *name)
{
    const struct flag *flag;
    for (size_t i = 0; (flag = flags_row(i)); i++)
        if (flag->verbs & FLAG_OF(verb) && strcmp(flag->name, name) == 0)
            return flag;
    return NULL;
}

int flags_shown(const struct flag *flag, enum verb_kind verb)
{
    return (flag->verbs & FLAG_OF(verb)) != 0;
}

size_t flags_variable(const struct flag *flag, enum verb_kind verb, char out[FLAG_VARIABLE_BYTES])
{
    out[0] = '\0';
    if (!(FLAG_OF_JOBS & FLAG_OF(verb)) || flag->group == FLAGS_GENERAL)
        return 0;
    size_t n = (size_t)snprintf(out, FLAG_VARIABLE_BYTES, "WINNOW_%s", flag->name);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(out[i] == '-' ? '_' : toupper((unsigned char)out[i]));
    return n;
}

int flags_refuse(const struct flag_given *given, const char *format, ...)
{
    char words[1024], variable[FLAG_VARIABLE_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    const char *text = given->text ? given->text : "";
    if (given->source != SETTING_ENVIRONMENT)
        return log_fail(STATUS_USAGE, "--%s%s%s: %s", given->flag->name, *text ? " " : "", text,
                        words);
    flags_variable(given->flag, VERB_RUN, variable);
    return log_fail(STATUS_USAGE, "%s=%s: %s", variable, text, words);
}

static int take_count(int32_t *place, const struct flag_given *given)
{
    int64_t value;
    const struct flag *flag = given->flag;
    if (decimal_read_within(given->text, 0, flag->least, flag->most, &value))
        return flags_refuse(given, "%s is a whole number from %d to %d", flag->value,
                            (int)flag->least, (int)flag->most);
    *place = (int32_t)value;
    return 0;
}

static int take_real(double *place, const struct flag_given *given)
{
    int64_t value;
    if (decimal_read_within(given->text, REAL_PLACES, 1, REAL_MOST, &value))
        return flags_refuse(given, "%s is a decimal number over 0, at most 1000000",
                            given->flag->value);
    *place = (double)value / REAL_WHOLE;
    return 0;
}

/* Enums of our own without negative values are compatible with unsigned for gcc and clang. */
static int take_choice(unsigned *place, const struct flag_given *given)
{
    assert(given->flag->value && given->text);
    unsigned position = (unsigned)given->flag->least;
    size_t size = strlen(given->text);
    for (const char *at = given->flag->value;; position++) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, given->text, size) == 0)
            break;
        if (at[length] == '\0')
            return flags_refuse(given, "is one of %s", given->flag->value);
        at += length + 1;
    }
    *place = position;
    return 0;
}

int flags_take(struct options *options, const struct flag_given *given)
{
    void *place = (char *)options + given->flag->place;
    if (given->flag->value && given->flag->kind != FLAG_WORDS && given->text[0] == '\0')
        return flags_refuse(given, "wants %s, got nothing", given->flag->value);
    switch (given->flag->kind) {
    case FLAG_SWITCH:
        *(int *)place = 1;
        return 0;
    case FLAG_TEXT:
    case FLAG_WORDS:
        *(const char **)place = given->text;
        return 0;
    case FLAG_COUNT:
        return take_count(place, given);
    case FLAG_REAL:
        return take_real(place, given);
    case FLAG_CHOICE:
        return take_choice(place, given);
    case FLAG_OWN:
        break;
    }
    return given->flag->read(options, given);
}

/* Verbs that take a flag of that name, as "run, ventilator"; 0 when none does. */
static int list_verbs(const char *name, char *out, size_t room)
{
    size_t n = 0;
    for (int verb = 0; verb < VERBS; verb++) {
        const struct flag *flag = flags_find((enum verb_kind)verb, name);
        if (flag && n < room)
            n += (size_t)snprintf(out + n, room - n, "%s%s", n ? ", " : "",
                                  verbs_row((enum verb_kind)verb)->name);
    }
    return n > 0;
}

int flags_refuse_unknown(enum verb_kind verb, const char *name)
{
    char verbs[200];
    const struct flag *flag;
    const char *verb_name = verbs_row(verb)->name;
    struct spelling near = spelling_of(name);
    if (list_verbs(name, verbs, sizeof verbs))
        return log_fail(STATUS_USAGE, "%s has no flag --%s; it belongs to %s", verb_name, name,
                        verbs);
    for (size_t i = 0; (flag = flags_row(i)); i++)
        if (flags_shown(flag, verb))
            spelling_offer(&near, flag->name);
    if (near.best)
        return log_fail(STATUS_USAGE, "%s has no flag --%s; did you mean --%s?", verb_name, name,
                        near.best);
    return log_fail(STATUS_USAGE, "%s has no flag --%s; winnow help %s lists them", verb_name, name,
                    verb_name);
}
