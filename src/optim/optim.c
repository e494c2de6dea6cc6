/* optim.c: the rules as rows of a table, and the walk over parameter groups
 * that calls them.
 *
 * Every loop below is elementwise single-precision arithmetic without
 * contraction, so a weight's new value does not depend on where a slice begins
 * or on how wide the compiler's vectors are. */
#include "optim/optim.h"

#include <math.h>
#include <string.h>

/* Everything that is constant over one group, rounded once from double. */
struct optim_run {
    float gradient_scale; /* times every gradient */
    float decay;          /* coupled: gradient += decay * weight; else 0 */
    float keep;           /* decoupled: weight *= keep; else 1 */
    float rate;           /* lr, for Adam over the first bias correction */
    bool still;           /* the rate is exactly 0: weights stay as they are */
    /* sgd */
    float momentum;
    bool nesterov;
    /* adam */
    float beta1, beta2;
    float rest1, rest2; /* 1 - beta, worked out in double */
    float root2;        /* sqrt of the second bias correction */
    float epsilon;
};

/* In a run without momentum: w -= rate * g. */
static void sgd_plain(const struct optim_run *run,
                      const struct optim_block *block, size_t begin, size_t end)
{
    const struct optim_run r = *run;
    float *restrict w = block->weights;
    const float *restrict g = block->gradients;

    for (size_t i = begin; i < end; i++) {
        const float move = g[i] * r.gradient_scale + r.decay * w[i];
        const float next = w[i] * r.keep - r.rate * move;
        w[i] = r.still ? w[i] : next;
    }
}

/* torch.optim.SGD without dampening: m = mu * m + g, then w -= rate * m, or
 * with Nesterov w -= rate * (g + mu * m). With m = 0 at the start the first
 * step sets m to g, as PyTorch's does. A momentum that is 0 in this update only
 * sets it to g as well, where PyTorch's would keep what it was. */
static void sgd_update(const struct optim_run *run,
                       const struct optim_block *block, size_t begin,
                       size_t end)
{
    if (!block->moments[0]) {
        sgd_plain(run, block, begin, end);
        return;
    }
    const struct optim_run r = *run;
    float *restrict w = block->weights;
    const float *restrict g = block->gradients;
    float *restrict m = block->moments[0];

    for (size_t i = begin; i < end; i++) {
        const float d = g[i] * r.gradient_scale + r.decay * w[i];
        const float mean = r.momentum * m[i] + d;
        const float move = r.nesterov ? d + r.momentum * mean : mean;
        const float next = w[i] * r.keep - r.rate * move;
        m[i] = mean;
        w[i] = r.still ? w[i] : next;
    }
}

/* torch.optim.Adam and AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019).
 * The first bias correction is in the rate, the second in root2. */
static void adam_update(const struct optim_run *run,
                        const struct optim_block *block, size_t begin,
                        size_t end)
{
    const struct optim_run r = *run;
    float *restrict w = block->weights;
    const float *restrict g = block->gradients;
    float *restrict m = block->moments[0];
    float *restrict v = block->moments[1];

    for (size_t i = begin; i < end; i++) {
        const float d = g[i] * r.gradient_scale + r.decay * w[i];
        const float mean = r.beta1 * m[i] + r.rest1 * d;
        const float square = r.beta2 * v[i] + r.rest2 * d * d;
        const float scale = sqrtf(square) / r.root2 + r.epsilon;
        const float next = w[i] * r.keep - r.rate * mean / scale;
        m[i] = mean;
        v[i] = square;
        w[i] = r.still ? w[i] : next;
    }
}

