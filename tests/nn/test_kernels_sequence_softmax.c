/* Tests of attention's softmax against its definition in double, and of its
 * gradient against central differences of the same. What lies in the padding
 * is NaN throughout, so that any use of it shows. */
#include "sequence_case.h"

enum { TEXTS = 3, HEADS = 2 };

struct attention_case {
    struct nn_attention a;
    int32_t lengths[TEXTS];
    size_t rows, size;
    double *scores, *want, *dropped; /* forward */
    double *p, *g, *ds;              /* backward */
};

static size_t own(const struct attention_case *c, size_t row)
{
    return (size_t)c->lengths[row / (HEADS * c->a.length)];
}

static int is_padding(const struct attention_case *c, size_t i)
{
    const size_t length = c->a.length, row = i / length;
    return i % length >= own(c, row) || row % length >= own(c, row);
}

/* Text 0 has all tokens, text 1 one, text 2 some. */
static struct attention_case make(enum nn_type type, size_t length)
{
    struct attention_case c = {
        .lengths = {(int32_t)length, 1, (int32_t)(length * 2 / 3 + 1)}};
    if (length == 1) c.lengths[2] = 1;
    c.rows = TEXTS * HEADS * length;
    c.size = c.rows * length;
    c.a = (struct nn_attention){.type = type,
                                .texts = TEXTS,
                                .heads = HEADS,
                                .length = length,
                                .scale = 0.25};
    c.scores = case_values_random(NN_F32, c.size, 20, length);
    c.g = case_values_random(NN_F32, c.size, 1, length + 1);
    c.want = calloc(c.size, sizeof *c.want);
    c.dropped = calloc(c.size, sizeof *c.dropped);
    c.p = calloc(c.size, sizeof *c.p);
    c.ds = calloc(c.size, sizeof *c.ds);
    return c;
}

