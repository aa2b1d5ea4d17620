/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Rows of text on their way to a file descriptor, gathered so that a row costs no call. */
struct page {
    char *text;
    size_t used;
    int fd;
};

#define PAGE_ROW_LIMIT 256 /* bytes that a row may have, all that printing it touches included */

/* STATUS_BUG when there is no memory. */
int page_open(struct page *page, int fd) MUST_USE;
/* Writes when little room is left: call it before each row. */
int page_turn(struct page *page) MUST_USE;
/* Writes what there is. STATUS_IO, said. */
int page_flush(struct page *page) MUST_USE;
void page_close(struct page *page);

void page_text(struct page *page, const char *text, size_t size);
void page_number(struct page *page, int64_t value);
/* Cents as units with two decimals; |cents| <= 10^15. */
void page_cents(struct page *page, int64_t cents);

#endif
