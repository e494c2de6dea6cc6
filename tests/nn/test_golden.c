/* The image networks against PyTorch: logits, loss, every gradient, running
 * statistics, then ten optimiser steps. tests/data/nn/network.txt holds what
 * PyTorch computed; tools/golden/network.py recorded it and explains it. */
#include "nn/golden_network.h"

enum { BATCH = 8 };

/* One way to compute. */
struct images {
    bool direct, channels_last;
    double near, far;
    float *pixels;
    int32_t labels[BATCH];
};

static double spread(const struct nn_parameter *p)
{
    return sqrt(6.0 / ((double)p->count / p->dim[0]));
}

static void fill_buffers(struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_buffer_table(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p[i].count; k++)
            nn_engine_buffers(e)[p[i].offset + k] = i % 2 ? 1.0F : 0.0F;
}

static void begin(void *self, const char *line, struct golden_network *n)
{
    struct images *const m = self;
    char name[24], why[160];
    int channels, size;
    assert_int_equal(sscanf(line, "%23s %d %d", name, &channels, &size), 3);
    struct nn_architecture a;
    assert_true(nn_architecture_find(name, channels, size, size, 10, &a, why));
    const struct nn_options options = {.batch = BATCH,
                                       .threads = 1,
                                       .precision = NN_F32,
                                       .direct = m->direct,
                                       .channels_last = m->channels_last};
    struct nn_error error = {0};
    if (nn_engine_create(&a, &options, &n->e, &error))
        fail_msg("%s: %s", name, error.message);
    golden_fill(n->e, spread);
    fill_buffers(n->e);
    const size_t floats = (size_t)(BATCH * channels * size * size);
    m->pixels = malloc(floats * sizeof *m->pixels);
    assert_non_null(m->pixels);
    stream("images", floats, m->pixels, 1.0);
    for (int i = 0; i < BATCH; i++)
        m->labels[i] = 3 * i % 10;
    n->in = (struct nn_input){.images = m->pixels};
    n->labels = m->labels;
    n->rows = BATCH;
    n->rate = 0.01;
    n->near = m->near;
    n->far = m->far;
}

static void end(void *self)
{
    struct images *const m = self;
    free(m->pixels);
    m->pixels = NULL;
}

static void compare(struct images m)
{
    static const struct golden_file file = {"/nn/network.txt", "network", 3,
                                            begin, end};
    golden_compare(&file, &m);
}

static void direct_convolutions_give_pytorchs_numbers(void **state)
{
    (void)state;
    compare((struct images){.direct = true, .near = 2e-5, .far = 1e-3});
}

static void winograd_convolutions_stay_close_to_pytorch(void **state)
{
    (void)state;
    compare((struct images){.near = 2e-4, .far = 1e-2});
}

static void the_layout_of_amx_gives_pytorchs_numbers(void **state)
{
    (void)state;
    compare((struct images){
        .direct = true, .channels_last = true, .near = 2e-5, .far = 1e-3});
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
