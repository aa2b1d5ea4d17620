/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/digits.h"
#include "common/log.h"
#include "score/money.h"

#define PAGE_BYTES ((size_t)1 << 18)

int page_open(struct page *page, int fd)
{
    page->text = malloc(PAGE_BYTES);
    page->used = 0;
    page->fd = fd;
    if (!page->text)
        return log_fail(STATUS_BUG, "no memory for a page of output");
    return 0;
}

int page_flush(struct page *page)
{
    size_t done = 0;
    while (done < page->used) {
        ssize_t n = write(page->fd, page->text + done, page->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return log_fail(STATUS_IO, "cannot write the ledger: %s", strerror(errno));
        done += (size_t)n;
    }
    page->used = 0;
    return 0;
}

int page_turn(struct page *page)
{
    return page->used + PAGE_ROW_LIMIT > PAGE_BYTES ? page_flush(page) : 0;
}

void page_close(struct page *page)
{
    free(page->text);
    page->text = NULL;
}

void page_text(struct page *page, const char *text, size_t size)
{
    memcpy(page->text + page->used, text, size);
    page->used += size;
}

void page_number(struct page *page, int64_t value)
{
    page->used = (size_t)(digits_int(page->text + page->used, value) - page->text);
}

void page_cents(struct page *page, int64_t cents)
{
    int64_t money = cents * (MONEY_PER_UNIT / 100);
    page->used = (size_t)(digits_money(page->text + page->used, money, 2) - page->text);
}
