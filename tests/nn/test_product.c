/* Convolutions and dense layers against their definition, summed in double.
 *
 * The reference rounds its inputs as the product does (to bf16, when that is
 * its type), so that what is left is the rounding of sums, which each mode's
 * bound states. Memory lies between guard bytes and starts out as NaN: a read
 * of what nobody wrote, or a write past the end, is seen. */
#include "nn/kernels_case.h"
#include "nn/product.h"

enum { GUARD = 64, FILLER = 0xff, GUARD_BYTE = 0xa5 };

/* --- guarded memory ----------------------------------------------------- */

struct area {
    unsigned char *memory; /* GUARD bytes, `size` bytes, GUARD bytes */
    size_t size;
};

static struct area area_of(size_t size)
{
    struct area a = {NULL, size};
    const size_t bytes = (size + 2 * GUARD + 63) / 64 * 64;
    a.memory = aligned_alloc(64, bytes);
    assert_non_null(a.memory);
    memset(a.memory, GUARD_BYTE, bytes);
    memset(a.memory + GUARD, FILLER, size);
    return a;
}

static void *content(const struct area *a)
{
    return a->memory + GUARD;
}

static void spoil(const struct area *a)
{
    memset(content(a), FILLER, a->size);
}

static bool only(const unsigned char *bytes, size_t n, unsigned char value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value) return false;
    return true;
}

static void area_release(struct area *a)
{
    assert_true(only(a->memory, GUARD, GUARD_BYTE));
    assert_true(only(a->memory + GUARD + a->size, GUARD, GUARD_BYTE));
    free(a->memory);
}

/* --- the definition ----------------------------------------------------- */

/* What a layer computes, and beside each value the sum of the absolute values
 * of its terms, on which the bound of its rounding rests. */
struct tensor {
    size_t n;
    double *value, *terms;
};

static struct tensor tensor_of(size_t n)
{
    const struct tensor t = {n, calloc(n, sizeof(double)),
                             calloc(n, sizeof(double))};
    assert_true(t.value && t.terms);
    return t;
}

static void tensor_release(struct tensor *t)
{
    free(t->value);
    free(t->terms);
}

static void add_term(struct tensor *t, size_t i, double a, double b)
{
    t->value[i] += a * b;
    t->terms[i] += fabs(a * b);
}

struct reference {
    int out_height, out_width;
    size_t x_count, w_count;
    double *x, *w, *dy; /* as the product sees them: rounded */
    struct tensor y, dx, dw;
};

/* A dense layer is a convolution whose kernel covers the picture. */
static struct nn_product_shape as_convolution(struct nn_product_shape s)
{
    if (!s.dense) return s;
    s.stride = 1;
    s.pad = 0;
    s.kernel = s.in_height; /* the test's dense layers see squares */
    return s;
}

/* Adds the terms of output value (image, o, row, column). */
static void compute_value(const struct nn_product_shape *s, struct reference *r,
                          int image, int o, int row, int column)
{
    const int k = s->kernel;
    const size_t at =
        (size_t)(((image * s->out_channels + o) * r->out_height + row) *
                     r->out_width +
                 column);
    for (int c = 0; c < s->in_channels; c++)
        for (int i = 0; i < k * k; i++) {
            const int y = row * s->stride - s->pad + i / k;
            const int x = column * s->stride - s->pad + i % k;
            if (y < 0 || y >= s->in_height || x < 0 || x >= s->in_width)
                continue;
            const size_t from =
                (size_t)(((image * s->in_channels + c) * s->in_height + y) *
                             s->in_width +
                         x);
            const size_t w = (size_t)((o * s->in_channels + c) * k * k + i);
            add_term(&r->y, at, r->x[from], r->w[w]);
            add_term(&r->dx, from, r->dy[at], r->w[w]);
            add_term(&r->dw, w, r->dy[at], r->x[from]);
        }
}

