/* Two chains of dense layers with tanh between them. This file knows which
 * array is where; all arithmetic is in the kernels of nn/perceptron.h, which
 * take one panel of 64 rows at a time. */
#include "nn/actor_critic.h"
#include "nn/initialise.h"
#include "nn/kernels.h"
#include "nn/perceptron.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LAYERS = NN_ACTOR_CRITIC_HIDDEN + 1,
    POLICY = 0,
    VALUE = 1,
    CHAINS = 2,
    LINE_FLOATS = 16, /* one cache line */
    WIDEST = 4096,
    LARGEST_BATCH = 1 << 20
};

/* One network: `layers` dense layers between widths[0] values and
 * widths[layers]. Activations are [panels, width, 64]. */
struct chain {
    size_t layers, widths[LAYERS + 1];
    float *activations[LAYERS];       /* behind each layer */
    const struct nn_parameter *table; /* weight, bias, weight, ... */
    bool ran;                         /* in the last forward */
};

struct nn_actor_critic {
    struct nn_actor_critic_shape shape;
    const struct nn_perceptron_kernels *kernels;
    struct nn_parameter table[CHAINS * LAYERS * 2];
    size_t parameters, size; /* rows of the table; floats of a block */
    struct chain chain[CHAINS];
    size_t n;      /* rows of the last forward; 0: there was none */
    float *memory; /* one block, of which all below are parts */
    float *weights, *gradients;
    float *observations; /* [panels, observations, 64] */
    float *delta[2];     /* [panels, widest, 64]: by turns, derivatives behind
                            and in front of a layer */
};

struct nn_actor_critic_shape nn_actor_critic_defaults(int observations,
                                                      int actions, int batch)
{
    return (struct nn_actor_critic_shape){
        .observations = observations,
        .actions = actions,
        .layers = 2,
        .hidden = {64, 64},
        .batch = batch,
    };
}

/* ---- Creation ------------------------------------------------------------ */

static enum nn_status check_range(const char *what, int value, int least,
                                  int most, struct nn_error *err)
{
    if (value >= least && value <= most) return NN_OK;
    return nn_fail(err, NN_E_ARGUMENT,
                   "a policy network cannot have %d %s: %d to %d are possible",
                   value, what, least, most);
}

static enum nn_status check_shape(const struct nn_actor_critic_shape *s,
                                  struct nn_error *err)
{
    const struct {
        const char *what;
        int value, least, most;
    } ranges[] = {
        {"observed values", s->observations, 1, WIDEST},
        {"actions", s->actions, 1, WIDEST},
        {"hidden layers", s->layers, 0, NN_ACTOR_CRITIC_HIDDEN},
        {"rows in a batch", s->batch, 1, LARGEST_BATCH},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const enum nn_status status =
            check_range(ranges[i].what, ranges[i].value, ranges[i].least,
                        ranges[i].most, err);
        if (status != NN_OK) return status;
    }
    for (int i = 0; i < s->layers; i++) {
        const enum nn_status status =
            check_range("units in a layer", s->hidden[i], 1, WIDEST, err);
        if (status != NN_OK) return status;
    }
    return NN_OK;
}

