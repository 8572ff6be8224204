/* SPDX-License-Identifier: MIT */
/* A malloc that refuses what libnonans.so asks for, on request. Preloaded in front of it.
 *
 *   failing_malloc_set(3, 0)   the third allocation from now on, of the whole process, that is made
 *                              from libnonans's text fails; with 1: that and all later ones
 *   failing_malloc_set(0, 0)   none
 *   failing_malloc_count()     how many such allocations were asked for since failing_malloc_set()
 *
 * libnonans has its C++ library linked in: operator new calls malloc from libnonans's text.
 */
#ifndef NONANS_FAILING_MALLOC_H
#define NONANS_FAILING_MALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*failing_malloc_set_fn)(long nth, int forever);
typedef long (*failing_malloc_count_fn)(void);

#ifdef __cplusplus
}
#endif
#endif
