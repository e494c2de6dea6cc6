/* Tests of the fused pooling, batch normalisation and activation against the
 * textbook formulas in double, one channel at a time, and of its gradients
 * against central differences of the same. */
#include "kernels_case.h"

#define EPSILON 1e-5

/* One channel in plain doubles. */
struct channel {
    size_t images, height, width, pool;
    enum nn_activation act;
    double scale, shift;
    double mean, variance; /* out of channel_forward */
};

/* Index of the maximum of window (r, c) in plane x, and its place in the
 * window. */
static size_t window_first_max(const struct channel *s, const double *x,
                               size_t r, size_t c, size_t *place)
{
    size_t best = r * s->pool * s->width + c * s->pool;
    *place = 0;
    for (size_t k = 1; k < s->pool * s->pool; k++) {
        const size_t i =
            (r * s->pool + k / s->pool) * s->width + c * s->pool + k % s->pool;
        if (x[i] > x[best]) best = i, *place = k;
    }
    return best;
}

/* Whether pixel i is in a window without a clear maximum: there the loss has no
 * derivative. (Which of equal values wins is test_kernels_pool.c's business.)
 */
static int window_is_tied(const struct channel *s, const double *x, size_t i)
{
    const size_t r = i / s->width / s->pool, c = i % s->width / s->pool;
    if (r >= s->height / s->pool || c >= s->width / s->pool) return 0;
    size_t place, close = 0;
    const double max = x[window_first_max(s, x, r, c, &place)];
    for (size_t k = 0; k < s->pool * s->pool; k++)
        close += max - x[(r * s->pool + k / s->pool) * s->width + c * s->pool +
                         k % s->pool] <
                 1e-4;
    return close > 1;
}

/* planes: where each image's plane of this channel begins in x. Fills pooled
 * and y, [images, rows, columns]. */
static void channel_forward(struct channel *s, const double *const *planes,
                            double *pooled, double *y)
{
    const size_t rows = s->height / s->pool, columns = s->width / s->pool;
    const size_t n = s->images * rows * columns;
    size_t k = 0, place;
    s->mean = s->variance = 0;
    for (size_t image = 0; image < s->images; image++)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++, k++) {
                pooled[k] = planes[image][window_first_max(s, planes[image], r,
                                                           c, &place)];
                s->mean += pooled[k] / (double)n;
            }
    for (k = 0; k < n; k++)
        s->variance +=
            (pooled[k] - s->mean) * (pooled[k] - s->mean) / (double)n;
    for (k = 0; k < n; k++)
        y[k] = case_activate(s->act, s->scale * (pooled[k] - s->mean) /
                                             sqrt(s->variance + EPSILON) +
                                         s->shift);
}

/* Whether some value is so near ReLU's corner that a difference would straddle
 * it. */
static int channel_touches_corner(const struct channel *s, const double *pooled)
{
    const size_t n = s->images * (s->height / s->pool) * (s->width / s->pool);
    for (size_t k = 0; k < n; k++)
        if (fabs(s->scale * (pooled[k] - s->mean) /
                     sqrt(s->variance + EPSILON) +
                 s->shift) < 1e-4)
            return 1;
    return 0;
}

/* A whole problem: logical tensors, the expected results and gradients. */
struct problem {
    struct nn_layout in, out; /* nchw; type as tested */
    size_t pool;
    enum nn_activation act;
    double *x, *dy, *scale, *shift;
    double *pooled, *y, *mean, *variance; /* expected */
    double *dx, *dscale, *dshift;         /* expected; dx NAN: not known */
};

/* The loss sum(dy y) of one channel. */
static double channel_loss(const struct problem *p, struct channel *s,
                           const double *const *planes, size_t channel,
                           double *pooled, double *y)
{
    channel_forward(s, planes, pooled, y);
    const size_t plane = p->out.height * p->out.width;
    double loss = 0;
    for (size_t n = 0; n < p->in.images; n++)
        for (size_t i = 0; i < plane; i++)
            loss += y[n * plane + i] *
                    p->dy[(n * p->in.channels + channel) * plane + i];
    return loss;
}

