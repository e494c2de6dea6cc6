/* Shapes flow through the layers from front to back; on the way each layer
 * adds the parameters it has. */
#include "nn/parameters.h"
#include <stdio.h>
#include <string.h>

enum { LINE_FLOATS = 16 };

struct nn_shape nn_shape_before(const struct nn_architecture *a,
                                const struct nn_tables *t, int i)
{
    if (i > 0) return t->shape[i - 1];
    return (struct nn_shape){a->channels, a->height, a->width};
}

static int pooled(int size, int pool)
{
    return pool > 1 ? size / pool : size;
}

/* The shape behind a layer; all zero when the layer cannot stand there. */
static struct nn_shape shape_after(const struct nn_architecture *a,
                                   const struct nn_tables *t, int i)
{
    static const struct nn_shape impossible = {0, 0, 0};
    const struct nn_layer *l = &a->layer[i];
    struct nn_shape s = nn_shape_before(a, t, i);
    switch (l->op) {
    case NN_CONV:
        if (l->kernel < 1 || l->stride < 1 || l->pad < 0 ||
            s.height + 2 * l->pad < l->kernel ||
            s.width + 2 * l->pad < l->kernel)
            return impossible;
        s.height = (s.height + 2 * l->pad - l->kernel) / l->stride + 1;
        s.width = (s.width + 2 * l->pad - l->kernel) / l->stride + 1;
        s.channels = l->channels;
        return s;
    case NN_DENSE:
        return (struct nn_shape){l->channels, 1, 1};
    case NN_NORM:
        s.height = pooled(s.height, l->pool);
        s.width = pooled(s.width, l->pool);
        return s;
    case NN_MAX_POOL:
    case NN_MEAN_POOL:
        if (l->pool == 0) return (struct nn_shape){s.channels, 1, 1};
        s.height = pooled(s.height, l->pool);
        s.width = pooled(s.width, l->pool);
        return s;
    case NN_ACTIVATE:
        return s;
    case NN_ADD:
        if (l->other < 0 || l->other >= i ||
            memcmp(&t->shape[l->other], &s, sizeof s) != 0)
            return impossible;
        return s;
    }
    return impossible;
}

static int append(struct nn_parameter *table, size_t *count, size_t *size,
                  const struct nn_layer *l, const char *what,
                  struct nn_parameter row)
{
    struct nn_parameter *p = &table[*count];
    *p = row;
    snprintf(p->name, sizeof p->name, "%.24s.%s", l->name, what);
    p->offset = *size;
    p->count = 1;
    for (int k = 0; k < p->dims; k++)
        p->count *= (size_t)p->dim[k];
    *size += (p->count + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
    return (int)(*count)++;
}

static int add_parameter(struct nn_tables *t, const struct nn_layer *l,
                         const char *what, struct nn_parameter row)
{
    return append(t->parameter, &t->parameters, &t->size, l, what, row);
}

static void parameters_of(const struct nn_architecture *a, struct nn_tables *t,
                          int i)
{
    const struct nn_layer *l = &a->layer[i];
    const struct nn_shape in = nn_shape_before(a, t, i);
    const int c = t->shape[i].channels;
    const bool whiten = i > 0 && a->layer[i - 1].frozen;
    t->weight[i] = t->bias[i] = t->buffer[i] = -1;
    if (l->op == NN_CONV)
        t->weight[i] = add_parameter(
            t, l, "weight",
            (struct nn_parameter){.dims = 4,
                                  .dim = {c, in.channels, l->kernel, l->kernel},
                                  .role = l->frozen ? NN_ROLE_WHITEN
                                                    : NN_ROLE_WEIGHT,
                                  .start = l->start});
    if (l->op == NN_DENSE)
        t->weight[i] =
            add_parameter(t, l, "weight",
                          (struct nn_parameter){
                              .dims = 2,
                              .dim = {c, in.channels * in.height * in.width},
                              .role = NN_ROLE_WEIGHT,
                              .start = l->start});
    if (l->op == NN_NORM && !l->no_scale)
        t->weight[i] =
            add_parameter(t, l, "weight",
                          (struct nn_parameter){.dims = 1,
                                                .dim = {c},
                                                .role = NN_ROLE_SCALE,
                                                .start = NN_START_ONE});
    if (l->op == NN_NORM || (l->op == NN_ACTIVATE && l->bias))
        t->bias[i] = add_parameter(
            t, l, "bias",
            (struct nn_parameter){.dims = 1,
                                  .dim = {c},
                                  .role = l->op == NN_NORM ? NN_ROLE_SHIFT
                                          : whiten         ? NN_ROLE_WHITEN_BIAS
                                                           : NN_ROLE_BIAS,
                                  .start = NN_START_ZERO});
    if (l->op != NN_NORM) return;
    const struct nn_parameter one = {.dims = 1, .dim = {c}};
    t->buffer[i] = append(t->buffers, &t->buffer_count, &t->buffer_size, l,
                          "running_mean", one);
    append(t->buffers, &t->buffer_count, &t->buffer_size, l, "running_var",
           one);
}

enum nn_status nn_tables_fill(const struct nn_architecture *a,
                              struct nn_tables *t, struct nn_error *err)
{
    memset(t, 0, sizeof *t);
    if (a->count < 1 || a->count > NN_MAX_LAYERS)
        return nn_fail(err, NN_E_ARGUMENT,
                       "network %s has %d layers, not 1 "
                       "to %d",
                       a->name, a->count, NN_MAX_LAYERS);
    if (a->channels < 1 || a->height < 1 || a->width < 1)
        return nn_fail(err, NN_E_ARGUMENT,
                       "network %s cannot take images of %d x %d x %d: there "
                       "is nothing in them",
                       a->name, a->channels, a->height, a->width);
    for (int i = 0; i < a->count; i++) {
        const struct nn_shape s = shape_after(a, t, i);
        if (s.channels < 1 || s.height < 1 || s.width < 1)
            return nn_fail(err, NN_E_ARGUMENT,
                           "network %s cannot take images of %d x %d x %d: "
                           "layer %d (%s) has nothing to work on",
                           a->name, a->channels, a->height, a->width, i,
                           a->layer[i].name);
        t->shape[i] = s;
        parameters_of(a, t, i);
    }
    const struct nn_shape last = t->shape[a->count - 1];
    if (last.channels != a->classes || last.height * last.width != 1)
        return nn_fail(err, NN_E_ARGUMENT,
                       "network %s ends in %d x %d x %d values, not in one for "
                       "each of %d classes",
                       a->name, last.channels, last.height, last.width,
                       a->classes);
    return NN_OK;
}
