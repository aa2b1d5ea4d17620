/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ASSIGNMENT_H
#define VENTILATOR_ASSIGNMENT_H

#include "ventilator/account.h"

/* The job, made once the ledger has been read: its name, its plan, the segments it is about; or why
 * the ledger is refused. And the letters to the sink that say so. */

struct assignment {
    struct work_plan work;
    struct digest id;
    char *run_key;
    struct digest *want; /* ids of the job's segments, sorted */
    size_t n_want;
    int refuse;  /* nothing but the rejects will be published */
    int sealing; /* SEAL has been said */
    int result;  /* the status the job ends with: 0, or why it is refused */
};

/* account->work must be &assignment->work. refused: reading stopped because the ledger will be. */
int assignment_make(struct assignment *assignment, const struct account *account,
                    int refused) MUST_USE;
void assignment_free(struct assignment *assignment);

/* JOB, with the bytes of --model and of groups.csv; SEAL, with the account and the rejects. */
int assignment_job_letter(const struct assignment *assignment, const struct account *account,
                          struct slice model, struct slice groups, struct parcel *parcel) MUST_USE;
int assignment_seal_letter(const struct assignment *assignment, const struct account *account,
                           struct parcel *parcel) MUST_USE;

#endif
