/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

/* "0.1.0", of the build; for `winnow version` and the manifest. */
const char *version_text(void);

#endif