static struct reference compute(const struct nn_product_shape *shape)
{
    const struct nn_product_shape s = as_convolution(*shape);
    struct reference r = {0};
    r.out_height = (s.in_height + 2 * s.pad - s.kernel) / s.stride + 1;
    r.out_width = (s.in_width + 2 * s.pad - s.kernel) / s.stride + 1;
    r.x_count = (size_t)(s.images * s.in_channels * s.in_height * s.in_width);
    r.w_count = (size_t)(s.out_channels * s.in_channels * s.kernel * s.kernel);
    const size_t y_count =
        (size_t)(s.images * s.out_channels * r.out_height * r.out_width);
    r.x = case_values_random(s.type, r.x_count, 1.0, 1);
    r.w = case_values_random(s.type, r.w_count, 0.25, 2);
    r.dy = case_values_random(s.type, y_count, 0.5, 3);
    r.y = tensor_of(y_count);
    r.dx = tensor_of(r.x_count);
    r.dw = tensor_of(r.w_count);
    for (int image = 0; image < s.images; image++)
        for (int o = 0; o < s.out_channels; o++)
            for (int row = 0; row < r.out_height; row++)
                for (int column = 0; column < r.out_width; column++)
                    compute_value(&s, &r, image, o, row, column);
    return r;
}

static void reference_release(struct reference *r)
{
    free(r->x);
    free(r->w);
    free(r->dy);
    tensor_release(&r->y);
    tensor_release(&r->dx);
    tensor_release(&r->dw);
}

/* --- comparing ---------------------------------------------------------- */

/* A sum of n float products is off by at most n half-ulps of the sum of its
 * absolute terms; summed in blocks, as oneDNN does, and with errors of either
 * sign, by far less: eight have to do (four were seen). Winograd's algorithm
 * F(4 x 4, 3 x 3) multiplies inputs by up to 8 before it takes differences
 * (Lavin and Gray, arXiv 1509.09308): eight times that. A bf16 result is
 * rounded once more, by half an ulp of 2^-7. */
enum { SUM_ULPS = 8, WINOGRAD_ULPS = 64 };

static void compare_values(const char *what, const struct nn_product_shape *s,
                           const struct nn_layout *in, enum nn_type rounded,
                           const struct tensor *want, const double *got)
{
    const double ulps = 0x1p-24 * (s->winograd ? WINOGRAD_ULPS : SUM_ULPS);
    double largest = 0.0;
    for (size_t i = 0; i < want->n; i++)
        largest = fmax(largest, want->terms[i]);
    for (size_t i = 0; i < want->n; i++) {
        const double value = want->value[i];
        /* A Winograd tile mixes the errors of its neighbours. */
        const double bound = ulps * (s->winograd ? largest : want->terms[i]) +
                             (rounded == NN_BF16 ? 0x1p-8 * fabs(value) : 0.0);
        if (!(fabs(got[i] - value) <= bound))
            fail_msg("%s of %s %d -> %d, %d x %d, kernel %d, stride %d, %s%s, "
                     "%zu lanes: value %zu of %zu is %.9g, not %.9g "
                     "(bound %.2g)",
                     what, s->dense ? "dense" : "convolution", s->in_channels,
                     s->out_channels, s->in_height, s->in_width, s->kernel,
                     s->stride, s->type == NN_BF16 ? "bf16" : "f32",
                     s->winograd ? " Winograd" : "", in->lanes, i, want->n,
                     got[i], value, bound);
    }
}

static void compare_tensor(const char *what, const struct nn_product_shape *s,
                           const struct nn_layout *in,
                           const struct nn_layout *stored, enum nn_type rounded,
                           const struct tensor *want, const struct area *got)
{
    double *values = case_unpack(stored, content(got));
    assert_int_equal(case_values(stored), want->n);
    compare_values(what, s, in, rounded, want, values);
    free(values);
}

/* --- one product -------------------------------------------------------- */

struct bench { /* a product on guarded memory */
    struct nn_product *product;
    struct nn_layout in, out;
    struct area x, y, dy, dx, weights, dweights, kept, scratch;
};

static void put(struct area *a, const struct nn_layout *l, const double *values)
{
    void *packed = case_pack(l, values);
    memcpy(content(a), packed, a->size);
    free(packed);
}

