/* The engine as its header promises it: the same bits again, threads that add
 * up to one, inference that changes nothing, and errors that say what to do. */
#include "nn/engine_case.h"
#include <stdatomic.h>

/* --- same bits ----------------------------------------------------------- */

/* Three steps of plain descent; returns the sum of their losses. */
static double train(struct nn_engine *e, const struct batch *b)
{
    double sum = 0.0;
    for (int step = 0; step < 3; step++) {
        struct nn_result r;
        assert_int_equal(nn_engine_step(e, INPUT_OF(b->image), b->label, 0.1,
                                        1.0 / (double)b->images, &r),
                         NN_OK);
        sum += r.loss;
        for (size_t i = 0; i < nn_engine_size(e); i++)
            nn_engine_weights(e)[i] -= 0.05F * nn_engine_gradients(e)[i];
    }
    return sum;
}

static void check_repeats(const struct nn_architecture *a, struct nn_options o)
{
    struct batch b = batch_of(a, (size_t)o.batch, 5);
    struct nn_engine *e[2];
    double loss[2];
    for (int i = 0; i < 2; i++) {
        e[i] = engine_of(a, o);
        loss[i] = train(e[i], &b);
    }
    assert_true(loss[0] == loss[1] && isfinite(loss[0]));
    assert_memory_equal(nn_engine_weights(e[0]), nn_engine_weights(e[1]),
                        nn_engine_size(e[0]) * sizeof(float));
    assert_memory_equal(nn_engine_buffers(e[0]), nn_engine_buffers(e[1]),
                        nn_engine_buffer_size(e[0]) * sizeof(float));
    for (int i = 0; i < 2; i++)
        nn_engine_destroy(e[i]);
    batch_release(&b);
}

static void same_seed_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    const struct nn_architecture every = every_operation(),
                                 cnn = network("cnn", 1, 12);
    for (int threads = 1; threads <= 3; threads++) {
        struct nn_options o = f32_options(7, threads);
        check_repeats(&every, o);
        check_repeats(&cnn, o);
    }
}

static void bf16_gives_the_same_bits_as_well(void **state)
{
    (void)state;
    need_bf16();
    const struct nn_architecture cnn = network("cnn", 1, 12);
    for (int threads = 1; threads <= 3; threads++) {
        struct nn_options o = f32_options(7, threads);
        o.precision = NN_BF16;
        o.emulate_bf16 = true;
        check_repeats(&cnn, o);
    }
}

/* --- threads ------------------------------------------------------------- */

/* `whole` on a batch against one engine for each thread's share of it. */
static void check_halves(const struct nn_architecture *a, int batch)
{
    enum { THREADS = 2 };
    const int share[THREADS] = {(batch + 1) / 2, batch / 2};
    struct batch b = batch_of(a, (size_t)batch, 11);
    struct nn_engine *whole = engine_of(a, f32_options(batch, THREADS));
    struct nn_engine *part[THREADS];
    struct nn_result all, sum = {0.0, 0}, one;
    assert_int_equal(nn_engine_step(whole, INPUT_OF(b.image), b.label, 0.1, 0.2,
                                    &all),
                     NN_OK);
    size_t first = 0;
    for (int k = 0; k < THREADS; k++) {
        part[k] = engine_of(a, f32_options(share[k], 1));
        assert_int_equal(nn_engine_step(part[k],
                                        INPUT_OF(b.image + first * b.floats),
                                        b.label + first, 0.1, 0.2, &one),
                         NN_OK);
        first += (size_t)share[k];
        sum.loss += one.loss;
        sum.correct += one.correct;
    }
    assert_true(all.loss == sum.loss);
    assert_int_equal(all.correct, sum.correct);
    const float *g = nn_engine_gradients(whole);
    const float *g0 = nn_engine_gradients(part[0]);
    const float *g1 = nn_engine_gradients(part[1]);
    for (size_t i = 0; i < nn_engine_size(whole); i++)
        assert_true(g[i] == g0[i] + g1[i]);
    assert_true(norm_of_floats(g, nn_engine_size(whole)) > 0.01);

    /* Averages; rounded once here and once for each part there. */
    const float *s = nn_engine_buffers(whole);
    const float *s0 = nn_engine_buffers(part[0]);
    const float *s1 = nn_engine_buffers(part[1]);
    for (size_t i = 0; i < nn_engine_buffer_size(whole); i++) {
        const double want = 0.5 * ((double)s0[i] + (double)s1[i]);
        assert_true(fabs((double)s[i] - want) <= 1e-6 * (1.0 + fabs(want)));
    }
    for (int k = 0; k < THREADS; k++)
        nn_engine_destroy(part[k]);
    nn_engine_destroy(whole);
    batch_release(&b);
}