/* Central difference of the channel's loss in *variable. */
static double difference(const struct problem *p, struct channel *s,
                         const double *const *planes, size_t channel,
                         double *variable, double *pooled, double *y)
{
    const double h = 1e-5, at = *variable;
    *variable = at + h;
    const double up = channel_loss(p, s, planes, channel, pooled, y);
    *variable = at - h;
    const double down = channel_loss(p, s, planes, channel, pooled, y);
    *variable = at;
    return (up - down) / (2 * h);
}

static void problem_channel(struct problem *p, size_t channel, size_t every)
{
    const size_t plane = p->in.height * p->in.width;
    const size_t small = p->out.height * p->out.width;
    const double **planes = case_alloc(p->in.images * sizeof *planes);
    double *pooled = case_alloc(p->in.images * small * sizeof(double));
    double *y = case_alloc(p->in.images * small * sizeof(double));
    for (size_t n = 0; n < p->in.images; n++)
        planes[n] = p->x + (n * p->in.channels + channel) * plane;
    struct channel s = {
        p->in.images,      p->in.height,      p->in.width, p->pool, p->act,
        p->scale[channel], p->shift[channel], 0,           0};

    channel_forward(&s, planes, pooled, y);
    while (channel_touches_corner(&s, pooled)) {
        s.shift = p->shift[channel] = case_round(NN_F32, s.shift + 1e-3);
        channel_forward(&s, planes, pooled, y);
    }
    p->mean[channel] = s.mean;
    p->variance[channel] = s.variance;
    for (size_t n = 0; n < p->in.images; n++) {
        const size_t to = (n * p->in.channels + channel) * small;
        memcpy(p->pooled + to, pooled + n * small, small * sizeof(double));
        memcpy(p->y + to, y + n * small, small * sizeof(double));
    }
    p->dscale[channel] =
        difference(p, &s, planes, channel, &s.scale, pooled, y);
    p->dshift[channel] =
        difference(p, &s, planes, channel, &s.shift, pooled, y);
    for (size_t n = 0; n < p->in.images; n++)
        for (size_t i = 0; i < plane; i++) {
            const size_t at = (n * p->in.channels + channel) * plane + i;
            const int known =
                at % every == 0 && !window_is_tied(&s, planes[n], i);
            p->dx[at] = !known ? (double)NAN
                               : difference(p, &s, planes, channel, &p->x[at],
                                            pooled, y);
        }
    free(y);
    free(pooled);
    free(planes);
}

/* every: dx is worked out for one value in so many. */
static struct problem problem_create(struct nn_layout in, size_t pool,
                                     enum nn_activation act, size_t every)
{
    struct problem p = {.in = in, .pool = pool, .act = act};
    p.out = case_pooled(in, pool);
    const size_t n = case_values(&in), m = case_values(&p.out);
    p.x = case_values_random(in.type, n, 2.0, 1);
    p.dy = case_values_random(in.type, m, 1.0, 2);
    p.scale = case_values_random(NN_F32, in.channels, 1.5, 3);
    p.shift = case_values_random(NN_F32, in.channels, 1.0, 4);
    p.pooled = case_alloc(m * sizeof(double));
    p.y = case_alloc(m * sizeof(double));
    p.mean = case_alloc(in.channels * sizeof(double));
    p.variance = case_alloc(in.channels * sizeof(double));
    p.dx = case_alloc(n * sizeof(double));
    p.dscale = case_alloc(in.channels * sizeof(double));
    p.dshift = case_alloc(in.channels * sizeof(double));
    for (size_t c = 0; c < in.channels; c++)
        problem_channel(&p, c, every);
    return p;
}