static void bench_open(struct bench *b, struct nn_device *d,
                       const struct nn_product_shape *s,
                       const struct reference *r)
{
    struct nn_error error = {0};
    if (nn_product_create(d, s, &b->in, &b->product, &error))
        fail_msg("%s", error.message);
    b->out = *nn_product_output(b->product);
    assert_int_equal(b->out.type, s->f32_output ? NN_F32 : s->type);
    assert_int_equal(nn_layout_bytes(&b->out), case_bytes(&b->out));
    b->x = area_of(case_bytes(&b->in));
    b->dx = area_of(case_bytes(&b->in));
    b->y = area_of(case_bytes(&b->out));
    b->dy = area_of(case_bytes(&b->out));
    b->weights = area_of(r->w_count * sizeof(float));
    b->dweights = area_of(r->w_count * sizeof(float));
    b->kept = area_of(nn_product_kept_size(b->product));
    b->scratch = area_of(nn_product_scratch_size(b->product));
    const struct nn_product_memory m = {
        .x = content(&b->x),
        .y = content(&b->y),
        .dy = s->need_dx || s->need_dw ? content(&b->dy) : NULL,
        .dx = s->need_dx ? content(&b->dx) : NULL,
        .weights = content(&b->weights),
        .dweights = content(&b->dweights),
        .kept = content(&b->kept),
        .scratch = content(&b->scratch)};
    assert_int_equal(nn_product_bind(b->product, &m), NN_OK);
}

static void bench_close(struct bench *b)
{
    struct area *areas[] = {&b->x,       &b->y,        &b->dy,   &b->dx,
                            &b->weights, &b->dweights, &b->kept, &b->scratch};
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
        area_release(areas[i]);
    nn_product_destroy(b->product);
}

/* Runs forward and backward with scratch spoilt in between, then compares. */
static void check(struct nn_device *d, const struct nn_product_shape *s,
                  const struct nn_layout *in, const struct reference *r)
{
    struct bench b = {.in = *in};
    bench_open(&b, d, s, r);
    float *w = content(&b.weights);
    for (size_t i = 0; i < r->w_count; i++)
        w[i] = (float)r->w[i];
    put(&b.x, &b.in, r->x);

    assert_int_equal(nn_product_prepare(b.product, true), NN_OK);
    spoil(&b.scratch);
    assert_int_equal(nn_product_forward(b.product), NN_OK);
    compare_tensor("y", s, in, &b.out, b.out.type, &r->y, &b.y);
    spoil(&b.scratch);
    put(&b.dy, &b.out, r->dy);
    assert_int_equal(nn_product_backward(b.product), NN_OK);

    if (s->need_dx)
        compare_tensor("dx", s, in, &b.in, s->type, &r->dx, &b.dx);
    else
        assert_true(only(content(&b.dx), b.dx.size, FILLER));
    if (!s->need_dw) {
        assert_true(only(content(&b.dweights), b.dweights.size, FILLER));
    } else {
        double *dw = case_alloc(r->w_count * sizeof *dw);
        for (size_t i = 0; i < r->w_count; i++)
            dw[i] = (double)((const float *)content(&b.dweights))[i];
        compare_values("dw", s, in, NN_F32, &r->dw, dw);
        free(dw);
    }
    for (size_t i = 0; i < r->w_count; i++)
        assert_true(w[i] == (float)r->w[i]);
    bench_close(&b);
}

/* --- cases -------------------------------------------------------------- */

