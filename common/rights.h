/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_RIGHTS_H
#define COMMON_RIGHTS_H

#include "common/keys.h"
#include "common/wire.h"

/* Which kinds of letters the key of a role gives the right to send to a server; the rest of the protocol
 * is for servers to say, and their key is demanded when a connection is made. */

enum rights_server { RIGHTS_AT_VENTILATOR, RIGHTS_AT_SINK };

int rights_may(enum rights_server server, enum keys_role speaker, enum letter_kind kind);

/* HELLO says a role of its own (Hello.role: 1 is the ventilator's): it must be the key's. */
int rights_may_be(enum keys_role speaker, uint32_t hello_role);

#endif
