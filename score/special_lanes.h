/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPECIAL_LANES_H
#define SCORE_SPECIAL_LANES_H

/* special_exp, special_log and special_log1p of many numbers side by side, to the same bits: written so that a compiler
 * takes two, four or eight of them at a time. All SPECIAL_LANES of x are replaced, so those that nobody
 * asked about must be numbers too. */

/* More than the 16 rounds up to which gcc unrolls an inner loop before it looks for lanes in it. */
#define SPECIAL_LANES 32

void special_exp_lanes(double *x);
void special_log_lanes(double *x);
void special_log1p_lanes(double *x);

#endif
