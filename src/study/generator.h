/* The fixed stream of random numbers that resampling draws from: the same
 * trials give the same report, whoever asks and how often. */
#ifndef TAPER_STUDY_GENERATOR_H
#define TAPER_STUDY_GENERATOR_H

#include <stdbool.h>

#include <gsl/gsl_rng.h>

/* Starts GSL's Mersenne twister at the beginning of stream `stream`. Memory is
 * taken here and not by GSL, which would end the program where there is none;
 * false, with *g zeroed, then. Release with study_generator_free. */
bool study_generator_start(gsl_rng *g, unsigned long stream);

void study_generator_free(gsl_rng *g); /* zeroed is legal */

#endif
