/* SPDX-License-Identifier: Apache-2.0 */
/* Everybody stands in a diary on the day he buys next; a day is printed by emptying its page.
 * So rows come out sorted by date without ever being held, and in an order within the day that
 * has nothing to do with who came first. Drawing customer by customer and sorting afterwards was
 * refused: it needs the ledger in memory. */
#include "cli/generate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/diary.h"
#include "cli/options.h"
#include "cli/page.h"
#include "common/log.h"
#include "score/day.h"

#define HUGE_PAGE    ((size_t)2 << 20)
#define REFUND_DAYS  30 /* a refund comes 1 to 30 days after its purchase */
#define REFUND_ROOM  1024
#define VISITS_AHEAD 8 /* whose memory is asked for before their turn */

struct refund {
    uint32_t person; /* of an unused place: the next unused place */
    int64_t cents;   /* > 0 */
    uint64_t order;
};

/* A ledger while it is being drawn. */
struct drawing {
    const struct people *people;
    struct people_names names;
    struct chance chance;
    struct person *person;
    struct diary visits;
    struct diary returns; /* things are places of refund[] */
    struct refund *refund;
    uint32_t n_refunds;   /* places used so far */
    uint32_t free_refund; /* an unused place */
    uint64_t orders;
    struct page page;
    char date[12]; /* "2023-01-01," */
};

/* Visits jump about in this array: with small pages most of the time would go into finding where
 * a page is. Without huge pages it works all the same. */
