/* The encoder against PyTorch: logits, loss, every gradient, then ten optimiser
 * steps, with padding and either pooling. tests/data/nn/encoder.txt holds what
 * PyTorch computed; tools/golden/encoder.py recorded it and explains it. */
#include "nn/encoder.h"
#include "nn/golden_network.h"

enum { MAX_ROWS = 8 };

/* One precision of the engine, and the texts of the network at hand. */
struct texts {
    enum nn_type precision;
    int threads;
    double near, far;
    struct nn_encoder shape;
    int32_t *tokens, lengths[MAX_ROWS], labels[MAX_ROWS];
};

static double spread(const struct nn_parameter *p)
{
    return sqrt(6.0 / p->dim[1]);
}

/* Padding gets tokens that are none: nothing may read them. */
static void make_batch(struct texts *t, size_t rows, size_t length)
{
    float *u = malloc(rows * length * sizeof *u);
    t->tokens = malloc(rows * length * sizeof *t->tokens);
    assert_true(u && t->tokens && rows <= MAX_ROWS);
    stream("tokens", rows * length, u, 1.0);
    for (size_t i = 0; i < rows; i++) {
        t->lengths[i] = (int32_t)(1 + (5 * i + length - 1) % length);
        t->labels[i] = (int32_t)(3 * i % (size_t)t->shape.classes);
        for (size_t k = 0; k < length; k++) {
            const size_t at = i * length + k;
            const double x = ((double)u[at] + 1.0) * 0.5;
            const bool own = (int32_t)k < t->lengths[i];
            t->tokens[at] = own ? (int32_t)(x * t->shape.vocabulary) : -77;
        }
    }
    free(u);
}

static void read_shape(const char *line, struct nn_encoder *s, size_t *rows,
                       size_t *length)
{
    char pooling[8];
    assert_int_equal(sscanf(line, "%d %d %d %d %d %d %d %7s %zu %zu",
                            &s->vocabulary, &s->length, &s->dim, &s->layers,
                            &s->heads, &s->feed, &s->classes, pooling, rows,
                            length),
                     10);
    s->pooling = strcmp(pooling, "mean") == 0 ? NN_POOL_MEAN : NN_POOL_FIRST;
}

static void begin(void *self, const char *line, struct golden_network *n)
{
    struct texts *const t = self;
    size_t length;
    read_shape(line, &t->shape, &n->rows, &length);
    const struct nn_options options = {.batch = (int)n->rows,
                                       .threads = t->threads,
                                       .precision = t->precision,
                                       .emulate_bf16 = true};
    struct nn_error error = {0};
    const enum nn_status status =
        nn_encoder_create(&t->shape, &options, &n->e, &error);
    if (status == NN_E_UNSUPPORTED && t->precision == NN_BF16) skip();
    if (status) fail_msg("%s", error.message);
    golden_fill(n->e, spread);
    make_batch(t, n->rows, length);
    n->in = (struct nn_input){.tokens = t->tokens,
                              .lengths = t->lengths,
                              .length = length};
    n->labels = t->labels;
    n->rate = 0.02;
    n->near = t->near;
    n->far = t->far;
}

static void end(void *self)
{
    struct texts *const t = self;
    free(t->tokens);
    t->tokens = NULL;
}

static void compare(struct texts t)
{
    static const struct golden_file file = {"/nn/encoder.txt", "encoder", 4,
                                            begin, end};
    golden_compare(&file, &t);
}

static void an_encoder_gives_pytorchs_numbers(void **state)
{
    (void)state;
    compare((struct texts){NN_F32, 1, 1e-5, 2e-4, .tokens = NULL});
}

static void two_threads_give_pytorchs_numbers(void **state)
{
    (void)state;
    compare((struct texts){NN_F32, 2, 1e-5, 2e-4, .tokens = NULL});
}

/* bf16 has eight bits: a relative error of 2^-9 in every value that feeds a
 * product. */
static void bf16_stays_close_to_pytorch(void **state)
{
    (void)state;
    compare((struct texts){NN_BF16, 1, 0.03, 0.1, .tokens = NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_encoder_gives_pytorchs_numbers),
        cmocka_unit_test(two_threads_give_pytorchs_numbers),
        cmocka_unit_test(bf16_stays_close_to_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