static void problem_destroy(struct problem *p)
{
    double *const all[] = {p->x,      p->dy,     p->scale, p->shift,
                           p->pooled, p->y,      p->mean,  p->variance,
                           p->dx,     p->dscale, p->dshift};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

/* What the kernels work on, for one layout. */
struct setup {
    struct nn_norm norm;
    struct nn_layout out;
    void *x, *y, *dy, *dx;
    float *dscale, *dshift;
};

static struct setup setup_create(const struct problem *p, size_t which)
{
    const struct nn_layout in =
        case_layout(p->in.type, which, p->in.images, p->in.channels,
                    p->in.height, p->in.width);
    struct setup s = {.out = case_pooled(in, p->pool)};
    s.x = case_pack(&in, p->x);
    s.y = case_alloc(case_bytes(&s.out));
    s.dy = case_pack(&s.out, p->dy);
    s.dx = case_alloc(case_bytes(&in));
    s.dscale = case_alloc_channels(&in);
    s.dshift = case_alloc_channels(&in);
    s.norm = (struct nn_norm){
        .in = in,
        .pool = p->pool,
        .activation = p->act,
        .epsilon = EPSILON,
        .scale = case_pack_channels(&in, p->scale),
        .shift = case_pack_channels(&in, p->shift),
        .mean = case_alloc_channels(&in),
        .variance = case_alloc_channels(&in),
        .pooled = p->pool == 1 ? s.x : case_alloc(case_bytes(&s.out)),
        .winner = p->pool == 1 ? NULL : case_alloc(case_padded(&s.out)),
        .a = case_alloc_channels(&in),
        .b = case_alloc_channels(&in),
    };
    return s;
}

static void setup_destroy(struct setup *s)
{
    if (s->norm.pool > 1) free(s->norm.pooled);
    free((void *)(uintptr_t)s->norm.scale);
    free((void *)(uintptr_t)s->norm.shift);
    free(s->norm.winner);
    free(s->norm.mean);
    free(s->norm.variance);
    free(s->norm.a);
    free(s->norm.b);
    free(s->x);
    free(s->y);
    free(s->dy);
    free(s->dx);
    free(s->dscale);
    free(s->dshift);
}

static void compare_tensor(const char *what, const char *kernels,
                           const struct nn_layout *l, const void *data,
                           const double *want, double relative, double absolute)
{
    double *got = case_unpack(l, data);
    case_compare(what, kernels, l, got, want, case_values(l), relative,
                 absolute);
    free(got);
}

static void check_forward(const struct problem *p, const struct nn_kernels *k,
                          struct setup *s)
{
    const double last = p->in.type == NN_F32 ? 1e-6 : 0x1p-8;
    k->norm_forward(&s->norm, s->x, s->y);
    compare_tensor("y", k->name, &s->out, s->y, p->y, last, 5e-6);
    compare_tensor("pooled", k->name, &s->out, s->norm.pooled, p->pooled, 0, 0);
    case_compare_channels("mean", k->name, &s->out, s->norm.mean, p->mean, 1e-6,
                          1e-6);
    case_compare_channels("variance", k->name, &s->out, s->norm.variance,
                          p->variance, 1e-6, 1e-7);

    /* With the same statistics, inference gives the same result. */
    memset(s->y, 0xff, case_bytes(&s->out));
    k->norm_infer(&s->norm, s->x, s->y);
    compare_tensor("inferred y", k->name, &s->out, s->y, p->y, last, 5e-6);
}

static void check_backward(const struct problem *p, const struct nn_kernels *k,
                           struct setup *s)
{
    const struct nn_layout *in = &s->norm.in;
    const size_t n = case_values(in);
    const double terms = (double)(n / in->channels);
    k->norm_backward(&s->norm, s->dy, s->dx, s->dscale, s->dshift);
    case_compare_channels("dscale", k->name, in, s->dscale, p->dscale, 2e-6,
                          1e-7 * terms);
    case_compare_channels("dshift", k->name, in, s->dshift, p->dshift, 2e-6,
                          1e-7 * terms);
    double *got = case_unpack(in, s->dx);
    double size = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p->dx[i])) got[i] = NAN;
        size = isnan(p->dx[i]) ? size : fmax(size, fabs(p->dx[i]));
    }
    /* In bf16 both dz and dx are rounded to 8 bits. */
    const double last = p->in.type == NN_F32 ? 2e-6 : 0x1p-7;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p->dx[i]))
            case_compare("dx", k->name, in, got + i, p->dx + i, 1, last,
                         p->in.type == NN_F32 ? 5e-6 : size * 0x1p-8);
    free(got);
}

