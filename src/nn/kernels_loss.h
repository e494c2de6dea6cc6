/* Softmax cross-entropy with label smoothing, and its gradient. */
#ifndef TAPER_NN_KERNELS_LOSS_H
#define TAPER_NN_KERNELS_LOSS_H

#include <math.h>

#include "nn/kernels_math.h"

/* Lanes past the last class read as `fill`. */
NN_INLINE vf load_classes(const float *row, size_t i, size_t classes,
                          float fill)
{
    if (i + NN_WIDTH <= classes) return load_f32(row + i, NN_WIDTH);
    vf v = v_all(fill);
    memcpy(&v, row + i, (classes - i) * sizeof(float));
    return v;
}

/* NaN when any is NaN. */
static float largest(const float *row, size_t classes)
{
    float max = row[0];
    for (size_t c = 1; c < classes; c++)
        max = row[c] > max || row[c] != row[c] ? row[c] : max;
    return max;
}

static double sum_lanes(const double *lanes)
{
    double sum = 0;
    for (size_t k = 0; k < NN_WIDTH; k++)
        sum += lanes[k];
    return sum;
}

/* The sum of e^(l - max), and in *gaps the sum of max - l. */
static double sum_exp(const float *row, size_t classes, float max, double *gaps)
{
    double sum[NN_WIDTH] = {0}, gap[NN_WIDTH] = {0};
    for (size_t i = 0; i < classes; i += NN_WIDTH) {
        /* Lanes past the last class read as the maximum: their gap is 0, and
         * their e^0 = 1 is subtracted below. */
        const vf d = load_classes(row, i, classes, max) - max;
        v_add_to(sum, v_exp(d));
        v_add_to(gap, -d);
    }
    const size_t padding = (NN_WIDTH - classes % NN_WIDTH) % NN_WIDTH;
    *gaps = sum_lanes(gap);
    return sum_lanes(sum) - (double)padding;
}

static void write_gradient(const float *row, size_t classes, float max,
                           double sum, double weight, double everywhere,
                           float *to)
{
    const vf scale = v_all((float)(weight / sum));
    const vf less = v_all((float)(weight * everywhere));
    for (size_t i = 0; i < classes; i += NN_WIDTH) {
        const size_t left = classes - i;
        const vf d = load_classes(row, i, classes, max) - max;
        store_f32(to + i, v_exp(d) * scale - less,
                  left < NN_WIDTH ? left : NN_WIDTH);
    }
}

/* Ties go to the first class; a row with a NaN is never right. */
static int is_largest(const float *row, size_t classes, size_t label)
{
    for (size_t c = 0; c < classes; c++)
        if (c < label ? !(row[c] < row[label]) : !(row[c] <= row[label]))
            return 0;
    return 1;
}

/* With l' = l - max and s = log sum e^l', the loss of class c is s - l'_c. */
static double cross_entropy(size_t rows, size_t classes, size_t stride,
                            const float *logits, const int32_t *labels,
                            double smoothing, double weight, float *dlogits,
                            size_t *correct)
{
    const double everywhere = smoothing / (double)classes;
    double loss = 0;
    for (size_t r = 0; r < rows; r++) {
        const float *row = logits + r * stride;
        float *d = dlogits ? dlogits + r * stride : NULL;
        const int known = labels[r] >= 0 && (size_t)labels[r] < classes;
        const size_t label = known ? (size_t)labels[r] : 0;
        const float max = largest(row, classes);
        double gaps;
        const double sum = sum_exp(row, classes, max, &gaps);
        loss +=
            (1.0 - smoothing) * (log(sum) + (double)max - (double)row[label]);
        if (smoothing > 0.0) loss += smoothing * log(sum) + everywhere * gaps;
        if (!known) loss = (double)NAN;
        *correct += (size_t)(known && is_largest(row, classes, label));
        if (!d) continue;
        write_gradient(row, classes, max, sum, weight, everywhere, d);
        d[label] -= (float)(weight * (1.0 - smoothing));
    }
    return loss;
}

#endif
