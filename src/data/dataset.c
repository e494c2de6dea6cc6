/* Finds a data set by name or folder, recognises its layout, loads it. */
#include "data/dataset.h"

#include "data/file.h"
#include "data/hash.h"
#include "data/layout.h"
#include "data/places.h"
#include "data/texts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adding a layout means adding a row. The first that matches is taken. */
static const struct layout {
    const char *name;
    bool (*detect)(const char *folder);
    data_load *load;
} layouts[] = {
    {"IDX", data_idx_detect, data_idx_load},
    {"CIFAR-10", data_cifar10_detect, data_cifar10_load},
    {"CIFAR-100", data_cifar100_detect, data_cifar100_load},
    {"image folder", data_folder_detect, data_folder_load},
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static const char *const fashion_classes[] = {"T-shirt/top", "Trouser",
                                              "Pullover",    "Dress",
                                              "Coat",        "Sandal",
                                              "Shirt",       "Sneaker",
                                              "Bag",         "Ankle boot"};

static const struct layout *recognise(const char *folder)
{
    for (size_t i = 0; i < LAYOUTS; i++)
        if (layouts[i].detect(folder)) return &layouts[i];
    return NULL;
}

static bool is_set(const char *folder)
{
    return recognise(folder) != NULL;
}

/* Sets known by name, and what their files do not say. */
static const struct known {
    struct data_place place;
    const char *const *class_names; /* [classes], or NULL */
    size_t classes;
} known_sets[] = {
    {{.name = "fashion-mnist",
      .folders = {"fashion-mnist", "FashionMNIST/raw"},
      .advice = "install Debian's package dataset-fashion-mnist, or put the "
                "four files of github.com/zalandoresearch/fashion-mnist into "
                "data/fashion-mnist",
      .accept = is_set},
     fashion_classes,
     10},
    {{.name = "cifar10",
      .folders = {"cifar10", "cifar-10", "cifar-10-batches-bin"},
      .advice = "unpack cifar-10-binary.tar.gz of "
                "www.cs.toronto.edu/~kriz/cifar.html into data/, or give the "
                "folder",
      .accept = is_set},
     NULL,
     0},
    {{.name = "cifar100",
      .folders = {"cifar100", "cifar-100", "cifar-100-binary"},
      .advice = "unpack cifar-100-binary.tar.gz of "
                "www.cs.toronto.edu/~kriz/cifar.html into data/, or give the "
                "folder",
      .accept = is_set},
     NULL,
     0},
};
enum { KNOWN_SETS = sizeof known_sets / sizeof known_sets[0] };

const char *data_known_name(size_t index)
{
    return index < KNOWN_SETS ? known_sets[index].place.name : NULL;
}

const char *data_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum data_status locate_folder(const char *path, char **folder,
                                      struct data_error *err)
{
    if (!data_path_exists(path)) {
        for (size_t i = 0; data_texts_known_name(i); i++)
            if (strcmp(path, data_texts_known_name(i)) == 0)
                return data_fail(err, DATA_E_NOT_FOUND, path,
                                 "is a set of texts, not of images");
        char names[128] = "";
        size_t used = 0;
        for (size_t i = 0; i < KNOWN_SETS && used < sizeof names; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                     i ? ", " : "", known_sets[i].place.name);
        return data_fail(err, DATA_E_NOT_FOUND, path,
                         "is neither a folder nor a known data set (%s)",
                         names);
    }
    if (!data_path_is_folder(path))
        return data_fail(err, DATA_E_READ, path,
                         "is a file; give the folder of the data set");
    *folder = strdup(path);
    if (!*folder) return data_fail(err, DATA_E_MEMORY, path, "no memory");
    return DATA_OK;
}

enum data_status data_set_allocate(struct data_set *set, size_t count,
                                   size_t limit, struct data_image_shape shape,
                                   const char *path, struct data_error *err)
{
    if (shape.height > DATA_MAX_SIDE || shape.width > DATA_MAX_SIDE)
        return data_fail(err, DATA_E_FORMAT, path,
                         "has images of %zu x %zu pixels; at most %d a side "
                         "are read",
                         shape.width, shape.height, DATA_MAX_SIDE);
    if (limit > 0 && count > limit) count = limit;
    if (count > DATA_MAX_COUNT)
        return data_fail(err, DATA_E_FORMAT, path,
                         "has %zu samples; at most %u are read", count,
                         DATA_MAX_COUNT);

    const size_t image = shape.channels * shape.height * shape.width;
    set->count = count;
    set->channels = shape.channels;
    set->height = shape.height;
    set->width = shape.width;
    if (count <= SIZE_MAX / 8 / image) set->pixels = malloc(count * image);
    set->labels = malloc(count * sizeof *set->labels);
    if (!set->pixels || !set->labels)
        return data_fail(err, DATA_E_MEMORY, path,
                         "no memory for %zu images of %zu bytes", count, image);
    return DATA_OK;
}

static size_t image_bytes(const struct data_set *set)
{
    return set->channels * set->height * set->width;
}

static uint64_t fingerprint(const struct data_set *set)
{
    const uint64_t shape[] = {set->count, set->channels, set->height,
                              set->width, set->classes};
    uint64_t hash = data_hash(shape, sizeof shape, 0);
    hash = data_hash(set->labels, set->count * sizeof *set->labels, hash);
    return data_hash(set->pixels, set->count * image_bytes(set), hash);
}

static enum data_status copy_class_names(const struct known *known,
                                         struct data_set *set,
                                         struct data_error *err)
{
    if (!known->class_names || set->class_names) return DATA_OK;
    if (set->classes != known->classes)
        return data_fail(err, DATA_E_FORMAT, set->source,
                         "has %zu classes, but %s has %zu", set->classes,
                         known->place.name, known->classes);
    set->class_names = calloc(set->classes, sizeof *set->class_names);
    for (size_t c = 0; set->class_names && c < set->classes; c++) {
        set->class_names[c] = strdup(known->class_names[c]);
        if (!set->class_names[c])
            return data_fail(err, DATA_E_MEMORY, set->source, "no memory");
    }
    if (!set->class_names)
        return data_fail(err, DATA_E_MEMORY, set->source, "no memory");
    return DATA_OK;
}

/* Load the split from set->source. */
static enum data_status load(const struct known *known, enum data_split split,
                             const struct data_open_options *options,
                             struct data_set *set, struct data_error *err)
{
    const struct layout *layout = recognise(set->source);
    if (!layout)
        return data_fail(err, DATA_E_FORMAT, set->source,
                         "holds no data set: neither IDX files "
                         "(train-images-idx3-ubyte.gz), CIFAR files "
                         "(data_batch_1.bin, train.bin) nor image folders "
                         "(train/<class>/*.jpg)");
    set->layout = layout->name;
    enum data_status status =
        layout->load(set->source, split, options, set, err);
    if (status == DATA_OK && known) status = copy_class_names(known, set, err);
    if (status == DATA_OK) set->fingerprint = fingerprint(set);
    return status;
}

enum data_status data_open(const char *name, enum data_split split,
                           const struct data_open_options *options,
                           struct data_set *set, struct data_error *err)
{
    const struct data_open_options defaults = {0};
    const struct known *known = NULL;
    *set = (struct data_set){0};
    if (!options) options = &defaults;
    for (size_t i = 0; i < KNOWN_SETS; i++)
        if (strcmp(name, known_sets[i].place.name) == 0) known = &known_sets[i];

    enum data_status status =
        known
            ? data_place_find(&known->place, options->folder, &set->source, err)
            : locate_folder(name, &set->source, err);
    if (status == DATA_OK) status = load(known, split, options, set, err);
    if (status != DATA_OK) data_set_free(set);
    return status;
}

void data_set_free(struct data_set *set)
{
    for (size_t c = 0; set->class_names && c < set->classes; c++)
        free(set->class_names[c]);
    free(set->class_names);
    free(set->pixels);
    free(set->labels);
    free(set->source);
    *set = (struct data_set){0};
}

enum data_status data_set_match(const struct data_set *train,
                                const struct data_set *test,
                                struct data_error *err)
{
    if (train->channels != test->channels || train->height != test->height ||
        train->width != test->width)
        return data_fail(err, DATA_E_FORMAT, test->source,
                         "test images have %zu channel%s of %zu x %zu pixels, "
                         "training images %zu of %zu x %zu",
                         test->channels, test->channels == 1 ? "" : "s",
                         test->width, test->height, train->channels,
                         train->width, train->height);
    if (train->classes != test->classes)
        return data_fail(err, DATA_E_FORMAT, test->source,
                         "has %zu classes to test, but %zu to train",
                         test->classes, train->classes);
    return DATA_OK;
}

struct data_statistics data_set_statistics(const struct data_set *set)
{
    struct data_statistics out = {.deviation = {1, 1, 1}};
    const size_t plane = set->height * set->width;
    const double n = (double)(set->count * plane);
    for (size_t c = 0; c < set->channels; c++) {
        uint64_t sum = 0, squares = 0;
        for (size_t i = 0; i < set->count; i++) {
            const uint8_t *p = set->pixels + (i * set->channels + c) * plane;
            uint64_t row = 0, row_squares = 0;
            for (size_t k = 0; k < plane; k++) {
                row += p[k];
                row_squares += (uint64_t)(p[k] * p[k]);
            }
            sum += row;
            squares += row_squares;
        }
        const double mean = (double)sum / n;
        const double variance = (double)squares / n - mean * mean;
        out.mean[c] = mean / 255;
        out.deviation[c] = variance > 0 ? sqrt(variance) / 255 : 1;
    }
    return out;
}