static const struct nn_product_shape convolutions[] = {
    /* 1 x 1 */
    {.in_channels = 3, .out_channels = 24, .in_height = 7, .kernel = 1},
    {.in_channels = 24, .out_channels = 64, .in_height = 7, .kernel = 1},
    {.in_channels = 64, .out_channels = 3, .in_height = 31, .kernel = 1},
    {.in_channels = 64, .out_channels = 1, .in_height = 3, .kernel = 1},
    {.in_channels = 24,
     .out_channels = 24,
     .in_height = 7,
     .kernel = 1,
     .stride = 2},
    {.in_channels = 1, .out_channels = 64, .in_height = 1, .kernel = 1},
    /* 2 x 2 without padding: the whitening layer of airbench94 */
    {.in_channels = 3, .out_channels = 24, .in_height = 31, .kernel = 2},
    {.in_channels = 1, .out_channels = 8, .in_height = 7, .kernel = 2},
    {.in_channels = 24, .out_channels = 3, .in_height = 3, .kernel = 2},
    {.in_channels = 64,
     .out_channels = 64,
     .in_height = 7,
     .kernel = 2,
     .stride = 2},
    /* 3 x 3 */
    {.in_channels = 1,
     .out_channels = 24,
     .in_height = 31,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 3,
     .out_channels = 64,
     .in_height = 7,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 24,
     .out_channels = 24,
     .in_height = 7,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 64,
     .out_channels = 64,
     .in_height = 15,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 64,
     .out_channels = 24,
     .in_height = 3,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 24,
     .out_channels = 64,
     .in_height = 1,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 24,
     .out_channels = 1,
     .in_height = 7,
     .kernel = 3,
     .pad = 1},
    {.in_channels = 24,
     .out_channels = 64,
     .in_height = 31,
     .kernel = 3,
     .pad = 1,
     .stride = 2},
    {.in_channels = 3,
     .out_channels = 3,
     .in_height = 7,
     .kernel = 3,
     .pad = 1,
     .stride = 2},
};

static const struct nn_product_shape dense_layers[] = {
    {.dense = true, .in_channels = 64, .out_channels = 10, .in_height = 1},
    {.dense = true, .in_channels = 24, .out_channels = 64, .in_height = 3},
    {.dense = true, .in_channels = 1, .out_channels = 3, .in_height = 7},
    {.dense = true, .in_channels = 3, .out_channels = 24, .in_height = 31},
    {.dense = true, .in_channels = 1, .out_channels = 1, .in_height = 1},
};

enum {
    CONVOLUTIONS = sizeof convolutions / sizeof convolutions[0],
    DENSE_LAYERS = sizeof dense_layers / sizeof dense_layers[0],
    IMAGES = 3
};

struct mode {
    enum nn_type type;
    bool winograd, f32_output;
    enum nn_type in; /* type of x and dx */
};

static struct nn_product_shape complete(struct nn_product_shape s,
                                        const struct mode *m)
{
    s.type = m->type;
    s.winograd = m->winograd;
    s.f32_output = m->f32_output;
    s.images = IMAGES;
    s.in_width = s.in_height;
    if (s.stride == 0) s.stride = 1;
    s.need_dx = s.need_dw = true;
    return s;
}

/* False on a CPU for which oneDNN does not even emulate the type. */
static bool can(struct nn_device *d, enum nn_type type)
{
    const struct mode m = {type, false, false, type};
    const struct nn_product_shape s = complete(convolutions[1], &m);
    const struct nn_layout in = case_layout(type, 1, IMAGES, 24, 7, 7);
    struct nn_product *p;
    const enum nn_status status = nn_product_create(d, &s, &in, &p, NULL);
    nn_product_destroy(p);
    return status != NN_E_UNSUPPORTED;
}

static void check_all(const struct mode *m,
                      const struct nn_product_shape *shapes, size_t count)
{
    struct nn_device *d;
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    if (!can(d, m->type)) {
        nn_device_destroy(d);
        skip();
    }
    for (size_t i = 0; i < count; i++) {
        const struct nn_product_shape s = complete(shapes[i], m);
        if (s.winograd && (s.kernel != 3 || s.stride != 1)) continue;
        struct reference r = compute(&s);
        for (size_t which = 0; which < 3; which++) {
            const struct nn_layout in =
                case_layout(m->in, which, IMAGES, (size_t)s.in_channels,
                            (size_t)s.in_height, (size_t)s.in_width);
            check(d, &s, &in, &r);
        }
        reference_release(&r);
    }
    nn_device_destroy(d);
}

static void f32_convolutions_are_their_definition(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_F32, false, false, NN_F32}, convolutions,
              CONVOLUTIONS);
}

static void winograd_convolutions_are_close_to_their_definition(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_F32, true, false, NN_F32}, convolutions,
              CONVOLUTIONS);
}

static void bf16_convolutions_round_once(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_BF16, false, false, NN_BF16}, convolutions,
              CONVOLUTIONS);
}

static void bf16_winograd_convolutions_round_once(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_BF16, true, false, NN_BF16}, convolutions,
              CONVOLUTIONS);
}

