/* The whitening filters against NumPy's eigenvectors, and by what they are
 * for: filtered patches have unit variance and do not correlate.
 * tests/data/nn/whiten.txt was recorded by tools/golden/whiten.py. */
#include "nn/engine_case.h"
#include <stdio.h>

enum { IMAGES = 6, SIZE = 12, MOST_VALUES = 12, LINE = 512 };

/* Noise that runs on along rows, columns and channels, as in whiten.py. */
static float *images_of(int channels)
{
    const int plane = SIZE * SIZE, count = IMAGES * channels * plane;
    double *x = calloc((size_t)count, sizeof *x);
    float *out = calloc((size_t)count, sizeof *out);
    assert_true(x && out);
    uint64_t state = 20240229;
    for (int i = 0; i < count; i++) {
        const int column = i % SIZE, row = i / SIZE % SIZE;
        const int channel = i / plane % channels;
        state = state * 6364136223846793005U + 1442695040888963407U;
        double v = (double)(state >> 40) / 8388608.0 - 1.0;
        if (column) v += 0.75 * x[i - 1];
        if (row) v += 0.5 * x[i - SIZE];
        if (row && column) v -= 0.25 * x[i - SIZE - 1];
        if (channel) v += 0.125 * x[i - plane];
        x[i] = v;
        out[i] = (float)v;
    }
    free(x);
    return out;
}

static struct nn_engine *whitened(int channels)
{
    const struct nn_architecture a = network("airbench94", channels, SIZE);
    struct nn_engine *e = engine_of(&a, f32_options(1, 1));
    float *images = images_of(channels);
    assert_int_equal(nn_whiten(e, images, IMAGES), NN_OK);
    free(images);
    return e;
}

static const struct nn_parameter *filters_of(const struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    assert_int_equal(p[0].role, NN_ROLE_WHITEN);
    return &p[0];
}

static void filters_are_numpys_eigenvectors(void **state)
{
    (void)state;
    FILE *f = fopen(TAPER_TEST_DATA "/nn/whiten.txt", "r");
    assert_non_null(f);
    struct nn_engine *e[4] = {NULL, whitened(1), NULL, whitened(3)};
    char line[LINE];
    int lines = 0;
    while (fgets(line, sizeof line, f)) {
        int channels, k, used, more;
        double value, want[MOST_VALUES], dot = 0.0;
        if (line[0] == '#') continue;
        assert_int_equal(sscanf(line, "%d %d %lf%n", &channels, &k, &value,
                                &used),
                         3);
        const int n = channels * 4;
        const float *got = nn_engine_weights(e[channels]) +
                           filters_of(e[channels])->offset + k * n;
        for (int i = 0; i < n; i++, used += more) {
            assert_int_equal(sscanf(line + used, "%lf%n", &want[i], &more), 1);
            dot += want[i] * (double)got[i];
        }
        /* An eigenvector turns by the rounding over the gap to the next
         * eigenvalue, a few per cent here: far below a float's digits. */
        const double sign = dot < 0.0 ? -1.0 : 1.0;
        const double largest = 1.0 / sqrt(value + 5e-4);
        for (int i = 0; i < n; i++)
            if (fabs(sign * (double)got[i] - want[i]) > 1e-6 * largest)
                fail_msg("filter %d of %d channels, value %d: %g, NumPy %g", k,
                         channels, i, sign * (double)got[i], want[i]);
        lines++;
    }
    assert_int_equal(lines, 4 + 12);
    fclose(f);
    nn_engine_destroy(e[1]);
    nn_engine_destroy(e[3]);
}

static void second_half_of_the_filters_is_the_first_negated(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        struct nn_engine *e = whitened(channels);
        const struct nn_parameter *p = filters_of(e);
        const float *w = nn_engine_weights(e) + p->offset;
        assert_int_equal(p->dim[0], 8 * channels);
        for (size_t i = 0; i < p->count / 2; i++)
            assert_true(w[p->count / 2 + i] == -w[i]);
        nn_engine_destroy(e);
    }
}