static void check(struct nn_layout in, size_t pool, enum nn_activation act,
                  size_t every)
{
    struct problem p = problem_create(in, pool, act, every);
    for (size_t which = 0; which < CASE_LAYOUTS; which++)
        FOR_EACH_KERNELS(k)
        {
            struct setup s = setup_create(&p, which);
            check_forward(&p, k, &s);
            check_backward(&p, k, &s);
            setup_destroy(&s);
        }
    problem_destroy(&p);
}

static void check_activations(size_t images, size_t channels, size_t height,
                              size_t width, size_t pool, size_t every)
{
    for (int type = NN_F32; type <= NN_BF16; type++)
        for (int act = NN_IDENTITY; act <= NN_GELU; act++)
            check(case_layout((enum nn_type)type, 0, images, channels, height,
                              width),
                  pool, (enum nn_activation)act, every);
}

static void norm_without_pooling_is_the_formula(void **state)
{
    (void)state;
    check_activations(3, 24, 5, 4, 1, 1);
    check_activations(5, 24, 1, 1, 1, 1);
}

static void norm_after_pooling_is_the_formula(void **state)
{
    (void)state;
    check_activations(2, 24, 7, 7, 2, 1);
    check_activations(5, 24, 3, 3, 3, 1);
    check_activations(3, 24, 7, 8, 3, 1);
}

/* Long rows, planes longer than a run, and a row and column left over. */
static void norm_of_large_planes_is_the_formula(void **state)
{
    (void)state;
    check_activations(2, 24, 31, 31, 2, 907);
    check_activations(2, 24, 15, 15, 1, 211);
}

/* More channels than a group of lanes. */
static void norm_of_many_channels_is_the_formula(void **state)
{
    (void)state;
    check_activations(4, 301, 3, 2, 1, 97);
}

/* The variance of values far from zero keeps its digits, with any number of
 * images: in f32, E[x^2] - E[x]^2 would be off by several times the result. */
static void statistics_do_not_cancel(void **state)
{
    (void)state;
    const struct nn_layout in = case_layout(NN_F32, 1, 200, 16, 9, 9);
    const size_t n = case_values(&in);
    double *x = case_values_random(NN_F32, n, 1.0, 7);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(float)(x[i] + 3000.0);
    const size_t plane = 81, count = 200 * plane; /* of channel 5 */
    for (size_t i = 0; i < count; i++)
        mean += x[(i / plane * 16 + 5) * plane + i % plane] / (double)count;
    for (size_t i = 0; i < count; i++)
        variance += pow(x[(i / plane * 16 + 5) * plane + i % plane] - mean, 2) /
                    (double)count;

    void *packed = case_pack(&in, x), *y = case_alloc(case_bytes(&in));
    float one[16], zero[16] = {0}, got_mean[16], got_variance[16], a[16], b[16];
    for (size_t c = 0; c < 16; c++)
        one[c] = 1.0f;
    const struct nn_norm norm = {.in = in,
                                 .pool = 1,
                                 .epsilon = EPSILON,
                                 .scale = one,
                                 .shift = zero,
                                 .mean = got_mean,
                                 .variance = got_variance,
                                 .a = a,
                                 .b = b};
    FOR_EACH_KERNELS(k)
    {
        k->norm_forward(&norm, packed, y);
        assert_true(fabs((double)got_mean[5] / mean - 1) < 1e-7);
        assert_true(fabs((double)got_variance[5] / variance - 1) < 1e-5);
    }
    free(y);
    free(packed);
    free(x);
}

/* One NaN in a channel makes that channel's results and gradients NaN, and no
 * other's. */
