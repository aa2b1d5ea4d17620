/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* nftw */

#include "contract/contract.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int contract_run(const struct contract_case *cases, size_t n_cases,
                 const struct contract_port *ports, size_t n_ports, CMFixtureFunction setup,
                 CMFixtureFunction teardown)
{
    size_t n = n_cases * n_ports;
    struct CMUnitTest *test = calloc(n, sizeof *test);
    char(*name)[160] = calloc(n, sizeof *name);
    int failures = -1;
    for (size_t i = 0; test && name && i < n; i++) {
        const struct contract_port *port = &ports[i / n_cases];
        const struct contract_case *one = &cases[i % n_cases];
        snprintf(name[i], sizeof name[i], "%s: %s", port->name, one->name);
        test[i] = (struct CMUnitTest){name[i], one->test, setup, teardown, port->port};
    }
    if (test && name)
        failures = _cmocka_run_group_tests("contract", test, n, NULL, NULL);
    free(name);
    free(test);
    return failures;
}

void contract_scratch_make(struct contract_scratch *scratch)
{
    const char *base = getenv("TMPDIR");
    /* A socket's path has 107 bytes: a long TMPDIR would not do. */
    if (!base || strlen(base) > sizeof scratch->path - 24)
        base = "/tmp";
    snprintf(scratch->path, sizeof scratch->path, "%s/winnow-test-XXXXXX", base);
    assert_non_null(mkdtemp(scratch->path));
}

static int remove_one(const char *path, const struct stat *seen, int kind, struct FTW *at)
{
    (void)seen;
    (void)kind;
    (void)at;
    return remove(path);
}

void contract_scratch_remove(struct contract_scratch *scratch)
{
    if (scratch->path[0])
        (void)nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    scratch->path[0] = '\0';
}
