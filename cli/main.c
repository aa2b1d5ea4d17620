/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the code that suits the processor. What the C library has been told to leave alone
 * (GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2) is left alone here too. */
#include "cli/program.h"

#ifdef WINNOW_V3
#include <sys/platform/x86.h>

static int is_v3(void)
{
    return __builtin_cpu_supports("x86-64-v3") && CPU_FEATURE_ACTIVE(AVX2) &&
           CPU_FEATURE_ACTIVE(FMA) && CPU_FEATURE_ACTIVE(BMI2);
}

int main(int argc, char **argv)
{
    return is_v3() ? program_main_v3(argc, argv) : program_main(argc, argv);
}
#else
int main(int argc, char **argv)
{
    return program_main(argc, argv);
}
#endif
