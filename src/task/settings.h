/* What a person may choose about a run. One table of settings serves the
 * command line, the defaults of a recipe, run.json and --resume, so that they
 * cannot disagree about a name, a range or a spelling. */
#ifndef TAPER_TASK_SETTINGS_H
#define TAPER_TASK_SETTINGS_H

#include "task/task_status.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taper.h>

struct task_watch; /* task/watch.h */

/* The tasks that a setting is for, as bits. */
enum task_for {
    TASK_FOR_IMAGE = 1,
    TASK_FOR_TEXT = 2,
    TASK_FOR_CARTPOLE = 4,
    TASK_FOR_DATA = TASK_FOR_IMAGE | TASK_FOR_TEXT,
    TASK_FOR_ALL = TASK_FOR_DATA | TASK_FOR_CARTPOLE
};

struct task_settings {
    uint64_t given;     /* bit i: row i of the table was set by the person */
    enum task_for task; /* whose they are; 0: nobody's yet */
    /* Texts belong to this struct; NULL where nothing was chosen yet. With a
     * plan, the schedule is the text of its lr. */
    char *schedule, *data, *model, *optimizer, *flip, *pad, *precision, *out;
    char *plan, *controller, *monitor;
    char *pooling, *tokenizer, *algorithm, *baseline, *log;
    double epochs;           /* > 0, may be fractional */
    double momentum;         /* [0, 1) */
    double weight_decay;     /* >= 0, per unit of rate */
    double label_smoothing;  /* [0, 1) */
    double clip;             /* global norm; 0: no clipping */
    double shift_rate;       /* rate of normalisation shifts, times the rate */
    double other_rate;       /* of what muon leaves to sgd, times the rate */
    double whiten_epochs;    /* that a whitening bias is trained */
    double eval_every;       /* epochs between evaluations; 0: at the end */
    double checkpoint_every; /* seconds, besides every epoch */
    int64_t batch;           /* samples an update; of reinforce, episodes */
    int64_t limit;           /* training samples to use; 0: all */
    int64_t seed, threads;   /* threads 0: the trainer chooses */
    int64_t crop;            /* pixels of padding; 0: no crop */
    int64_t cutout;          /* pixels of a side; 0: none */
    int64_t lookahead;       /* updates between two meetings; 0: off */
    int64_t log_every;       /* updates a row of metrics.csv; 0: automatic */
    int64_t dim, layers, heads, length; /* of a Transformer, >= 1 */
    int64_t vocabulary, min_count;      /* of the tokenizer */
    double dropout, token_dropout;      /* [0, 1) */
    int64_t env_steps, episodes;        /* how long an agent's run is */
    int64_t envs, horizon, update_epochs, hidden;
    double gamma, gae_lambda; /* [0, 1] */
    double clip_range, entropy, value_weight;
    bool nesterov, tta, keep_case, pictures;
    bool decay_all; /* weight decay on biases and normalisations as well */
    /* No settings, and borrowed: how the schedule gets at a file, and who looks
     * on while the run trains; NULL: not, nobody. */
    const taper_files *files;
    const struct task_watch *watch;
};

enum task_kind { TASK_TEXT, TASK_WHOLE, TASK_REAL, TASK_FLAG };

struct task_setting {
    const char *name; /* "weight-decay": the option without its dashes; run.json
                         has '_' for '-' */
    enum task_for tasks;
    enum task_kind kind;
    size_t offset;              /* in struct task_settings */
    double min, max;            /* TASK_WHOLE, TASK_REAL; both legal */
    const char *const *choices; /* TASK_TEXT: NULL-terminated, or NULL */
    bool free;         /* may change when a run is resumed: it cannot change
                          what the run computes (of the data, the fingerprint
                          in run.json is checked, not the place) */
    const char *value; /* what --help calls the value: "E", "SPEC"; NULL: one
                          of the choices */
    const char *doc;
};

/* X(field, option, tasks, kind, least, most, choices, free, value, doc): struct
 * task_setting says what the columns are. A setting is a field above and a row
 * here; the command line, run.json and --resume follow. One that not every run
 * of its tasks reads has a row in readers.c as well. */
