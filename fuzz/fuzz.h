/* The function that every fuzz target defines and libFuzzer or replay.c calls.
 */
#ifndef TAPER_FUZZ_H
#define TAPER_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Run the code under test on these bytes. Always returns 0; what is wrong
 * aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
