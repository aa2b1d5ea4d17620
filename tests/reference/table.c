/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"

void table_open(struct table *self, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", REFERENCE_FOLDER, name);
    *self = (struct table){.file = fopen(path, "r"), .row = 1};
    assert_non_null(self->file);
    assert_non_null(fgets(self->line, sizeof self->line, self->file));
}

int table_next(struct table *self)
{
    if (!fgets(self->line, sizeof self->line, self->file)) {
        assert_int_equal(fclose(self->file), 0);
        return 0;
    }
    self->row++;
    self->line[strcspn(self->line, "\n")] = '\0';
    self->cells = 0;
    for (char *at = self->line; at; self->cells++) {
        assert_true(self->cells < TABLE_CELLS);
        self->cell[self->cells] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return 1;
}

long double table_number(const struct table *self, int cell)
{
    assert_true(cell < self->cells);
    char *end;
    long double number = strtold(self->cell[cell], &end);
    assert_true(end != self->cell[cell] && *end == '\0');
    return number;
}