static void drop(struct attention_case *c)
{
    double *all[] = {c->scores, c->want, c->dropped, c->p, c->g, c->ds};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void softmax(const double *s, size_t n, double scale, double *p)
{
    double top = s[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        top = fmax(top, s[i]);
    for (size_t i = 0; i < n; i++)
        sum += p[i] = exp(scale * (s[i] - top));
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

/* The results, from the scores and, for backward, from the probabilities as
 * they are stored. */
static void expect(struct attention_case *c)
{
    const size_t length = c->a.length;
    for (size_t r = 0; r < c->rows; r++) {
        const size_t n = own(c, r), at = r * length;
        if (r % length >= n) continue;
        softmax(c->scores + at, n, c->a.scale, c->want + at);
        double mean = 0;
        for (size_t i = 0; i < n; i++) {
            const double f = seq_factor(c->a.keep, length, r, i);
            c->dropped[at + i] = c->want[at + i] * f;
            c->p[at + i] = case_round(c->a.type, c->want[at + i]);
            mean += c->p[at + i] * c->g[at + i] * f;
        }
        for (size_t i = 0; i < n; i++) {
            const double f = seq_factor(c->a.keep, length, r, i);
            c->ds[at + i] =
                c->a.scale * c->p[at + i] * (c->g[at + i] * f - mean);
        }
    }
}

static float *pack_with_garbage(const struct attention_case *c, const double *v)
{
    float *data = seq_pack(NN_F32, v, c->size);
    for (size_t i = 0; i < c->size; i++)
        if (is_padding(c, i)) data[i] = NAN;
    return data;
}

static void check_forward(const struct nn_kernels *k, struct attention_case *c)
{
    const enum nn_type type = c->a.type;
    float *scores = pack_with_garbage(c, c->scores);
    void *p = seq_alloc(type, c->size), *d = seq_alloc(type, c->size);
    k->sequence->softmax_forward(&c->a, scores, p, c->a.keep.bits ? d : NULL);
    seq_compare("p", k->name, type, p, c->want, c->size, 4e-6, 1e-7);
    if (c->a.keep.bits)
        seq_compare("dropped", k->name, type, d, c->dropped, c->size, 4e-6,
                    1e-7);
    for (size_t i = 0; i < c->size; i++)
        if (is_padding(c, i)) assert_true(seq_get(type, p, i) == 0);
    if (type == NN_F32) { /* in place */
        k->sequence->softmax_forward(&c->a, scores, scores, d);
        assert_memory_equal(scores, p, c->size * sizeof(float));
    }
    free(scores);
    free(p);
    free(d);
}

static void check_backward(const struct nn_kernels *k, struct attention_case *c)
{
    const enum nn_type type = c->a.type;
    void *p = seq_pack(type, c->p, c->size);
    float *g = pack_with_garbage(c, c->g);
    void *ds = seq_alloc(type, c->size);
    k->sequence->softmax_backward(&c->a, p, g, ds);
    seq_compare("dscores", k->name, type, ds, c->ds, c->size, 4e-6, 2e-7);
    for (size_t i = 0; i < c->size; i++)
        if (is_padding(c, i)) assert_true(seq_get(type, ds, i) == 0);
    if (type == NN_F32) { /* in place */
        k->sequence->softmax_backward(&c->a, p, g, g);
        assert_memory_equal(g, ds, c->size * sizeof(float));
    }
    free(p);
    free(g);
    free(ds);
}

static void check(enum nn_type type, size_t length, double rate)
{
    FOR_EACH_KERNELS(k)
    {
        struct attention_case c = make(type, length);
        c.a.lengths = c.lengths;
        c.a.keep = seq_keep(k, rate, c.rows, length, 3);
        expect(&c);
        check_forward(k, &c);
        check_backward(k, &c);
        seq_keep_free(c.a.keep);
        drop(&c);
    }
}

static void attention_is_the_formula(void **state)
{
    (void)state;
    static const size_t lengths[] = {1,  2,  7,  8,  9,  15, 16,
                                     17, 24, 33, 64, 65, 96, 130};
    FOR_EACH_TYPE(type)
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        check(type, lengths[i], 0);
        check(type, lengths[i], 0.2);
    }
}

static void the_longest_text_is_no_trouble(void **state)
{
    (void)state;
    enum { LENGTH = NN_ATTENTION_LONGEST };
    const int32_t lengths[] = {LENGTH};
    float *p = case_alloc((size_t)LENGTH * LENGTH * sizeof *p);
    const struct nn_attention a = {.texts = 1,
                                   .heads = 1,
                                   .length = LENGTH,
                                   .lengths = lengths,
                                   .scale = 1};
    for (size_t i = 0; i < (size_t)LENGTH * LENGTH; i++)
        p[i] = -0.001f * (float)(i % LENGTH);
    nn_kernels_best()->sequence->softmax_forward(&a, p, p, NULL);
    const double ratio = exp(-(double)0.001f);
    const double first = (1 - ratio) / (1 - pow(ratio, LENGTH));
    for (size_t r = 0; r < LENGTH; r += 513)
        for (size_t i = 0; i < LENGTH; i++)
            assert_true(fabs((double)p[r * LENGTH + i] -
                             first * pow(ratio, (double)i)) < 1e-9);
    free(p);
}

static double loss(const double *s, const double *g, size_t n, double scale)
{
    double p[64], sum = 0;
    softmax(s, n, scale, p);
    for (size_t i = 0; i < n; i++)
        sum += p[i] * g[i];
    return sum;
}

static void dscores_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    const double h = 1e-4;
    FOR_EACH_KERNELS(k)
    {
        struct attention_case c = make(NN_F32, 20);
        c.a.lengths = c.lengths;
        expect(&c);
        float *p = seq_pack(NN_F32, c.want, c.size);
        float *g = seq_pack(NN_F32, c.g, c.size);
        k->sequence->softmax_backward(&c.a, p, g, g);
        for (size_t i = 0; i < c.size; i++) {
            if (is_padding(&c, i)) continue;
            const size_t row = i / 20, at = row * 20, n = own(&c, row);
            const double s = c.scores[i];
            c.scores[i] = s + h;
            const double up = loss(c.scores + at, c.g + at, n, c.a.scale);
            c.scores[i] = s - h;
            const double down = loss(c.scores + at, c.g + at, n, c.a.scale);
            c.scores[i] = s;
            assert_true(fabs((up - down) / (2 * h) - (double)g[i]) < 1e-6);
        }
        free(p);
        free(g);
        drop(&c);
    }
}

/* Scores as large as f32 holds, in either direction, and equal ones. */
static void extreme_scores_have_probabilities(void **state)
{
    (void)state;
    const int32_t lengths[] = {4};
    const struct nn_attention a = {.texts = 1,
                                   .heads = 1,
                                   .length = 4,
                                   .lengths = lengths,
                                   .scale = 0.125};
    const float s[16] = {1e38f,  -1e38f, 1e38f,     -1e38f, -1e38f, -1e38f,
                         -1e38f, -1e38f, -INFINITY, 0,      0,      0,
                         5e5f,   5e5f,   5e5f,      5e5f};
    const float want[16] = {.5f,  0,    .5f,  0,        .25f,     .25f,
                            .25f, .25f, 0,    1 / 3.0f, 1 / 3.0f, 1 / 3.0f,
                            .25f, .25f, .25f, .25f};
    FOR_EACH_KERNELS(k)
    {
        float p[16];
        k->sequence->softmax_forward(&a, s, p, NULL);
        for (size_t i = 0; i < 16; i++)
            assert_true(fabsf(p[i] - want[i]) < 1e-7f);
    }
}

/* A NaN shows in its row's own keys, dropped or not, and nowhere else. */
static void nan_shows_in_its_row(void **state)
{
    (void)state;
    enum { LENGTH = 24, OWN = 21, SIZE = LENGTH * LENGTH };
    const int32_t lengths[] = {OWN};
    FOR_EACH_KERNELS(k)
    for (size_t bad = 0; bad < OWN; bad++) {
        const struct nn_attention a = {.texts = 1,
                                       .heads = 1,
                                       .length = LENGTH,
                                       .lengths = lengths,
                                       .scale = 1,
                                       .keep =
                                           seq_keep(k, 0.5, LENGTH, LENGTH, 1)};
        float s[SIZE] = {0}, p[SIZE], d[SIZE], g[SIZE] = {0}, ds[SIZE];
        s[2 * LENGTH + bad] = NAN;
        k->sequence->softmax_forward(&a, s, p, d);
        for (size_t i = 0; i < SIZE; i++) {
            const int in = i / LENGTH == 2 && i % LENGTH < OWN;
            assert_int_equal(isnan(p[i]) != 0, in);
            assert_int_equal(isnan(d[i]) != 0, in);
        }
        s[2 * LENGTH + bad] = 0;
        k->sequence->softmax_forward(&a, s, p, d);
        g[2 * LENGTH + bad] = NAN;
        k->sequence->softmax_backward(&a, p, g, ds);
        for (size_t i = 0; i < SIZE; i++)
            assert_int_equal(isnan(ds[i]) != 0,
                             i / LENGTH == 2 && i % LENGTH < OWN);
        seq_keep_free(a.keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_is_the_formula),
        cmocka_unit_test(the_longest_text_is_no_trouble),
        cmocka_unit_test(dscores_is_the_slope_of_the_loss),
        cmocka_unit_test(extreme_scores_have_probabilities),
        cmocka_unit_test(nan_shows_in_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
