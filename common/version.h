/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

/* "0.1.0", of the build; for `winnow version` and the manifest. */
const char *version_text(void);

/* The processors that this code is for, "x86-64-v3" or "any": for the manifest. The bytes of results are the same. */
const char *version_code(void);

#endif
