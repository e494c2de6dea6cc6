/* nn/matmul.h on oneDNN 2.x. */
#include "nn/matmul.h"
#include <dnnl.h>
#include <stdint.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR != 2
#error "matmul_onednn2.c needs oneDNN 2.x (2.6 and 2.7 are known to work)"
#endif

enum { A, B, C, SCRATCHPAD, ARGUMENTS };

struct nn_matmul {
    struct nn_matmul_shape shape;
    struct dnnl_stream *stream; /* borrowed */
    /* Factors of bf16 only. */
    dnnl_primitive_desc_t descriptor;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t argument[ARGUMENTS];
    size_t scratch; /* bytes */
};

static dnnl_status_t describe(const struct nn_matmul_shape *s,
                              const struct nn_matrix *m, enum nn_type type,
                              size_t rows, size_t columns,
                              dnnl_memory_desc_t *md)
{
    const dnnl_data_type_t of = type == NN_BF16 ? dnnl_bf16 : dnnl_f32;
    const dnnl_dims_t dims = {(dnnl_dim_t)s->outer, (dnnl_dim_t)s->inner,
                              (dnnl_dim_t)rows, (dnnl_dim_t)columns};
    const dnnl_dims_t strides = {(dnnl_dim_t)m->outer, (dnnl_dim_t)m->inner,
                                 (dnnl_dim_t)m->row, (dnnl_dim_t)m->column};
    /* A single product is described as one: stacks have fewer
     * implementations. */
    const int skip = s->outer * s->inner == 1 ? 2 : 0;
    return dnnl_memory_desc_init_by_strides(md, 4 - skip, dims + skip, of,
                                            strides + skip);
}

static dnnl_status_t choose(struct nn_matmul *p, struct dnnl_engine *engine)
{
    const struct nn_matmul_shape *s = &p->shape;
    dnnl_memory_desc_t a, b, c;
    dnnl_matmul_desc_t d;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t e = describe(s, &s->a, s->type, s->m, s->k, &a);
    if (!e) e = describe(s, &s->b, s->type, s->k, s->n, &b);
    if (!e) e = describe(s, &s->c, s->result, s->m, s->n, &c);
    if (!e) e = dnnl_matmul_desc_init(&d, &a, &b, NULL, &c);
    if (!e) e = dnnl_primitive_attr_create(&attributes);
    if (!e)
        e = dnnl_primitive_attr_set_scratchpad_mode(attributes,
                                                    dnnl_scratchpad_mode_user);
    if (!e)
        e = dnnl_primitive_desc_create(&p->descriptor, &d, attributes, engine,
                                       NULL);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return e;
}

/* The four memory objects, still without memory. */
static dnnl_status_t make_arguments(struct nn_matmul *p,
                                    struct dnnl_engine *engine)
{
    static const struct {
        int argument;
        dnnl_query_t what;
    } row[ARGUMENTS] = {[A] = {DNNL_ARG_SRC, dnnl_query_src_md},
                        [B] = {DNNL_ARG_WEIGHTS, dnnl_query_weights_md},
                        [C] = {DNNL_ARG_DST, dnnl_query_dst_md},
                        [SCRATCHPAD] = {DNNL_ARG_SCRATCHPAD,
                                        dnnl_query_scratchpad_md}};
    dnnl_status_t e = dnnl_success;
    for (int i = 0; i < ARGUMENTS && !e; i++) {
        const dnnl_memory_desc_t *md =
            dnnl_primitive_desc_query_md(p->descriptor, row[i].what, 0);
        p->argument[i].arg = row[i].argument;
        e = dnnl_memory_create(&p->argument[i].memory, md, engine,
                               DNNL_MEMORY_NONE);
        if (i == SCRATCHPAD) p->scratch = dnnl_memory_desc_get_size(md);
    }
    return e;
}