/* The second moment of what the filters make of all patches. */
static void second_moment(const float *w, int n, const float *images,
                          int channels, double *moment)
{
    double sum[MOST_VALUES][MOST_VALUES] = {{0.0}};
    double count = 0.0;
    for (int image = 0; image < IMAGES; image++)
        for (int at = 0; at < (SIZE - 1) * (SIZE - 1); at++, count++) {
            const int y = at / (SIZE - 1), x = at % (SIZE - 1);
            double out[MOST_VALUES] = {0.0};
            for (int k = 0; k < n; k++)
                for (int i = 0; i < n; i++) {
                    const int c = i / 4, row = y + i / 2 % 2, col = x + i % 2;
                    out[k] +=
                        (double)w[k * n + i] *
                        (double)images[((image * channels + c) * SIZE + row) *
                                           SIZE +
                                       col];
                }
            for (int k = 0; k < n; k++)
                for (int i = 0; i < n; i++)
                    sum[k][i] += out[k] * out[i];
        }
    for (int i = 0; i < n * n; i++)
        moment[i] = sum[i / n][i % n] / count;
}

/* Eigenvalue v becomes v / (v + 5e-4), just below one. */
static void filtered_patches_are_white(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        struct nn_engine *e = whitened(channels);
        const int n = channels * 4;
        float *images = images_of(channels);
        double moment[MOST_VALUES * MOST_VALUES];
        second_moment(nn_engine_weights(e) + filters_of(e)->offset, n, images,
                      channels, moment);
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++) {
                const double m = moment[i * n + k];
                if (i == k)
                    assert_true(m < 1.0 && m > 0.99);
                else
                    assert_true(fabs(m) < 1e-5);
            }
        free(images);
        nn_engine_destroy(e);
    }
}

/* The filters run through the engine as the network's first layer does, and
 * the patches of constant images have one direction only: the others get the
 * largest factor, 1 / sqrt(5e-4), and nothing is infinite. */
static void flat_images_give_finite_filters(void **state)
{
    (void)state;
    const struct nn_architecture a = network("airbench94", 3, SIZE);
    struct nn_engine *e = engine_of(&a, f32_options(1, 1));
    float *images = calloc(2 * 3 * SIZE * SIZE, sizeof *images);
    assert_non_null(images);
    for (int half = 0; half < 2; half++) { /* all black, then one grey */
        for (int i = 0; half && i < 2 * 3 * SIZE * SIZE; i++)
            images[i] = 0.5F;
        assert_int_equal(nn_whiten(e, images, 2), NN_OK);
        const float *w = nn_engine_weights(e) + filters_of(e)->offset;
        double largest = 0.0;
        for (size_t i = 0; i < filters_of(e)->count; i++) {
            assert_true(isfinite(w[i]));
            largest = fmax(largest, fabs((double)w[i]));
        }
        assert_true(largest > 1.0 && largest <= 1.0001 / sqrt(5e-4));
    }
    free(images);
    nn_engine_destroy(e);
}

static void only_the_whitening_filters_change(void **state)
{
    (void)state;
    const struct nn_architecture a = network("airbench94", 3, SIZE);
    struct nn_engine *e = engine_of(&a, f32_options(1, 1));
    const size_t size = nn_engine_size(e);
    const struct nn_parameter *p = filters_of(e);
    float *before = copy_of(nn_engine_weights(e), size);
    float *images = images_of(3);
    assert_int_equal(nn_whiten(e, images, 0), NN_OK); /* none: none */
    assert_memory_equal(before, nn_engine_weights(e), size * sizeof *before);
    assert_int_equal(nn_whiten(e, images, IMAGES), NN_OK);
    const float *w = nn_engine_weights(e);
    for (size_t i = 0; i < size; i++)
        if (i < p->offset || i >= p->offset + p->count)
            assert_true(w[i] == before[i]);
    free(images);
    free(before);
    nn_engine_destroy(e);

    const struct nn_architecture cnn = network("cnn", 1, SIZE);
    e = engine_of(&cnn, f32_options(1, 1));
    before = copy_of(nn_engine_weights(e), nn_engine_size(e));
    assert_int_equal(nn_whiten(e, before, 1), NN_OK);
    assert_memory_equal(before, nn_engine_weights(e),
                        nn_engine_size(e) * sizeof *before);
    free(before);
    nn_engine_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_are_numpys_eigenvectors),
        cmocka_unit_test(second_half_of_the_filters_is_the_first_negated),
        cmocka_unit_test(filtered_patches_are_white),
        cmocka_unit_test(flat_images_give_finite_filters),
        cmocka_unit_test(only_the_whitening_filters_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
