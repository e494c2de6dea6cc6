/* Grows lists of texts and numbers their labels. */
#include "data/text_list.h"

#include "data/dataset.h"
#include "data/hash.h"
#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

/* The slot of a label, or the free one where it belongs. */
static uint32_t *find_slot(const struct data_labels *labels, const char *name)
{
    const size_t mask = labels->slot_count - 1;
    size_t i = (size_t)data_hash(name, strlen(name), 0) & mask;
    while (labels->slots[i] > 0 &&
           strcmp(labels->names[labels->slots[i] - 1], name) != 0)
        i = (i + 1) & mask;
    return &labels->slots[i];
}

/* Make room for one more label. Returns false without memory. */
static bool reserve_label(struct data_labels *labels)
{
    if (labels->count < labels->capacity) return true;

    const size_t capacity = labels->capacity ? 2 * labels->capacity : 16;
    char **names = realloc(labels->names, capacity * sizeof *names);
    if (!names) return false;
    labels->names = names;
    uint32_t *slots = calloc(4 * capacity, sizeof *slots);
    if (!slots) return false;
    free(labels->slots);
    labels->slots = slots;
    labels->slot_count = 4 * capacity;
    labels->capacity = capacity;
    for (size_t i = 0; i < labels->count; i++)
        *find_slot(labels, labels->names[i]) = (uint32_t)i + 1;
    return true;
}

enum data_status data_labels_number(struct data_labels *labels,
                                    const void *bytes, size_t size,
                                    const char *path, int32_t *number,
                                    struct data_error *err)
{
    char name[DATA_MAX_LABEL + 1] = "";
    memcpy(name, bytes, size);
    if (!reserve_label(labels))
        return data_fail(err, DATA_E_MEMORY, path, "no memory for its labels");

    uint32_t *slot = find_slot(labels, name);
    if (*slot == 0) {
        if (labels->count == DATA_MAX_CLASSES)
            return data_fail(err, DATA_E_FORMAT, path,
                             "has more than %d different labels; does the "
                             "label come first?",
                             DATA_MAX_CLASSES);
        char *copy = strdup(name);
        if (!copy)
            return data_fail(err, DATA_E_MEMORY, path,
                             "no memory for its labels");
        labels->names[labels->count++] = copy;
        *slot = (uint32_t)labels->count;
    }
    *number = (int32_t)(*slot - 1);
    return DATA_OK;
}

void data_labels_free(struct data_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        free(labels->names[i]);
    free(labels->names);
    free(labels->slots);
    *labels = (struct data_labels){0};
}

size_t data_text_begin(const struct data_text_list *list, size_t i)
{
    return i > 0 ? list->ends[i - 1] : 0;
}

enum data_status data_text_put(struct data_text_list *list, const void *bytes,
                               size_t size, const char *path,
                               struct data_error *err)
{
    if (!data_buffer_append(&list->bytes, bytes, size))
        return data_fail(err, DATA_E_MEMORY, path, "no memory for its texts");
    return DATA_OK;
}

static bool reserve_text(struct data_text_list *list)
{
    if (list->count < list->capacity) return true;

    const size_t capacity = list->capacity ? 2 * list->capacity : 1024;
    size_t *ends = realloc(list->ends, capacity * sizeof *ends);
    if (!ends) return false;
    list->ends = ends;
    int32_t *labels = realloc(list->labels, capacity * sizeof *labels);
    if (!labels) return false;
    list->labels = labels;
    list->capacity = capacity;
    return true;
}

enum data_status data_text_end(struct data_text_list *list, int32_t label,
                               const char *path, struct data_error *err)
{
    const size_t size = list->bytes.size - data_text_begin(list, list->count);
    if (size > DATA_MAX_TEXT)
        return data_fail(err, DATA_E_FORMAT, path,
                         "holds a text of %zu bytes; at most %zu are read",
                         size, DATA_MAX_TEXT);
    if (list->bytes.size > DATA_MAX_TEXT_BYTES)
        return data_fail(err, DATA_E_FORMAT, path,
                         "here the texts reach %zu bytes; at most %zu are read",
                         list->bytes.size, DATA_MAX_TEXT_BYTES);
    if (!reserve_text(list))
        return data_fail(err, DATA_E_MEMORY, path, "no memory for its texts");
    list->ends[list->count] = list->bytes.size;
    list->labels[list->count++] = label;
    return DATA_OK;
}

void data_text_list_free(struct data_text_list *list)
{
    data_buffer_free(&list->bytes);
    free(list->ends);
    free(list->labels);
    *list = (struct data_text_list){0};
}

/* Bytes that no text has, before they are taken for a text. */
static enum data_status check_text(struct data_buffer *buffer, const char *path,
                                   struct data_error *err)
{
    uint8_t *const bytes = buffer->bytes;
    if (buffer->size == 0)
        return data_fail(err, DATA_E_FORMAT, path, "is empty");
    if (buffer->size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
                              (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return data_fail(err, DATA_E_FORMAT, path,
                         "is UTF-16; convert it to UTF-8, e.g. with iconv");
    const uint8_t *nul = memchr(bytes, 0, buffer->size);
    if (nul)
        return data_fail(err, DATA_E_FORMAT, path,
                         "is not text: byte %zu is a NUL",
                         (size_t)(nul - bytes));
    if (buffer->size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        buffer->size -= 3;
        memmove(bytes, bytes + 3, buffer->size);
    }
    return DATA_OK;
}

enum data_status data_text_read(const char *path, size_t most,
                                struct data_buffer *buffer,
                                struct data_error *err)
{
    bool truncated;
    buffer->most = most;
    const enum data_status status =
        data_file_read_gzip(path, buffer, &truncated, err);
    if (status != DATA_OK) return status;
    if (truncated)
        return data_fail(err, DATA_E_FORMAT, path,
                         "is cut short: its gzip data end after %zu inflated "
                         "bytes",
                         buffer->size);
    return check_text(buffer, path, err);
}
