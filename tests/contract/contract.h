/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include "support/assert.h"

/* One suite for several implementations of a port, as Knot DNS tests its databases: what a twin in
 * memory is trusted with elsewhere has been asked of the real thing here. */

struct contract_case {
    const char *name;
    void (*test)(void **state);
};
#define contract_case(function)                                                                    \
    {                                                                                              \
#function, function                                                                        \
    }

/* An implementation: its name, which every message begins with, and what setup finds in *state. */
struct contract_port {
    const char *name;
    void *port;
};

/* Runs every case over every port; answers what main returns. */
int contract_run(const struct contract_case *cases, size_t n_cases,
                 const struct contract_port *ports, size_t n_ports, CMFixtureFunction setup,
                 CMFixtureFunction teardown);

/* A directory of the test's own, removed with all that is in it. */
struct contract_scratch {
    char path[64];
};
void contract_scratch_make(struct contract_scratch *scratch);
void contract_scratch_remove(struct contract_scratch *scratch);

#endif
