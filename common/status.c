/* SPDX-License-Identifier: Apache-2.0 */
#include "common/status.h"

static const int exit_code[] = {0, 70, 2, 65, 66, 69, 73, 74, 75, 77, 78};

#define N_STATUS ((int)(sizeof exit_code / sizeof exit_code[0]))

int status_exit_code(int status)
{
    if (status > 0 || status <= -N_STATUS)
        return exit_code[-STATUS_BUG];
    return exit_code[-status];
}

int status_of_exit_code(int code)
{
    for (int i = 0; i < N_STATUS; i++)
        if (exit_code[i] == code)
            return -i;
    return STATUS_BUG;
}
