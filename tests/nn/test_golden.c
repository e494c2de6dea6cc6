/* The image networks against PyTorch: logits, loss, every gradient, running
 * statistics, then ten optimiser steps. tests/data/nn/network.txt holds what
 * PyTorch computed; tools/golden/network.py recorded it and explains it. */
#include "nn/golden_case.h"
#include "optim/optim.h"

enum { BATCH = 8, STEPS = 10, LINE = 512 };

/* One precision of the engine and how far it may be from PyTorch's f32:
 * relative to a tensor's norm, at once and behind ten steps. */
struct mode {
    enum nn_type precision;
    bool direct, channels_last;
    double near, far;
};

static void fill(struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        float *w = nn_engine_weights(e) + p[i].offset;
        double scale = 0.2;
        if (p[i].dims > 1)
            scale = sqrt(6.0 / ((double)p[i].count / p[i].dim[0]));
        stream(p[i].name, p[i].count, w, scale);
        for (size_t k = 0; k < p[i].count && p[i].role == NN_ROLE_SCALE; k++)
            w[k] = (float)(1.0 + (double)w[k]);
    }
    p = nn_engine_buffer_table(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p[i].count; k++)
            nn_engine_buffers(e)[p[i].offset + k] = i % 2 ? 1.0F : 0.0F;
}

struct run {
    struct nn_engine *e;
    float *images, *momentum;
    int32_t labels[BATCH];
    size_t size;  /* floats of the weights */
    int step;     /* updates made */
    bool pending; /* gradients are there, and not yet used */
};

static void descend(struct run *r)
{
    size_t count, groups = 0;
    const struct nn_parameter *p = nn_engine_parameters(r->e, &count);
    struct optim_group group[128];
    for (size_t i = 0; i < count; i++)
        if (p[i].role != NN_ROLE_WHITEN)
            group[groups++] = (struct optim_group){.offset = p[i].offset,
                                                   .count = p[i].count,
                                                   .lr_scale = 1.0};
    const struct optim_rule *sgd = optim_rule_find("sgd");
    struct optim_options options = sgd->defaults;
    options.momentum = 0.9;
    options.nesterov = true;
    const struct optim_block block = {.count = r->size,
                                      .weights = nn_engine_weights(r->e),
                                      .gradients = nn_engine_gradients(r->e),
                                      .moments = {r->momentum}};
    const struct optim_update update = {0.01, r->step++, 1.0};
    optim_step(sgd, &options, &block, group, groups, &update);
    r->pending = false;
}

static double train(struct run *r)
{
    const struct nn_input in = {.images = r->images};
    struct nn_result result;
    assert_int_equal(nn_engine_step(r->e, &in, r->labels, 0.1, 1.0 / BATCH,
                                    &result),
                     NN_OK);
    r->pending = true;
    return result.loss / BATCH;
}

static void begin(struct run *r, const char *line, const struct mode *m)
{
    char name[24], why[160];
    int channels, size;
    assert_int_equal(sscanf(line, "%23s %d %d", name, &channels, &size), 3);
    struct nn_architecture a;
    assert_true(nn_architecture_find(name, channels, size, size, 10, &a, why));
    const struct nn_options options = {.batch = BATCH,
                                       .threads = 1,
                                       .precision = m->precision,
                                       .emulate_bf16 = true,
                                       .direct = m->direct,
                                       .channels_last = m->channels_last};
    struct nn_error error = {0};
    if (nn_engine_create(&a, &options, &r->e, &error))
        fail_msg("%s: %s", name, error.message);
    fill(r->e);
    r->size = nn_engine_size(r->e);
    r->step = 0;
    const size_t n = (size_t)(BATCH * channels * size * size);
    r->images = malloc(n * sizeof *r->images);
    r->momentum = calloc(r->size, sizeof *r->momentum);
    assert_true(r->images && r->momentum);
    stream("images", n, r->images, 1.0);
    for (int i = 0; i < BATCH; i++)
        r->labels[i] = 3 * i % 10;
}

static void end(struct run *r)
{
    nn_engine_destroy(r->e);
    free(r->images);
    free(r->momentum);
    *r = (struct run){0};
}

static void check_line(struct run *r, const char *kind, const char *rest,
                       const struct mode *m)
{
    char name[64];
    int used = 0;
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(r->e, &count);
    if (strcmp(kind, "infer") == 0) {
        const struct nn_input in = {.images = r->images};
        float logits[BATCH * 10];
        assert_int_equal(nn_engine_infer(r->e, &in, BATCH, logits), NN_OK);
        assert_tensor("logits", rest, logits, r->step ? m->far : m->near);
        return;
    }
    assert_int_equal(sscanf(rest, "%63s %n", name, &used), 1);
    if (strcmp(kind, "gradient") == 0)
        assert_tensor(name, rest + used,
                      named(p, count, nn_engine_gradients(r->e), name),
                      m->near);
    if (strcmp(kind, "weight") == 0)
        assert_tensor(name, rest + used,
                      named(p, count, nn_engine_weights(r->e), name), m->far);
    if (strcmp(kind, "buffer") != 0) return;
    p = nn_engine_buffer_table(r->e, &count);
    assert_tensor(name, rest + used,
                  named(p, count, nn_engine_buffers(r->e), name), m->near);
}

static void compare(const struct mode *m)
{
    FILE *f = fopen(TAPER_TEST_DATA "/nn/network.txt", "r");
    assert_non_null(f);
    struct run r = {0};
    char line[LINE], kind[16];
    int networks = 0;
    while (fgets(line, sizeof line, f)) {
        int used = 0;
        assert_int_equal(sscanf(line, "%15s %n", kind, &used), 1);
        if (strcmp(kind, "network") == 0) {
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
    assert_int_equal(networks, 3);
}

static void direct_convolutions_give_pytorchs_numbers(void **state)
{
    (void)state;
    compare(&(struct mode){NN_F32, true, false, 2e-5, 1e-3});
}

static void winograd_convolutions_stay_close_to_pytorch(void **state)
{
    (void)state;
    compare(&(struct mode){NN_F32, false, false, 2e-4, 1e-2});
}

static void the_layout_of_amx_gives_pytorchs_numbers(void **state)
{
    (void)state;
    compare(&(struct mode){NN_F32, true, true, 2e-5, 1e-3});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_convolutions_give_pytorchs_numbers),
        cmocka_unit_test(winograd_convolutions_stay_close_to_pytorch),
        cmocka_unit_test(the_layout_of_amx_gives_pytorchs_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
