/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_STAMP_H
#define VENTILATOR_STAMP_H

#include <stdint.h>

/* Which file it is and when it was last changed, by the word of its file system: where that is the same, so
 * are its bytes, and need not be read to know it. As git and make do. */

struct stamp {
    uint64_t device, inode, bytes;
    int64_t modified_ns, changed_ns; /* since 1970; 0: no stamp */
};

/* Of a regular file; none where it is something else, or was changed within STAMP_SETTLED_MS before now_ms (or
 * after it): a change that follows at once could bear the same time. Nobody can set when a file was changed, but a
 * system's clock. */
#define STAMP_SETTLED_MS 3000
struct stamp stamp_of(const char *path, int64_t now_ms);

/* Both are there, and say the same. */
int stamp_same(const struct stamp *a, const struct stamp *b);

#endif