#define TASK_SETTINGS(X) \
    X(schedule, "schedule", TASK_FOR_ALL, TASK_TEXT, 0, 0, NULL, false, \
      "SPEC", "the learning rate of every update") \
    X(plan, "plan", TASK_FOR_ALL, TASK_TEXT, 0, 0, NULL, false, "FILE", \
      "lr and other hyperparameters, one a line, in place of --schedule") \
    X(controller, "controller", TASK_FOR_ALL, TASK_TEXT, 0, 0, NULL, false, \
      "TEXT", "reacts to --monitor, e.g. 'plateau(patience=3)'; none") \
    X(monitor, "monitor", TASK_FOR_ALL, TASK_TEXT, 0, 0, monitors, false, \
      NULL, "what the controller is told after each evaluation") \
    X(data, "data", TASK_FOR_DATA, TASK_TEXT, 0, 0, NULL, true, "NAME|PATH", \
      "data set, by name or by place") \
    X(model, "model", TASK_FOR_DATA, TASK_TEXT, 0, 0, NULL, false, "NAME", \
      "network") \
    X(epochs, "epochs", TASK_FOR_DATA, TASK_REAL, 1e-6, 1e6, NULL, false, "E", \
      "passes over the data; 9.9 is legal") \
    X(batch, "batch", TASK_FOR_ALL, TASK_WHOLE, 1, 1 << 20, NULL, false, "B", \
      "samples an update") \
    X(limit, "limit", TASK_FOR_DATA, TASK_WHOLE, 0, 1u << 31, NULL, false, \
      "N", "use only the first N training samples; 0: all") \
    X(seed, "seed", TASK_FOR_ALL, TASK_WHOLE, 0, WHOLE_MAX, NULL, false, "S", \
      "names all random streams") \
    X(threads, "threads", TASK_FOR_ALL, TASK_WHOLE, 0, 1024, NULL, false, "N", \
      "threads that train; 0: one for each CPU that finds work") \
    X(precision, "precision", TASK_FOR_ALL, TASK_TEXT, 0, 0, precisions, \
      false, NULL, "of activations and products") \
    X(optimizer, "optimizer", TASK_FOR_ALL, TASK_TEXT, 0, 0, optimizers, \
      false, NULL, "rule that moves the weights") \
    X(momentum, "momentum", TASK_FOR_ALL, TASK_REAL, 0, 0.999999, NULL, false, \
      "X", "how much of each move goes on (not in adam and adamw)") \
    X(nesterov, "nesterov", TASK_FOR_ALL, TASK_FLAG, 0, 0, NULL, false, \
      "yes|no", "look ahead along the momentum") \
    X(weight_decay, "weight-decay", TASK_FOR_ALL, TASK_REAL, 0, 1e6, NULL, \
      false, "X", "per unit of rate; of filters and matrices only") \
    X(label_smoothing, "label-smoothing", TASK_FOR_DATA, TASK_REAL, 0, \
      0.999999, NULL, false, "X", \
      "share of the target spread over all classes") \
    X(clip, "clip", TASK_FOR_ALL, TASK_REAL, 0, DBL_MAX, NULL, false, "NORM", \
      "largest norm of all gradients; 0: no limit") \
    X(flip, "flip", TASK_FOR_IMAGE, TASK_TEXT, 0, 0, flips, false, NULL, \
      "mirror training images") \
    X(crop, "crop", TASK_FOR_IMAGE, TASK_WHOLE, 0, 4095, NULL, false, "N", \
      "pad training images by N pixels and cut at random") \
    X(cutout, "cutout", TASK_FOR_IMAGE, TASK_WHOLE, 0, 4096, NULL, false, "N", \
      "blank a square of N pixels a side in training images") \
    X(pad, "pad", TASK_FOR_IMAGE, TASK_TEXT, 0, 0, pads, false, NULL, \
      "what the padding of --crop holds") \
    X(lookahead, "lookahead", TASK_FOR_IMAGE, TASK_WHOLE, 0, 1 << 30, NULL, \
      false, "N", "slow weights meet the fast every N updates; 0: off") \
    X(shift_rate, "shift-rate", TASK_FOR_IMAGE, TASK_REAL, 0, 1e6, NULL, \
      false, "X", "rate of normalisations' shifts, times the schedule") \
    X(other_rate, "other-rate", TASK_FOR_IMAGE, TASK_REAL, 0, 1e6, NULL, \
      false, "X", "rate of what muon leaves to sgd, times the schedule") \
    X(whiten_epochs, "whiten-epochs", TASK_FOR_IMAGE, TASK_REAL, 0, 1e6, NULL, \
      false, "E", "epochs in which a whitening layer's bias is trained") \
    X(tta, "tta", TASK_FOR_IMAGE, TASK_FLAG, 0, 0, NULL, false, "yes|no", \
      "average six views of each test image at the end") \
    X(decay_all, "decay-all", TASK_FOR_ALL, TASK_FLAG, 0, 0, NULL, false, \
      "yes|no", "weight decay on biases and normalisations as well") \
    X(eval_every, "eval-every", TASK_FOR_ALL, TASK_REAL, 0, 1e6, NULL, false, \
      "E", "epochs between evaluations; 0: only at the end") \
    X(log_every, "log-every", TASK_FOR_ALL, TASK_WHOLE, 0, 1 << 30, NULL, \
      false, "N", \
      "updates a row of metrics.csv; 0: one, more in runs beyond 100k") \
    X(log, "log", TASK_FOR_ALL, TASK_TEXT, 0, 0, NULL, true, \
      "tensorboard|jsonl", "logs besides metrics.csv, with a comma between") \
    X(checkpoint_every, "checkpoint-every", TASK_FOR_ALL, TASK_REAL, 0, 1e9, \
      NULL, true, "S", "seconds between checkpoints, besides one an epoch") \
    X(dim, "dim", TASK_FOR_TEXT, TASK_WHOLE, 1, 4096, NULL, false, "N", \
      "width of the Transformer") \
    X(layers, "layers", TASK_FOR_TEXT, TASK_WHOLE, 1, 64, NULL, false, "N", \
      "encoder layers") \
    X(heads, "heads", TASK_FOR_TEXT, TASK_WHOLE, 1, 64, NULL, false, "N", \
      "attention heads, which divide --dim") \
    X(length, "length", TASK_FOR_TEXT, TASK_WHOLE, 2, 4096, NULL, false, "N", \
      "tokens of a text that are read; the rest is cut off") \
    X(dropout, "dropout", TASK_FOR_TEXT, TASK_REAL, 0, 0.9, NULL, false, "P", \
      "share of activations that is dropped in training") \
    X(token_dropout, "token-dropout", TASK_FOR_TEXT, TASK_REAL, 0, 0.9, NULL, \
      false, "P", "share of the tokens that training reads as unknown") \
    X(pooling, "pooling", TASK_FOR_TEXT, TASK_TEXT, 0, 0, poolings, false, \
      NULL, "what of the tokens is classified") \
    X(tokenizer, "tokenizer", TASK_FOR_TEXT, TASK_TEXT, 0, 0, tokenizers, \
      false, NULL, "byte pairs, or words with a cut-off") \
    X(vocabulary, "vocabulary", TASK_FOR_TEXT, TASK_WHOLE, 300, 1 << 20, NULL, \
      false, "N", "tokens that the tokenizer knows at most") \
    X(min_count, "min-count", TASK_FOR_TEXT, TASK_WHOLE, 1, 1 << 20, NULL, \
      false, "N", "words seen less often are unknown (words)") \
    X(keep_case, "keep-case", TASK_FOR_TEXT, TASK_FLAG, 0, 0, NULL, false, \
      "yes|no", "tell capitals from small letters") \
    X(algorithm, "algorithm", TASK_FOR_CARTPOLE, TASK_TEXT, 0, 0, algorithms, \
      false, NULL, "how the agent learns") \
    X(baseline, "baseline", TASK_FOR_CARTPOLE, TASK_TEXT, 0, 0, baselines, \
      false, NULL, "what returns are compared with (reinforce)") \
    X(env_steps, "env-steps", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, WHOLE_MAX, \
      NULL, false, "N", "steps of the environment in the run (ppo)") \
    X(episodes, "episodes", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, 1e9, NULL, \
      false, "N", "episodes in the run (reinforce)") \
    X(envs, "envs", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, 4096, NULL, false, "N", \
      "environments side by side (ppo)") \
    X(horizon, "horizon", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, 1 << 16, NULL, \
      false, "N", "steps of each environment in a rollout (ppo)") \
    X(update_epochs, "update-epochs", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, 1000, \
      NULL, false, "N", "passes over a rollout (ppo)") \
    X(gamma, "gamma", TASK_FOR_CARTPOLE, TASK_REAL, 0, 1, NULL, false, "X", \
      "discount of later rewards") \
    X(gae_lambda, "gae-lambda", TASK_FOR_CARTPOLE, TASK_REAL, 0, 1, NULL, \
      false, "X", "of generalised advantage estimation (ppo)") \
    X(clip_range, "clip-range", TASK_FOR_CARTPOLE, TASK_REAL, 1e-6, 10, NULL, \
      false, "X", \
      "how far a policy moves in an iteration, falling to 0 (ppo)") \
    X(entropy, "entropy", TASK_FOR_CARTPOLE, TASK_REAL, 0, 10, NULL, false, \
      "X", "weight of the entropy bonus") \
    X(value_weight, "value-weight", TASK_FOR_CARTPOLE, TASK_REAL, 0, 100, \
      NULL, false, "X", "weight of the value loss") \
    X(hidden, "hidden", TASK_FOR_CARTPOLE, TASK_WHOLE, 1, 1024, NULL, false, \
      "N", "units in each of the networks' two hidden layers") \
    X(pictures, "pictures", TASK_FOR_ALL, TASK_FLAG, 0, 0, NULL, true, \
      "yes|no", "draw curves.png when the run is over") \
    X(out, "out", TASK_FOR_ALL, TASK_TEXT, 0, 0, NULL, true, "DIR", \
      "folder of the run")

