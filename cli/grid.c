/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/grid.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define GAP           2 /* blanks between columns */
#define CELL_LIMIT    1024
#define COLUMNS_LIMIT 16
#define ESCAPED_BYTES 4 /* \x1b */

struct grid grid_of(size_t columns, unsigned right)
{
    return (struct grid){.columns = columns, .right = right};
}

static int is_control(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7f;
}

/* A copy without control bytes; NULL without memory. */
static char *clean_copy(struct slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes.data;
    char *cell = malloc(bytes.size * ESCAPED_BYTES + 1), *at = cell;
    for (size_t i = 0; cell && i < bytes.size; i++) {
        if (!is_control(from[i])) {
            *at++ = (char)from[i];
            continue;
        }
        *at++ = '\\';
        *at++ = 'x';
        *at++ = digits[from[i] >> 4];
        *at++ = digits[from[i] & 15];
    }
    if (cell)
        *at = '\0';
    return cell;
}

static int make_room(struct grid *grid)
{
    size_t room = grid->room ? grid->room * 2 : 64;
    if (grid->n < grid->room)
        return 0;
    char **cell = realloc(grid->cell, room * sizeof *cell);
    if (!cell)
        return 1;
    grid->cell = cell;
    grid->room = room;
    return 0;
}

void grid_put_bytes(struct grid *grid, struct slice bytes)
{
    char *cell = grid->failed || make_room(grid) ? NULL : clean_copy(bytes);
    if (cell)
        grid->cell[grid->n++] = cell;
    else
        grid->failed = 1;
}

void grid_put(struct grid *grid, const char *format, ...)
{
    char text[CELL_LIMIT];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    grid_put_bytes(grid, (struct slice){text, strlen(text)});
}

void grid_end(struct grid *grid)
{
    while (!grid->failed && grid->n % grid->columns != 0)
        grid_put(grid, "%s", "");
}

/* Characters of UTF-8, each taken to be one wide. */
static size_t width_of(const char *cell)
{
    size_t width = 0;
    for (; *cell; cell++)
        width += ((unsigned char)*cell & 0xc0) != 0x80;
    return width;
}

static int last_filled(const struct grid *grid, size_t row)
{
    size_t column = grid->columns;
    while (column > 1 && grid->cell[row * grid->columns + column - 1][0] == '\0')
        column--;
    return (int)column - 1;
}

static void print_row(const struct grid *grid, size_t row, const size_t *width, FILE *out)
{
    int last = last_filled(grid, row);
    for (int column = 0; column <= last; column++) {
        const char *cell = grid->cell[row * grid->columns + (size_t)column];
        int pad = (int)(width[column] - width_of(cell));
        int right = grid->right >> column & 1;
        int after = (right ? 0 : pad) + GAP;
        fprintf(out, "%*s%s%*s", right ? pad : 0, "", cell, column == last ? 0 : after, "");
    }
    fputc('\n', out);
}

static void print_rows(const struct grid *grid, FILE *out, int margin)
{
    size_t width[COLUMNS_LIMIT] = {0}, rows = grid->n / grid->columns;
    for (size_t i = 0; i < grid->n; i++) {
        size_t wide = width_of(grid->cell[i]), *most = &width[i % grid->columns];
        *most = wide > *most ? wide : *most;
    }
    for (size_t row = 0; row < rows; row++) {
        fprintf(out, "%*s", margin, "");
        print_row(grid, row, width, out);
    }
}

int grid_print(struct grid *grid, FILE *out, int margin)
{
    int failed = grid->failed;
    if (!failed)
        print_rows(grid, out, margin);
    for (size_t i = 0; i < grid->n; i++)
        free(grid->cell[i]);
    free(grid->cell);
    *grid = grid_of(grid->columns, grid->right);
    return failed ? log_fail(STATUS_BUG, "no memory for a table") : 0;
}
