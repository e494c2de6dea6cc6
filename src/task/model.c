/* Parts, groups and plans of a network: see model.h. */
#include "task/model.h"

#include "data/random.h"
#include "nn/product.h"

#include <stdlib.h>
#include <string.h>

struct task_model task_model_of_engine(struct nn_engine *engine)
{
    struct task_model m = {.weights = nn_engine_weights(engine),
                           .gradients = nn_engine_gradients(engine),
                           .buffers = nn_engine_buffers(engine),
                           .size = nn_engine_size(engine),
                           .buffer_size = nn_engine_buffer_size(engine)};
    m.parameters = nn_engine_parameters(engine, &m.parameter_count);
    m.buffer_table = nn_engine_buffer_table(engine, &m.buffer_count);
    return m;
}

static void add_parts(struct task_model *m, const struct nn_parameter *p,
                      size_t n, float *block)
{
    for (size_t i = 0; i < n; i++) {
        struct task_part *const part = &m->parts[m->part_count++];
        part->values = block + p[i].offset;
        part->tensor = (struct task_tensor){.name = p[i].name,
                                            .dims = p[i].dims,
                                            .data = part->values};
        for (int d = 0; d < p[i].dims; d++)
            part->tensor.dim[d] = p[i].dim[d];
    }
}

/* What the trainer does with a parameter, by what it is for. */
static const struct role {
    const char *group; /* what a plan calls it; NULL: nothing it can name */
    bool decays;       /* by weight decay, also without decay-all */
} roles[] = {
    [NN_ROLE_WEIGHT] = {"weight", true},
    [NN_ROLE_BIAS] = {"bias", false},
    [NN_ROLE_SCALE] = {"norm", false},
    [NN_ROLE_SHIFT] = {"norm", false},
    [NN_ROLE_WHITEN] = {NULL, false},
    [NN_ROLE_WHITEN_BIAS] = {"whiten", true},
    [NN_ROLE_EMBEDDING] = {"embedding", false},
};

/* Under a rule with matrices the filters are such: before a normalisation all
 * of them, which undoes their scale. */
static bool has_matrices(const struct task_settings *s)
{
    return optim_rule_find(s->optimizer)->matrices;
}

static bool is_matrix(const struct task_settings *s,
                      const struct nn_parameter *p)
{
    return has_matrices(s) && p->dims == 4 && p->role == NN_ROLE_WEIGHT;
}

/* What the rate of a parameter is multiplied by. */
static double rate_factor(const struct task_settings *s,
                          const struct nn_parameter *p)
{
    const bool other = has_matrices(s) && !is_matrix(s, p);
    return (other ? s->other_rate : 1) *
           (p->role == NN_ROLE_SHIFT ? s->shift_rate : 1);
}

/* The rate and the decay of one parameter. */
static struct optim_group make_group(const struct task_settings *s,
                                     const struct nn_parameter *p)
{
    const bool decays = roles[p->role].decays || s->decay_all;
    struct optim_group g = {.offset = p->offset,
                            .count = p->count,
                            .lr_scale = p->role == NN_ROLE_WHITEN ? 0 : 1,
                            .weight_decay = decays ? s->weight_decay : 0};
    const double factor = rate_factor(s, p);
    if (is_matrix(s, p)) {
        g.rows = (size_t)p->dim[0];
        g.weight_decay = 0;
    }
    g.lr_scale *= factor;
    /* A higher rate is for the gradient, not for the decay. */
    if (factor > 0) g.weight_decay /= factor;
    return g;
}

enum task_status task_model_prepare(struct task_model *m,
                                    const struct task_settings *s,
                                    struct task_error *err)
{
    m->parts =
        calloc(m->parameter_count + m->buffer_count + 1, sizeof *m->parts);
    m->groups = calloc(m->parameter_count + 1, sizeof *m->groups);
    if (!m->parts || !m->groups)
        return task_fail(err, TASK_E_MEMORY, "out of memory");
    add_parts(m, m->parameters, m->parameter_count, m->weights);
    add_parts(m, m->buffer_table, m->buffer_count, m->buffers);
    for (size_t i = 0; i < m->parameter_count; i++)
        m->groups[i] = make_group(s, &m->parameters[i]);
    return TASK_OK;
}

/* The most specific group comes first. */
static struct task_member make_member(const struct task_settings *s,
                                      const struct nn_parameter *p,
                                      const char *own)
{
    const struct role *const role = &roles[p->role];
    struct task_member member = {.groups = {own ? own : role->group,
                                            own ? role->group : NULL},
                                 .decays = s->decay_all || role->decays,
                                 .keeps_norm = is_matrix(s, p),
                                 .decay_over = 1};
    /* As in make_group. */
    const double factor = rate_factor(s, p);
    if (factor > 0) member.decay_over = factor;
    return member;
}

struct task_plan task_model_plan(const struct task_model *m,
                                 const struct task_settings *s,
                                 struct task_hyper *hyper)
{
    struct task_plan plan = {.rule = optim_rule_find(s->optimizer),
                             .knobs = {.groups = m->groups,
                                       .group_count = m->parameter_count,
                                       .clip = s->clip}};
    struct optim_options *const options = &plan.knobs.options;
    *options = plan.rule->defaults;
    options->momentum = s->momentum;
    task_hyper_largest(hyper);
    task_hyper_set(hyper, &plan.knobs);
    options->nesterov = s->nesterov && options->momentum > 0;
    return plan;
}

