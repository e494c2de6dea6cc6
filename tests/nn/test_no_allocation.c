/* After creation the engine allocates nothing: not a byte, in any of its
 * calls, on any of its threads.
 *
 * The linker sends every call from taper's own objects to the counters below;
 * what libdnnl does inside itself is not counted. */
#include "nn/actor_critic.h"
#include "nn/encoder_case.h"
#include <stdatomic.h>

/* --- counters ------------------------------------------------------------ */

static atomic_ulong calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    calls++;
    return __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    calls++;
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
    calls++;
    return __real_posix_memalign(out, alignment, size);
}

void __wrap_free(void *p)
{
    calls++;
    __real_free(p);
}

/* --- tests --------------------------------------------------------------- */

static void halve(void *context, size_t begin, size_t end)
{
    float *w = context;
    for (size_t i = begin; i < end; i++)
        w[i] *= 0.5F;
}

static void check_network(const struct nn_architecture *a,
                          enum nn_type precision, int threads)
{
    enum { BATCH = 5 };
    struct nn_options o = f32_options(BATCH, threads);
    o.precision = precision;
    o.emulate_bf16 = true;
    struct nn_engine *e;
    const enum nn_status status = nn_engine_create(a, &o, &e, NULL);
    if (precision == NN_BF16 && status == NN_E_UNSUPPORTED) return;
    assert_int_equal(status, NN_OK);
    struct batch b = batch_of(a, BATCH, 53);
    float *logits = calloc((size_t)(BATCH * a->classes), sizeof *logits);
    uint64_t seed = 1;
    nn_initialise(e, case_uniform, &seed);

    const unsigned long before = atomic_load(&calls);
    assert_true(before > 0); /* the counters do count */
    for (int step = 0; step < 3; step++) {
        struct nn_result r;
        assert_int_equal(nn_engine_step(e, INPUT_OF(b.image), b.label, 0.1, 0.2,
                                        &r),
                         NN_OK);
        assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), BATCH, logits),
                         NN_OK);
        assert_int_equal(nn_engine_infer(e, INPUT_OF(b.image), 1, logits),
                         NN_OK);
        nn_engine_parallel(e, nn_engine_size(e), halve, nn_engine_weights(e));
        nn_initialise(e, case_uniform, &seed);
    }
    assert_int_equal(atomic_load(&calls), before);
    free(logits);
    batch_release(&b);
    nn_engine_destroy(e);
}

static void running_allocates_nothing(void **state)
{
    (void)state;
    const struct nn_architecture networks[] = {every_operation(),
                                               odd_operations(),
                                               network("cnn", 1, 12),
                                               network("resnet9", 3, 8),
                                               network("airbench94", 3, 12)};
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        for (int threads = 1; threads <= 2; threads++) {
            check_network(&networks[i], NN_F32, threads);
            if (i != 3) check_network(&networks[i], NN_BF16, threads);
        }
}

static void check_encoder(enum nn_type precision, int threads)
{
    const struct nn_encoder shape = small_encoder(0.1);
    struct nn_options o = f32_options(TEXTS, threads);
    o.precision = precision;
    o.emulate_bf16 = true;
    struct nn_engine *e;
    const enum nn_status status = nn_encoder_create(&shape, &o, &e, NULL);
    if (precision == NN_BF16 && status == NN_E_UNSUPPORTED) return;
    assert_int_equal(status, NN_OK);
    struct texts texts[] = {texts_of(8, 8, 0), texts_of(20, 24, 0)};
    float logits[TEXTS * CLASSES];
    uint64_t seed = 1;
    nn_initialise(e, case_uniform, &seed);

    const unsigned long before = atomic_load(&calls);
    for (size_t i = 0; i < 4; i++) {
        struct texts *t = &texts[i % 2];
        encoder_step(e, t);
        assert_int_equal(nn_engine_infer(e, input_of(t), TEXTS, logits), NN_OK);
        assert_int_equal(nn_engine_infer(e, input_of(t), 1, logits), NN_OK);
    }
    assert_int_equal(atomic_load(&calls), before);
    free(texts[0].tokens);
    free(texts[1].tokens);
    nn_engine_destroy(e);
}

static void running_an_encoder_allocates_nothing(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        check_encoder(NN_F32, threads);
        check_encoder(NN_BF16, threads);
    }
}

static void policies_allocate_nothing_after_creation(void **state)
{
    (void)state;
    static float observations[256 * 4], logits[256 * 2], values[256];
    const struct nn_actor_critic_shape shape =
        nn_actor_critic_defaults(4, 2, 256);
    struct nn_actor_critic *a;
    assert_int_equal(nn_actor_critic_create(&shape, &a, NULL), NN_OK);
    const unsigned long before = calls;
    uint64_t seed = 1;
    nn_actor_critic_initialise(a, case_uniform, &seed);
    for (size_t n = 8; n <= 256; n += 124) {
        nn_actor_critic_forward(a, observations, n, logits, values);
        nn_actor_critic_backward(a, logits, values);
    }
    assert_int_equal(calls, before);
    nn_actor_critic_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(running_allocates_nothing),
        cmocka_unit_test(running_an_encoder_allocates_nothing),
        cmocka_unit_test(policies_allocate_nothing_after_creation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
