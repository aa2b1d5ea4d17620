/* SPDX-License-Identifier: Apache-2.0 */
/* Own printing of integers: printf costs six times as much as the rest of a generated row. */
#include "cli/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

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

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

void page_number(struct page *page, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    for (; value >= 10; value /= 100) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (value % 100), 2);
    }
    if (value > 0 || at == sizeof digits)
        digits[--at] = (char)('0' + value);
    page_text(page, digits + at, sizeof digits - at);
}

void page_cents(struct page *page, int64_t cents)
{
    uint64_t size = cents < 0 ? (uint64_t)-cents : (uint64_t)cents;
    if (cents < 0)
        page_text(page, "-", 1);
    page_number(page, size / 100);
    page_text(page, ".", 1);
    page_text(page, pairs + 2 * (size % 100), 2);
}