#define TASK_SETTING_ENUM(field, name, tasks, kind, least, most, choices, \
                          free, value, doc) \
    TASK_SETTING_##field,
enum { TASK_SETTINGS(TASK_SETTING_ENUM) TASK_SETTING_COUNT };
#undef TASK_SETTING_ENUM

size_t task_setting_count(void);
const struct task_setting *task_setting_at(size_t index);

/* The row of that name (without dashes), or NULL. */
const struct task_setting *task_setting_find(const char *name);

/* The row's key in run.json: "weight_decay" for weight-decay. */
void task_setting_key(const struct task_setting *row, char out[32]);

/* Whether the task (0: any that has the row) takes this one of its choices. */
bool task_setting_takes(const struct task_setting *row, enum task_for task,
                        const char *choice);

/* What --help calls the value in a task: "E", or its choices there, as in
 * "sgd|adam|adamw". */
enum { TASK_SETTING_TEXT = 128 };
void task_setting_value(const struct task_setting *row, enum task_for task,
                        char out[TASK_SETTING_TEXT]);

/* A setting's value as the command line would have it; false, and an empty
 * text, for a text that is not set. Longer ones are cut. */
bool task_setting_text(const struct task_settings *s,
                       const struct task_setting *row,
                       char out[TASK_SETTING_TEXT]);