/* The first layer of a bf16 network takes the images as they are. */
static void bf16_convolutions_take_f32_images(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_BF16, false, false, NN_F32}, convolutions,
              CONVOLUTIONS);
}

static void f32_dense_layers_are_their_definition(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_F32, false, true, NN_F32}, dense_layers,
              DENSE_LAYERS);
}

static void bf16_dense_layers_round_once(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_BF16, false, false, NN_BF16}, dense_layers,
              DENSE_LAYERS);
}

static void bf16_dense_layers_give_f32_logits(void **state)
{
    (void)state;
    check_all(&(struct mode){NN_BF16, false, true, NN_BF16}, dense_layers,
              DENSE_LAYERS);
}

/* --- parts that nobody needs -------------------------------------------- */

static void gradients_nobody_needs_are_not_written(void **state)
{
    (void)state;
    struct nn_device *d;
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    for (int need = 0; need < 3; need++) {
        const struct mode m = {NN_F32, false, false, NN_F32};
        struct nn_product_shape s = complete(convolutions[12], &m);
        s.need_dx = need == 1;
        s.need_dw = need == 2;
        struct reference r = compute(&s);
        const struct nn_layout in = case_layout(NN_F32, 1, IMAGES, 24, 7, 7);
        check(d, &s, &in, &r);
        struct nn_product *p;
        assert_int_equal(nn_product_create(d, &s, &in, &p, NULL), NN_OK);
        assert_true(*nn_product_implementation(p, 0) != '\0');
        assert_int_equal(*nn_product_implementation(p, 1) != '\0', s.need_dx);
        assert_int_equal(*nn_product_implementation(p, 2) != '\0', s.need_dw);
        nn_product_destroy(p);
        reference_release(&r);
    }
    nn_device_destroy(d);
}

/* Kept memory is what prepare wrote: without it, changed weights are not
 * seen where oneDNN wants a layout of its own. */
static void prepare_takes_over_changed_weights(void **state)
{
    (void)state;
    struct nn_device *d;
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    const struct mode m = {NN_F32, false, false, NN_F32};
    const struct nn_product_shape s = complete(convolutions[12], &m);
    struct reference r = compute(&s);
    struct bench b = {.in = case_layout(NN_F32, 1, IMAGES, 24, 7, 7)};
    bench_open(&b, d, &s, &r);
    put(&b.x, &b.in, r.x);
    float *w = content(&b.weights);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < r.w_count; i++)
            w[i] = (float)(round ? -2.0 * r.w[i] : r.w[i]);
        assert_int_equal(nn_product_prepare(b.product, false), NN_OK);
        assert_int_equal(nn_product_forward(b.product), NN_OK);
        if (round) /* exact: a power of two */
            for (size_t i = 0; i < r.y.n; i++) {
                r.y.value[i] *= -2.0;
                r.y.terms[i] *= 2.0;
            }
        compare_tensor("y", &s, &b.in, &b.out, NN_F32, &r.y, &b.y);
    }
    bench_close(&b);
    reference_release(&r);
    nn_device_destroy(d);
}

/* What oneDNN computes the three parts of a convolution by. */
static void name_parts(struct nn_device *d, enum nn_type type, bool winograd,
                       char names[3][64])
{
    const struct mode m = {type, winograd, false, type};
    const struct nn_product_shape s = complete(convolutions[13], &m);
    assert_int_equal(s.in_channels, 64);
    assert_int_equal(s.kernel, 3);
    const struct nn_layout in =
        case_layout(type, 1, IMAGES, (size_t)s.in_channels, (size_t)s.in_height,
                    (size_t)s.in_width);
    struct nn_product *p;
    assert_int_equal(nn_product_create(d, &s, &in, &p, NULL), NN_OK);
    for (int part = 0; part < 3; part++)
        (void)snprintf(names[part], sizeof names[part], "%s",
                       nn_product_implementation(p, part));
    nn_product_destroy(p);
}

