/* How weights start: by the rules of nn/architecture.h. */
#include "nn/initialise.h"
#include <math.h>
#include <string.h>

struct source {
    nn_uniform_fn *uniform;
    void *context;
};

/* Box and Muller's transform; the second deviate is not used, so that one
 * weight takes two numbers whatever came before. */
static double normal(const struct source *s)
{
    const double u = 1.0 - s->uniform(s->context);
    const double v = s->uniform(s->context);
    return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

static void dirac(float *w, const struct nn_parameter *p)
{
    const size_t in = (size_t)p->dim[1];
    const size_t taps = (size_t)(p->dim[2] * p->dim[3]);
    const size_t centre = (size_t)(p->dim[2] / 2 * p->dim[3] + p->dim[3] / 2);
    const size_t n = p->dim[0] < p->dim[1] ? (size_t)p->dim[0] : in;
    for (size_t c = 0; c < n; c++) {
        float *filter = w + c * in * taps;
        memset(filter, 0, in * taps * sizeof *filter);
        filter[c * taps + centre] = 1.0F;
    }
}

static void start(float *w, const struct nn_parameter *p,
                  const struct source *s)
{
    const double fan_in =
        p->dim[0] > 0 ? (double)p->count / (double)p->dim[0] : 1.0;
    const double bound = 1.0 / sqrt(fan_in), deviation = sqrt(2.0 / fan_in);
    const double glorot = sqrt(6.0 / (fan_in + (double)p->dim[0]));
    for (size_t i = 0; i < p->count; i++)
        switch (p->start) {
        case NN_START_UNIFORM:
        case NN_START_DIRAC:
            w[i] = (float)(bound * (2.0 * s->uniform(s->context) - 1.0));
            break;
        case NN_START_ORTHOGONAL:
            w[i] = (float)normal(s);
            break;
        case NN_START_HE:
            w[i] = (float)(deviation * normal(s));
            break;
        case NN_START_NORMAL:
            w[i] = (float)(0.02 * normal(s));
            break;
        case NN_START_GLOROT:
            w[i] = (float)(glorot * (2.0 * s->uniform(s->context) - 1.0));
            break;
        case NN_START_ONE:
            w[i] = 1.0F;
            break;
        case NN_START_ZERO:
        case NN_START_WHITEN:
            w[i] = 0.0F;
            break;
        }
    if (p->start == NN_START_DIRAC) dirac(w, p);
    if (p->start == NN_START_ORTHOGONAL)
        nn_orthogonalise(w, (size_t)p->dim[0], p->count / (size_t)p->dim[0]);
}

void nn_start_parameter(float *w, const struct nn_parameter *p,
                        nn_uniform_fn *uniform, void *context)
{
    start(w, p, &(struct source){uniform, context});
}

void nn_initialise(struct nn_engine *e, nn_uniform_fn *uniform, void *context)
{
    const struct source s = {uniform, context};
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        start(nn_engine_weights(e) + p[i].offset, &p[i], &s);
    p = nn_engine_buffer_table(e, &count);
    for (size_t i = 0; i < count; i++) {
        float *b = nn_engine_buffers(e) + p[i].offset;
        for (size_t c = 0; c < p[i].count; c++)
            b[c] = i % 2 ? 1.0F : 0.0F;
    }
}