static void two_threads_add_up_to_their_halves(void **state)
{
    (void)state;
    const struct nn_architecture every = every_operation(),
                                 air = network("airbench94", 3, 12);
    check_halves(&every, 6);
    check_halves(&air, 4);
}

static void uneven_batches_are_shared_out_whole(void **state)
{
    (void)state;
    const struct nn_architecture every = every_operation();
    check_halves(&every, 5);
    check_halves(&every, 3);
}

struct cover {
    atomic_int times[2048]; /* each index was given out */
    atomic_int odd;         /* shares outside, or of broken cache lines */
    size_t n;
};

static void cover(void *context, size_t begin, size_t end)
{
    struct cover *c = context;
    if (begin >= end || end > c->n) {
        c->odd++;
        return;
    }
    if (begin % 64 != 0 || (end % 64 != 0 && end != c->n)) c->odd++;
    for (size_t i = begin; i < end; i++)
        c->times[i]++;
}

static void every_index_is_given_to_one_thread(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 63, 64, 65, 127, 129, 1000, 2048};
    const struct nn_architecture a = network("cnn", 1, 8);
    for (int threads = 1; threads <= 5; threads++) {
        struct nn_engine *e = engine_of(&a, f32_options(5, threads));
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            static struct cover c;
            memset(&c, 0, sizeof c);
            c.n = sizes[k];
            nn_engine_parallel(e, c.n, cover, &c);
            for (size_t i = 0; i < 2048; i++)
                assert_int_equal(c.times[i], i < c.n);
            assert_int_equal(c.odd, 0);
        }
        nn_engine_destroy(e);
    }
}

/* --- inference ----------------------------------------------------------- */

static void fewer_images_give_the_same_logits(void **state)
{
    (void)state;
    enum { BATCH = 7, CLASSES = 10 };
    const struct nn_architecture a = network("cnn", 1, 12);
    for (int threads = 1; threads <= 3; threads++) {
        struct nn_engine *e = engine_of(&a, f32_options(BATCH, threads));
        struct batch b = batch_of(&a, BATCH, 17);
        train(e, &b); /* running statistics that are somewhere */
        float all[BATCH * CLASSES], some[BATCH * CLASSES];
        assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, all),
                         NN_OK);
        for (size_t n = 0; n <= BATCH; n++) {
            for (size_t i = 0; i < BATCH * CLASSES; i++)
                some[i] = -1234.0F;
            assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), n, some),
                             NN_OK);
            for (size_t i = 0; i < BATCH * CLASSES; i++)
                if (i < n * CLASSES)
                    assert_true(fabsf(some[i] - all[i]) <=
                                1e-5F * (1.0F + fabsf(all[i])));
                else
                    assert_true(some[i] == -1234.0F);
        }
        batch_release(&b);
        nn_engine_destroy(e);
    }
}

static void inference_changes_nothing(void **state)
{
    (void)state;
    enum { BATCH = 5 };
    const struct nn_architecture a = every_operation();
    struct nn_engine *e = engine_of(&a, f32_options(BATCH, 2));
    struct batch b = batch_of(&a, BATCH, 19);
    train(e, &b);
    const size_t size = nn_engine_size(e), buffers = nn_engine_buffer_size(e);
    float *w = copy_of(nn_engine_weights(e), size);
    float *g = copy_of(nn_engine_gradients(e), size);
    float *s = copy_of(nn_engine_buffers(e), buffers);
    float logits[BATCH * 5];
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, logits),
                     NN_OK);
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), 1, logits), NN_OK);
    assert_memory_equal(w, nn_engine_weights(e), size * sizeof *w);
    assert_memory_equal(g, nn_engine_gradients(e), size * sizeof *g);
    assert_memory_equal(s, nn_engine_buffers(e), buffers * sizeof *s);

    /* Nor what the next step computes: it shares memory with inference. */
    struct nn_engine *other = engine_of(&a, f32_options(BATCH, 2));
    train(other, &b);
    train(other, &b);
    train(e, &b);
    assert_memory_equal(nn_engine_weights(other), nn_engine_weights(e),
                        size * sizeof *w);
    nn_engine_destroy(other);
    free(w);
    free(g);
    free(s);
    batch_release(&b);
    nn_engine_destroy(e);
}

