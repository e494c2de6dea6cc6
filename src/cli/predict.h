/* What the parts of `taper predict` share. */
#ifndef CLI_PREDICT_H
#define CLI_PREDICT_H

#include "cli/law_logs.h"
#include "cli/model_json.h"

struct predict_options {
    const char *model_path, *csv, *plot;
    struct cli_texts schedules, against;
    struct cli_law_reading reading;
    taper_run run;
    int64_t from; /* -1: not said */
    double level; /* of bands, in (0, 1) */
    bool json;
};

/* Both change the model's unit of time if runs are long. */

/* Compares the model with runs that exist, and prints the result. Returns the
 * status to exit with. */
int predict_against(struct predict_options *o, struct cli_model *m,
                    char *const *paths, size_t count);

/* Predicts schedules, and prints the result. */
int predict_schedules(const struct predict_options *o, struct cli_model *m,
                      char *const *words, size_t count);

/* The losses at increasing steps, exactly as far as that takes seconds, and
 * else within 1e-6 of the effect of the largest rate. */
taper_law_status predict_points(const taper_law_params *p, const double *rates,
                                size_t steps, const int64_t *at, size_t n,
                                double *out, taper_law_error *err);

#endif
