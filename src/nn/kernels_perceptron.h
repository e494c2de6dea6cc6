/* The kernels of nn/perceptron.h: three products whose tiles of results stay in
 * registers. All arrays of vectors below have constant sizes and indices once
 * the tiles are inlined, which is what lets compilers keep them there. */
#ifndef TAPER_NN_KERNELS_PERCEPTRON_H
#define TAPER_NN_KERNELS_PERCEPTRON_H

#include "nn/kernels_vector.h"
#include "nn/perceptron.h"

/* ---- tanh ---------------------------------------------------------------- */

/* x P(x^2) / Q(x^2), the ratio of least relative error for |x| <= 9.01, beyond
 * which tanh is 1 in f32 (tools/fit_kernels.py). All coefficients are positive,
 * so nothing cancels; rounding adds to the fit's 2e-8. */
NN_INLINE vf v_tanh(vf x)
{
    x = v_at_least(v_all(-9.01f), v_at_most(v_all(9.01f), x));
    const vf z = x * x;
    vf p = z * 1.333678501e-08f + 2.059622602e-05f;
    vf q = z * 7.769256740e-07f + 3.284358536e-04f;
    p = p * z + 3.494807985e-03f;
    q = q * z + 2.587401494e-02f;
    p = p * z + 1.338036954e-01f;
    q = q * z + 4.671368301e-01f;
    p = p * z + 1.0f;
    q = q * z + 1.0f;
    const vf y = (x * p) / q;
    return v_at_least(v_all(-1.0f), v_at_most(v_all(1.0f), y));
}

static void tanh_all(size_t n, const float *x, float *y)
{
    size_t i = 0;
    for (; i + NN_WIDTH <= n; i += NN_WIDTH)
        store_f32(y + i, v_tanh(load_f32(x + i, NN_WIDTH)), NN_WIDTH);
    if (i < n) store_f32(y + i, v_tanh(load_f32(x + i, n - i)), n - i);
}

/* ---- Products that keep rows in lanes ------------------------------------ */

/* Vectors of rows and units of a tile: 16 accumulators of AVX-512's 32
 * registers, 8 of the others' 16. A single vector of rows, as for 8 rows at a
 * time, takes 8 units instead, or it would wait for its own sums. */
#if defined(NN_AVX512)
enum { TILE_VECTORS = 4, TILE_UNITS = 4, TALL_UNITS = 8 };
#else
enum { TILE_VECTORS = 2, TILE_UNITS = 4, TALL_UNITS = 8 };
#endif

/* One product: y[u] = f(sum over k of w[u * across + k * along] * x[k]), with
 * rows in lanes. The ends f are those of a layer's two directions. */
enum end { END_PLAIN, END_TANH, END_SLOPE };
struct product {
    size_t terms, units, across, along;
    const float *w, *bias; /* bias [units] or NULL */
    const float *x;        /* [terms, 64] */
    const float *h;        /* [units, 64], for END_SLOPE: what tanh gave */
    float *y;              /* [units, 64] */
};

NN_INLINE vf finish(enum end end, vf sum, const float *h)
{
    if (end == END_TANH) return v_tanh(sum);
    if (end == END_PLAIN) return sum;
    const vf t = load_f32(h, NN_WIDTH);
    return sum * (1.0f - t * t);
}

/* `vectors` vectors from row `row` on of `units` units from `unit` on. A row's
 * sum begins at the bias and takes the terms in order, in every tile. */
NN_INLINE void tile(const struct product *p, enum end end, size_t row,
                    size_t unit, size_t vectors, size_t units)
{
    vf sum[8][TILE_VECTORS];
    for (size_t u = 0; u < units; u++)
        for (size_t v = 0; v < vectors; v++)
            sum[u][v] = v_all(p->bias ? p->bias[unit + u] : 0.0f);
    const float *x = p->x + row;
    const float *w = p->w + unit * p->across;
    const size_t across = p->across;
    for (size_t k = 0; k < p->terms; k++, x += NN_PANEL, w += p->along) {
        vf column[TILE_VECTORS];
        for (size_t v = 0; v < vectors; v++)
            column[v] = load_f32(x + v * NN_WIDTH, NN_WIDTH);
        for (size_t u = 0; u < units; u++)
            for (size_t v = 0; v < vectors; v++)
                sum[u][v] += w[u * across] * column[v];
    }
    for (size_t u = 0; u < units; u++)
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = (unit + u) * NN_PANEL + row + v * NN_WIDTH;
            store_f32(p->y + at, finish(end, sum[u][v], p->h + at), NN_WIDTH);
        }
}

