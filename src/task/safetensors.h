/* Named arrays of floats, or of bytes, in one file, in the safetensors format:
 * eight bytes of header length, a JSON header, then the raw little-endian data.
 * Python's safetensors package opens what is written here.
 *
 * Files are written whole or not at all (task/whole_file.h). Reading trusts
 * nothing: a header that lies about lengths, shapes or offsets is one clear
 * error. A file written here also carries a checksum of its data, and a file
 * whose data no longer match it is refused. */
#ifndef TAPER_TASK_SAFETENSORS_H
#define TAPER_TASK_SAFETENSORS_H

#include "task/task_status.h"

#include <stddef.h>
#include <stdint.h>

#define TASK_TENSOR_DIMS 8

enum task_dtype { TASK_F32, TASK_U8 };

/* One array to write. Everything is borrowed. */
struct task_tensor {
    const char *name;
    enum task_dtype dtype;
    int dims; /* 0 ... TASK_TENSOR_DIMS; 0: a single number */
    int64_t dim[TASK_TENSOR_DIMS]; /* each >= 0 */
    const void *data;              /* as many as the dims multiply to */
};

/* One line of the header's __metadata__. */
struct task_pair {
    const char *key, *value;
};

enum task_status task_safetensors_write(const char *path,
                                        const struct task_tensor *tensors,
                                        size_t count,
                                        const struct task_pair *metadata,
                                        size_t pairs, struct task_error *err);

struct task_safetensors;

/* Reads and validates the whole file. *out is NULL on failure; the caller
 * releases it with task_safetensors_close(). */
enum task_status task_safetensors_open(const char *path,
                                       struct task_safetensors **out,
                                       struct task_error *err);
void task_safetensors_close(struct task_safetensors *f); /* NULL is legal */

size_t task_safetensors_count(const struct task_safetensors *f);

/* Name of tensor `index` in the order of the header. */
const char *task_safetensors_name(const struct task_safetensors *f,
                                  size_t index);

/* A value of __metadata__, or NULL. */
const char *task_safetensors_metadata(const struct task_safetensors *f,
                                      const char *key);

/* Copies a tensor whose name, shape and type must be as in `like`, whose `data`
 * is ignored. `to` is untouched on failure. */
enum task_status task_safetensors_load(const struct task_safetensors *f,
                                       const struct task_tensor *like, void *to,
                                       struct task_error *err);

#endif
