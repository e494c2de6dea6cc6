/* The encoder's kernels against PyTorch's results for the same inputs. */
#include "kernels_sequence_golden.h"
#include "sequence_case.h"

enum { TEXTS = GOLDEN_TEXTS, LENGTH = GOLDEN_LENGTH, DIM = GOLDEN_DIM };
enum { ROWS = TEXTS * LENGTH, HEADS = GOLDEN_HEADS, FEED = GOLDEN_FEED };

static const struct nn_keep none = {NULL, 1};

#define COMPARE(k, got, want) \
    compare(#got, k->name, got, want, sizeof(want) / sizeof(want)[0])

static void compare(const char *what, const char *kernels, const float *got,
                    const float *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(got[i] - want[i]) <= 2e-6f * (1 + fabsf(want[i]))))
            fail_msg("%s (%s): value %zu of %zu is %.9g, expected %.9g", what,
                     kernels, i, n, (double)got[i], (double)want[i]);
}

static void embedding_agrees_with_pytorch(void **state)
{
    (void)state;
    const struct nn_embedding e = {.texts = TEXTS,
                                   .length = LENGTH,
                                   .dim = DIM,
                                   .vocabulary = GOLDEN_VOCABULARY,
                                   .positions = LENGTH,
                                   .tokens = golden_tokens,
                                   .lengths = golden_lengths,
                                   .keep = none};
    FOR_EACH_KERNELS(k)
    {
        float y[ROWS * DIM], dtoken[GOLDEN_VOCABULARY * DIM];
        float dposition[LENGTH * DIM];
        uint32_t scratch[GOLDEN_VOCABULARY + ROWS];
        k->sequence->embed_forward(&e, golden_token, golden_position, y);
        k->sequence->embed_backward(&e, golden_dembedded, dtoken, dposition,
                                    scratch);
        COMPARE(k, y, golden_embedded);
        COMPARE(k, dtoken, golden_dtoken);
        COMPARE(k, dposition, golden_dposition);
    }
}

static void layer_norm_agrees_with_pytorch(void **state)
{
    (void)state;
    double *scratch = case_alloc(nn_sum_scratch(DIM) * sizeof *scratch);
    FOR_EACH_KERNELS(k)
    {
        float mean[ROWS], inverse[ROWS], y[ROWS * DIM], dx[ROWS * DIM];
        float dscale[DIM], dshift[DIM];
        const struct nn_layer_norm n = {.type = NN_F32,
                                        .rows = ROWS,
                                        .width = DIM,
                                        .epsilon = 1e-5,
                                        .scale = golden_norm_scale,
                                        .shift = golden_norm_shift,
                                        .mean = mean,
                                        .inverse = inverse};
        k->sequence->layer_norm_forward(&n, golden_norm_x, y);
        k->sequence->layer_norm_backward(&n, golden_norm_x, golden_norm_dy,
                                         false, dx, dscale, dshift, scratch);
        COMPARE(k, y, golden_norm_y);
        COMPARE(k, dx, golden_norm_dx);
        COMPARE(k, dscale, golden_norm_dscale);
        COMPARE(k, dshift, golden_norm_dshift);
    }
    free(scratch);
}

static void masked_softmax_agrees_with_pytorch(void **state)
{
    (void)state;
    const struct nn_attention a = {.texts = TEXTS,
                                   .heads = HEADS,
                                   .length = LENGTH,
                                   .lengths = golden_lengths,
                                   .scale = 1 / sqrt(DIM / HEADS),
                                   .keep = none};
    FOR_EACH_KERNELS(k)
    {
        float p[TEXTS * HEADS * LENGTH * LENGTH];
        float dscores[TEXTS * HEADS * LENGTH * LENGTH];
        k->sequence->softmax_forward(&a, golden_scores, p, NULL);
        k->sequence->softmax_backward(&a, p, golden_dprobabilities, dscores);
        COMPARE(k, p, golden_probabilities);
        COMPARE(k, dscores, golden_dscores);
    }
}

static void gelu_behind_a_bias_agrees_with_pytorch(void **state)
{
    (void)state;
    double *scratch = case_alloc(nn_sum_scratch(FEED) * sizeof *scratch);
    FOR_EACH_KERNELS(k)
    {
        float y[ROWS * FEED], dx[ROWS * FEED], dbias[FEED];
        k->sequence->gelu_forward(NN_F32, ROWS, FEED, golden_gelu_bias, none,
                                  golden_gelu_x, y);
        k->sequence->gelu_backward(NN_F32, ROWS, FEED, golden_gelu_bias, none,
                                   golden_gelu_x, golden_gelu_dy, dx, dbias,
                                   scratch);
        COMPARE(k, y, golden_gelu_y);
        COMPARE(k, dx, golden_gelu_dx);
        COMPARE(k, dbias, golden_gelu_dbias);
    }
    free(scratch);
}

static void masked_mean_agrees_with_pytorch(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    {
        float y[TEXTS * DIM], dx[ROWS * DIM];
        k->sequence->pool_mean_forward(TEXTS, LENGTH, DIM, golden_lengths,
                                       golden_pool_x, y);
        k->sequence->pool_mean_backward(TEXTS, LENGTH, DIM, golden_lengths,
                                        golden_pool_dy, dx);
        COMPARE(k, y, golden_pool_y);
        COMPARE(k, dx, golden_pool_dx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embedding_agrees_with_pytorch),
        cmocka_unit_test(layer_norm_agrees_with_pytorch),
        cmocka_unit_test(masked_softmax_agrees_with_pytorch),
        cmocka_unit_test(gelu_behind_a_bias_agrees_with_pytorch),
        cmocka_unit_test(masked_mean_agrees_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
