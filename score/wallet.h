/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_WALLET_H
#define SCORE_WALLET_H

#include <stddef.h>
#include <stdint.h>

#include "score/history.h"
#include "score/plan.h"

/* Share of wallet, SCORING section 5: S = max(0, net spend in the window), wallet = what the
 * customer is thought to spend on the category anywhere. Perlich et al., KDD 2007 (quantile of
 * comparable customers as the "realistic wallet"). */

/* A customer's row of --customers. */
struct attributes {
    int32_t known; /* 0: no row for this customer */
    int32_t has_units;
    int64_t units; /* 1/10,000, like money (2.5 employees are 25,000) */
    int32_t has_declared;
    int64_t declared; /* money */
    uint32_t rank;    /* by wallet_rank; 0: none */
    uint32_t group;   /* number of the peer group in whatever table the caller keeps */
};

enum wallet_basis {
    WALLET_BASIS_NONE, /* no wallet asked for */
    WALLET_BASIS_DECLARED,
    WALLET_BASIS_GROUP, /* mean or quantile of a peer group */
    WALLET_BASIS_NO_ATTRIBUTES,
    WALLET_BASIS_NO_UNITS,
    WALLET_BASIS_NO_SPEND,
    WALLET_BASIS_TOO_NEW,
    WALLET_BASIS_RANK /* the Wallet Allocation Rule */
};

/* The rank (1/10,000, ties share a mean) that a customer gives this company among so many brands, in one
 * number. 0 where they cannot be: brands 1..WALLET_BRANDS_MOST, rank 1..brands. */
#define WALLET_BRANDS_MOST 400
uint32_t wallet_rank(int64_t rank, int64_t brands);
int64_t wallet_rank_place(uint32_t rank);  /* the rank again, 1/10,000 */
int64_t wallet_rank_brands(uint32_t rank); /* the number of brands */

/* Wallet Allocation Rule, Keiningham, Aksoy, Buoye & Cooil, "Customer Loyalty Isn't Enough. Grow Your
 * Share of Wallet", HBR 2011: (1 - rank / (brands + 1)) * 2 / brands. In (0, 1]; rank is not 0. */
double wallet_rank_share(uint32_t rank);

/* Whether the customer's spend per unit counts among his peers, and if so its value: S / units
 * rounded half-even to 1/10,000; what does not fit is INT64_MAX. 0: he is a peer; otherwise the
 * positive enum wallet_basis that says why not, the first of no_attributes, no_units, too_new.
 * A customer is a peer with S = 0 too: his tenure (first purchase to as_of) covers the window.
 * Who has never purchased has no tenure and is too new. */
int wallet_spend_per_unit(const struct features *seen, const struct attributes *attributes,
                          const struct plan *plan, int64_t *per_unit);

/* S. */
int64_t wallet_spend(const struct features *seen);

/* Mean of n >= 1 values adding to sum_high * 2^64 + sum_low, half-even. */
int64_t wallet_mean(int64_t sum_high, uint64_t sum_low, uint64_t n);

/* The estimate of a group of n peers, shrunk to its parent's when n < 30:
 * (n q + 30 q_parent) / (n + 30), half-even. */
#define WALLET_THIN_GROUP 30
int64_t wallet_shrink(int64_t estimate, uint64_t n, int64_t parent_estimate);

struct wallet {
    enum wallet_basis basis;
    int32_t has_size; /* 0: size, share, headroom and capped are empty */
    int64_t size;     /* money */
    int64_t spend;    /* S, money */
    int64_t headroom; /* max(0, size - S) */
    int32_t capped;   /* 1 where S >= size */
};

/* One customer's wallet; estimate (>= 0) is his group's spend per unit. A declared wallet is used
 * where there is one, whatever the method, and for a customer of any tenure: it says itself what
 * an estimate would have to guess. WALLET_WAR takes the rank of a customer of any tenure, size is
 * S / wallet_rank_share, half-even. Without what they rest on both answer no_attributes. A size that
 * does not fit is INT64_MAX.
 * share = S / max(size, S) is left to whoever prints it, from spend and size. */
struct wallet wallet_of(const struct features *seen, const struct attributes *attributes,
                        const struct plan *plan, int64_t estimate);

/* The same where spend goes by units^slope (WALLET_REGRESSION). */
struct wallet wallet_of_line(const struct features *seen, const struct attributes *attributes,
                             const struct plan *plan, int64_t estimate, double slope);

/* What units (> 0) of one-unit spend estimate come to: estimate * units^slope, half-even, at least 0.
 * Exact integers at slope 1. */
int64_t wallet_sized_by(int64_t estimate, int64_t units, double slope);

/* S / max(size, S) in [0, 1]; only where has_size. */
double wallet_share(int64_t spend, int64_t size);

#endif
