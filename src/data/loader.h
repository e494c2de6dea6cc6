/* Batches of normalised, augmented images, prepared while the trainer works.
 *
 * One background thread fills three buffers in turn. What a batch holds is a
 * pure function of (set, options, epoch, batch index): every random choice is
 * drawn from a stream named by seed, epoch and sample, so training resumed at
 * any (epoch, batch) sees the same bits, whatever the threads did before.
 *
 *     data_loader_start(loader, epoch, first_batch);
 *     for (...) {
 *         const struct data_batch *b = data_loader_next(loader);
 *         ... compute with b->images, b->labels ...
 *         data_loader_release(loader);
 *     }
 */
#ifndef TAPER_DATA_LOADER_H
#define TAPER_DATA_LOADER_H

#include "data/dataset.h"

#include <stdbool.h>

enum data_flip {
    DATA_FLIP_NONE,
    DATA_FLIP_RANDOM,     /* each sample in each epoch with probability 1/2 */
    DATA_FLIP_ALTERNATING /* random in epoch 0; after that each sample is
                             mirrored in every other epoch (airbench94) */
};

enum data_pad {
    DATA_PAD_ZERO,   /* black, as torchvision's RandomCrop */
    DATA_PAD_REFLECT /* mirrored without repeating the edge pixel */
};

enum data_mode {
    DATA_TRAINING,  /* shuffled, augmented, full batches only, without end */
    DATA_EVALUATION /* in order, once; the last batch may be short */
};

struct data_loader_options {
    enum data_mode mode;
    size_t batch; /* images, >= 1; training: <= the set's count */
    uint64_t seed;
    struct data_statistics statistics; /* x -> (x / 255 - mean) / deviation */
    enum data_flip flip;               /* training only */
    /* Training: pad every side by `padding` pixels and cut the image's size
     * out at a random place. Evaluation: bounds the shift of a view. At most
     * the smaller side less one. */
    size_t padding;
    enum data_pad pad;
    /* Training only: a square of so many pixels a side, somewhere in each
     * image, is the mean colour (DeVries and Taylor, arXiv 1708.04552; here it
     * lies within the image as a whole). At most the smaller side. */
    size_t cutout;
};

/* A fixed distortion for evaluation: test-time augmentation averages several.
 * The image's content moves by `right` and `down` pixels, each within
 * -padding ... padding, after mirroring. Zeros are the plain image. */
struct data_view {
    bool mirror;
    int right, down;
};

struct data_batch {
    const float *images;     /* [n, channels, height, width], 64-byte aligned */
    const int32_t *labels;   /* [n] */
    const uint32_t *samples; /* [n], the samples' numbers in the set */
    size_t n;                /* batch, or less at the end of an evaluation */
    uint64_t epoch;          /* counted from 0 */
    size_t index;            /* of this batch in its epoch, from 0 */
};

struct data_loader;

/* Create a loader of `set`, which must outlive it. All memory is allocated and
 * the thread is started here; nothing is allocated later.
 *
 * Returns DATA_OK, DATA_E_ARGUMENT, DATA_E_MEMORY or DATA_E_THREAD; *out is
 * NULL on failure. The caller releases *out with data_loader_destroy().
 */
enum data_status data_loader_create(const struct data_set *set,
                                    const struct data_loader_options *options,
                                    struct data_loader **out,
                                    struct data_error *err);

/* Stops the thread. NULL is legal. */
void data_loader_destroy(struct data_loader *loader);

/* Batches in one epoch: count / batch, rounded down in training and up in
 * evaluation. */
size_t data_loader_batches(const struct data_loader *loader);

/* Continue from this batch; what was prefetched is dropped. Releases a batch
 * still held. In training a `first_batch` past the epoch's end counts on into
 * the following epochs. */
void data_loader_start(struct data_loader *loader, uint64_t epoch,
                       size_t first_batch);

/* Begin an evaluation under a view; data_loader_start() uses the plain one.
 * Shifts beyond the padding are cut to it. */
void data_loader_start_view(struct data_loader *loader, struct data_view view);

/* The next batch, waiting for it if need be; it stays valid until released.
 * Training rolls on into the next epoch without end. Evaluation returns NULL
 * after the last batch. A new loader prepares nothing and returns NULL until
 * it is started. */
const struct data_batch *data_loader_next(struct data_loader *loader);

/* Give the batch's buffer back for filling. Without a batch held: no effect.
 * data_loader_next() with a batch held releases it first. */
void data_loader_release(struct data_loader *loader);

#endif
