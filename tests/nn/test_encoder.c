/* What an encoder promises beyond the right numbers: padding without influence,
 * dropout that only the batch decides, rows independent of each other, and
 * refusals that say what is wrong. */
#include "nn/encoder_case.h"

static void assert_close(const float *a, const float *b, size_t n,
                         double tolerance)
{
    const double scale = norm_of_floats(b, n) / sqrt((double)n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance * scale))
            fail_msg("value %zu is %.9g, not %.9g", i, (double)a[i],
                     (double)b[i]);
}

/* --- lengths ------------------------------------------------------------- */

static void rows_are_padded_to_few_lengths(void **state)
{
    (void)state;
    static const int want[] = {8,  16, 24, 32,  40,  48,  56,
                               64, 80, 96, 112, 128, 160, 192};
    const size_t n = sizeof want / sizeof want[0];
    int got[NN_ENCODER_LENGTHS];
    assert_int_equal(nn_encoder_lengths(161, got), n);
    assert_memory_equal(got, want, sizeof want);
    for (int longest = 1; longest <= NN_ENCODER_LONGEST; longest++) {
        const size_t count = nn_encoder_lengths(longest, got);
        assert_true(count > 0 && got[count - 1] >= longest);
        assert_true(count == 1 || got[count - 2] < longest);
    }
    assert_true(nn_encoder_lengths(NN_ENCODER_LONGEST, got) <=
                NN_ENCODER_LENGTHS);
}

/* --- padding ------------------------------------------------------------- */

static void what_is_in_the_padding_has_no_influence(void **state)
{
    (void)state;
    static const int32_t garbage[] = {INT32_MIN, VOCABULARY, INT32_MAX};
    const struct nn_encoder shape = small_encoder(0.3);
    struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 2));
    const size_t size = nn_engine_size(e);
    struct texts t = texts_of(14, 16, 0);
    float want[TEXTS * CLASSES], got[TEXTS * CLASSES];
    const double loss = encoder_step(e, &t);
    float *gradients = copy_of(nn_engine_gradients(e), size);
    assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, want), NN_OK);
    free(t.tokens);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        t = texts_of(14, 16, garbage[i]);
        assert_true(encoder_step(e, &t) == loss);
        assert_memory_equal(nn_engine_gradients(e), gradients,
                            size * sizeof *gradients);
        assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, got), NN_OK);
        assert_memory_equal(got, want, sizeof want);
        free(t.tokens);
    }
    free(gradients);
    nn_engine_destroy(e);
}

static void more_padding_gives_the_same_numbers(void **state)
{
    (void)state;
    for (int pooling = NN_POOL_MEAN; pooling <= NN_POOL_FIRST; pooling++) {
        struct nn_encoder shape = small_encoder(0.0);
        shape.pooling = (enum nn_pooling)pooling;
        struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 1));
        const size_t size = nn_engine_size(e);
        struct texts narrow = texts_of(7, 8, 3), wide = texts_of(7, 24, 4);
        /* Longer rows before, so that the memory is not fresh. */
        struct texts full = texts_of(24, 24, 3);
        encoder_step(e, &full);
        const double loss = encoder_step(e, &narrow);
        float *gradients = copy_of(nn_engine_gradients(e), size);
        assert_true(fabs(encoder_step(e, &wide) - loss) <= 1e-5 * loss);
        assert_close(nn_engine_gradients(e), gradients, size, 1e-4);
        free(gradients);
        free(narrow.tokens);
        free(wide.tokens);
        free(full.tokens);
        nn_engine_destroy(e);
    }
}

