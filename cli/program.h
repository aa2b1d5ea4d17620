/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

/* Kept where the optimiser is told that it sees the whole of a program. */
#ifdef __clang__
#define PROGRAM_SEEN
#else
#define PROGRAM_SEEN __attribute__((externally_visible))
#endif

/* All of winnow, as main() has it: answers the exit code. */
int program_main(int argc, char **argv) PROGRAM_SEEN;

/* The same code for processors of x86-64-v3, where the build has it (cmake/WinnowV3.cmake). */
int program_main_v3(int argc, char **argv);

#endif