/* All units for some vectors of rows: whole tiles, then one unit at a time. */
NN_INLINE void strip(const struct product *p, enum end end, size_t row,
                     size_t vectors, size_t units)
{
    size_t unit = 0;
    for (; unit + units <= p->units; unit += units)
        tile(p, end, row, unit, vectors, units);
    for (; unit < p->units; unit++)
        tile(p, end, row, unit, vectors, 1);
}

NN_INLINE void product(const struct product *p, enum end end, size_t rows)
{
    size_t row = 0;
    const size_t wide = (size_t)TILE_VECTORS * NN_WIDTH;
    for (; row + wide - NN_WIDTH < rows; row += wide)
        strip(p, end, row, TILE_VECTORS, TILE_UNITS);
    for (; row < rows; row += NN_WIDTH)
        strip(p, end, row, 1, TALL_UNITS);
}

static void perceptron_forward(size_t rows, size_t in, size_t out,
                               const float *w, const float *bias,
                               const float *x, bool squash, float *y)
{
    const struct product p = {.terms = in,
                              .units = out,
                              .across = in,
                              .along = 1,
                              .w = w,
                              .bias = bias,
                              .x = x,
                              .h = x,
                              .y = y};
    if (squash)
        product(&p, END_TANH, rows);
    else
        product(&p, END_PLAIN, rows);
}

static void perceptron_backward(size_t rows, size_t in, size_t out,
                                const float *w, const float *dz, const float *x,
                                float *dx)
{
    const struct product p = {.terms = out,
                              .units = in,
                              .across = 1,
                              .along = in,
                              .w = w,
                              .x = dz,
                              .h = x,
                              .y = dx};
    product(&p, END_SLOPE, rows);
}

/* ---- The product that sums over rows ------------------------------------- */

/* Every other block of `size` lanes of a and b: the even ones plus the odd
 * ones. Applied to 2, 4, ... vectors with blocks of a half, a quarter, ... of a
 * vector, it adds up the lanes of as many vectors as there are lanes. */
