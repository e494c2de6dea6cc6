/* Tests of embedding and pooling against their definitions in double. What lies
 * in the padding is NaN, and its token ids would be read far outside. */
#include "sequence_case.h"

struct rows_case {
    size_t texts, length, dim, vocabulary, positions, size;
    int32_t *tokens, *lengths;
    double *token, *position, *x; /* tables; [texts, length, dim] */
    float *ftoken, *fposition, *fx;
};

/* Few words, so that each is seen often, one never, and every text beginning
 * with the same. */
static struct rows_case make(size_t texts, size_t length, size_t dim)
{
    struct rows_case c = {.texts = texts,
                          .length = length,
                          .dim = dim,
                          .vocabulary = 12,
                          .positions = length + 3,
                          .size = texts * length * dim};
    c.tokens = case_alloc(texts * length * sizeof *c.tokens);
    c.lengths = case_alloc(texts * sizeof *c.lengths);
    c.ftoken = seq_random(NN_F32, c.vocabulary * dim, 0, 1, 1, &c.token);
    c.fposition = seq_random(NN_F32, c.positions * dim, 0, 1, 2, &c.position);
    c.fx = seq_random(NN_F32, c.size, 0.1, 1, 3, &c.x);
    for (size_t t = 0; t < texts; t++) {
        const size_t own = t == 0 ? length : t == 1 ? 1 : 1 + t * 5 % length;
        c.lengths[t] = (int32_t)own;
        for (size_t p = 0; p < length; p++) {
            const size_t at = t * length + p;
            const int32_t id = p == 0 ? 2 : (int32_t)(3 + (t * 7 + p * p) % 8);
            c.tokens[at] = p < own ? id : INT32_MIN + (int32_t)p;
            for (size_t i = 0; p >= own && i < dim; i++)
                c.fx[at * dim + i] = NAN;
        }
    }
    return c;
}

