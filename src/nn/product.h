/* Convolutions and dense layers: the layers that oneDNN computes.
 *
 * This and nn/matmul.h are the only doors to oneDNN. product_onednn2.c
 * implements it on the API of oneDNN 2.x (operation descriptors); a file for
 * 3.x, which dropped them, can be put beside it and chosen by CMake without
 * touching anything else.
 *
 * A product is created for fixed shapes, then bound once to fixed memory; from
 * then on running it allocates nothing. oneDNN chooses the layouts; where its
 * choice differs from what the neighbours hold, the product reorders. */
#ifndef TAPER_NN_PRODUCT_H
#define TAPER_NN_PRODUCT_H

#include "nn/kernels.h"
#include "nn/status.h"
#include <stdbool.h>

/* An engine and a stream. One for each thread; created and used on that
 * thread alone, after nn_device_single_thread(). */
struct nn_device;
struct dnnl_engine;
struct dnnl_stream;

enum nn_status nn_device_create(struct nn_device **out, struct nn_error *err);
void nn_device_destroy(struct nn_device *d);

/* oneDNN's own objects, for the files that call it. */
struct dnnl_engine *nn_device_engine(struct nn_device *d);
struct dnnl_stream *nn_device_stream(struct nn_device *d);

/* Makes oneDNN single-threaded for the calling thread and flushes denormal
 * numbers to zero there (nn/denormals.h). */
void nn_device_single_thread(void);

/* "2.6.3" */
void nn_device_version(char *out, size_t size);

struct nn_product;

struct nn_product_shape {
    bool dense; /* y = x W^T over flattened c, h, w; else a convolution */
    enum nn_type type; /* of weights and activations inside oneDNN */
    bool f32_output;   /* y is f32 whatever `type` is (for logits) */
    int images, in_channels, in_height, in_width;
    int out_channels, kernel, stride, pad; /* the last three: convolution */
    bool winograd;      /* use Winograd's algorithm (3 x 3, stride 1) when
                           oneDNN has it for this shape; it multiplies in f32,
                           so bf16, which x must then be, is widened */
    bool channels_last; /* for tests: ask for nhwc, which oneDNN chooses by
                           itself where there is AMX */
    bool need_dx;       /* false for the first layer */
    bool need_dw;       /* false for frozen weights */
};

/* `in` is the layout that x will have. */
enum nn_status nn_product_create(struct nn_device *d,
                                 const struct nn_product_shape *shape,
                                 const struct nn_layout *in,
                                 struct nn_product **out, struct nn_error *err);
void nn_product_destroy(struct nn_product *p);

/* The layout of y and dy. */
const struct nn_layout *nn_product_output(const struct nn_product *p);

/* Bytes that must keep their content between prepare, forward and backward
 * (weights as oneDNN wants them), and bytes that any product may overwrite. */
size_t nn_product_kept_size(const struct nn_product *p);
size_t nn_product_scratch_size(const struct nn_product *p);

/* Memory is borrowed and stays where it is for the product's life; all of it
 * is aligned to 64 bytes. dy and dx may be NULL when not needed. */
struct nn_product_memory {
    void *x, *y, *dy, *dx;
    const float *weights; /* [out, in, kernel, kernel] or [out, in * h * w] */
    float *dweights;      /* the same shape; set, not added to */
    void *kept, *scratch;
};
enum nn_status nn_product_bind(struct nn_product *p,
                               const struct nn_product_memory *m);

/* Takes over the weights; to be called after each change of them. */
enum nn_status nn_product_prepare(struct nn_product *p, bool backward);
enum nn_status nn_product_forward(struct nn_product *p);
enum nn_status nn_product_backward(struct nn_product *p);

/* The name of oneDNN's implementation: part 0 forward, 1 backward data,
 * 2 backward weights. "" when there is none. */
const char *nn_product_implementation(const struct nn_product *p, int part);

/* Bytes of a tensor of this layout. */
size_t nn_layout_bytes(const struct nn_layout *l);

#endif