static void nan_spoils_its_channel_only(void **state)
{
    (void)state;
    for (int act = NN_IDENTITY; act <= NN_GELU; act++)
        for (size_t pool = 1; pool <= 2; pool++)
            for (size_t which = 0; which < CASE_LAYOUTS; which++) {
                struct problem p =
                    problem_create(case_layout(NN_F32, 0, 2, 5, 5, 5), pool,
                                   (enum nn_activation)act, 1000);
                p.x[2 * 25 + 11] = NAN; /* image 0, channel 2, inside */
                FOR_EACH_KERNELS(k)
                {
                    struct setup s = setup_create(&p, which);
                    k->norm_forward(&s.norm, s.x, s.y);
                    k->norm_backward(&s.norm, s.dy, s.dx, s.dscale, s.dshift);
                    double *y = case_unpack(&s.out, s.y);
                    const size_t plane = s.out.height * s.out.width;
                    for (size_t i = 0; i < case_values(&s.out); i++)
                        assert_true(!isnan(y[i]) == (i / plane % 5 != 2));
                    for (size_t c = 0; c < 5; c++)
                        assert_true(!isnan(s.dscale[c]) == (c != 2));
                    double *dx = case_unpack(&s.norm.in, s.dx);
                    assert_true(isnan(dx[2 * 25 + 11]));
                    assert_true(!isnan(dx[1 * 25 + 11]));
                    free(dx);
                    free(y);
                    setup_destroy(&s);
                }
                problem_destroy(&p);
            }
}

/* Infinite and huge values end somewhere: NaN or a number, not in a trap. */
static void infinities_do_not_crash(void **state)
{
    (void)state;
    static const double odd[] = {INFINITY, -INFINITY, 3e38, -3e38, 1e-45};
    struct problem p =
        problem_create(case_layout(NN_F32, 0, 2, 5, 4, 4), 2, NN_GELU, 1000);
    for (size_t i = 0; i < 5; i++)
        p.x[i * 16 + 3] = odd[i];
    FOR_EACH_KERNELS(k)
    {
        struct setup s = setup_create(&p, 1);
        k->norm_forward(&s.norm, s.x, s.y);
        k->norm_backward(&s.norm, s.dy, s.dx, s.dscale, s.dshift);
        double *y = case_unpack(&s.out, s.y);
        assert_true(isnan(y[0])); /* channel 0 held an infinity */
        free(y);
        setup_destroy(&s);
    }
    problem_destroy(&p);
}

/* Backward may write over dy when nothing is pooled, and may be asked for the
 * parameters' gradients only. */
static void backward_works_in_place_and_without_dx(void **state)
{
    (void)state;
    for (int type = NN_F32; type <= NN_BF16; type++) {
        struct problem p =
            problem_create(case_layout((enum nn_type)type, 0, 2, 24, 4, 3), 1,
                           NN_GELU, 1000);
        FOR_EACH_KERNELS(k)
        {
            struct setup s = setup_create(&p, 1), t = setup_create(&p, 1),
                         u = setup_create(&p, 1);
            const size_t bytes = case_bytes(&s.norm.in);
            const size_t channels = 32 * sizeof(float);
            k->norm_forward(&s.norm, s.x, s.y);
            k->norm_backward(&s.norm, s.dy, s.dx, s.dscale, s.dshift);
            k->norm_forward(&t.norm, t.x, t.y);
            k->norm_backward(&t.norm, t.dy, t.dy, t.dscale, t.dshift);
            k->norm_forward(&u.norm, u.x, u.y);
            k->norm_backward(&u.norm, u.dy, NULL, u.dscale, u.dshift);
            assert_memory_equal(s.dx, t.dy, bytes);
            assert_memory_equal(s.dscale, t.dscale, channels);
            assert_memory_equal(s.dscale, u.dscale, channels);
            assert_memory_equal(s.dshift, u.dshift, channels);
            setup_destroy(&s);
            setup_destroy(&t);
            setup_destroy(&u);
        }
        problem_destroy(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norm_without_pooling_is_the_formula),
        cmocka_unit_test(norm_after_pooling_is_the_formula),
        cmocka_unit_test(norm_of_large_planes_is_the_formula),
        cmocka_unit_test(norm_of_many_channels_is_the_formula),
        cmocka_unit_test(statistics_do_not_cancel),
        cmocka_unit_test(nan_spoils_its_channel_only),
        cmocka_unit_test(infinities_do_not_crash),
        cmocka_unit_test(backward_works_in_place_and_without_dx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
