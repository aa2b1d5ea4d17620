/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as csv: the fast reader must find what the slow one finds, however the text is cut into
 * chunks. The first bytes choose the delimiter, the limit of a record and the size of a chunk. */
#include <stdint.h>
#include <stdlib.h>

#include "support/csv_twins.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;\t|";
    if (size < 3)
        return 0;
    const struct csv_twins twins = {.text = (const char *)data + 3,
                                    .size = size - 3,
                                    .delimiter = delimiters[data[0] % 4],
                                    .limit = data[1] < 128 ? 1 + data[1] : 1 << 20,
                                    .chunk_size = 1 + data[2]};
    if (!csv_twins_agree(&twins))
        abort();
    return 0;
}
