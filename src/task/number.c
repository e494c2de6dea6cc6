/* Shortest decimals by trying: print with ever more digits until the text
 * reads back to the same float. Nothing here depends on the locale as long as
 * the program does not call setlocale, which taper never does. */
#include "task/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *task_number_single(double x, char out[TASK_NUMBER_SIZE])
{
    const float single = (float)x;
    if (!isfinite(single)) {
        const char *const text = isnan(single) ? "nan"
                                 : single > 0  ? "inf"
                                               : "-inf";
        (void)snprintf(out, TASK_NUMBER_SIZE, "%s", text);
        return out;
    }
    /* Six digits suffice for most numbers; nine for all. */
    for (int digits = 6; digits <= 9; digits++) {
        (void)snprintf(out, TASK_NUMBER_SIZE, "%.*g", digits, (double)single);
        const float back = strtof(out, NULL);
        if (!(back < single) && !(back > single)) break;
    }
    return out;
}
