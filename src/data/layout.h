/* What a folder's layout offers to data_open(), and what layouts share. */
#ifndef TAPER_DATA_LAYOUT_H
#define TAPER_DATA_LAYOUT_H

#include "data/dataset.h"
#include "data/image.h"

#include <stdbool.h>

/* A detector looks for the layout's file names and opens none of them.
 *
 * A loader fills in everything of a zeroed set but source, layout and
 * fingerprint. On failure the caller frees what it left. `options` is never
 * NULL. */
bool data_idx_detect(const char *folder);
bool data_cifar10_detect(const char *folder);
bool data_cifar100_detect(const char *folder);
bool data_folder_detect(const char *folder);

typedef enum data_status data_load(const char *folder, enum data_split split,
                                   const struct data_open_options *options,
                                   struct data_set *set,
                                   struct data_error *err);
data_load data_idx_load, data_cifar10_load, data_cifar100_load,
    data_folder_load;

/* Set the set's shape and count (the smaller of `count` and a `limit` that is
 * not 0) and allocate its pixels and labels. Refuses a shape or a count out of
 * range, naming `path`. */
enum data_status data_set_allocate(struct data_set *set, size_t count,
                                   size_t limit, struct data_image_shape shape,
                                   const char *path, struct data_error *err);

/* The part of a path after its last slash. */
const char *data_path_name(const char *path);

#endif