/* Whether the row is a flag that is off: what is true as well of a run that
 * does not read it, as --nesterov no is of adam. */
bool task_setting_says_no(const struct task_settings *s,
                          const struct task_setting *row);

/* Reads `text` (of a flag: "yes" or "no") into the settings. A value that is
 * out of range or no choice is TASK_E_USAGE. Marks it as given if `given`. */
enum task_status task_settings_set(struct task_settings *s,
                                   const struct task_setting *row,
                                   const char *text, bool given,
                                   struct task_error *err);

bool task_settings_given(const struct task_settings *s, const char *name);

/* A default: sets what was not given by the person. `name` must exist and
 * `text` be legal. */
enum task_status task_settings_default(struct task_settings *s,
                                       const char *name, const char *text,
                                       struct task_error *err);

/* The settings that a run of the task reads (readers.h), but `out`, and but a
 * plan if there is none, as a JSON object; NULL without memory. Those of which
 * `recorded` has the key, an object of this kind or NULL, are there as well. */
cJSON *task_settings_to_json(const struct task_settings *s, enum task_for task,
                             const cJSON *recorded);

/* Takes the settings of a run that is resumed, all that there are as if they
 * were given; what the run does not read may be missing. Where the person gave
 * another value, or one that is not read and no flag that says no: an error,
 * unless the row is free. */
enum task_status task_settings_from_json(struct task_settings *s,
                                         enum task_for task, const cJSON *json,
                                         const char *path,
                                         struct task_error *err);

/* Frees the texts and zeroes the struct. */
void task_settings_free(struct task_settings *s);

/* CPUs that this process may run on, >= 1, within its container's quota. */
int task_cpus(void);

#endif
