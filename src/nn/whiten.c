/* The whitening layer of airbench94: its filters are the principal components
 * of the images' patches, scaled to unit variance, and the same negated. */
#include "nn/engine.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATCH = 75 }; /* values in a patch: 3 channels of 5 x 5 */

struct patches {
    int channels, height, width, size;
    int values; /* channels * size * size */
    double covariance[MAX_PATCH * MAX_PATCH];
    double vectors[MAX_PATCH * MAX_PATCH]; /* column k is eigenvector k */
};

/* The second moment of all patches. airbench94 takes it about zero: the
 * images are normalised, so the mean is almost that. */
static void accumulate(struct patches *p, const float *image, double *patch)
{
    for (int y = 0; y + p->size <= p->height; y++)
        for (int x = 0; x + p->size <= p->width; x++) {
            int k = 0;
            for (int c = 0; c < p->channels; c++)
                for (int dy = 0; dy < p->size; dy++)
                    for (int dx = 0; dx < p->size; dx++)
                        patch[k++] = (double)
                            image[(c * p->height + y + dy) * p->width + x + dx];
            for (int i = 0; i < p->values; i++)
                for (int j = 0; j <= i; j++)
                    p->covariance[i * p->values + j] += patch[i] * patch[j];
        }
}

/* One Jacobi rotation that makes element (i, j) zero (Golub and Van Loan,
 * Matrix Computations, section 8.5). */
static void rotate(struct patches *p, int i, int j)
{
    const int n = p->values;
    double *a = p->covariance, *v = p->vectors;
    const double off = a[i * n + j];
    if (off == 0.0) return;
    const double theta = (a[j * n + j] - a[i * n + i]) / (2.0 * off);
    const double t =
        (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
    for (int k = 0; k < n; k++) {
        const double x = a[k * n + i], y = a[k * n + j];
        a[k * n + i] = c * x - s * y;
        a[k * n + j] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        const double x = a[i * n + k], y = a[j * n + k];
        a[i * n + k] = c * x - s * y;
        a[j * n + k] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        const double x = v[k * n + i], y = v[k * n + j];
        v[k * n + i] = c * x - s * y;
        v[k * n + j] = s * x + c * y;
    }
}

static void eigenvectors(struct patches *p)
{
    enum { SWEEPS = 30 }; /* converges quadratically; ten are plenty */
    const int n = p->values;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            p->vectors[i * n + j] = i == j ? 1.0 : 0.0;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                rotate(p, i, j);
}

/* Index of the k-th largest eigenvalue; ties go to the lower index. */
static int ranked(const struct patches *p, int k)
{
    const int n = p->values;
    for (int i = 0; i < n; i++) {
        const double value = p->covariance[i * n + i];
        int larger = 0;
        for (int j = 0; j < n; j++) {
            const double other = p->covariance[j * n + j];
            larger += other > value || (other == value && j < i);
        }
        if (larger == k) return i;
    }
    return 0;
}

static void write_filters(const struct patches *p, float *w, int filters)
{
    const int n = p->values;
    for (int k = 0; k < n && k < filters; k++) {
        const int column = ranked(p, k);
        const double value = p->covariance[column * n + column];
        const double scale = 1.0 / sqrt((value > 0.0 ? value : 0.0) + 5e-4);
        for (int i = 0; i < n; i++) {
            const double x = scale * p->vectors[i * n + column];
            w[k * n + i] = (float)x;
            if (n + k < filters) w[(n + k) * n + i] = (float)-x;
        }
    }
}

static const struct nn_parameter *whitening(const struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        if (p[i].role == NN_ROLE_WHITEN) return &p[i];
    return NULL;
}

enum nn_status nn_whiten(struct nn_engine *e, const float *images, size_t n)
{
    const struct nn_parameter *w = whitening(e);
    const struct nn_architecture *a = nn_engine_architecture(e);
    if (!w || n == 0) return NN_OK;
    const int values = w->dim[1] * w->dim[2] * w->dim[3];
    if (values > MAX_PATCH) return NN_E_UNSUPPORTED;
    struct patches *p = calloc(1, sizeof *p);
    double *patch = calloc((size_t)values, sizeof *patch);
    if (p && patch) {
        *p = (struct patches){.channels = a->channels,
                              .height = a->height,
                              .width = a->width,
                              .size = w->dim[2],
                              .values = values};
        const size_t floats =
            (size_t)a->channels * (size_t)a->height * (size_t)a->width;
        for (size_t i = 0; i < n; i++)
            accumulate(p, images + i * floats, patch);
        const double count =
            (double)n * (a->height - p->size + 1) * (a->width - p->size + 1);
        for (int i = 0; i < values; i++)
            for (int j = 0; j <= i; j++)
                p->covariance[j * values + i] = p->covariance[i * values + j] /=
                    count;
        eigenvectors(p);
        write_filters(p, nn_engine_weights(e) + w->offset, w->dim[0]);
    }
    const enum nn_status status = p && patch ? NN_OK : NN_E_NOMEM;
    free(patch);
    free(p);
    return status;
}
