/* Networks in bf16 beside the same in f32: emulated where the CPU has no bf16,
 * with the same rounding.
 *
 * A bf16 value has 8 significant bits, so every activation and every gradient
 * is off by up to 2^-8 of itself, of either sign: sums over thousands of them
 * hardly move, and the loss with them. Gradients move more, because rounding
 * also makes ties in pooling windows and sends a gradient to a neighbour: a
 * cosine of 0.99 to that of f32, a tensor's length within 4 %. A tensor that
 * is computed wrongly is far outside the bounds, which are three times that. */
#include "nn/engine_case.h"

enum { BATCH = 16, STEPS = 10, CLASSES = 10 };

static struct nn_options options_of(enum nn_type precision)
{
    struct nn_options o = f32_options(BATCH, 1);
    o.precision = precision;
    o.emulate_bf16 = true;
    return o;
}

static double step(struct nn_engine *e, const struct batch *b)
{
    struct nn_result r;
    assert_int_equal(nn_engine_step(e, INPUT_OF(b->image), b->label, 0.1,
                                    1.0 / (double)b->images, &r),
                     NN_OK);
    return r.loss / (double)b->images;
}

static const double LOSS = 0.002, /* relative */
    WHOLE = 0.03,                 /* 1 - cosine of the whole gradient */
    EACH = 0.05, LENGTH = 0.1;    /* of each tensor's; relative */

static void check_first_step(const char *name, int channels, bool direct)
{
    const struct nn_architecture a = network(name, channels, 16);
    struct batch b = batch_of(&a, BATCH, 41);
    struct nn_engine *f32 = engine_of(&a, options_of(NN_F32));
    struct nn_options half = options_of(NN_BF16);
    half.direct = direct; /* as where there is AMX; else Winograd's */
    struct nn_engine *bf16 = engine_of(&a, half);
    const double want = step(f32, &b), got = step(bf16, &b);
    const float *g = nn_engine_gradients(f32), *h = nn_engine_gradients(bf16);
    assert_true(fabs(got / want - 1.0) <= LOSS);
    assert_true(got != want); /* bf16 really was used */
    assert_true(1.0 - cosine_of(g, h, nn_engine_size(f32)) <= WHOLE);
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(f32, &count);
    for (size_t i = 0; i < count; i++) {
        if (p[i].role == NN_ROLE_WHITEN) continue;
        const double turned =
            1.0 - cosine_of(g + p[i].offset, h + p[i].offset, p[i].count);
        const double longer = norm_of_floats(h + p[i].offset, p[i].count) /
                              norm_of_floats(g + p[i].offset, p[i].count);
        if (!(turned <= EACH && fabs(longer - 1.0) <= LENGTH))
            fail_msg("%s: gradient of %s turns by 1 - %g, grows by %g", name,
                     p[i].name, turned, longer);
    }
    nn_engine_destroy(f32);
    nn_engine_destroy(bf16);
    batch_release(&b);
}

static void cnn_has_nearly_the_gradient_of_f32(void **state)
{
    (void)state;
    check_first_step("cnn", 1, false);
    check_first_step("cnn", 1, true);
}

static void airbench94_has_nearly_the_gradient_of_f32(void **state)
{
    (void)state;
    check_first_step("airbench94", 3, false);
    check_first_step("airbench94", 3, true);
}

/* Whether Winograd's convolutions, which round differently, are taken. */
static bool takes_winograd(enum nn_type precision)
{
    const struct nn_architecture a = network("airbench94", 3, 16);
    struct batch b = batch_of(&a, BATCH, 41);
    struct nn_engine *e[2];
    for (int direct = 0; direct < 2; direct++) {
        struct nn_options o = options_of(precision);
        o.direct = direct != 0;
        e[direct] = engine_of(&a, o);
        step(e[direct], &b);
    }
    const bool differ =
        memcmp(nn_engine_gradients(e[0]), nn_engine_gradients(e[1]),
               nn_engine_size(e[0]) * sizeof(float)) != 0;
    nn_engine_destroy(e[0]);
    nn_engine_destroy(e[1]);
    batch_release(&b);
    return differ;
}