#if NN_WIDTH == 16
#define EVENS_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define ODDS_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define EVENS_4 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define ODDS_4 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#define EVENS_2 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29
#define ODDS_2 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31
#define EVENS_1 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODDS_1 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif NN_WIDTH == 8
#define EVENS_4 0, 1, 2, 3, 8, 9, 10, 11
#define ODDS_4 4, 5, 6, 7, 12, 13, 14, 15
#define EVENS_2 0, 1, 4, 5, 8, 9, 12, 13
#define ODDS_2 2, 3, 6, 7, 10, 11, 14, 15
#define EVENS_1 0, 2, 4, 6, 8, 10, 12, 14
#define ODDS_1 1, 3, 5, 7, 9, 11, 13, 15
#else
#define EVENS_2 0, 1, 4, 5
#define ODDS_2 2, 3, 6, 7
#define EVENS_1 0, 2, 4, 6
#define ODDS_1 1, 3, 5, 7
#endif
#define ADD_BLOCKS(size, a, b) \
    (__builtin_shufflevector(a, b, EVENS_##size) + \
     __builtin_shufflevector(a, b, ODDS_##size))

/* Lane i of the result is the sum of the lanes of v[i]. */
NN_INLINE vf sums_of_lanes(vf *v)
{
#if NN_WIDTH >= 16
    for (size_t i = 0; i < 8; i++)
        v[i] = ADD_BLOCKS(8, v[2 * i], v[2 * i + 1]);
#endif
#if NN_WIDTH >= 8
    for (size_t i = 0; i < 4; i++)
        v[i] = ADD_BLOCKS(4, v[2 * i], v[2 * i + 1]);
#endif
    for (size_t i = 0; i < 2; i++)
        v[i] = ADD_BLOCKS(2, v[2 * i], v[2 * i + 1]);
    return ADD_BLOCKS(1, v[0], v[1]);
}

/* Units of dz and of x whose products a tile sums: as many sums as lanes, or
 * two vectors of them where there are only four lanes. */
enum { GRADIENT_OUT = NN_WIDTH == 16 ? 4 : 2, GRADIENT_IN = 4 };

struct outer {
    size_t n, in, out;
    const float *x, *dz; /* [panels, units, 64] */
    float *dw;           /* [out, in] */
};

/* dw of `outs` by `ins` units. */
NN_INLINE void outer_tile(const struct outer *g, size_t o, size_t k,
                          size_t outs, size_t ins)
{
    vf sum[GRADIENT_OUT * GRADIENT_IN] = {{0}};
    const float *dz = g->dz + o * NN_PANEL, *x = g->x + k * NN_PANEL;
    for (size_t row = 0; row < g->n; row += NN_PANEL) {
        const size_t left = g->n - row;
        const size_t rows = left < NN_PANEL ? left : NN_PANEL;
        for (size_t r = 0; r < rows; r += NN_WIDTH) {
            vf column[GRADIENT_IN];
            for (size_t j = 0; j < ins; j++)
                column[j] = load_f32(x + j * NN_PANEL + r, NN_WIDTH);
            for (size_t i = 0; i < outs; i++) {
                const vf d = load_f32(dz + i * NN_PANEL + r, NN_WIDTH);
                for (size_t j = 0; j < ins; j++)
                    sum[i * GRADIENT_IN + j] += d * column[j];
            }
        }
        dz += g->out * NN_PANEL;
        x += g->in * NN_PANEL;
    }
    float total[GRADIENT_OUT * GRADIENT_IN];
    const size_t tile = sizeof total / sizeof total[0];
    for (size_t i = 0; i < tile; i += NN_WIDTH)
        store_f32(total + i, sums_of_lanes(sum + i), NN_WIDTH);
    for (size_t i = 0; i < outs; i++)
        memcpy(g->dw + (o + i) * g->in + k, total + i * GRADIENT_IN,
               ins * sizeof *total);
}

NN_INLINE void outer_strip(const struct outer *g, size_t o, size_t outs)
{
    size_t k = 0;
    for (; k + GRADIENT_IN <= g->in; k += GRADIENT_IN)
        outer_tile(g, o, k, outs, GRADIENT_IN);
    for (; k < g->in; k++)
        outer_tile(g, o, k, outs, 1);
}

/* The sum over rows of one unit of dz. */
static float sum_rows(const struct outer *g, size_t o)
{
    vf sum = {0};
    const float *dz = g->dz + o * NN_PANEL;
    for (size_t row = 0; row < g->n; row += NN_PANEL, dz += g->out * NN_PANEL) {
        const size_t left = g->n - row;
        const size_t rows = left < NN_PANEL ? left : NN_PANEL;
        for (size_t r = 0; r < rows; r += NN_WIDTH)
            sum += load_f32(dz + r, NN_WIDTH);
    }
    float total = 0;
    for (size_t i = 0; i < NN_WIDTH; i++)
        total += sum[i];
    return total;
}

static void perceptron_gradient(size_t n, size_t in, size_t out, const float *x,
                                const float *dz, float *dw, float *dbias)
{
    const struct outer g = {n, in, out, x, dz, dw};
    size_t o = 0;
    for (; o + GRADIENT_OUT <= out; o += GRADIENT_OUT)
        outer_strip(&g, o, GRADIENT_OUT);
    for (; o < out; o++)
        outer_strip(&g, o, 1);
    for (o = 0; o < out; o++)
        dbias[o] = sum_rows(&g, o);
}

static const struct nn_perceptron_kernels perceptron_kernels = {
    .forward = perceptron_forward,
    .backward = perceptron_backward,
    .gradient = perceptron_gradient,
    .tanh = tanh_all,
};

#endif
