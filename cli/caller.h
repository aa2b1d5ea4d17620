/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CALLER_H
#define CLI_CALLER_H

#include "common/status.h"

struct options;

/* In a container winnow is user 10001, and the files that were mounted are somebody else's. The image
 * grants the program the right to become another user; it becomes the owner of the directory it is
 * to write to, or of the file it is to read, and gives the right away for good. Where nothing was
 * granted (outside of the image, or the engine drops it) it stays who it is. */
int caller_become(const struct options *options) MUST_USE;

#endif