static size_t rounded(size_t floats)
{
    return (floats + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
}

static void add_parameter(struct nn_actor_critic *a, size_t c, size_t layer,
                          const char *what, struct nn_parameter row)
{
    struct nn_parameter *p = &a->table[a->parameters++];
    *p = row;
    /* In an nn.Sequential every layer but the last is followed by its tanh. */
    snprintf(p->name, sizeof p->name, "%s.%zu.%s",
             c == POLICY ? "policy" : "value", 2 * layer, what);
    p->offset = a->size;
    p->count = (size_t)p->dim[0] * (p->dims > 1 ? (size_t)p->dim[1] : 1);
    a->size += rounded(p->count);
}

static void lay_out_chain(struct nn_actor_critic *a, size_t c)
{
    const struct nn_actor_critic_shape *s = &a->shape;
    struct chain *chain = &a->chain[c];
    chain->layers = (size_t)s->layers + 1;
    chain->widths[0] = (size_t)s->observations;
    for (int i = 0; i < s->layers; i++)
        chain->widths[i + 1] = (size_t)s->hidden[i];
    chain->widths[chain->layers] = c == POLICY ? (size_t)s->actions : 1;
    chain->table = &a->table[a->parameters];
    for (size_t layer = 0; layer < chain->layers; layer++) {
        const int in = (int)chain->widths[layer];
        const int out = (int)chain->widths[layer + 1];
        add_parameter(a, c, layer, "weight",
                      (struct nn_parameter){.dims = 2,
                                            .dim = {out, in},
                                            .role = NN_ROLE_WEIGHT,
                                            .start = NN_START_ORTHOGONAL});
        add_parameter(a, c, layer, "bias",
                      (struct nn_parameter){.dims = 1,
                                            .dim = {out},
                                            .role = NN_ROLE_BIAS,
                                            .start = NN_START_ZERO});
    }
}

static size_t panels(size_t n)
{
    return (n + NN_PANEL - 1) / NN_PANEL;
}

static float *take(float *memory, size_t *used, size_t floats)
{
    float *at = memory ? memory + *used : NULL;
    *used += rounded(floats);
    return at;
}

/* Gives every array its place behind `memory` and returns the floats they need
 * together; without memory it only counts. */
static size_t place(struct nn_actor_critic *a, float *memory)
{
    const size_t rows = panels((size_t)a->shape.batch) * NN_PANEL;
    size_t used = 0, widest = 1;
    a->weights = take(memory, &used, a->size);
    a->gradients = take(memory, &used, a->size);
    a->observations = take(memory, &used, rows * a->chain[POLICY].widths[0]);
    for (size_t c = 0; c < CHAINS; c++) {
        struct chain *chain = &a->chain[c];
        for (size_t layer = 0; layer < chain->layers; layer++) {
            const size_t width = chain->widths[layer + 1];
            chain->activations[layer] = take(memory, &used, rows * width);
            widest = width > widest ? width : widest;
        }
    }
    for (size_t i = 0; i < 2; i++)
        a->delta[i] = take(memory, &used, rows * widest);
    return used;
}

static void *taken_zeroed(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

enum nn_status nn_actor_critic_create(const struct nn_actor_critic_shape *shape,
                                      struct nn_actor_critic **out,
                                      struct nn_error *err)
{
    *out = NULL;
    const enum nn_status status = check_shape(shape, err);
    if (status != NN_OK) return status;

    struct nn_actor_critic *a = calloc(1, sizeof *a);
    if (a) {
        a->shape = *shape;
        a->kernels = nn_kernels_best()->perceptron;
        for (size_t c = 0; c < CHAINS; c++)
            lay_out_chain(a, c);
        a->memory = taken_zeroed(place(a, NULL) * sizeof(float));
    }
    if (!a || !a->memory) {
        free(a);
        return nn_fail(err, NN_E_NOMEM,
                       "no memory for a policy network of %d rows",
                       shape->batch);
    }
    place(a, a->memory);
    *out = a;
    return NN_OK;
}

void nn_actor_critic_destroy(struct nn_actor_critic *a)
{
    if (a) free(a->memory);
    free(a);
}

/* ---- What it consists of ------------------------------------------------- */

const struct nn_actor_critic_shape *
nn_actor_critic_shape(const struct nn_actor_critic *a)
{
    return &a->shape;
}

size_t nn_actor_critic_size(const struct nn_actor_critic *a)
{
    return a->size;
}

float *nn_actor_critic_weights(struct nn_actor_critic *a)
{
    return a->weights;
}

float *nn_actor_critic_gradients(struct nn_actor_critic *a)
{
    return a->gradients;
}

const struct nn_parameter *
nn_actor_critic_parameters(const struct nn_actor_critic *a, size_t *count)
{
    *count = a->parameters;
    return a->table;
}

void nn_actor_critic_initialise(struct nn_actor_critic *a,
                                nn_uniform_fn *uniform, void *context)
{
    for (size_t c = 0; c < CHAINS; c++) {
        const struct chain *chain = &a->chain[c];
        for (size_t i = 0; i < 2 * chain->layers; i++) {
            const struct nn_parameter *p = &chain->table[i];
            const bool last = i / 2 + 1 == chain->layers;
            const double gain = !last ? sqrt(2.0) : c == POLICY ? 0.01 : 1.0;
            nn_start_parameter(a->weights + p->offset, p, uniform, context);
            for (size_t k = 0; k < p->count; k++)
                a->weights[p->offset + k] *= (float)gain;
        }
    }
}

/* ---- Forward and backward ------------------------------------------------ */

/* [n, width] to [panels, width, 64]. What lies past the last row of its panel
 * becomes zero: the kernels compute there too. */
static void to_panels(size_t n, size_t width, const float *rows, float *out)
{
    for (size_t first = 0; first < n; first += NN_PANEL) {
        const size_t left = n - first;
        const size_t here = left < NN_PANEL ? left : NN_PANEL;
        for (size_t k = 0; k < width; k++, out += NN_PANEL) {
            for (size_t r = 0; r < here; r++)
                out[r] = rows[(first + r) * width + k];
            memset(out + here, 0, (NN_PANEL - here) * sizeof *out);
        }
    }
}

static void from_panels(size_t n, size_t width, const float *in, float *rows)
{
    for (size_t row = 0; row < n; row++) {
        const float *at = in + row / NN_PANEL * width * NN_PANEL;
        for (size_t k = 0; k < width; k++)
            rows[row * width + k] = at[k * NN_PANEL + row % NN_PANEL];
    }
}

/* What a layer of a chain reads: [panels, widths[layer], 64]. */
static const float *input_of(const struct nn_actor_critic *a,
                             const struct chain *c, size_t layer)
{
    return layer > 0 ? c->activations[layer - 1] : a->observations;
}

/* One panel goes through all layers before the next one starts, so that it is
 * still in the first cache. */
static void run(const struct nn_actor_critic *a, const struct chain *c)
{
    for (size_t row = 0; row < a->n; row += NN_PANEL) {
        const size_t left = a->n - row;
        const size_t rows = left < NN_PANEL ? left : NN_PANEL;
        for (size_t layer = 0; layer < c->layers; layer++) {
            const size_t in = c->widths[layer], out = c->widths[layer + 1];
            const struct nn_parameter *p = &c->table[2 * layer];
            a->kernels->forward(rows, in, out, a->weights + p[0].offset,
                                a->weights + p[1].offset,
                                input_of(a, c, layer) + row * in,
                                layer + 1 < c->layers,
                                c->activations[layer] + row * out);
        }
    }
}

enum nn_status nn_actor_critic_forward(struct nn_actor_critic *a,
                                       const float *observations, size_t n,
                                       float *logits, float *values)
{
    if (n < 1 || n > (size_t)a->shape.batch) return NN_E_ARGUMENT;
    float *const out[CHAINS] = {[POLICY] = logits, [VALUE] = values};
    a->n = n;
    to_panels(n, a->chain[POLICY].widths[0], observations, a->observations);
    for (size_t i = 0; i < CHAINS; i++) {
        struct chain *c = &a->chain[i];
        c->ran = out[i] != NULL;
        if (!c->ran) continue;
        run(a, c);
        from_panels(n, c->widths[c->layers], c->activations[c->layers - 1],
                    out[i]);
    }
    return NN_OK;
}

/* From the derivatives behind the last layer, in delta[0], back to front: each
 * layer's gradient, then the derivatives in front of it. */
static void run_back(struct nn_actor_critic *a, const struct chain *c)
{
    float *behind = a->delta[0], *front = a->delta[1];
    for (size_t layer = c->layers; layer-- > 0;) {
        const size_t in = c->widths[layer], out = c->widths[layer + 1];
        const struct nn_parameter *p = &c->table[2 * layer];
        const float *x = input_of(a, c, layer);
        a->kernels->gradient(a->n, in, out, x, behind,
                             a->gradients + p[0].offset,
                             a->gradients + p[1].offset);
        if (layer == 0) break;
        for (size_t row = 0; row < a->n; row += NN_PANEL) {
            const size_t left = a->n - row;
            a->kernels->backward(left < NN_PANEL ? left : NN_PANEL, in, out,
                                 a->weights + p[0].offset, behind + row * out,
                                 x + row * in, front + row * in);
        }
        float *const swap = behind;
        behind = front;
        front = swap;
    }
}

enum nn_status nn_actor_critic_backward(struct nn_actor_critic *a,
                                        const float *dlogits,
                                        const float *dvalues)
{
    const float *const in[CHAINS] = {[POLICY] = dlogits, [VALUE] = dvalues};
    for (size_t i = 0; i < CHAINS; i++)
        if (in[i] && !a->chain[i].ran) return NN_E_ARGUMENT;
    for (size_t i = 0; i < CHAINS; i++) {
        const struct chain *c = &a->chain[i];
        if (in[i]) {
            to_panels(a->n, c->widths[c->layers], in[i], a->delta[0]);
            run_back(a, c);
            continue;
        }
        for (size_t k = 0; k < 2 * c->layers; k++)
            memset(a->gradients + c->table[k].offset, 0,
                   c->table[k].count * sizeof(float));
    }
    return NN_OK;
}
