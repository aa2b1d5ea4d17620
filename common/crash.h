/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_CRASH_H
#define COMMON_CRASH_H

/* A named place where a test lets a role die as by kill -9, so that "between the commit and its
 * acknowledgement" is a place and not a matter of luck. WINNOW_CRASH_AT=NAME:FILE asks for it: whoever
 * passes the point NAME takes a byte off FILE, and where it is empty, removes it and is gone. So one
 * file is one crash, and its size says how many pass by first. With WINNOW_CRASH_ALL set, its whole process group
 * goes with it: all roles of a `winnow run` at once. docs/PROTOCOL.md lists the names. */
void crash_point(const char *name);

#endif
