/* SPDX-License-Identifier: Apache-2.0 */
#include "common/version.h"

const char *version_text(void)
{
    return WINNOW_VERSION;
}