static void fewer_texts_give_the_same_logits(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.3);
    struct texts t = texts_of(14, 16, -1);
    for (int threads = 1; threads <= 2; threads++) {
        struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, threads));
        float all[TEXTS * CLASSES], some[TEXTS * CLASSES];
        assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, all), NN_OK);
        for (size_t n = 0; n <= TEXTS; n++) {
            for (size_t i = 0; i < TEXTS * CLASSES; i++)
                some[i] = -1234.0F;
            assert_int_equal(nn_engine_infer(e, input_of(&t), n, some), NN_OK);
            if (n) assert_close(some, all, n * CLASSES, 1e-5);
            for (size_t i = n * CLASSES; i < TEXTS * CLASSES; i++)
                assert_true(some[i] == -1234.0F);
        }
        nn_engine_destroy(e);
    }
    free(t.tokens);
}

/* --- threads and dropout ------------------------------------------------- */

static void two_threads_give_the_numbers_of_one(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.3);
    struct texts t = texts_of(16, 16, -1);
    struct nn_engine *one = encoder_of(&shape, f32_options(TEXTS, 1));
    struct nn_engine *two = encoder_of(&shape, f32_options(TEXTS, 2));
    const double loss = encoder_step(one, &t);
    assert_true(fabs(encoder_step(two, &t) - loss) <= 1e-5 * loss);
    assert_close(nn_engine_gradients(two), nn_engine_gradients(one),
                 nn_engine_size(one), 1e-4);
    /* And their own ones again, to the bit. */
    float *again = copy_of(nn_engine_gradients(two), nn_engine_size(two));
    encoder_step(two, &t);
    assert_memory_equal(nn_engine_gradients(two), again,
                        nn_engine_size(two) * sizeof *again);
    free(again);
    free(t.tokens);
    nn_engine_destroy(one);
    nn_engine_destroy(two);
}

static void noise_decides_the_masks(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.3);
    struct texts t = texts_of(16, 16, -1);
    struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 1));
    const double loss = encoder_step(e, &t);
    for (int word = 0; word < 2; word++) {
        t.in.noise[word] ^= 1;
        assert_true(encoder_step(e, &t) != loss);
        t.in.noise[word] ^= 1;
        assert_true(encoder_step(e, &t) == loss);
    }
    free(t.tokens);
    nn_engine_destroy(e);
}

static void nothing_is_dropped_outside_a_step(void **state)
{
    (void)state;
    struct texts t = texts_of(16, 16, -1);
    float want[TEXTS * CLASSES], got[TEXTS * CLASSES];
    const struct nn_encoder without = small_encoder(0.0);
    const struct nn_encoder with = small_encoder(0.5);
    struct nn_engine *e = encoder_of(&without, f32_options(TEXTS, 1));
    const double loss = encoder_step(e, &t);
    t.in.noise[0]++;
    assert_true(encoder_step(e, &t) == loss);
    assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, want), NN_OK);
    nn_engine_destroy(e);
    e = encoder_of(&with, f32_options(TEXTS, 1));
    encoder_step(e, &t);
    assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, got), NN_OK);
    assert_memory_equal(got, want, sizeof want);
    nn_engine_destroy(e);
    free(t.tokens);
}

/* A dropped value of an embedding has no gradient, so the rows of tokens that
 * occur once show the mask of the embedding. */
static void dropout_keeps_the_expected_share(void **state)
{
    (void)state;
    enum { STEPS = 400 };
    struct nn_encoder shape = small_encoder(0.25);
    shape.layers = 1;
    struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 1));
    struct texts t = texts_of(16, 16, -1);
    size_t count, rows = 0;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    assert_string_equal(p[0].name, "token.weight");
    double zero = 0.0, values = 0.0;
    for (int s = 0; s < STEPS; s++) {
        t.in.noise[0] = (uint64_t)s;
        encoder_step(e, &t);
        const float *g = nn_engine_gradients(e);
        for (int32_t token = 0; token < VOCABULARY; token++) {
            size_t times = 0;
            for (size_t i = 0; i < TEXTS; i++)
                for (int32_t k = 0; k < t.lengths[i]; k++)
                    times += t.tokens[i * 16 + (size_t)k] == token;
            if (times != 1) continue;
            rows++;
            for (int k = 0; k < shape.dim; k++) {
                values += 1.0;
                zero += g[token * shape.dim + k] == 0.0F ? 1.0 : 0.0;
            }
        }
    }
    assert_true(rows >= STEPS); /* at least one such token */
    const double deviation = sqrt(0.25 * 0.75 / values);
    assert_true(fabs(zero / values - 0.25) < 5.0 * deviation);
    free(t.tokens);
    nn_engine_destroy(e);
}

