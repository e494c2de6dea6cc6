/* Whatever is refused while a network is made, be it memory, a thread or an
 * object of oneDNN's, ends in a status and one line, and leaves nothing behind,
 * which the address sanitizer sees.
 *
 * The linker sends requests for threads and for oneDNN's objects through the
 * functions below (--wrap in CMakeLists.txt), and those for memory through
 * refusals.c; what libdnnl asks for itself is not seen. */
#include "nn/actor_critic.h"
#include "nn/encoder_case.h"
#include "refusals/refusals.h"
#include <dnnl.h>
#include <errno.h>
#include <pthread.h>

/* --- refusals ------------------------------------------------------------- */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    return refusals_refuse()
               ? EAGAIN
               : __real_pthread_create(thread, attributes, start, argument);
}

/* A function of oneDNN's that makes something. */
#define REFUSED(name, parameters, arguments) \
    dnnl_status_t __real_##name parameters; \
    dnnl_status_t __wrap_##name parameters; \
    dnnl_status_t __wrap_##name parameters \
    { \
        return refusals_refuse() ? dnnl_out_of_memory \
                                 : __real_##name arguments; \
    }

REFUSED(dnnl_engine_create,
        (dnnl_engine_t * e, dnnl_engine_kind_t kind, size_t index),
        (e, kind, index))
REFUSED(dnnl_stream_create,
        (dnnl_stream_t * s, dnnl_engine_t e, unsigned flags), (s, e, flags))
REFUSED(dnnl_memory_create,
        (dnnl_memory_t * m, const dnnl_memory_desc_t *d, dnnl_engine_t e,
         void *p),
        (m, d, e, p))
REFUSED(dnnl_primitive_attr_create, (dnnl_primitive_attr_t * a), (a))
REFUSED(dnnl_primitive_desc_create,
        (dnnl_primitive_desc_t * p, const_dnnl_op_desc_t o,
         const_dnnl_primitive_attr_t a, dnnl_engine_t e,
         const_dnnl_primitive_desc_t hint),
        (p, o, a, e, hint))
REFUSED(dnnl_reorder_primitive_desc_create,
        (dnnl_primitive_desc_t * p, const dnnl_memory_desc_t *from,
         dnnl_engine_t e, const dnnl_memory_desc_t *to, dnnl_engine_t f,
         const_dnnl_primitive_attr_t a),
        (p, from, e, to, f, a))
REFUSED(dnnl_primitive_create,
        (dnnl_primitive_t * p, const_dnnl_primitive_desc_t d), (p, d))

/* --- networks ------------------------------------------------------------- */

/* Convolution with its bias and pooling, normalisation, a product. */
static struct nn_architecture tiny_network(void)
{
    struct nn_architecture a = {.name = "tiny",
                                .channels = 1,
                                .height = 8,
                                .width = 8,
                                .classes = 10,
                                .count = 4};
    a.layer[0] = (struct nn_layer){.op = NN_CONV,
                                   .name = "conv",
                                   .channels = 16,
                                   .kernel = 3,
                                   .stride = 1,
                                   .pad = 1};
    a.layer[1] = (struct nn_layer){.op = NN_NORM,
                                   .name = "norm",
                                   .pool = 2,
                                   .activation = NN_RELU};
    a.layer[2] = (struct nn_layer){.op = NN_MAX_POOL, .name = "pool"};
    a.layer[3] =
        (struct nn_layer){.op = NN_DENSE, .name = "head", .channels = 10};
    return a;
}

/* Makes an engine; `encoder` NULL: an image network. */
static enum nn_status make(const struct nn_encoder *encoder,
                           const struct nn_options *o, struct nn_engine **out,
                           struct nn_error *err)
{
    const struct nn_architecture a = tiny_network();
    return encoder ? nn_encoder_create(encoder, o, out, err)
                   : nn_engine_create(&a, o, out, err);
}

/* Refuses the first request, then the second, ... until all are granted. A
 * choice of oneDNN's that is refused may have another, so that an engine comes
 * out all the same. Returns how many requests there are. */
static long refuse_each(const struct nn_encoder *encoder,
                        const struct nn_options *o)
{
    for (long k = 0;; k++) {
        struct nn_engine *e = NULL;
        struct nn_error error = {NN_OK, ""};
        refusals_left = k;
        const enum nn_status status = make(encoder, o, &e, &error);
        const bool refused = refusals_left < 0;
        refusals_left = -1;
        nn_engine_destroy(e);
        assert_true((status == NN_OK) == (e != NULL));
        if (!refused) {
            assert_int_equal(status, NN_OK);
            return k;
        }
        if (status == NN_OK) continue;
        assert_int_equal(error.code, status);
        if (!error.message[0])
            fail_msg("request %ld: status %d without a message", k,
                     (int)status);
        assert_null(strchr(error.message, '\n'));
    }
}

static void an_image_network_survives_every_refusal(void **state)
{
    (void)state;
    const struct nn_options o = {.batch = 4, .threads = 2};
    assert_true(refuse_each(NULL, &o) > 40);
}

static void an_encoder_survives_every_refusal(void **state)
{
    (void)state;
    struct nn_encoder small = small_encoder(0.1);
    const struct nn_options f32 = {.batch = 4, .threads = 1};
    small.layers = 1;
    small.length = 8;
    assert_true(refuse_each(&small, &f32) > 8);
    const struct nn_options bf16 = {.batch = 4,
                                    .threads = 1,
                                    .precision = NN_BF16,
                                    .emulate_bf16 = true};
    assert_true(refuse_each(&small, &bf16) > 40);
}

static void a_policy_network_survives_every_refusal(void **state)
{
    (void)state;
    const struct nn_actor_critic_shape shape =
        nn_actor_critic_defaults(4, 2, 8);
    long k = 0;
    for (bool refused = true; refused; k++) {
        struct nn_actor_critic *a = NULL;
        struct nn_error error = {NN_OK, ""};
        refusals_left = k;
        const enum nn_status status =
            nn_actor_critic_create(&shape, &a, &error);
        refused = refusals_left < 0;
        refusals_left = -1;
        assert_int_equal(status, refused ? NN_E_NOMEM : NN_OK);
        assert_true((a == NULL) == refused);
        assert_true(!refused || error.message[0]);
        nn_actor_critic_destroy(a);
    }
    assert_int_equal(k, 3);
}

static void whitening_survives_every_refusal(void **state)
{
    (void)state;
    const struct nn_architecture a = network("airbench94", 1, 9);
    struct nn_engine *const e =
        engine_of(&a, (struct nn_options){.batch = 1, .threads = 1});
    struct batch b = batch_of(&a, 2, 1);
    for (long k = 0; k < 2; k++) {
        refusals_left = k;
        const enum nn_status status = nn_whiten(e, b.image, b.images);
        refusals_left = -1;
        assert_int_equal(status, NN_E_NOMEM);
    }
    assert_int_equal(nn_whiten(e, b.image, b.images), NN_OK);
    batch_release(&b);
    nn_engine_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_network_survives_every_refusal),
        cmocka_unit_test(an_encoder_survives_every_refusal),
        cmocka_unit_test(a_policy_network_survives_every_refusal),
        cmocka_unit_test(whitening_survives_every_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
