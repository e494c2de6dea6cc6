/* The encoder against PyTorch: logits, loss, every gradient, then ten optimiser
 * steps, with padding and either pooling. tests/data/nn/encoder.txt holds what
 * PyTorch computed; tools/golden/encoder.py recorded it and explains it. */
#include "nn/encoder.h"
#include "nn/golden_case.h"
#include "optim/optim.h"

enum { STEPS = 10, LINE = 512, MAX_ROWS = 8, MAX_CLASSES = 8 };

/* One precision of the engine and how far it may be from PyTorch's f32:
 * relative to a tensor's norm, at once and behind ten steps. */
struct mode {
    enum nn_type precision;
    int threads;
    double near, far;
};

struct run {
    struct nn_engine *e;
    struct nn_encoder shape;
    struct nn_input in;
    int32_t *tokens, lengths[MAX_ROWS], labels[MAX_ROWS];
    size_t rows;
    float *momentum;
    int step;     /* updates made */
    bool pending; /* gradients are there, and not yet used */
};

static void fill(struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        float *w = nn_engine_weights(e) + p[i].offset;
        const double scale = p[i].dims > 1 ? sqrt(6.0 / p[i].dim[1]) : 0.2;
        stream(p[i].name, p[i].count, w, scale);
        for (size_t k = 0; k < p[i].count && p[i].role == NN_ROLE_SCALE; k++)
            w[k] = (float)(1.0 + (double)w[k]);
    }
}

/* Padding gets tokens that are none: nothing may read them. */
static void make_batch(struct run *r, size_t rows, size_t length)
{
    float *u = malloc(rows * length * sizeof *u);
    r->tokens = malloc(rows * length * sizeof *r->tokens);
    assert_true(u && r->tokens && rows <= MAX_ROWS);
    stream("tokens", rows * length, u, 1.0);
    for (size_t i = 0; i < rows; i++) {
        r->lengths[i] = (int32_t)(1 + (5 * i + length - 1) % length);
        r->labels[i] = (int32_t)(3 * i % (size_t)r->shape.classes);
        for (size_t k = 0; k < length; k++) {
            const size_t at = i * length + k;
            const double x = ((double)u[at] + 1.0) * 0.5;
            const bool own = (int32_t)k < r->lengths[i];
            r->tokens[at] = own ? (int32_t)(x * r->shape.vocabulary) : -77;
        }
    }
    free(u);
    r->rows = rows;
    r->in = (struct nn_input){.tokens = r->tokens,
                              .lengths = r->lengths,
                              .length = length};
}

static void begin(struct run *r, const char *line, const struct mode *m)
{
    char pooling[8];
    size_t rows, length;
    struct nn_encoder *s = &r->shape;
    assert_int_equal(sscanf(line, "%d %d %d %d %d %d %d %7s %zu %zu",
                            &s->vocabulary, &s->length, &s->dim, &s->layers,
                            &s->heads, &s->feed, &s->classes, pooling, &rows,
                            &length),
                     10);
    s->pooling = strcmp(pooling, "mean") == 0 ? NN_POOL_MEAN : NN_POOL_FIRST;
    const struct nn_options options = {.batch = (int)rows,
                                       .threads = m->threads,
                                       .precision = m->precision,
                                       .emulate_bf16 = true};
    struct nn_error error = {0};
    const enum nn_status status = nn_encoder_create(s, &options, &r->e, &error);
    if (status == NN_E_UNSUPPORTED && m->precision == NN_BF16) skip();
    if (status) fail_msg("%s", error.message);
    fill(r->e);
    make_batch(r, rows, length);
    r->momentum = calloc(nn_engine_size(r->e), sizeof *r->momentum);
    assert_non_null(r->momentum);
}

static void end(struct run *r)
{
    nn_engine_destroy(r->e);
    free(r->tokens);
    free(r->momentum);
    *r = (struct run){0};
}

static void descend(struct run *r)
{
    const struct optim_rule *sgd = optim_rule_find("sgd");
    struct optim_options options = sgd->defaults;
    options.momentum = 0.9;
    options.nesterov = true;
    const size_t size = nn_engine_size(r->e);
    const struct optim_group group = {.count = size, .lr_scale = 1.0};
    const struct optim_block block = {.count = size,
                                      .weights = nn_engine_weights(r->e),
                                      .gradients = nn_engine_gradients(r->e),
                                      .moments = {r->momentum}};
    const struct optim_update update = {0.02, r->step++, 1.0};
    optim_step(sgd, &options, &block, &group, 1, &update);
    r->pending = false;
}

static double train(struct run *r)
{
    struct nn_result result;
    assert_int_equal(nn_engine_step(r->e, &r->in, r->labels, 0.1,
                                    1.0 / (double)r->rows, &result),
                     NN_OK);
    r->pending = true;
    return result.loss / (double)r->rows;
}

static void check_line(struct run *r, const char *kind, const char *rest,
                       const struct mode *m)
{
    char name[64];
    int used = 0;
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(r->e, &count);
    if (strcmp(kind, "infer") == 0) {
        float logits[MAX_ROWS * MAX_CLASSES];
        assert_int_equal(nn_engine_infer(r->e, &r->in, r->rows, logits), NN_OK);
        assert_tensor("logits", rest, logits, r->step ? m->far : m->near);
        return;
    }
    assert_int_equal(sscanf(rest, "%63s %n", name, &used), 1);
    const bool gradient = strcmp(kind, "gradient") == 0;
    const float *block =
        gradient ? nn_engine_gradients(r->e) : nn_engine_weights(r->e);
    assert_tensor(name, rest + used, named(p, count, block, name),
                  gradient ? m->near : m->far);
}

static void compare(const struct mode *m)
{
    FILE *f = fopen(TAPER_TEST_DATA "/nn/encoder.txt", "r");
    assert_non_null(f);
    struct run r = {0};
    char line[LINE], kind[16];
    int networks = 0;
    while (fgets(line, sizeof line, f)) {
        int used = 0;
        assert_int_equal(sscanf(line, "%15s %n", kind, &used), 1);
        if (strcmp(kind, "encoder") == 0) {
            end(&r);
            begin(&r, line + used, m);
            networks++;
            continue;
        }
        /* An update waits until its gradients have been compared. */
        const bool loss = strcmp(kind, "loss") == 0;
        if (r.pending && (loss || strcmp(kind, "weight") == 0)) descend(&r);
        if (loss) {
            const double want = strtod(line + used, NULL);
            const double tolerance = want * (r.step ? m->far : m->near);
            assert_true(close_to(train(&r), want, tolerance, "loss", "step"));
        } else if (strcmp(kind, "#") != 0) {
            check_line(&r, kind, line + used, m);
        }
    }
    assert_int_equal(r.step, STEPS);
    end(&r);
    fclose(f);
    assert_int_equal(networks, 4);
}

static void an_encoder_gives_pytorchs_numbers(void **state)
{
    (void)state;
    compare(&(struct mode){NN_F32, 1, 1e-5, 2e-4});
}

static void two_threads_give_pytorchs_numbers(void **state)
{
    (void)state;
    compare(&(struct mode){NN_F32, 2, 1e-5, 2e-4});
}

/* bf16 has eight bits: a relative error of 2^-9 in every value that feeds a
 * product. */
static void bf16_stays_close_to_pytorch(void **state)
{
    (void)state;
    compare(&(struct mode){NN_BF16, 1, 0.03, 0.1});
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
