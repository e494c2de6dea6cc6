/* Parses CIFAR's binary records and loads a folder of them. */
#include "data/cifar.h"

#include "data/file.h"
#include "data/layout.h"

#include <stdlib.h>
#include <string.h>

const struct data_cifar_kind data_cifar10 = {"CIFAR-10", 1, 10};
const struct data_cifar_kind data_cifar100 = {"CIFAR-100", 2, 100};

enum data_status data_cifar_count(const struct data_cifar_kind *kind,
                                  size_t size, const char *name, size_t *count,
                                  struct data_error *err)
{
    const size_t record = kind->label_bytes + DATA_CIFAR_PIXELS;
    if (size == 0) return data_fail(err, DATA_E_FORMAT, name, "is empty");
    if (size % record != 0)
        return data_fail(err, DATA_E_FORMAT, name,
                         "ends after %zu of %zu bytes of sample %zu (%s takes "
                         "%zu bytes a sample)",
                         size % record, record, size / record, kind->name,
                         record);
    *count = size / record;
    return DATA_OK;
}

enum data_status data_cifar_copy(const struct data_cifar_kind *kind,
                                 const uint8_t *bytes, size_t count,
                                 const char *name, uint8_t *pixels,
                                 int32_t *labels, struct data_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t label = bytes[kind->label_bytes - 1];
        if (label >= kind->classes)
            return data_fail(err, DATA_E_FORMAT, name,
                             "sample %zu has label %d, but %s has classes 0 to "
                             "%zu",
                             i, label, kind->name, kind->classes - 1);
        labels[i] = label;
        bytes += kind->label_bytes;
        memcpy(pixels + i * DATA_CIFAR_PIXELS, bytes, DATA_CIFAR_PIXELS);
        bytes += DATA_CIFAR_PIXELS;
    }
    return DATA_OK;
}

/* Where each kind's folder keeps what; lists end with NULL. */
struct cifar_layout {
    const struct data_cifar_kind *kind;
    const char *files[2][6];
    const char *class_names; /* one a line; optional */
};

static const struct cifar_layout layout10 = {
    &data_cifar10,
    {[DATA_TRAIN] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                     "data_batch_4.bin", "data_batch_5.bin"},
     [DATA_TEST] = {"test_batch.bin"}},
    "batches.meta.txt",
};

static const struct cifar_layout layout100 = {
    &data_cifar100,
    {[DATA_TRAIN] = {"train.bin"}, [DATA_TEST] = {"test.bin"}},
    "fine_label_names.txt",
};

static bool detect(const struct cifar_layout *layout, const char *folder)
{
    for (int split = DATA_TRAIN; split <= DATA_TEST; split++)
        for (const char *const *name = layout->files[split]; *name; name++)
            if (data_folder_holds(folder, *name)) return true;
    return false;
}

bool data_cifar10_detect(const char *folder)
{
    return detect(&layout10, folder);
}

bool data_cifar100_detect(const char *folder)
{
    return detect(&layout100, folder);
}

/* Take the lines of `text` as class names; blank lines at the end are common.
 * `text` is changed. */
static enum data_status take_names(char *text, const char *path,
                                   struct data_set *set, struct data_error *err)
{
    size_t count = 0;
    char *rest = NULL;
    set->class_names = calloc(set->classes, sizeof *set->class_names);
    if (!set->class_names)
        return data_fail(err, DATA_E_MEMORY, path, "no memory for its names");
    for (char *line = strtok_r(text, "\r\n", &rest); line;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (count < set->classes) {
            set->class_names[count] = strdup(line);
            if (!set->class_names[count])
                return data_fail(err, DATA_E_MEMORY, path,
                                 "no memory for its names");
        }
        count++;
    }
    if (count != set->classes)
        return data_fail(err, DATA_E_FORMAT, path,
                         "names %zu classes, but there are %zu", count,
                         set->classes);
    return DATA_OK;
}

/* A missing file of names is no error: the classes stay unnamed. */
static enum data_status read_names(const struct cifar_layout *layout,
                                   const char *folder, struct data_set *set,
                                   struct data_error *err)
{
    if (!data_folder_holds(folder, layout->class_names)) return DATA_OK;

    struct data_buffer buffer = {0};
    char *text = NULL, *path = data_path_join(folder, layout->class_names);
    enum data_status status =
        path ? data_file_read(path, &buffer, err)
             : data_fail(err, DATA_E_MEMORY, folder, "no memory");
    if (status != DATA_OK) goto done;
    text = malloc(buffer.size + 1);
    if (!text) {
        status = data_fail(err, DATA_E_MEMORY, path, "no memory to read it");
        goto done;
    }
    if (buffer.size > 0) memcpy(text, buffer.bytes, buffer.size);
    text[buffer.size] = '\0';
    status = take_names(text, path, set, err);
done:
    data_buffer_free(&buffer);
    free(path);
    free(text);
    return status;
}

/* Read one file of records and append it to the set, whose pixels and labels
 * grow; stops at options->limit samples. */
static enum data_status append_file(const struct cifar_layout *layout,
                                    const char *path, size_t limit,
                                    struct data_buffer *buffer,
                                    struct data_set *set,
                                    struct data_error *err)
{
    size_t count;
    enum data_status status = data_file_read(path, buffer, err);
    if (status == DATA_OK)
        status =
            data_cifar_count(layout->kind, buffer->size, path, &count, err);
    if (status != DATA_OK) return status;
    if (limit > 0 && count > limit - set->count) count = limit - set->count;

    const size_t total = set->count + count;
    uint8_t *pixels = realloc(set->pixels, total * DATA_CIFAR_PIXELS);
    if (pixels) set->pixels = pixels;
    int32_t *labels = realloc(set->labels, total * sizeof *labels);
    if (labels) set->labels = labels;
    if (!pixels || !labels)
        return data_fail(err, DATA_E_MEMORY, path, "no memory for its samples");
    status = data_cifar_copy(layout->kind, buffer->bytes, count, path,
                             pixels + set->count * DATA_CIFAR_PIXELS,
                             labels + set->count, err);
    set->count = total;
    return status;
}

static enum data_status load(const struct cifar_layout *layout,
                             const char *folder, enum data_split split,
                             const struct data_open_options *options,
                             struct data_set *set, struct data_error *err)
{
    struct data_buffer buffer = {0};
    enum data_status status = DATA_OK;
    set->classes = layout->kind->classes;
    set->channels = 3;
    set->height = set->width = 32;
    for (const char *const *name = layout->files[split];
         *name && status == DATA_OK; name++) {
        if (options->limit > 0 && set->count >= options->limit) break;
        char *path = data_path_join(folder, *name);
        status =
            path ? append_file(layout, path, options->limit, &buffer, set, err)
                 : data_fail(err, DATA_E_MEMORY, folder, "no memory");
        free(path);
    }
    data_buffer_free(&buffer);
    if (status != DATA_OK) return status;
    return read_names(layout, folder, set, err);
}

enum data_status data_cifar10_load(const char *folder, enum data_split split,
                                   const struct data_open_options *options,
                                   struct data_set *set, struct data_error *err)
{
    return load(&layout10, folder, split, options, set, err);
}

enum data_status data_cifar100_load(const char *folder, enum data_split split,
                                    const struct data_open_options *options,
                                    struct data_set *set,
                                    struct data_error *err)
{
    return load(&layout100, folder, split, options, set, err);
}
