/* A labelled set of images in memory, and how to open one.
 *
 * A set is one block of 8-bit pixels and one of labels; what a file looked like
 * is forgotten once it is read. Sets are opened by name or by folder, and the
 * folder's layout is recognised:
 *
 *   IDX           train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz]
 *                 and the same for t10k-; also with "." before "idx"
 *   CIFAR-10      data_batch_1.bin ... data_batch_5.bin, test_batch.bin
 *   CIFAR-100     train.bin, test.bin (the fine labels are used)
 *   image folder  train/<class>/x.jpg, .jpeg or .png, and test/ or val/
 *
 * All images of a set have one size and are all grey or all colour. */
#ifndef TAPER_DATA_DATASET_H
#define TAPER_DATA_DATASET_H

#include "data/error.h"

#include <stddef.h>
#include <stdint.h>

#define DATA_MAX_CHANNELS 3
#define DATA_MAX_SIDE 4096        /* pixels; larger images are refused */
#define DATA_MAX_CLASSES 100000   /* classes; more are refused */
#define DATA_MAX_COUNT (1u << 31) /* samples; more are refused */

enum data_split { DATA_TRAIN, DATA_TEST };

struct data_set {
    size_t count;                   /* >= 1 */
    size_t channels, height, width; /* channels: 1 grey, 3 red green blue */
    size_t classes;                 /* >= 2; the same for train and test */
    uint8_t *pixels;                /* [count, channels, height, width] */
    int32_t *labels;                /* [count], in [0, classes) */
    char **class_names;             /* [classes], or NULL if not known */
    char *source;                   /* the folder it was read from */
    const char *layout;             /* "IDX", "CIFAR-10", "CIFAR-100" or
                                       "image folder" */
    uint64_t fingerprint;           /* XXH64 of shape, labels and pixels: tells
                                       sets apart, does not resist forgery */
};

/* What a caller may choose; zero everywhere is the default. */
struct data_open_options {
    /* Keep only the first `limit` samples; 0 keeps all. IDX and CIFAR keep the
     * order of their files. An image folder takes one file of each class in
     * turn, so any first samples hold the classes as evenly as can be. The
     * number of classes is that of the whole set. */
    size_t limit;
    /* Look for known names here before anywhere else; NULL: do not. */
    const char *folder;
    /* Threads that decode an image folder; 0: one per processor. The result
     * does not depend on it. */
    size_t threads;
};

/* Open one split of a data set.
 *
 *   name     "fashion-mnist", "cifar10", "cifar100", or the path of a folder.
 *            A name is looked for in options->folder, $TAPER_DATA, ./data,
 *            $XDG_DATA_HOME/taper (or ~/.local/share/taper) and, for
 *            fashion-mnist, in Debian's /usr/share/datasets.
 *   options  NULL for the defaults
 *   set      filled in on success; zeroed on failure
 *   err      filled in on failure; may be NULL
 *
 * The caller owns the set and releases it with data_set_free().
 */
enum data_status data_open(const char *name, enum data_split split,
                           const struct data_open_options *options,
                           struct data_set *set, struct data_error *err);

/* Legal on a zeroed set; leaves it zeroed. */
void data_set_free(struct data_set *set);

/* Fail unless `test` has the image shape and the classes of `train`. */
enum data_status data_set_match(const struct data_set *train,
                                const struct data_set *test,
                                struct data_error *err);

/* Per channel, of pixels scaled to [0, 1]. A channel without any variation has
 * deviation 1, so that it normalises to 0. */
struct data_statistics {
    double mean[DATA_MAX_CHANNELS];
    double deviation[DATA_MAX_CHANNELS]; /* > 0 */
};

/* Exact integer sums: the same bits whatever the order or machine. */
struct data_statistics data_set_statistics(const struct data_set *set);

/* The names data_open() knows: NULL past the last. */
const char *data_known_name(size_t index);

#endif