/* Inference normalises by what the buffers say, whatever batch came last. */
static void inference_reads_the_running_statistics(void **state)
{
    (void)state;
    enum { BATCH = 4, FLOATS = BATCH * 5 };
    const struct nn_architecture a = every_operation();
    struct nn_engine *e = engine_of(&a, f32_options(BATCH, 2));
    struct batch b = batch_of(&a, BATCH, 37), other = batch_of(&a, BATCH, 38);
    float first[FLOATS], now[FLOATS];
    const size_t size = nn_engine_buffer_size(e);
    float *buffers = copy_of(nn_engine_buffers(e), size);
    struct nn_result r;
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, first),
                     NN_OK);
    assert_int_equal(nn_engine_step(e, INPUT_OF(other.image), other.label, 0.1,
                                    0.25, &r),
                     NN_OK);
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, now), NN_OK);
    assert_memory_not_equal(first, now, sizeof now);
    memcpy(nn_engine_buffers(e), buffers, size * sizeof *buffers);
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, now), NN_OK);
    assert_memory_equal(first, now, sizeof now);
    free(buffers);
    batch_release(&other);
    batch_release(&b);
    nn_engine_destroy(e);
}

/* A network that has seen one batch often normalises by it: inference then
 * gives that batch the loss that training gives it, but for the biased
 * variance in training (n of n - 1 values). */
static void running_statistics_arrive_at_the_batchs(void **state)
{
    (void)state;
    enum { BATCH = 64 };
    struct nn_architecture a = every_operation();
    for (int i = 0; i < a.count; i++)
        a.layer[i].momentum = 0.4;
    struct nn_engine *e = engine_of(&a, f32_options(BATCH, 1));
    struct batch b = batch_of(&a, BATCH, 23);
    struct nn_result r;
    for (int step = 0; step < 40; step++) /* 0.6^40 = 1e-9 is left */
        assert_int_equal(nn_engine_step(e, INPUT_OF(b.image), b.label, 0.0, 1.0,
                                        &r),
                         NN_OK);
    float logits[BATCH * 5];
    double loss = 0.0;
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, logits),
                     NN_OK);
    for (size_t i = 0; i < BATCH; i++) {
        double sum = 0.0;
        for (size_t c = 0; c < 5; c++)
            sum += exp((double)logits[i * 5 + c]);
        loss += log(sum) - (double)logits[i * 5 + (size_t)b.label[i]];
    }
    assert_true(fabs(loss / r.loss - 1.0) < 0.02);
    batch_release(&b);
    nn_engine_destroy(e);
}

/* --- odd input ----------------------------------------------------------- */

static void nan_in_an_image_makes_the_loss_nan(void **state)
{
    (void)state;
    const char *name;
    for (int k = 0; (name = nn_architecture_name(k)) != NULL; k++)
        for (int threads = 1; threads <= 2; threads++) {
            const struct nn_architecture a = network(name, 3, 12);
            struct nn_engine *e = engine_of(&a, f32_options(4, threads));
            struct batch b = batch_of(&a, 4, 29);
            b.image[3 * b.floats + 77] = NAN;
            struct nn_result r = {0};
            assert_int_equal(nn_engine_step(e, INPUT_OF(b.image), b.label, 0.1,
                                            0.25, &r),
                             NN_OK);
            assert_true(isnan(r.loss));
            assert_true(r.correct <= 4);
            batch_release(&b);
            nn_engine_destroy(e);
        }
}

/* A diverged run is noticed whatever went over the edge. */
static void infinite_weights_make_the_loss_nan(void **state)
{
    (void)state;
    const struct nn_architecture a = network("cnn", 1, 12);
    struct nn_engine *e = engine_of(&a, f32_options(4, 1));
    struct batch b = batch_of(&a, 4, 29);
    struct nn_result r;
    nn_engine_weights(e)[0] = INFINITY;
    assert_int_equal(nn_engine_step(e, INPUT_OF(b.image), b.label, 0.1, 0.25,
                                    &r),
                     NN_OK);
    assert_true(!isfinite(r.loss));
    batch_release(&b);
    nn_engine_destroy(e);
}

/* --- options ------------------------------------------------------------- */

static void expect_refusal(const struct nn_architecture *a, struct nn_options o,
                           enum nn_status want, const char *text)
{
    struct nn_error error = {0};
    struct nn_engine *e = (struct nn_engine *)&error;
    const enum nn_status status = nn_engine_create(a, &o, &e, &error);
    assert_null(e);
    assert_int_equal(status, want);
    assert_int_equal(error.code, want);
    if (!strstr(error.message, text))
        fail_msg("'%s' does not say '%s'", error.message, text);
    e = (struct nn_engine *)&error;
    assert_int_equal(nn_engine_create(a, &o, &e, NULL), want);
    assert_null(e);
}

static void options_that_cannot_be_are_refused(void **state)
{
    (void)state;
    const struct nn_architecture a = network("cnn", 1, 12);
    const enum nn_status bad = NN_E_ARGUMENT;
    expect_refusal(&a, f32_options(1, 2), bad, "2 threads");
    expect_refusal(&a, f32_options(0, 1), bad, "not 0");
    expect_refusal(&a, f32_options(-4, 1), bad, "not -4");
    expect_refusal(&a, f32_options(8, 0), bad, "0 threads");
    expect_refusal(&a, f32_options(8, -1), bad, "-1 threads");
}

