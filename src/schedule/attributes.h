/* What compilers that know attributes are told about a function; the others
 * make the same results of it. */
#ifndef TAPER_SCHEDULE_ATTRIBUTES_H
#define TAPER_SCHEDULE_ATTRIBUTES_H

#ifdef __GNUC__
/* Part of a loop over values, which is vectorised only if all of it is there.
 * Left to itself a compiler calls the longer ones. */
#define TAPERI_INLINE inline __attribute__((always_inline))
/* Runs once for a schedule, and not for each value: built to be small. */
#define TAPERI_ONCE __attribute__((cold))
#else
#define TAPERI_INLINE inline
#define TAPERI_ONCE
#endif

#endif
