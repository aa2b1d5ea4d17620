/* SPDX-License-Identifier: Apache-2.0 */
/* The first rule that holds counts, as in the table of winnow, so an exception stands above its rule. But then
 * the order is part of every rule, and moving a line changes segments that nobody looked at: where two
 * overlap it is said, every time, and a rule that is never reached is refused, as it says something that is not so.
 * Only the last may say "rest". */
#include "cli/segments.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "common/log.h"
#include "score/rfm.h"

#define SPACE " \t\r"

/* Where reading is. A line ends with its '\0'. */
struct page {
    const char *path;
    const char *line;
    int number;
    int32_t bins;
    struct plan_segments *rules;
    int line_of[PLAN_SEGMENTS_LIMIT];
    int has_rest; /* the last one */
};

static const char letters[] = "rfm";

/* Says "file:line:column: " and the words. */
static int refuse(const struct page *page, const char *at, const char *format, ...)
    PRINTF_LIKE(3, 4);

static int refuse(const struct page *page, const char *at, const char *format, ...)
{
    char words[400];
    va_list rest;
    va_start(rest, format);
    vsnprintf(words, sizeof words, format, rest);
    va_end(rest);
    return log_fail(STATUS_DATA, "%s:%d:%d: %s", page->path, page->number,
                    (int)(at - page->line) + 1, words);
}

static size_t name_length(const char *at)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";
    return *at && strchr(first, *at) ? strspn(at, others) : 0;
}