static void bf16_needs_hardware_or_emulation(void **state)
{
    (void)state;
    const struct nn_architecture a = network("cnn", 1, 12);
    struct nn_options o = f32_options(4, 1);
    o.precision = NN_BF16;
    if (!nn_has_bf16()) {
        expect_refusal(&a, o, NN_E_UNSUPPORTED, "use f32");
        return;
    }
    nn_engine_destroy(engine_of(&a, o));
}

static void images_too_small_are_refused(void **state)
{
    (void)state;
    const char *name;
    for (int k = 0; (name = nn_architecture_name(k)) != NULL; k++) {
        struct nn_architecture a = network(name, 3, 32);
        a.height = a.width = 3;
        expect_refusal(&a, f32_options(4, 1), NN_E_ARGUMENT, name);
    }
    struct nn_architecture a = network("cnn", 3, 12);
    a.width = 16; /* pools over the whole picture at its end */
    expect_refusal(&a, f32_options(4, 1), NN_E_ARGUMENT, "square");
}

/* The smallest images that each network takes, with one image a thread. */
static void the_least_images_train(void **state)
{
    (void)state;
    const char *name;
    for (int k = 0; (name = nn_architecture_name(k)) != NULL; k++) {
        struct nn_architecture a;
        char why[160];
        int size = 1;
        while (!nn_architecture_find(name, 3, size, size, 10, &a, why))
            size++;
        struct nn_engine *e = engine_of(&a, f32_options(2, 2));
        struct batch b = batch_of(&a, 2, 31);
        assert_true(isfinite(train(e, &b)));
        assert_true(nn_engine_memory(e) > 0);
        batch_release(&b);
        nn_engine_destroy(e);
    }
}

/* Pooling keeps a byte for each maximum: a window of more than 256 values has
 * no number in it. */
static void windows_of_more_than_256_values_are_refused(void **state)
{
    (void)state;
    const struct nn_architecture most = network("cnn", 1, 64 + 3);
    nn_engine_destroy(engine_of(&most, f32_options(1, 1)));
    const struct nn_architecture more = network("cnn", 1, 64 + 4);
    expect_refusal(&more, f32_options(1, 1), NN_E_UNSUPPORTED, "17 x 17");
}

/* The loss wants rows of f32 logits, which other layers do not give in all
 * precisions and layouts. */
static struct nn_architecture headless(void)
{
    return (
        struct nn_architecture){.name = "headless",
                                .channels = 1,
                                .height = 8,
                                .width = 8,
                                .classes = 10,
                                .count = 2,
                                .layer = {{NN_CONV, "conv", .channels = 10,
                                           .kernel = 3, .stride = 1, .pad = 1,
                                           .start = NN_START_HE},
                                          {NN_MEAN_POOL, "mean", .pool = 0}}};
}

static void networks_that_end_in_no_logits_are_refused(void **state)
{
    (void)state;
    const struct nn_architecture a = headless();
    expect_refusal(&a, f32_options(4, 1), NN_E_UNSUPPORTED, "dense");
}

static void bf16_logits_are_refused(void **state)
{
    (void)state;
    need_bf16();
    const struct nn_architecture a = headless();
    struct nn_options o = f32_options(4, 1);
    o.precision = NN_BF16;
    o.emulate_bf16 = true;
    expect_refusal(&a, o, NN_E_UNSUPPORTED, "dense");
}

static void nothing_is_destroyed_without_complaint(void **state)
{
    (void)state;
    nn_engine_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_and_threads_give_the_same_bits),
        cmocka_unit_test(bf16_gives_the_same_bits_as_well),
        cmocka_unit_test(two_threads_add_up_to_their_halves),
        cmocka_unit_test(uneven_batches_are_shared_out_whole),
        cmocka_unit_test(every_index_is_given_to_one_thread),
        cmocka_unit_test(fewer_images_give_the_same_logits),
        cmocka_unit_test(inference_changes_nothing),
        cmocka_unit_test(inference_reads_the_running_statistics),
        cmocka_unit_test(running_statistics_arrive_at_the_batchs),
        cmocka_unit_test(nan_in_an_image_makes_the_loss_nan),
        cmocka_unit_test(infinite_weights_make_the_loss_nan),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(bf16_needs_hardware_or_emulation),
        cmocka_unit_test(images_too_small_are_refused),
        cmocka_unit_test(the_least_images_train),
        cmocka_unit_test(windows_of_more_than_256_values_are_refused),
        cmocka_unit_test(networks_that_end_in_no_logits_are_refused),
        cmocka_unit_test(bf16_logits_are_refused),
        cmocka_unit_test(nothing_is_destroyed_without_complaint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
