/* SPDX-License-Identifier: Apache-2.0 */
#include "common/rights.h"

#include <stddef.h>

static const struct right {
    enum rights_server server;
    enum keys_role speaker;
    enum letter_kind kind;
} rights[] = {
    {RIGHTS_AT_VENTILATOR, KEYS_WORKER, LETTER_HELLO},
    {RIGHTS_AT_VENTILATOR, KEYS_WORKER, LETTER_BEAT},
    {RIGHTS_AT_VENTILATOR, KEYS_WORKER, LETTER_RELEASE},
    {RIGHTS_AT_VENTILATOR, KEYS_WORKER, LETTER_FAIL},
    {RIGHTS_AT_VENTILATOR, KEYS_WORKER, LETTER_BYE},
    {RIGHTS_AT_VENTILATOR, KEYS_CLIENT, LETTER_SUBMIT},
    {RIGHTS_AT_VENTILATOR, KEYS_CLIENT, LETTER_ASK},
    {RIGHTS_AT_VENTILATOR, KEYS_CLIENT, LETTER_WITHDRAW},
    {RIGHTS_AT_VENTILATOR, KEYS_CLIENT, LETTER_FETCH},
    {RIGHTS_AT_SINK, KEYS_WORKER, LETTER_HELLO},
    {RIGHTS_AT_SINK, KEYS_WORKER, LETTER_BEAT},
    {RIGHTS_AT_SINK, KEYS_WORKER, LETTER_RESULT},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_HELLO},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_JOB},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_RESYNC},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_SEAL},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_BYE},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_OPEN},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_SHUT},
    {RIGHTS_AT_SINK, KEYS_VENTILATOR, LETTER_FETCH},
};

int rights_may(enum rights_server server, enum keys_role speaker, enum letter_kind kind)
{
    if (speaker == KEYS_ANYBODY)
        return 1;
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (rights[i].server == server && rights[i].speaker == speaker && rights[i].kind == kind)
            return 1;
    return 0;
}

int rights_may_be(enum keys_role speaker, uint32_t hello_role)
{
    return speaker == KEYS_ANYBODY || (hello_role == 1) == (speaker == KEYS_VENTILATOR);
}
