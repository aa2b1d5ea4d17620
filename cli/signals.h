/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>
#include <stdint.h>

/* The stop flag: how often SIGTERM (and SIGINT, where it is not left to the parent) has come. */

enum signals_interrupt { SIGNALS_INT_STOPS, SIGNALS_INT_IGNORED };
enum signals_second { SIGNALS_SECOND_COUNTS, SIGNALS_SECOND_LEAVES };

/* Catches them from now on. With SIGNALS_SECOND_LEAVES the process is gone at the second one, with
 * exit code 75. The flag lives as long as the process. */
const volatile sig_atomic_t *signals_catch(enum signals_interrupt interrupt,
                                           enum signals_second second);

/* From now on a signal of the process's own making (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) writes its
 * number there before it does what it does; NULL: nowhere any more. */
void signals_confess(volatile uint32_t *died);

/* Whether SIGINT was among those that came. */
int signals_interrupted(void);

#endif