/* Refuses knobs that the rule does not take. */
static enum task_status check(const struct task_model *m,
                              const struct task_settings *s,
                              struct task_hyper *hyper, struct task_error *err)
{
    const struct task_plan plan = task_model_plan(m, s, hyper);
    const char *const wrong =
        optim_setup_error(plan.rule, &plan.knobs.options, plan.knobs.groups,
                          plan.knobs.group_count, m->size);
    return wrong ? task_fail(err, TASK_E_USAGE, "%s", wrong) : TASK_OK;
}

enum task_status task_model_bind(const struct task_model *m,
                                 struct task_run *run, task_group_fn *group,
                                 const void *self, struct task_error *err)
{
    const struct task_settings *const s = run->settings;
    const size_t n = m->parameter_count;
    struct task_member *const members = calloc(n + 1, sizeof *members);
    if (!members) return task_fail(err, TASK_E_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++)
        members[i] =
            make_member(s, &m->parameters[i], group(self, &m->parameters[i]));
    const enum task_status status =
        task_hyper_bind(&run->hyper, s->model, members, n, err);
    free(members);
    return status == TASK_OK ? check(m, s, &run->hyper, err) : status;
}

void task_model_job(const struct task_model *m, const struct task_run *run,
                    struct task_job *job)
{
    job->steps = run->steps;
    job->steps_per_epoch = run->steps_per_epoch;
    job->size = m->size;
    job->weights = m->weights;
    job->gradients = m->gradients;
    job->buffer_size = m->buffer_size;
    job->buffers = m->buffers;
    job->parts = m->parts;
    job->part_count = m->part_count;
}

/* What multiplies bf16, which decides what else is rounded. */
static const char *bf16_unit(void)
{
    if (nn_has_amx_bf16()) return "amx";
    return nn_has_bf16() ? "avx512" : "none";
}

cJSON *task_model_describe(const struct task_model *m, size_t memory)
{
    size_t parameters = 0; /* without the padding between two of them */
    for (size_t i = 0; i < m->parameter_count; i++)
        parameters += m->parameters[i].count;
    char version[32];
    nn_device_version(version, sizeof version);
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "parameters", (double)parameters);
    cJSON_AddNumberToObject(o, "memory_per_thread", (double)memory);
    cJSON *const software = cJSON_AddObjectToObject(o, "software");
    cJSON_AddStringToObject(software, "taper", taper_version());
    cJSON_AddStringToObject(software, "onednn", version);
    cJSON_AddStringToObject(software, "kernels", nn_kernels_best()->name);
    cJSON_AddStringToObject(software, "bf16", bf16_unit());
    return o;
}

void task_model_free(struct task_model *m)
{
    free(m->parts);
    free(m->groups);
    *m = (struct task_model){0};
}

/* ---- engines ---- */

enum task_status task_settle_precision(struct task_settings *s,
                                       struct task_progress *progress,
                                       struct task_error *err)
{
    if (!s->precision || strcmp(s->precision, "bf16") != 0 || nn_has_bf16())
        return TASK_OK;
    task_progress_note(progress, "note: this CPU has no bf16 instructions: "
                                 "training in f32");
    return task_settings_set(s, task_setting_find("precision"), "f32", false,
                             err);
}

static int64_t default_threads(int64_t batch, int64_t share)
{
    const int64_t cpus = task_cpus(), most = batch / share;
    return most < 1 ? 1 : cpus < most ? cpus : most;
}

enum task_status task_settle_batch(struct task_settings *s, int64_t count,
                                   const char *samples, int64_t share,
                                   struct task_error *err)
{
    if (s->batch > count) {
        if (task_settings_given(s, "batch"))
            return task_fail(err, TASK_E_USAGE,
                             "--batch %lld is more than the %lld training %s",
                             (long long)s->batch, (long long)count, samples);
        s->batch = count;
    }
    if (s->threads == 0) s->threads = default_threads(s->batch, share);
    if (s->threads <= s->batch) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--threads %lld is more than the %lld %s of a batch",
                     (long long)s->threads, (long long)s->batch, samples);
}

enum task_status task_engine_options(const struct task_settings *s,
                                     struct nn_options *out,
                                     struct task_error *err)
{
    const bool bf16 = strcmp(s->precision, "bf16") == 0;
    *out = (struct nn_options){.batch = (int)s->batch,
                               .threads = (int)s->threads,
                               .precision = bf16 ? NN_BF16 : NN_F32};
    if (!bf16 || nn_has_bf16()) return TASK_OK;
    return task_fail(err, TASK_E_ENGINE,
                     "the run was begun in bf16, and this CPU has no bf16 "
                     "instructions");
}

static double uniform(void *context)
{
    return data_random_uniform(context);
}

void task_engine_initialise(struct nn_engine *engine,
                            const struct task_settings *s)
{
    struct data_random r = data_stream((uint64_t)s->seed, "weights", 0, 0);
    nn_initialise(engine, uniform, &r);
}