static void drop(struct rows_case *c)
{
    void *all[] = {c->tokens, c->lengths, c->token,     c->position,
                   c->x,      c->ftoken,  c->fposition, c->fx};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static int is_padding(const struct rows_case *c, size_t row)
{
    return row % c->length >= (size_t)c->lengths[row / c->length];
}

static struct nn_embedding embedding(const struct rows_case *c,
                                     struct nn_keep keep)
{
    return (struct nn_embedding){.texts = c->texts,
                                 .length = c->length,
                                 .dim = c->dim,
                                 .vocabulary = c->vocabulary,
                                 .positions = c->positions,
                                 .tokens = c->tokens,
                                 .lengths = c->lengths,
                                 .keep = keep};
}

static void check_embed_forward(const struct nn_kernels *k,
                                const struct rows_case *c, struct nn_keep keep)
{
    const struct nn_embedding e = embedding(c, keep);
    double *want = calloc(c->size, sizeof *want);
    float *y = case_alloc(c->size * sizeof *y);
    for (size_t r = 0; r < c->texts * c->length; r++)
        for (size_t i = 0; i < c->dim && !is_padding(c, r); i++)
            want[r * c->dim + i] =
                (c->token[(size_t)c->tokens[r] * c->dim + i] +
                 c->position[r % c->length * c->dim + i]) *
                seq_factor(keep, c->dim, r, i);
    k->sequence->embed_forward(&e, c->ftoken, c->fposition, y);
    seq_compare("embedding", k->name, NN_F32, y, want, c->size, 2e-7, 1e-7);
    free(want);
    free(y);
}

static void check_embed_backward(const struct nn_kernels *k,
                                 const struct rows_case *c, struct nn_keep keep)
{
    const struct nn_embedding e = embedding(c, keep);
    const size_t words = c->vocabulary * c->dim, places = c->positions * c->dim;
    double *dtoken = calloc(words, sizeof *dtoken);
    double *dposition = calloc(places, sizeof *dposition);
    for (size_t r = 0; r < c->texts * c->length; r++)
        for (size_t i = 0; i < c->dim && !is_padding(c, r); i++) {
            const double d =
                c->x[r * c->dim + i] * seq_factor(keep, c->dim, r, i);
            dtoken[(size_t)c->tokens[r] * c->dim + i] += d;
            dposition[r % c->length * c->dim + i] += d;
        }
    float *got = case_alloc(words * sizeof *got);
    float *place = case_alloc(places * sizeof *place);
    uint32_t *scratch =
        case_alloc((c->vocabulary + c->texts * c->length) * sizeof *scratch);
    k->sequence->embed_backward(&e, c->fx, got, place, scratch);
    const double most = sqrt((double)(c->texts * c->length));
    seq_compare("dtoken", k->name, NN_F32, got, dtoken, words, 1e-6,
                1e-6 * most);
    seq_compare("dposition", k->name, NN_F32, place, dposition, places, 1e-6,
                1e-6 * most);
    void *all[] = {dtoken, dposition, got, place, scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

/* Sets want [texts, dim] and the gradient of it, from g [texts, dim]. */
static void expect_pool(const struct rows_case *c, int first, const double *g,
                        double *want, double *dx)
{
    memset(want, 0, c->texts * c->dim * sizeof *want);
    memset(dx, 0, c->size * sizeof *dx);
    for (size_t t = 0; t < c->texts; t++) {
        const size_t own = first ? 1 : (size_t)c->lengths[t];
        for (size_t p = 0; p < own; p++)
            for (size_t i = 0; i < c->dim; i++) {
                const size_t at = (t * c->length + p) * c->dim + i;
                want[t * c->dim + i] += c->x[at] / (double)own;
                dx[at] = g[t * c->dim + i] / (double)own;
            }
    }
}

static void check_pool(const struct nn_kernels *k, const struct rows_case *c,
                       int first)
{
    const struct nn_sequence_kernels *s = k->sequence;
    const size_t n = c->texts * c->dim;
    double *g, *want = case_alloc(n * sizeof *want);
    double *dx = case_alloc(c->size * sizeof *dx);
    float *dy = seq_random(NN_F32, n, 0, 1, 4, &g);
    float *y = case_alloc(n * sizeof *y);
    float *got = case_alloc(c->size * sizeof *got);
    expect_pool(c, first, g, want, dx);
    if (first) {
        s->pool_first_forward(c->texts, c->length, c->dim, c->fx, y);
        s->pool_first_backward(c->texts, c->length, c->dim, dy, got);
    } else {
        s->pool_mean_forward(c->texts, c->length, c->dim, c->lengths, c->fx, y);
        s->pool_mean_backward(c->texts, c->length, c->dim, c->lengths, dy, got);
    }
    seq_compare("pool", k->name, NN_F32, y, want, n, 1e-6, 1e-6);
    seq_compare("pool's dx", k->name, NN_F32, got, dx, c->size, 2e-7, 0);
    void *all[] = {g, want, dx, dy, y, got};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void check(size_t texts, size_t length, size_t dim)
{
    struct rows_case c = make(texts, length, dim);
    FOR_EACH_KERNELS(k)
    {
        const struct nn_keep none = {NULL, 1};
        const struct nn_keep keep = seq_keep(k, 0.3, texts * length, dim, 0);
        check_embed_forward(k, &c, none);
        check_embed_forward(k, &c, keep);
        check_embed_backward(k, &c, none);
        check_embed_backward(k, &c, keep);
        check_pool(k, &c, 0);
        check_pool(k, &c, 1);
        seq_keep_free(keep);
    }
    drop(&c);
}

static void each_is_its_formula(void **state)
{
    (void)state;
    static const size_t dims[] = {1, 3, 8, 9, 16, 17, 40, 64, 100, 256};
    for (size_t i = 0; i < sizeof dims / sizeof dims[0]; i++) {
        check(5, 24, dims[i]);
        check(2, 1, dims[i]);
        check(1, 9, dims[i]);
    }
}

/* Sums over many texts, and means over long ones, stay accurate. */
static void many_rows_add_up(void **state)
{
    (void)state;
    check(300, 64, 20);
    check(3, 1000, 20);
}

/* Adding 0.1 up in f32 would be off by more than 1e-5 of the sum. */
static void long_sums_keep_their_digits(void **state)
{
    (void)state;
    enum { LENGTH = 4096, DIM = 5 };
    const int32_t lengths[] = {LENGTH};
    int32_t *tokens = calloc(LENGTH, sizeof *tokens);
    float *x = case_alloc(LENGTH * DIM * sizeof *x);
    float *dposition = case_alloc(LENGTH * DIM * sizeof *dposition);
    uint32_t *scratch = case_alloc((LENGTH + 1) * sizeof *scratch);
    const struct nn_embedding e = {.texts = 1,
                                   .length = LENGTH,
                                   .dim = DIM,
                                   .vocabulary = 1,
                                   .positions = LENGTH,
                                   .tokens = tokens,
                                   .lengths = lengths};
    for (size_t i = 0; i < LENGTH * DIM; i++)
        x[i] = 0.1f;
    FOR_EACH_KERNELS(k)
    {
        float y[DIM], dtoken[DIM];
        k->sequence->pool_mean_forward(1, LENGTH, DIM, lengths, x, y);
        k->sequence->embed_backward(&e, x, dtoken, dposition, scratch);
        for (size_t i = 0; i < DIM; i++) {
            assert_true(fabsf(y[i] / 0.1f - 1) < 1e-6f);
            assert_true(fabsf(dtoken[i] / (0.1f * LENGTH) - 1) < 1e-6f);
        }
    }
    void *all[] = {tokens, x, dposition, scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void nan_shows_and_padding_does_not(void **state)
{
    (void)state;
    enum { DIM = 19 };
    struct rows_case c = make(4, 8, DIM);
    FOR_EACH_KERNELS(k)
    {
        const struct nn_sequence_kernels *s = k->sequence;
        float dtoken[12 * DIM], dposition[11 * DIM], y[4 * DIM];
        uint32_t scratch[12 + 32];
        const struct nn_embedding e = embedding(&c, (struct nn_keep){NULL, 1});
        const size_t at = 3 * DIM + 5; /* text 0, place 3 */
        const float good = c.fx[at];
        c.fx[at] = NAN;
        s->embed_backward(&e, c.fx, dtoken, dposition, scratch);
        s->pool_mean_forward(4, 8, DIM, c.lengths, c.fx, y);
        c.fx[at] = good;
        const size_t word = (size_t)c.tokens[3];
        for (size_t i = 0; i < 12 * DIM; i++)
            assert_int_equal(isnan(dtoken[i]) != 0, i == word * DIM + 5);
        for (size_t i = 0; i < 11 * DIM; i++)
            assert_int_equal(isnan(dposition[i]) != 0, i == at);
        for (size_t i = 0; i < 4 * DIM; i++)
            assert_int_equal(isnan(y[i]) != 0, i == 5);
    }
    drop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_its_formula),
        cmocka_unit_test(many_rows_add_up),
        cmocka_unit_test(long_sums_keep_their_digits),
        cmocka_unit_test(nan_shows_and_padding_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
