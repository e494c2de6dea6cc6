/* optim.h: the rules that move weights: SGD, Adam and AdamW, and Muon, whose
 * matrices are in muon.h.
 *
 * All weights of a network lie in one block of floats, and so do its gradients
 * and each of its moments. Updating, clipping, saving and reducing are then one
 * loop over one array each. A group is a run of that block with its own rate
 * factor and weight decay.
 *
 * Nothing here keeps hidden state: the rate and the number of the update are
 * arguments, so a run resumes from the blocks and one integer. The arithmetic
 * is single precision in PyTorch's order of operations, with every constant
 * worked out in double first.
 *
 * How a training loop uses it:
 *
 *     const struct optim_rule *rule = optim_rule_find("adamw");
 *     struct optim_options options = rule->defaults;
 *     ...
 *     double norm = optim_norm(block.gradients, block.count);
 *     struct optim_update update = {
 *         .lr = taper_at(schedule, step), .step = step,
 *         .gradient_scale = optim_clip_factor(norm, 1.0)};
 *     optim_step(rule, &options, &block, groups, group_count, &update);
 */
#ifndef TAPER_OPTIM_OPTIM_H
#define TAPER_OPTIM_OPTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most moment blocks that any rule keeps. */
#define OPTIM_MOMENTS_MAX 2

/* What a rule can be told. A rule reads the fields that its row in optim.c
 * names and ignores the others. */
struct optim_options {
    double momentum; /* sgd, muon: >= 0; a run in which it is always 0 needs no
                      * moments */
    double beta1;    /* adam, adamw: [0, 1), decay of the first moment */
    double beta2;    /* adam, adamw: [0, 1), decay of the second moment */
    double epsilon;  /* adam, adamw: > 0, keeps the division defined */
    bool nesterov;   /* sgd, muon: look ahead along the momentum */
    bool decoupled;  /* weight decay shrinks the weights by lr * decay instead
                      * of being added to the gradient: the whole difference
                      * between adamw and adam */
};

/* A run of weights that share a rate. Groups must not overlap; weights that no
 * group covers are never touched. */
struct optim_group {
    size_t offset;       /* first weight of the run, in floats */
    size_t count;        /* weights in the run; 0 is legal */
    double lr_scale;     /* times the rate, >= 0; 0 freezes the run: neither
                          * its weights nor its moments change */
    double weight_decay; /* >= 0, per unit of rate; 0 for biases and norms */
    bool own_lr;         /* its rate is `lr`, not that of the update */
    double lr;           /* >= 0, with own_lr only */
    size_t rows;         /* > 0: a matrix [rows, count / rows], row after row,
                          * which a rule with matrices moves as a whole */
};

/* The arrays, all borrowed and none overlapping another. */
struct optim_block {
    size_t count;                      /* floats in each array */
    float *weights;                    /* [count] */
    const float *gradients;            /* [count] */
    float *moments[OPTIM_MOMENTS_MAX]; /* [count] each, as many as the rule
                                        * keeps, all zero before step 0 */
};

/* What changes from one update to the next. */
struct optim_update {
    double lr;             /* of groups without a rate of their own, >= 0;
                            * a rate of exactly 0 leaves every weight as it
                            * is, bit for bit, while the moments still move */
    int64_t step;          /* this update's number, counted from 0 */
    double gradient_scale; /* every gradient is multiplied by it first: 1, or
                            * the result of optim_clip_factor */
};

/* One run's constants, private to the rules. */
struct optim_run;

/* Updates weights [begin, end) of one group's run. */
typedef void optim_run_fn(const struct optim_run *run,
                          const struct optim_block *block, size_t begin,
                          size_t end);

/* A rule is a row of a table: adding one means adding a function and a row. */
struct optim_rule {
    const char *name; /* "sgd", "adam", "adamw", "muon" */
    const char *doc;  /* the rule in one line, for --help */
    size_t moments;   /* moment blocks, at most OPTIM_MOMENTS_MAX */
    struct optim_options defaults;
    optim_run_fn *update;
    bool matrices; /* groups with rows are moved by optim_step_matrix alone */
};

/* The rule of that name, or NULL. */
const struct optim_rule *optim_rule_find(const char *name);

/* The rules in table order: 0 <= index < optim_rule_count(), else NULL. */
size_t optim_rule_count(void);
const struct optim_rule *optim_rule_at(size_t index);

/* Moment blocks that the rule really uses under these options: `moments` of
 * its row, or 0 for SGD and Muon without momentum. Unused blocks may be
 * NULL. */
size_t optim_moment_count(const struct optim_rule *rule,
                          const struct optim_options *options);

/* NULL if the options and groups can be used on a block of `count` floats,
 * otherwise one constant line that says what is wrong: an option out of its
 * range, a group that leaves the block or is no whole matrix, or two groups
 * that overlap. Call it once, when a run starts; the step functions check
 * nothing. */
const char *optim_setup_error(const struct optim_rule *rule,
                              const struct optim_options *options,
                              const struct optim_group *groups,
                              size_t group_count, size_t count);

/* One update of the whole block, but for the groups with rows under a rule with
 * matrices: those take optim_step_matrix. Allocates nothing. */
void optim_step(const struct optim_rule *rule,
                const struct optim_options *options,
                const struct optim_block *block,
                const struct optim_group *groups, size_t group_count,
                const struct optim_update *update);

/* The part of the same update that falls into floats [begin, end) of the
 * block. Slices that together cover [0, count) once, in any order and from any
 * threads at once, give the same bits as one optim_step. */
void optim_step_range(const struct optim_rule *rule,
                      const struct optim_options *options,
                      const struct optim_block *block,
                      const struct optim_group *groups, size_t group_count,
                      const struct optim_update *update, size_t begin,
                      size_t end);

/* The global norm: the square root of the sum of squares of n floats.
 *
 * Squares are summed in double, in chunks of OPTIM_NORM_CHUNK floats and then
 * over the chunks in order, so the result does not depend on who computed
 * which chunk. NaN or infinity anywhere gives a NaN or infinite norm: test
 * isfinite(norm) before stepping. */
#define OPTIM_NORM_CHUNK 4096
double optim_norm(const float *values, size_t n);

/* The same for threads: optim_norm_chunks(n) chunks exist; each thread fills
 * sums[first..last) for its own chunks, and after they have met, anyone calls
 * optim_norm_finish, which gives the bits of optim_norm. */
size_t optim_norm_chunks(size_t n);
void optim_norm_sums(const float *values, size_t n, size_t first, size_t last,
                     double *sums); /* [optim_norm_chunks(n)] */
double optim_norm_finish(const double *sums, size_t chunks);

/* What gradients must be multiplied by so that their norm is at most max_norm:
 * min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it.
 * NaN for a NaN norm, so that a diverged run cannot pass for a healthy one. */
double optim_clip_factor(double norm, double max_norm);

/* Scales gradients in place by optim_clip_factor and returns their norm before
 * clipping. For callers that want the clipped gradients themselves; otherwise
 * pass the factor to the step, which saves a pass over memory. */
double optim_clip(float *gradients, size_t n, double max_norm);

#endif
