/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_KIOSK_H
#define COMMON_KIOSK_H

#include "common/status.h"

struct figures;

/* Where a role's figures can be read over HTTP, on a thread of its own, so that a role that is busy can
 * still be asked: /metrics (OpenMetrics for who accepts it,
 * Prometheus' text for others), /healthz (200, or 503 when the loop has not turned for
 * KIOSK_STILL_MS), /readyz (200 when the role can do its part, else 503). Nothing in it is about a
 * customer, and nothing can be changed through it. */

struct kiosk;

/* Longer than any stretch of work between two turns: the sink fits and writes in one. */
#define KIOSK_STILL_MS 1800000

/* endpoint is HOST:PORT, or :PORT and *:PORT for every address; borrows figures. STATUS_CONFIG:
 * in use, or not an address of this host. */
int kiosk_open(const char *endpoint, struct figures *figures, struct kiosk **kiosk) MUST_USE;
void kiosk_close(struct kiosk **kiosk);

/* The port it listens on, for endpoints with port 0. */
int kiosk_port(const struct kiosk *kiosk);

#endif