/* Of a single token, what was dropped at a place has no gradient there: the
 * zeros of a bias behind it show its mask. */
static void places_drop_independently(void **state)
{
    (void)state;
    static const char *const shown[] = {"token.weight", "out_proj.bias",
                                        "linear1.bias", "linear2.bias"};
    const struct nn_encoder shape = small_encoder(0.5);
    struct nn_engine *e = encoder_of(&shape, f32_options(1, 1));
    struct texts t = texts_of(8, 8, -1); /* the first has one token */
    encoder_step(e, &t);
    size_t count, masks = 0;
    uint32_t mask[16] = {0};
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
            if (!strstr(p[i].name, shown[k])) continue;
            const size_t row = k == 0 ? (size_t)t.tokens[0] : 0;
            const float *g =
                nn_engine_gradients(e) + p[i].offset + row * (size_t)shape.dim;
            for (int j = 0; j < shape.dim; j++)
                mask[masks] |= (g[j] == 0.0F ? 1U : 0U) << j;
            masks++;
        }
    assert_int_equal(masks, 1 + 3 * shape.layers);
    for (size_t i = 0; i < masks; i++) {
        assert_true(mask[i] != 0);
        for (size_t k = 0; k < i; k++)
            assert_true(mask[i] != mask[k]);
    }
    free(t.tokens);
    nn_engine_destroy(e);
}

/* --- refusals ------------------------------------------------------------ */

static void assert_refused(struct nn_encoder shape, const char *text)
{
    struct nn_engine *e = (struct nn_engine *)&shape;
    struct nn_error error = {0};
    const struct nn_options o = f32_options(TEXTS, 1);
    assert_int_equal(nn_encoder_create(&shape, &o, &e, &error), NN_E_ARGUMENT);
    assert_null(e);
    if (!strstr(error.message, text))
        fail_msg("'%s' does not say '%s'", error.message, text);
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(nn_encoder_create(&shape, &o, &e, NULL), NN_E_ARGUMENT);
}

static void impossible_encoders_are_refused(void **state)
{
    (void)state;
    struct nn_encoder s = small_encoder(0.0);
    s.heads = 4;
    assert_refused(s, "dim 30 cannot have 4 heads");
    s = small_encoder(0.0);
    s.heads = 0;
    assert_refused(s, "0 heads");
    s = small_encoder(0.0);
    s.length = NN_ENCODER_LONGEST + 1;
    assert_refused(s, "4097 tokens in a text: it takes 1 to 4096");
    s = small_encoder(0.0);
    s.length = 0;
    assert_refused(s, "0 tokens in a text");
    s = small_encoder(0.0);
    s.classes = 1;
    assert_refused(s, "1 classes: it takes 2");
    s = small_encoder(0.0);
    s.layers = NN_ENCODER_LAYERS + 1;
    assert_refused(s, "layers");
    s = small_encoder(0.0);
    s.vocabulary = 0;
    assert_refused(s, "vocabulary");
    s = small_encoder(0.0);
    s.feed = -3;
    assert_refused(s, "-3");
    assert_refused(small_encoder(1.0), "share of 1");
    assert_refused(small_encoder((double)NAN), "share of");
}

