/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H

#include "common/hash.h"

/* Tells this build of the program from any other, whose formulas may differ: a digest of the build id that
 * the linker has made of its code and data. None where it has left no such note. */
struct digest program_digest(void);

#endif