static const struct optim_rule rules[] = {
    {"sgd",
     "stochastic gradient descent with momentum",
     1,
     {.momentum = 0.9},
     .update = sgd_update},
    {"adam",
     "adaptive moments; weight decay joins the gradient",
     2,
     {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
     .update = adam_update},
    {"adamw",
     "adaptive moments; weight decay shrinks the weights",
     2,
     {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .decoupled = true},
     .update = adam_update},
    {"muon",
     "matrices move along their orthogonalised momentum, the rest as in sgd",
     1,
     {.momentum = 0.9},
     .update = sgd_update,
     .matrices = true},
};

size_t optim_rule_count(void)
{
    return sizeof rules / sizeof rules[0];
}

const struct optim_rule *optim_rule_at(size_t index)
{
    return index < optim_rule_count() ? &rules[index] : NULL;
}

const struct optim_rule *optim_rule_find(const char *name)
{
    for (size_t i = 0; i < optim_rule_count(); i++)
        if (strcmp(rules[i].name, name) == 0) return &rules[i];
    return NULL;
}

size_t optim_moment_count(const struct optim_rule *rule,
                          const struct optim_options *options)
{
    if (rule->update == sgd_update && options->momentum == 0.0) return 0;
    return rule->moments;
}

/* Written so that NaN fails. */
static bool in_range(double x, double low, double high)
{
    return x >= low && x < high;
}

static const char *option_error(const struct optim_rule *rule,
                                const struct optim_options *options)
{
    if (rule->update == sgd_update) {
        if (!in_range(options->momentum, 0.0, INFINITY))
            return "momentum must be a finite number, 0 or more";
        if (options->nesterov && options->momentum == 0.0)
            return "nesterov needs a momentum above 0";
        return NULL;
    }
    if (!in_range(options->beta1, 0.0, 1.0))
        return "beta1 must be at least 0 and below 1";
    if (!in_range(options->beta2, 0.0, 1.0))
        return "beta2 must be at least 0 and below 1";
    /* The smallest normal float: anything below it may round to 0. */
    if (!in_range(options->epsilon, 0x1p-126, INFINITY))
        return "epsilon must be a finite number above 0";
    return NULL;
}

static bool groups_overlap(const struct optim_group *a,
                           const struct optim_group *b)
{
    return a->offset < b->offset + b->count && b->offset < a->offset + a->count;
}

const char *optim_setup_error(const struct optim_rule *rule,
                              const struct optim_options *options,
                              const struct optim_group *groups,
                              size_t group_count, size_t count)
{
    const char *error = option_error(rule, options);
    if (error) return error;

    for (size_t i = 0; i < group_count; i++) {
        const struct optim_group *g = &groups[i];
        if (g->count > count || g->offset > count - g->count)
            return "a parameter group reaches beyond the weights";
        if (g->rows > 0 && g->count % g->rows != 0)
            return "a matrix's rows do not divide its weights";
        if (!in_range(g->lr_scale, 0.0, INFINITY))
            return "a group's rate factor must be a finite number, 0 or more";
        if (!in_range(g->weight_decay, 0.0, INFINITY))
            return "weight decay must be a finite number, 0 or more";
        if (g->own_lr && !in_range(g->lr, 0.0, INFINITY))
            return "a group's rate must be a finite number, 0 or more";
        for (size_t j = 0; j < i; j++)
            if (groups_overlap(g, &groups[j]))
                return "two parameter groups overlap";
    }
    return NULL;
}

/* The constants of one group in one update. Fields that the rule does not read
 * come out of the zero options and stay unused. */
static struct optim_run run_of(const struct optim_options *o,
                               const struct optim_group *group,
                               const struct optim_update *u, bool adaptive)
{
    const double lr = (group->own_lr ? group->lr : u->lr) * group->lr_scale;
    struct optim_run run = {
        .gradient_scale = (float)u->gradient_scale,
        .decay = o->decoupled ? 0.0f : (float)group->weight_decay,
        .keep = o->decoupled ? (float)(1.0 - lr * group->weight_decay) : 1.0f,
        .rate = (float)lr,
        .still = lr == 0.0,
        .momentum = (float)o->momentum,
        .nesterov = o->nesterov,
    };
    if (adaptive) {
        /* Both moments start at zero and so begin too small. */
        const double t = (double)u->step + 1.0;
        run.rate = (float)(lr / (1.0 - pow(o->beta1, t)));
        run.root2 = (float)sqrt(1.0 - pow(o->beta2, t));
        run.beta1 = (float)o->beta1;
        run.beta2 = (float)o->beta2;
        run.rest1 = (float)(1.0 - o->beta1);
        run.rest2 = (float)(1.0 - o->beta2);
        run.epsilon = (float)o->epsilon;
    }
    return run;
}

void optim_step_range(const struct optim_rule *rule,
                      const struct optim_options *options,
                      const struct optim_block *block,
                      const struct optim_group *groups, size_t group_count,
                      const struct optim_update *update, size_t begin,
                      size_t end)
{
    for (size_t k = 0; k < group_count; k++) {
        const struct optim_group *g = &groups[k];
        const size_t g_end = g->offset + g->count;
        const size_t first = begin > g->offset ? begin : g->offset;
        const size_t last = end < g_end ? end : g_end;
        if (g->lr_scale == 0.0 || first >= last) continue;
        if (rule->matrices && g->rows > 0) continue;

        const struct optim_run run =
            run_of(options, g, update, rule->update == adam_update);
        rule->update(&run, block, first, last);
    }
}

void optim_step(const struct optim_rule *rule,
                const struct optim_options *options,
                const struct optim_block *block,
                const struct optim_group *groups, size_t group_count,
                const struct optim_update *update)
{
    optim_step_range(rule, options, block, groups, group_count, update, 0,
                     block->count);
}
