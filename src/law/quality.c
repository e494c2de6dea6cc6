/* How near predictions are to losses. */
#include "law/law.h"

taper_law_quality taper_law_quality_of(const double *predicted,
                                       const double *losses, size_t n)
{
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += losses[i] / (double)n;
    double squares = 0.0, total = 0.0, absolute = 0.0, relative = 0.0;
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double e = fabs(predicted[i] - losses[i]);
        squares += e * e;
        total += (losses[i] - mean) * (losses[i] - mean);
        absolute += e;
        relative += e / losses[i];
        worst = fmax(worst, e / losses[i]);
    }
    const double count = (double)n;
    return (taper_law_quality){
        .r2 = total > 0.0 ? 1.0 - squares / total : (double)NAN,
        .mae = absolute / count,
        .rmse = sqrt(squares / count),
        .prede = relative / count,
        .worste = worst,
    };
}