static struct person *persons_new(size_t n)
{
    size_t bytes = (n * sizeof(struct person) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    struct person *person = aligned_alloc(HUGE_PAGE, bytes);
    if (person)
        (void)madvise(person, bytes, MADV_HUGEPAGE);
    return person;
}

static int open_drawing(struct drawing *drawing, const struct people *people, int fd)
{
    size_t n = (size_t)people->customers;
    memset(drawing, 0, sizeof *drawing);
    drawing->people = people;
    drawing->names = people_names_of(people);
    drawing->chance = chance_seeded(people->seed);
    drawing->free_refund = DIARY_NONE;
    drawing->person = persons_new(n);
    if (!drawing->person)
        return log_fail(STATUS_BUG, "no memory for %d customers", (int)people->customers);
    int status = diary_open(&drawing->visits, people->days, (uint32_t)n);
    if (!status)
        status = diary_open(&drawing->returns, people->days, 0);
    return status ? status : page_open(&drawing->page, fd);
}

static void close_drawing(struct drawing *drawing)
{
    page_close(&drawing->page);
    diary_close(&drawing->returns);
    diary_close(&drawing->visits);
    free(drawing->refund);
    free(drawing->person);
}

static void plan_visit(struct drawing *drawing, uint32_t i)
{
    const struct person *person = &drawing->person[i];
    if (!person->has_left && person->next < drawing->people->days)
        diary_put(&drawing->visits, (int32_t)person->next, i);
}

static void draw_persons(struct drawing *drawing)
{
    for (uint32_t i = 0; i < (uint32_t)drawing->people->customers; i++) {
        drawing->person[i] = people_draw_one(drawing->people, &drawing->chance);
        plan_visit(drawing, i);
    }
}

static int take_refund_place(struct drawing *drawing, uint32_t *place)
{
    *place = drawing->free_refund;
    if (*place != DIARY_NONE) {
        drawing->free_refund = drawing->refund[*place].person;
        return 0;
    }
    if (drawing->n_refunds == drawing->returns.size) {
        uint32_t room = drawing->n_refunds ? drawing->n_refunds * 2 : REFUND_ROOM;
        struct refund *refund = realloc(drawing->refund, room * sizeof *refund);
        if (!refund)
            return log_fail(STATUS_BUG, "no memory for %u refunds", (unsigned)room);
        drawing->refund = refund;
        int status = diary_grow(&drawing->returns, room);
        if (status)
            return status;
    }
    *place = drawing->n_refunds++;
    return 0;
}

static int plan_refund(struct drawing *drawing, int32_t day, struct refund refund)
{
    struct chance *chance = &drawing->chance;
    uint32_t place;
    day += 1 + (int32_t)(chance_uniform(chance) * REFUND_DAYS);
    if (chance_uniform(chance) < 0.5)
        refund.cents = (int64_t)((double)refund.cents * chance_uniform(chance));
    if (refund.cents == 0 || day >= drawing->people->days)
        return 0;
    int status = take_refund_place(drawing, &place);
    if (status)
        return status;
    drawing->refund[place] = refund;
    diary_put(&drawing->returns, day, place);
    return 0;
}

static int print_row(struct drawing *drawing, uint32_t person, int64_t cents, uint64_t order)
{
    struct page *page = &drawing->page;
    int status = page_turn(page);
    if (status)
        return status;
    page_number(page, (int64_t)people_name(&drawing->names, person));
    page_text(page, drawing->date, sizeof drawing->date);
    page_cents(page, cents);
    if (drawing->people->has_orders) {
        page_text(page, ",", 1);
        page_number(page, (int64_t)order);
    }
    page_text(page, "\n", 1);
    return 0;
}

static int draw_purchase(struct drawing *drawing, uint32_t i, int32_t day)
{
    const struct people *people = drawing->people;
    struct person *person = &drawing->person[i];
    int64_t cents = people_amount(people, person, &drawing->chance);
    int status = print_row(drawing, i, cents, ++drawing->orders);
    if (status)
        return status;
    people_move_on(person, &drawing->chance);
    plan_visit(drawing, i);
    if (people->refund_millionths > 0 &&
        chance_uniform(&drawing->chance) * 1e6 < (double)people->refund_millionths)
        status = plan_refund(drawing, day, (struct refund){i, cents, drawing->orders});
    return status;
}

static int draw_visits(struct drawing *drawing, int32_t day)
{
    int status = 0;
    uint32_t i;
    while (!status && (i = diary_take(&drawing->visits, day)) != DIARY_NONE) {
        uint32_t soon = diary_peek(&drawing->visits, day, VISITS_AHEAD);
        if (soon != DIARY_NONE)
            __builtin_prefetch(&drawing->person[soon], 1);
        status = draw_purchase(drawing, i, day);
    }
    return status;
}

static int draw_returns(struct drawing *drawing, int32_t day)
{
    int status = 0;
    uint32_t place;
    while (!status && (place = diary_take(&drawing->returns, day)) != DIARY_NONE) {
        struct refund refund = drawing->refund[place];
        drawing->refund[place].person = drawing->free_refund;
        drawing->free_refund = place;
        status = print_row(drawing, refund.person, -refund.cents, refund.order);
    }
    return status;
}

static void date_day(struct drawing *drawing, int32_t day)
{
    char date[11];
    day_print(drawing->people->first_day + day, date);
    drawing->date[0] = ',';
    memcpy(drawing->date + 1, date, 10);
    drawing->date[11] = ',';
}

static int draw_days(struct drawing *drawing)
{
    static const char header[] = "customer_id,date,amount\n";
    static const char header_orders[] = "customer_id,date,amount,order_id\n";
    int status = 0;
    if (drawing->people->has_orders)
        page_text(&drawing->page, header_orders, sizeof header_orders - 1);
    else
        page_text(&drawing->page, header, sizeof header - 1);
    for (int32_t day = 0; day < drawing->people->days && !status; day++) {
        date_day(drawing, day);
        status = draw_visits(drawing, day);
        if (!status)
            status = draw_returns(drawing, day);
    }
    return status ? status : page_flush(&drawing->page);
}

static int write_truth(const struct drawing *drawing, FILE *truth)
{
    const struct people *people = drawing->people;
    fputs("customer_id,lambda,p_dropout,mean_spend,age_weeks,purchases,alive\n", truth);
    for (int32_t i = 0; i < people->customers; i++) {
        const struct person *person = &drawing->person[i];
        fprintf(truth, "%llu,%.9g,%.9g,%.12g,%.12g,%u,%d\n",
                (unsigned long long)people_name(&drawing->names, (uint32_t)i),
                (double)person->lambda, (double)person->leaving, people->p / (double)person->nu,
                (people->days - person->joined) / 7, (unsigned)person->purchases,
                !person->has_left);
    }
    if (fflush(truth) != 0 || ferror(truth))
        return log_fail(STATUS_IO, "cannot write --truth: %s", strerror(errno));
    return 0;
}

int generate_ledger(const struct people *people, int fd, FILE *truth)
{
    struct drawing drawing;
    int status = open_drawing(&drawing, people, fd);
    if (!status) {
        draw_persons(&drawing);
        status = draw_days(&drawing);
    }
    if (!status && truth)
        status = write_truth(&drawing, truth);
    close_drawing(&drawing);
    return status;
}

int generate_verb(const struct options *options)
{
    FILE *truth = NULL;
    if (options->truth && !(truth = fopen(options->truth, "w")))
        return log_fail(STATUS_NO_OUTPUT, "--truth %s: cannot create it: %s", options->truth,
                        strerror(errno));
    int status = generate_ledger(&options->people, STDOUT_FILENO, truth);
    if (truth && fclose(truth) != 0 && !status)
        status =
            log_fail(STATUS_IO, "--truth %s: cannot write it: %s", options->truth, strerror(errno));
    return status;
}
