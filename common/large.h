/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_LARGE_H
#define COMMON_LARGE_H

#include <stddef.h>

/* Memory that is touched all over, on large pages where the system gives them: with pages of 4 KiB a
 * look-up in a few megabytes costs the walk for its page besides. Zeroed as it is touched, so that
 * what is never used costs nothing. */

/* NULL without memory. */
void *large_new(size_t size);
/* The size it was asked for with; NULL is fine. */
void large_free(void *memory, size_t size);

#endif
