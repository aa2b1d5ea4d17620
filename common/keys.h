/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_KEYS_H
#define COMMON_KEYS_H

#include "common/status.h"

/* Who may talk to whom over tcp: CURVE key pairs in a directory a role, as `winnow keygen DIR` makes
 * them. Secrets are files that nobody else can read, and are never in argv, environment or log.
 *
 *   DIR/ventilator/  identity.key, sink.pub,                trusted/worker.pub client.pub
 *   DIR/sink/        identity.key,                          trusted/ventilator.pub worker.pub
 *   DIR/worker/      identity.key, sink.pub, ventilator.pub
 *   DIR/client/      identity.key, ventilator.pub
 *
 * What is in trusted/ is looked at again and again: who is taken out is cut off, who is put in let in.
 * Each public file names the role of its owner, and that decides what he may say. */

enum keys_role { KEYS_ANYBODY, KEYS_NOBODY, KEYS_VENTILATOR, KEYS_WORKER, KEYS_SINK, KEYS_CLIENT };

/* Makes key pairs for the three roles and for a client of theirs below DIR. Keys that are there are
 * never overwritten: STATUS_NO_OUTPUT, said. */
int keys_make(const char *directory) MUST_USE;
/* Where they are already, one more for a worker, or a client, of that name in DIR/worker-NAME, and has
 * the servers it speaks to trust it. */
int keys_make_worker(const char *directory, const char *name) MUST_USE;
int keys_make_client(const char *directory, const char *name) MUST_USE;

struct keys;

/* Reads a role's directory. STATUS_DENIED: a secret that others can read; STATUS_CONFIG: something is
 * missing. Said. */
int keys_open(const char *directory, struct keys **keys) MUST_USE;
void keys_close(struct keys **keys);

#endif
