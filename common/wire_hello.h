/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_HELLO_H
#define COMMON_WIRE_HELLO_H

#include "common/wire.h"

/* Who is there, and on what terms. Conventions as in common/wire.h. */

struct hello {
    uint32_t role; /* 1 ventilator, 2 worker */
    struct digest name;
    const char *version;
    const char *host;
    uint32_t credit;
    uint32_t shards;
    const struct digest *sets; /* segment ids of all sets, one set after the other */
    const uint32_t *set_sizes;
    size_t n_sets;
    const uint32_t *cached_shards;
    const uint32_t *cached_sets;
    size_t n_cached;
    int turns; /* to the cache that WELCOME names */
};
int wire_hello_put(const struct hello *hello, struct parcel *parcel) MUST_USE;
int wire_hello_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct hello *hello) MUST_USE;

struct welcome {
    uint32_t beat_ms, resend_ms, frame_window, credit;
};
int wire_welcome_put(const struct welcome *welcome, struct parcel *parcel) MUST_USE;
int wire_welcome_read(const struct parcel *parcel, size_t i, struct welcome *welcome) MUST_USE;

#endif
