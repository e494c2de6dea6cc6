/* model.json: a fitted law, and what predictions need to know of the runs that
 * it was fitted to. Published parameters can be typed in by hand: "law",
 * "clock" and "parameters" are all that must be there.
 *
 *   {"version": 1, "law": "multi-power", "clock": 0.6, "eta_ref": 0.0003,
 *    "parameters": {"L0": 2.6, "A": 0.6, "alpha": 0.4, "B": 500, "C": 2,
 *                   "beta": 0.5, "gamma": 0.6},
 *    "train_huber": 0.0001, ...}
 *
 * "eta_ref" has no effect with clock 1, and is needed with another. */
#ifndef CLI_MODEL_JSON_H
#define CLI_MODEL_JSON_H

#include <taper_law.h>

#include <cjson/cJSON.h>

/* How a law did on runs that it was not fitted to. */
struct cli_hold_out {
    size_t runs;  /* each of which was left out once; 0: none could be */
    double final; /* mean |predicted - true| of their last losses */
    double mae;   /* mean of their mean absolute errors */
};

struct cli_model {
    taper_law_fit fit;       /* of a typed one: its params alone */
    taper_law_spread spread; /* members 0: none */
    struct cli_hold_out hold_out;
    bool fitted;    /* taper fitted it; else it was typed in */
    int64_t warmup; /* the longest warm-up of the runs; 0: none */
    int64_t hidden; /* the warm-up that was assumed before their logs */
    int64_t from;   /* losses before this step were left out */
    double huber;   /* of the fit */
    cJSON *runs;    /* owned: what the runs were, as cli_law_logs_json says */
};

/* The names of the flags of a fit, of the lowest bit first. */
enum { CLI_MODEL_FLAGS = 6 };
extern const char *const cli_model_flags[CLI_MODEL_FLAGS];

/* Changes the unit of time: what was in steps is then in strides of `stride` of
 * them, or of a share of one if that is below 1. Losses are the same, but for
 * what a law does within a stride. */
void cli_model_scale(struct cli_model *m, double stride);

/* NULL if memory ran out. The caller deletes it. */
cJSON *cli_model_to_json(const struct cli_model *m);

/* Writes `json` as a file that is whole or absent. Returns the status to exit
 * with, after a complaint, or CLI_GO. */
int cli_model_write(const cJSON *json, const char *path);

/* Reads a file, or standard input for "-". On failure prints the complaint and
 * returns the status to exit with; else CLI_GO, and *out is the caller's to
 * cli_model_free. */
int cli_model_read(const char *path, struct cli_model *out);
void cli_model_free(struct cli_model *m);

#endif
