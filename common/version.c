/* SPDX-License-Identifier: Apache-2.0 */
#include "common/version.h"

const char *version_text(void)
{
    return WINNOW_VERSION;
}

const char *version_code(void)
{
#ifdef __AVX2__
    return "x86-64-v3";
#else
    return "any";
#endif
}
