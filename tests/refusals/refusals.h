/* Allocations that are refused when a test says so.
 *
 * A program that links taper-refusals has its own requests for memory, though
 * not those of shared libraries, sent through refusals.c by the linker. */
#ifndef TAPER_TESTS_REFUSALS_H
#define TAPER_TESTS_REFUSALS_H

#include <stdatomic.h>
#include <stdbool.h>

extern atomic_long refusals_left; /* requests until one is refused; < 0: none */
extern atomic_long refusals_seen; /* requests so far */

/* Counts a request; true: it is the one to refuse. For what a test sends
 * through functions of its own. */
bool refusals_refuse(void);

#endif
