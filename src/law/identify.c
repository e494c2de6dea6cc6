/* What a fit tells and what it does not. */
#include "law/fit.h"

void law_fit_identify(struct law_fitting *f, taper_law_fit *fit)
{
    (void)f;
    (void)fit;
}