static void batches_that_are_none_are_refused(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.0);
    struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 2));
    float logits[TEXTS * CLASSES];
    struct nn_result r;
    const struct {
        size_t length;
        int32_t last, token; /* length and first token of the last text */
    } bad[] = {{9, 3, 0},  {0, 1, 0},           {32, 3, 0}, {16, 17, 0},
               {16, 0, 0}, {16, 3, VOCABULARY}, {16, 3, -1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct texts t = texts_of(16, 32, 0);
        t.in.length = bad[i].length;
        for (size_t k = 0; k < TEXTS; k++)
            t.lengths[k] = 1;
        t.lengths[TEXTS - 1] = bad[i].last;
        t.tokens[(TEXTS - 1) * bad[i].length] = bad[i].token;
        assert_int_equal(nn_engine_step(e, input_of(&t), t.labels, 0.1, 1.0,
                                        &r),
                         NN_E_ARGUMENT);
        assert_int_equal(nn_engine_infer(e, input_of(&t), TEXTS, logits),
                         NN_E_ARGUMENT);
        free(t.tokens);
    }
    nn_engine_destroy(e);
}

static void an_engine_says_what_it_runs(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.1);
    struct nn_engine *e = encoder_of(&shape, f32_options(TEXTS, 1));
    assert_null(nn_engine_architecture(e));
    assert_int_equal(nn_engine_buffer_size(e), 0);
    assert_true(nn_engine_memory(e) > 100000);
    nn_engine_destroy(e);
    const struct nn_options o = f32_options(1, 2);
    struct nn_error error = {0};
    assert_int_equal(nn_encoder_create(&shape, &o, &e, &error), NN_E_ARGUMENT);
    assert_non_null(strstr(error.message, "2 texts, not 1"));
}

/* --- initial weights ----------------------------------------------------- */

static void weights_start_by_their_rules(void **state)
{
    (void)state;
    struct nn_encoder shape = small_encoder(0.0);
    shape.vocabulary = 2000;
    const struct nn_options o = f32_options(TEXTS, 1);
    struct nn_engine *e;
    assert_int_equal(nn_encoder_create(&shape, &o, &e, NULL), NN_OK);
    uint64_t seed = 3;
    nn_initialise(e, case_uniform, &seed);
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        const float *w = nn_engine_weights(e) + p[i].offset;
        double largest = 0.0;
        for (size_t k = 0; k < p[i].count; k++)
            largest = fmax(largest, fabs((double)w[k]));
        const double n = (double)p[i].count;
        const double size = norm_of_floats(w, p[i].count) / sqrt(n);
        const double in = p[i].dim[1], out = p[i].dim[0];
        const bool joint = strstr(p[i].name, "in_proj_weight") != NULL;
        if (p[i].role == NN_ROLE_EMBEDDING)
            assert_true(fabs(size - 0.02) < 0.02 * 5.0 / sqrt(2.0 * n));
        else if (p[i].role == NN_ROLE_SCALE)
            assert_true(size == 1.0);
        else if (p[i].role != NN_ROLE_WEIGHT)
            assert_true(size == 0.0);
        else {
            const double bound =
                joint ? sqrt(6.0 / (in + out)) : 1.0 / sqrt(in);
            assert_true(largest <= bound && largest > 0.9 * bound);
            assert_true(fabs(size * sqrt(3.0) / bound - 1.0) < 5.0 / sqrt(n));
        }
    }
    nn_engine_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_padded_to_few_lengths),
        cmocka_unit_test(what_is_in_the_padding_has_no_influence),
        cmocka_unit_test(more_padding_gives_the_same_numbers),
        cmocka_unit_test(fewer_texts_give_the_same_logits),
        cmocka_unit_test(two_threads_give_the_numbers_of_one),
        cmocka_unit_test(noise_decides_the_masks),
        cmocka_unit_test(nothing_is_dropped_outside_a_step),
        cmocka_unit_test(dropout_keeps_the_expected_share),
        cmocka_unit_test(places_drop_independently),
        cmocka_unit_test(impossible_encoders_are_refused),
        cmocka_unit_test(batches_that_are_none_are_refused),
        cmocka_unit_test(an_engine_says_what_it_runs),
        cmocka_unit_test(weights_start_by_their_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