/* Without it bf16 would be right all the same, and slow. */
static void bf16_has_winograds_algorithm_where_f32_has(void **state)
{
    (void)state;
    struct nn_device *d;
    char direct[3][64], f32[3][64], bf16[3][64];
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    const bool has = can(d, NN_BF16);
    if (has) {
        name_parts(d, NN_F32, false, direct);
        name_parts(d, NN_F32, true, f32);
        name_parts(d, NN_BF16, true, bf16);
    }
    nn_device_destroy(d);
    if (!has || strcmp(direct[0], f32[0]) == 0) skip();
    for (int part = 0; part < 3; part++)
        if (strcmp(direct[part], f32[part]) != 0)
            assert_string_equal(bf16[part], f32[part]);
}

/* 1 + 0.9 * 2^-8 is 1 in bf16. Taken as it is, 9 * 24 of them make 216.76,
 * which is 217 in bf16. */
static void bf16_products_multiply_by_rounded_weights(void **state)
{
    (void)state;
    enum { CHANNELS = 24, SIDE = 7, PIXELS = SIDE * SIDE };
    struct nn_device *d;
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    if (!can(d, NN_BF16)) {
        nn_device_destroy(d);
        skip();
    }
    for (int winograd = 0; winograd < 2; winograd++) {
        const struct mode m = {NN_BF16, winograd != 0, false, NN_BF16};
        const struct nn_product_shape s = complete(convolutions[12], &m);
        assert_int_equal(s.in_channels, CHANNELS);
        assert_int_equal(s.in_height, SIDE);
        struct reference r = compute(&s);
        struct bench b = {
            .in = case_layout(NN_BF16, 1, IMAGES, CHANNELS, SIDE, SIDE)};
        bench_open(&b, d, &s, &r);
        for (size_t i = 0; i < (size_t)IMAGES * CHANNELS * PIXELS; i++)
            r.x[i] = 1.0;
        put(&b.x, &b.in, r.x);
        for (size_t i = 0; i < r.w_count; i++)
            ((float *)content(&b.weights))[i] = 1.0F + 0.9F * 0x1p-8F;
        assert_int_equal(nn_product_prepare(b.product, false), NN_OK);
        assert_int_equal(nn_product_forward(b.product), NN_OK);
        double *y = case_unpack(&b.out, content(&b.y));
        for (size_t plane = 0; plane < IMAGES * CHANNELS; plane++)
            assert_true(y[plane * PIXELS + PIXELS / 2] == 9.0 * CHANNELS);
        free(y);
        bench_close(&b);
        reference_release(&r);
    }
    nn_device_destroy(d);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    struct nn_device *d;
    nn_device_single_thread();
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    const struct mode m = {NN_F32, false, false, NN_F32};
    struct nn_product_shape s = complete(convolutions[12], &m);
    s.in_height = s.in_width = 1;
    s.kernel = 5; /* does not fit into 1 + 2 * pad */
    const struct nn_layout in = case_layout(NN_F32, 1, IMAGES, 24, 1, 1);
    struct nn_product *p = (struct nn_product *)&s;
    struct nn_error error = {0};
    assert_int_not_equal(nn_product_create(d, &s, &in, &p, &error), NN_OK);
    assert_null(p);
    assert_non_null(strstr(error.message, "convolution"));
    nn_device_destroy(d);
}

static void version_is_that_of_the_library(void **state)
{
    (void)state;
    char version[16];
    nn_device_version(version, sizeof version);
    assert_int_equal(version[0], '2');
    assert_int_equal(version[1], '.');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f32_convolutions_are_their_definition),
        cmocka_unit_test(winograd_convolutions_are_close_to_their_definition),
        cmocka_unit_test(bf16_winograd_convolutions_round_once),
        cmocka_unit_test(bf16_convolutions_round_once),
        cmocka_unit_test(bf16_convolutions_take_f32_images),
        cmocka_unit_test(f32_dense_layers_are_their_definition),
        cmocka_unit_test(bf16_dense_layers_round_once),
        cmocka_unit_test(bf16_dense_layers_give_f32_logits),
        cmocka_unit_test(gradients_nobody_needs_are_not_written),
        cmocka_unit_test(prepare_takes_over_changed_weights),
        cmocka_unit_test(bf16_has_winograds_algorithm_where_f32_has),
        cmocka_unit_test(bf16_products_multiply_by_rounded_weights),
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(version_is_that_of_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