enum nn_status nn_matmul_create(struct nn_device *d,
                                const struct nn_matmul_shape *shape,
                                struct nn_matmul **out, struct nn_error *err)
{
    *out = NULL;
    struct nn_matmul *p = calloc(1, sizeof *p);
    if (!p) return nn_fail(err, NN_E_NOMEM, "out of memory");
    p->shape = *shape;
    p->stream = nn_device_stream(d);
    dnnl_status_t e = dnnl_success;
    if (shape->type != NN_F32) {
        struct dnnl_engine *engine = nn_device_engine(d);
        e = choose(p, engine);
        if (!e) e = dnnl_primitive_create(&p->primitive, p->descriptor);
        if (!e) e = make_arguments(p, engine);
    }
    if (e) {
        nn_matmul_destroy(p);
        return nn_fail(err,
                       e == dnnl_out_of_memory ? NN_E_NOMEM : NN_E_UNSUPPORTED,
                       "oneDNN cannot multiply %zu x %zu by %zu x %zu in bf16",
                       shape->m, shape->k, shape->k, shape->n);
    }
    *out = p;
    return NN_OK;
}

void nn_matmul_destroy(struct nn_matmul *p)
{
    if (!p) return;
    for (int i = 0; i < ARGUMENTS; i++)
        if (p->argument[i].memory) dnnl_memory_destroy(p->argument[i].memory);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->descriptor) dnnl_primitive_desc_destroy(p->descriptor);
    free(p);
}

size_t nn_matmul_scratch_size(const struct nn_matmul *p)
{
    return p->scratch;
}

const char *nn_matmul_implementation(const struct nn_matmul *p)
{
    const char *name = "sgemm";
    if (p->descriptor)
        dnnl_primitive_desc_query(p->descriptor, dnnl_query_impl_info_str, 0,
                                  &name);
    return name;
}

/* Whether sgemm reads the matrix by columns. It refuses lines that are longer
 * than the distance between them: of a single row or column, where both strides
 * are 1, only one of the two ways is legal. */
static bool is_turned(const struct nn_matrix *m, size_t columns)
{
    return m->row == 1 && columns > 1;
}

static dnnl_status_t multiply_f32(const struct nn_matmul_shape *s,
                                  const float *a, const float *b, float *c)
{
    const bool a_turned = is_turned(&s->a, s->k);
    const bool b_turned = is_turned(&s->b, s->n);
    const char ta = a_turned ? 'T' : 'N', tb = b_turned ? 'T' : 'N';
    const size_t lda = a_turned ? s->a.column : s->a.row;
    const size_t ldb = b_turned ? s->b.column : s->b.row;
    dnnl_status_t e = dnnl_success;
    for (size_t o = 0; o < s->outer; o++)
        for (size_t i = 0; i < s->inner && !e; i++)
            e = dnnl_sgemm(ta, tb, (dnnl_dim_t)s->m, (dnnl_dim_t)s->n,
                           (dnnl_dim_t)s->k, 1.0F,
                           a + o * s->a.outer + i * s->a.inner, (dnnl_dim_t)lda,
                           b + o * s->b.outer + i * s->b.inner, (dnnl_dim_t)ldb,
                           0.0F, c + o * s->c.outer + i * s->c.inner,
                           (dnnl_dim_t)s->c.row);
    return e;
}

enum nn_status nn_multiply(size_t m, size_t n, size_t k, float alpha,
                           const float *a, bool a_turned, const float *b,
                           bool b_turned, float beta, float *c)
{
    const dnnl_status_t e =
        dnnl_sgemm(a_turned ? 'T' : 'N', b_turned ? 'T' : 'N', (dnnl_dim_t)m,
                   (dnnl_dim_t)n, (dnnl_dim_t)k, alpha, a,
                   (dnnl_dim_t)(a_turned ? m : k), b,
                   (dnnl_dim_t)(b_turned ? k : n), beta, c, (dnnl_dim_t)n);
    return e ? NN_E_KERNEL : NN_OK;
}

enum nn_status nn_matmul_run(struct nn_matmul *p, const void *a, const void *b,
                             void *c, void *scratch)
{
    if (p->shape.type == NN_F32)
        return multiply_f32(&p->shape, a, b, c) ? NN_E_KERNEL : NN_OK;
    /* oneDNN's C API takes no pointers to const, but only reads factors. */
    void *const memory[ARGUMENTS] = {(void *)(uintptr_t)a, (void *)(uintptr_t)b,
                                     c, scratch};
    dnnl_status_t e = dnnl_success;
    for (int i = 0; i < ARGUMENTS && !e; i++)
        e = dnnl_memory_set_data_handle(p->argument[i].memory, memory[i]);
    if (!e)
        e = dnnl_primitive_execute(p->primitive, p->stream, ARGUMENTS,
                                   p->argument);
    return e ? NN_E_KERNEL : NN_OK;
}
