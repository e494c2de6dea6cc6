/* A generator with a fixed start: see generator.h. */
#include "study/generator.h"

#include <stdlib.h>

bool study_generator_start(gsl_rng *g, unsigned long stream)
{
    *g = (gsl_rng){.type = gsl_rng_mt19937,
                   .state = calloc(1, gsl_rng_mt19937->size)};
    if (!g->state) {
        *g = (gsl_rng){0};
        return false;
    }
    gsl_rng_set(g, stream);
    return true;
}

void study_generator_free(gsl_rng *g)
{
    free(g->state);
    *g = (gsl_rng){0};
}
