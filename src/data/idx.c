/* Parses IDX and loads a folder of it: images and labels in a file each. */
#include "data/idx.h"

#include "data/file.h"
#include "data/layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNSIGNED_BYTES = 0x08 };

static size_t load_big_endian(const uint8_t *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static enum data_status parse_header(const uint8_t *bytes, size_t size,
                                     size_t dimensions, const char *name,
                                     struct data_error *err)
{
    if (size == 0) return data_fail(err, DATA_E_FORMAT, name, "is empty");
    if (size < 4)
        return data_fail(err, DATA_E_FORMAT, name,
                         "ends after %zu bytes, within the IDX header", size);
    if (bytes[0] != 0 || bytes[1] != 0)
        return data_fail(err, DATA_E_FORMAT, name,
                         "is not an IDX file: it starts with %02x%02x%02x%02x",
                         bytes[0], bytes[1], bytes[2], bytes[3]);
    if (bytes[2] != UNSIGNED_BYTES)
        return data_fail(err, DATA_E_FORMAT, name,
                         "holds IDX values of type 0x%02x; only unsigned bytes "
                         "(0x08) are read",
                         bytes[2]);
    if (bytes[3] != dimensions)
        return data_fail(err, DATA_E_FORMAT, name,
                         "has %d dimensions, but %s have %zu", bytes[3],
                         dimensions == 1 ? "labels" : "images", dimensions);
    if (size < 4 + 4 * dimensions)
        return data_fail(err, DATA_E_FORMAT, name,
                         "ends after %zu bytes, within the IDX header", size);
    return DATA_OK;
}

enum data_status data_idx_parse(const uint8_t *bytes, size_t size,
                                size_t dimensions, const char *name,
                                struct data_idx *out, struct data_error *err)
{
    const enum data_status status =
        parse_header(bytes, size, dimensions, name, err);
    if (status != DATA_OK) return status;

    const size_t header = 4 + 4 * dimensions;
    size_t total = header;
    *out =
        (struct data_idx){.dimensions = dimensions, .values = bytes + header};
    for (size_t i = 0, product = 1; i < dimensions; i++) {
        const size_t n = load_big_endian(bytes + 4 + 4 * i);
        if (n == 0)
            return data_fail(err, DATA_E_FORMAT, name,
                             "holds nothing: size %zu of %zu is 0", i + 1,
                             dimensions);
        if (product > (SIZE_MAX - header) / n)
            return data_fail(err, DATA_E_FORMAT, name,
                             "claims more bytes than any file has");
        product *= n;
        total = header + product;
        out->size[i] = n;
    }
    if (size < total)
        return data_fail(err, DATA_E_FORMAT, name,
                         "ends after %zu of %zu bytes", size, total);
    if (size > total)
        return data_fail(err, DATA_E_FORMAT, name,
                         "has %zu bytes, but its header accounts for %zu", size,
                         total);
    return DATA_OK;
}

/* The names in use, most common first. Each is also looked for with .gz. */
static const char *const file_names[2][2][3] = {
    [DATA_TRAIN] = {{"train-images-idx3-ubyte", "train-images.idx3-ubyte"},
                    {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"}},
    [DATA_TEST] = {{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte",
                    "test-images-idx3-ubyte"},
                   {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte",
                    "test-labels-idx1-ubyte"}},
};
enum { IMAGES, LABELS };

/* Find the name of a split's images or labels in the folder. */
static bool find_file(const char *folder, enum data_split split, int part,
                      char name[64])
{
    static const char *const suffixes[] = {"", ".gz"};
    for (size_t i = 0; i < 3 && file_names[split][part][i]; i++)
        for (size_t j = 0; j < 2; j++) {
            snprintf(name, 64, "%s%s", file_names[split][part][i], suffixes[j]);
            if (data_folder_holds(folder, name)) return true;
        }
    return false;
}

bool data_idx_detect(const char *folder)
{
    char name[64];
    for (int split = DATA_TRAIN; split <= DATA_TEST; split++)
        for (int part = IMAGES; part <= LABELS; part++)
            if (find_file(folder, (enum data_split)split, part, name))
                return true;
    return false;
}

/* Find, read and parse one file. Its path, for later errors, and its bytes
 * belong to the caller whatever is returned. */
static enum data_status read_part(const char *folder, enum data_split split,
                                  int part, char **path,
                                  struct data_buffer *buffer,
                                  struct data_idx *idx, struct data_error *err)
{
    char name[64];
    if (!find_file(folder, split, part, name))
        return data_fail(err, DATA_E_NOT_FOUND, folder, "holds no %s or %s.gz",
                         file_names[split][part][0],
                         file_names[split][part][0]);
    *path = data_path_join(folder, name);
    if (!*path) return data_fail(err, DATA_E_MEMORY, folder, "no memory");

    bool truncated;
    enum data_status status =
        data_file_read_gzip(*path, buffer, &truncated, err);
    if (status != DATA_OK) return status;
    status = data_idx_parse(buffer->bytes, buffer->size, part == IMAGES ? 3 : 1,
                            *path, idx, err);
    if (status == DATA_OK && truncated)
        status = data_fail(err, DATA_E_FORMAT, *path,
                           "ends before the checksum of its gzip data");
    return status;
}

/* The number of classes: one more than the largest label. Some sets (EMNIST
 * letters) count from 1, so label 0 may be unused; any other label that is
 * missing below the largest means that the file is damaged. */
static enum data_status count_classes(const struct data_idx *labels,
                                      const char *path, size_t *classes,
                                      struct data_error *err)
{
    bool seen[256] = {false};
    int largest = 0;
    for (size_t i = 0; i < labels->size[0]; i++) {
        const int label = labels->values[i];
        seen[label] = true;
        if (label > largest) largest = label;
    }
    for (int label = 1; label < largest; label++)
        if (!seen[label])
            return data_fail(err, DATA_E_FORMAT, path,
                             "has labels up to %d but none with label %d",
                             largest, label);
    if (largest == 0 || (largest == 1 && !seen[0]))
        return data_fail(err, DATA_E_FORMAT, path,
                         "has only one class: every label is %d", largest);
    *classes = (size_t)largest + 1;
    return DATA_OK;
}

static enum data_status copy_labels(const struct data_idx *labels,
                                    const char *path, struct data_set *set,
                                    struct data_error *err)
{
    for (size_t i = 0; i < labels->size[0]; i++) {
        if (labels->values[i] >= set->classes)
            return data_fail(err, DATA_E_FORMAT, path,
                             "sample %zu has label %d, but the training labels "
                             "are 0 to %zu",
                             i, labels->values[i], set->classes - 1);
        if (i < set->count) set->labels[i] = labels->values[i];
    }
    return DATA_OK;
}

/* The classes are those of the training labels, for either split. */
static enum data_status read_classes(const char *folder, size_t *classes,
                                     struct data_error *err)
{
    char *path = NULL;
    struct data_buffer buffer = {0};
    struct data_idx labels;
    enum data_status status =
        read_part(folder, DATA_TRAIN, LABELS, &path, &buffer, &labels, err);
    if (status == DATA_OK) status = count_classes(&labels, path, classes, err);
    data_buffer_free(&buffer);
    free(path);
    return status;
}

enum data_status data_idx_load(const char *folder, enum data_split split,
                               const struct data_open_options *options,
                               struct data_set *set, struct data_error *err)
{
    char *image_path = NULL, *label_path = NULL;
    struct data_buffer image_bytes = {0}, label_bytes = {0};
    struct data_idx images, labels;

    enum data_status status = read_classes(folder, &set->classes, err);
    if (status == DATA_OK)
        status = read_part(folder, split, LABELS, &label_path, &label_bytes,
                           &labels, err);
    if (status == DATA_OK)
        status = read_part(folder, split, IMAGES, &image_path, &image_bytes,
                           &images, err);
    if (status != DATA_OK) goto done;

    if (images.size[0] != labels.size[0]) {
        status = data_fail(err, DATA_E_FORMAT, image_path,
                           "holds %zu images, but %s holds %zu labels",
                           images.size[0], data_path_name(label_path),
                           labels.size[0]);
        goto done;
    }
    const struct data_image_shape shape = {1, images.size[1], images.size[2]};
    status = data_set_allocate(set, images.size[0], options->limit, shape,
                               image_path, err);
    if (status != DATA_OK) goto done;
    memcpy(set->pixels, images.values, set->count * shape.height * shape.width);
    status = copy_labels(&labels, label_path, set, err);
done:
    data_buffer_free(&image_bytes);
    data_buffer_free(&label_bytes);
    free(image_path);
    free(label_path);
    return status;
}