/* "name:", whose colon *after is behind. */
static int read_name(struct page *page, const char *at, const char **after)
{
    size_t size = name_length(at), word = strcspn(at, SPACE ":,=#");
    const char *colon = at + size + strspn(at + size, SPACE);
    struct plan_segment *rule = &page->rules->rule[page->rules->n];
    if (size == 0 || size != word || size > PLAN_SEGMENT_NAME_LIMIT)
        return refuse(page, at,
                      "'%.*s' is no name of a segment: letters, digits, _ and -, a letter first, "
                      "at most %d",
                      (int)(word ? word : 1), at, PLAN_SEGMENT_NAME_LIMIT);
    if (*colon != ':')
        return refuse(page, colon, "wants a colon after the name: %.*s: r=4-5 f=3", (int)size, at);
    memcpy(rule->name, at, size);
    rule->name[size] = '\0';
    for (int32_t i = 0; i < page->rules->n; i++)
        if (strcmp(page->rules->rule[i].name, rule->name) == 0)
            return refuse(page, at, "'%s' is the name of line %d, too; a segment is one rule",
                          rule->name, page->line_of[i]);
    *after = colon + 1;
    return 0;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "r=4-5" of size bytes. */
static int read_range(struct page *page, const char *at, size_t size, struct plan_segment *rule)
{
    const char *letter = size > 2 && at[1] == '=' ? strchr(letters, at[0]) : NULL;
    int one = size == 3, two = size == 5 && at[3] == '-';
    if (!letter || !(one || two) || !is_digit(at[2]) || (two && !is_digit(at[4])))
        return refuse(page, at, "'%.*s' is no range of scores; r=5, f=1-3 and m=2-4 are, and rest",
                      (int)size, at);
    int metric = (int)(letter - letters), from = at[2] - '0', to = one ? from : at[4] - '0';
    if (rule->to[metric] > 0)
        return refuse(page, at, "%c stands there twice", *letter);
    if (from < 1 || to > page->bins || from > to)
        return refuse(page, at, "'%.*s': scores run from 1 to %d, the lower one first%s", (int)size,
                      at, (int)page->bins, page->bins < 9 ? " (--rfm-bins says how far)" : "");
    rule->from[metric] = (int8_t)from;
    rule->to[metric] = (int8_t)to;
    return 0;
}

static int read_ranges(struct page *page, const char *at, struct plan_segment *rule)
{
    int n = 0;
    memset(rule->from, 0, sizeof rule->from);
    memset(rule->to, 0, sizeof rule->to);
    for (at += strspn(at, SPACE ","); *at; at += strspn(at, SPACE ","), n++) {
        size_t size = strcspn(at, SPACE ",");
        if (n == 0 && size == 4 && memcmp(at, "rest", 4) == 0 && !at[4 + strspn(at + 4, SPACE)]) {
            page->has_rest = 1;
            return 0;
        }
        int r = read_range(page, at, size, rule);
        if (r < 0)
            return r;
        at += size;
    }
    return n > 0 ? 0
                 : refuse(page, at, "says no score; '%s: rest' in the last line takes what is left",
                          rule->name);
}

/* A rule without scores would match what a range names and what none does. */
static int read_line(struct page *page)
{
    const char *at = page->line + strspn(page->line, SPACE);
    if (*at == '\0')
        return 0;
    if (page->rules->n == PLAN_SEGMENTS_LIMIT)
        return refuse(page, at, "there are more than %d rules", PLAN_SEGMENTS_LIMIT);
    if (page->has_rest)
        return refuse(page, at, "stands behind the rest of line %d, which is the last rule",
                      page->line_of[page->rules->n - 1]);
    int r = read_name(page, at, &at);
    if (r == 0)
        r = read_ranges(page, at, &page->rules->rule[page->rules->n]);
    if (r == 0)
        page->line_of[page->rules->n++] = page->number;
    return r;
}

/* Lines without their comments; a byte order mark is none of them. */
static int read_lines(struct page *page, char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *at = size >= 3 && memcmp(text, mark, 3) == 0 ? text + 3 : text, *end = text + size;
    for (page->number = 1; at < end; page->number++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        page->line = at;
        char *hidden = memchr(at, '\0', (size_t)(stop - at));
        if (hidden)
            return refuse(page, hidden, "is a byte 0; this is no file of rules");
        *stop = '\0';
        at[strcspn(at, "#")] = '\0';
        int r = read_line(page);
        if (r < 0)
            return r;
        at = stop + 1;
    }
    return page->rules->n > 0
               ? 0
               : log_fail(STATUS_DATA, "%s holds no rule; winnow help segments prints some",
                          page->path);
}

/* What is found by going through all cells. */
struct coverage {
    int cells[PLAN_SEGMENTS_LIMIT]; /* of each rule */
    int own[PLAN_SEGMENTS_LIMIT];   /* of these, covered by no rule above it */
    int all, holes;
    int32_t hole[RFM_METRICS]; /* the first */
};

/* Two rules' common ground. */
struct overlap {
    int cells;
    int32_t cell[RFM_METRICS]; /* the best of them */
};

/* Calls visit for each cell, best first. */
static void go_through(const struct page *page,
                       void (*visit)(void *context, const int32_t score[RFM_METRICS]),
                       void *context)
{
    int32_t bins = page->bins, money = rfm_segments_weigh_money(page->rules) ? bins : 1;
    for (int32_t r = bins; r >= 1; r--)
        for (int32_t f = bins; f >= 1; f--)
            for (int32_t m = money; m >= 1; m--)
                visit(context, (int32_t[]){r, f, m});
}

struct covering {
    const struct plan_segments *rules;
    struct coverage coverage;
};

static void cover_cell(void *context, const int32_t score[RFM_METRICS])
{
    struct covering *self = context;
    struct coverage *coverage = &self->coverage;
    int first = -1;
    for (int32_t i = 0; i < self->rules->n; i++) {
        if (!rfm_segment_holds(&self->rules->rule[i], score))
            continue;
        coverage->cells[i]++;
        if (first < 0) {
            first = i;
            coverage->own[i]++;
        }
    }
    coverage->all++;
    if (first < 0 && coverage->holes++ == 0)
        memcpy(coverage->hole, score, sizeof coverage->hole);
}

static struct coverage coverage_of(const struct page *page)
{
    struct covering covering = {.rules = page->rules};
    go_through(page, cover_cell, &covering);
    return covering.coverage;
}

struct meeting {
    const struct plan_segment *upper, *lower;
    struct overlap overlap;
};

static void meet_in_cell(void *context, const int32_t score[RFM_METRICS])
{
    struct meeting *self = context;
    if (!rfm_segment_holds(self->upper, score) || !rfm_segment_holds(self->lower, score))
        return;
    if (self->overlap.cells++ == 0)
        memcpy(self->overlap.cell, score, sizeof self->overlap.cell);
}

static struct overlap overlap_of(const struct page *page, int32_t upper, int32_t lower)
{
    const struct plan_segment *rule = page->rules->rule;
    struct meeting meeting = {.upper = &rule[upper], .lower = &rule[lower]};
    go_through(page, meet_in_cell, &meeting);
    return meeting.overlap;
}

static const char *cell_text(const struct page *page, const int32_t score[RFM_METRICS],
                             char out[24])
{
    int n = snprintf(out, 24, "r=%d f=%d", (int)score[RFM_RECENCY], (int)score[RFM_FREQUENCY]);
    if (rfm_segments_weigh_money(page->rules))
        snprintf(out + n, 24 - (size_t)n, " m=%d", (int)score[RFM_MONETARY]);
    return out;
}

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* A rule without a cell of its own, and one of the rules that have taken them. */
static int refuse_rule(const struct page *page, const struct coverage *coverage, int32_t i)
{
    const struct plan_segment *rule = page->rules->rule;
    char cell[24];
    if (page->has_rest && i == page->rules->n - 1)
        return log_fail(STATUS_DATA,
                        "%s:%d:1: '%s' is never reached: the rules above leave no rest of the %d "
                        "cells",
                        page->path, page->line_of[i], rule[i].name, coverage->all);
    int32_t rival = 0;
    struct overlap overlap = overlap_of(page, rival, i);
    while (overlap.cells == 0)
        overlap = overlap_of(page, ++rival, i);
    return log_fail(STATUS_DATA,
                    "%s:%d:1: '%s' is never reached: all its cells are those of rules above it, %s "
                    "of '%s' in line %d",
                    page->path, page->line_of[i], rule[i].name, cell_text(page, overlap.cell, cell),
                    rule[rival].name, page->line_of[rival]);
}

/* With each rule above it. */
static void tell_overlaps(const struct page *page, int32_t i)
{
    const struct plan_segment *rule = page->rules->rule;
    char cell[24];
    for (int32_t upper = 0; upper < i; upper++) {
        struct overlap overlap = overlap_of(page, upper, i);
        if (overlap.cells > 0)
            log_say(LOG_WARN,
                    "%s:%d:1: '%s' overlaps '%s' of line %d in %d cell%s, %s for one; there '%s' "
                    "counts, which stands above it",
                    page->path, page->line_of[i], rule[i].name, rule[upper].name,
                    page->line_of[upper], overlap.cells, plural(overlap.cells),
                    cell_text(page, overlap.cell, cell), rule[upper].name);
    }
}

/* Says all that is to be said of the rules, and then refuses them if it must. */
static int check(const struct page *page)
{
    struct coverage coverage = coverage_of(page);
    char cell[24];
    int r = 0;
    for (int32_t i = 0; i < page->rules->n; i++) {
        int is_rest = page->has_rest && i == page->rules->n - 1;
        if (coverage.own[i] == 0)
            r = refuse_rule(page, &coverage, i);
        else if (!is_rest)
            tell_overlaps(page, i);
    }
    if (coverage.holes > 0)
        log_say(LOG_WARN,
                "%s: %d of %d cells have no rule, the best of them %s: their rfm_segment is empty; "
                "a last line 'others: rest' would name them",
                page->path, coverage.holes, coverage.all, cell_text(page, coverage.hole, cell));
    return r;
}

int segments_read(struct settings *settings)
{
    struct plan *plan = &settings->scoring.plan;
    struct slice bytes;
    struct page page = {
        .path = settings->scoring.segments, .bins = plan->rfm_bins, .rules = &plan->segments};
    if (!page.path)
        return 0;
    int r = file_read(page.path, &bytes);
    if (r == FILE_E_ABSENT)
        return log_fail(STATUS_NO_INPUT,
                        "no such file: %s (--segments wants one like that of winnow help segments)",
                        page.path);
    if (r < 0)
        return r;
    char *text = realloc((void *)(uintptr_t)bytes.data, bytes.size + 1);
    if (!text) {
        free((void *)(uintptr_t)bytes.data);
        return log_fail(STATUS_BUG, "out of memory for %s", page.path);
    }
    text[bytes.size] = '\0';
    r = read_lines(&page, text, bytes.size);
    free(text);
    return r < 0 ? r : check(&page);
}

void segments_tell(const struct settings *settings, FILE *out)
{
    struct plan_segments rules = settings->scoring.plan.segments;
    const struct page page = {.bins = settings->scoring.plan.rfm_bins, .rules = &rules};
    struct coverage coverage = coverage_of(&page);
    fprintf(out, "%s: %d rule%s for %d cells\n", settings->scoring.segments, (int)rules.n,
            plural(rules.n), coverage.all);
    for (int32_t i = 0; i < rules.n; i++)
        fprintf(out, "  %-31s %d\n", rules.rule[i].name, coverage.own[i]);
    if (coverage.holes > 0)
        fprintf(out, "  %-31s %d\n", "(none)", coverage.holes);
}

static int print_range(FILE *out, const struct plan_segment *rule, int metric)
{
    if (rule->to[metric] == 0)
        return 0;
    if (rule->from[metric] == rule->to[metric])
        return fprintf(out, " %c=%d", letters[metric], rule->to[metric]);
    return fprintf(out, " %c=%d-%d", letters[metric], rule->from[metric], rule->to[metric]);
}

void segments_print(FILE *out)
{
    size_t n;
    const struct rfm_segment_rule *rules = rfm_segment_rules(&n);
    for (size_t i = 0; i < n; i++) {
        const struct plan_segment *rule = &rules[i].rule;
        int size = fprintf(out, "%s:", rule->name);
        fprintf(out, "%*s", size < 17 ? 17 - size : 0, "");
        size = 0;
        for (int metric = 0; metric < RFM_METRICS; metric++)
            size += print_range(out, rule, metric);
        fprintf(out, "%*s# %s\n", size < 15 ? 15 - size : 1, "", rules[i].meaning);
    }
}