static void convolutions_are_winograds_where_those_of_f32_are(void **state)
{
    (void)state;
    assert_int_equal(takes_winograd(NN_BF16), takes_winograd(NN_F32));
}

/* How far ten steps on one batch lower its loss. */
static double descend(const char *name, int channels, enum nn_type precision)
{
    const struct nn_architecture a = network(name, channels, 16);
    struct batch b = batch_of(&a, BATCH, 43);
    struct nn_engine *e = engine_of(&a, options_of(precision));
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    const double before = step(e, &b);
    double after = before;
    for (int s = 0; s < STEPS; s++) {
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < p[i].count; k++)
                nn_engine_weights(e)[p[i].offset + k] -=
                    0.02F * nn_engine_gradients(e)[p[i].offset + k];
        after = step(e, &b);
    }
    nn_engine_destroy(e);
    batch_release(&b);
    return before - after;
}

static void ten_steps_lower_the_loss_as_far_as_in_f32(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int channels;
    } nets[] = {{"cnn", 1}, {"airbench94", 3}};
    for (int i = 0; i < 2; i++) {
        const double want = descend(nets[i].name, nets[i].channels, NN_F32);
        const double got = descend(nets[i].name, nets[i].channels, NN_BF16);
        assert_true(want > 0.1);
        assert_true(fabs(got / want - 1.0) < 0.05);
    }
}

/* Weights of 1 grow by 2^-10 a step: an eighth of what bf16 can tell from 1.
 * The f32 weights keep every step, and the eighth shows in the logits. */
static void small_updates_accumulate_in_f32(void **state)
{
    (void)state;
    const struct nn_architecture a = network("cnn", 1, 8);
    struct batch b = batch_of(&a, BATCH, 47);
    struct nn_engine *e = engine_of(&a, options_of(NN_BF16));
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    const struct nn_parameter *head = &p[count - 2];
    assert_string_equal(head->name, "head.weight");
    float *w = nn_engine_weights(e) + head->offset;
    for (size_t i = 0; i < head->count; i++)
        w[i] = 1.0F;
    const size_t bytes = nn_engine_buffer_size(e) * sizeof(float);
    float *buffers = copy_of(nn_engine_buffers(e), bytes / sizeof(float));
    float first[BATCH * CLASSES], now[BATCH * CLASSES];
    assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, first),
                     NN_OK);
    for (int s = 1; s <= 8; s++) {
        step(e, &b);
        memcpy(nn_engine_buffers(e), buffers, bytes);
        for (size_t i = 0; i < head->count; i++)
            w[i] += 0x1p-10F;
        assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, now),
                         NN_OK);
        for (size_t i = 0; i < head->count; i++)
            assert_true(w[i] == 1.0F + (float)s * 0x1p-10F);
        const bool same = memcmp(first, now, sizeof now) == 0;
        if (s <= 3) assert_true(same);  /* rounds to 1 */
        if (s == 8) assert_false(same); /* 1 + 2^-7 */
    }
    free(buffers);
    nn_engine_destroy(e);
    batch_release(&b);
}

/* Every test here needs bf16: without it the program is skipped as a whole,
 * because a group of skipped tests counts as passed. */
static bool has_bf16(void)
{
    const struct nn_architecture a = network("cnn", 1, 8);
    const struct nn_options o = options_of(NN_BF16);
    struct nn_engine *e;
    const enum nn_status status = nn_engine_create(&a, &o, &e, NULL);
    nn_engine_destroy(e);
    return status != NN_E_UNSUPPORTED;
}

int main(void)
{
    enum { SKIPPED = 77 };
    if (!has_bf16()) return SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cnn_has_nearly_the_gradient_of_f32),
        cmocka_unit_test(airbench94_has_nearly_the_gradient_of_f32),
        cmocka_unit_test(convolutions_are_winograds_where_those_of_f32_are),
        cmocka_unit_test(ten_steps_lower_the_loss_as_far_as_in_f32),
        cmocka_unit_test(small_updates_accumulate_in_f32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
