/* Texts and labels as they are read, before splits and the numbers of the
 * classes are settled: what the readers of texts fill in. */
#ifndef TAPER_DATA_TEXT_LIST_H
#define TAPER_DATA_TEXT_LIST_H

#include "data/error.h"
#include "data/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The different labels, numbered in the order in which they appear. Zeroed is
 * empty. */
struct data_labels {
    char **names; /* [count] */
    size_t count, capacity;
    uint32_t *slots;   /* [slot_count] 1 + a label's number by its hash, or 0 */
    size_t slot_count; /* a power of two, at least 2 * count */
};

/* Find or add a label of 1 to DATA_MAX_LABEL bytes. Refuses one more than
 * DATA_MAX_CLASSES, most likely texts that were taken for labels, before they
 * fill the memory. */
enum data_status data_labels_number(struct data_labels *labels,
                                    const void *bytes, size_t size,
                                    const char *path, int32_t *number,
                                    struct data_error *err);

void data_labels_free(struct data_labels *labels);

/* Texts one after another, each with the number of its label. Zeroed is
 * empty. */
struct data_text_list {
    struct data_buffer bytes; /* those of the text being added come last */
    size_t *ends;             /* [count] into bytes, where each text ends */
    int32_t *labels;          /* [count] */
    size_t count, capacity;
};

/* Where text `i` begins. */
size_t data_text_begin(const struct data_text_list *list, size_t i);

/* Add bytes to the text that the next data_text_end() ends. `path` is for the
 * error of all of these. */
enum data_status data_text_put(struct data_text_list *list, const void *bytes,
                               size_t size, const char *path,
                               struct data_error *err);

/* Refuses a text longer than DATA_MAX_TEXT and more than DATA_MAX_TEXT_BYTES in
 * all. */
enum data_status data_text_end(struct data_text_list *list, int32_t label,
                               const char *path, struct data_error *err);

void data_text_list_free(struct data_text_list *list);

/* Read a file, gzip'd or not, that must be whole, hold something, and be text:
 * no NUL bytes, no UTF-16. A byte order mark of UTF-8 is removed. Files of more
 * than `most` bytes are refused. */
enum data_status data_text_read(const char *path, size_t most,
                                struct data_buffer *buffer,
                                struct data_error *err);

#endif
