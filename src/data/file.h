/* Reads whole files into memory, gzip'd or not, and names them in errors. */
#ifndef TAPER_DATA_FILE_H
#define TAPER_DATA_FILE_H

#include "data/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow and are reused from file to file. Zeroed is empty. */
struct data_buffer {
    uint8_t *bytes;
    size_t size;     /* in use */
    size_t capacity; /* allocated */
    size_t most;     /* larger files are refused; 0: no bound */
};

/* `most` is kept. */
void data_buffer_free(struct data_buffer *buffer);

/* Add bytes at the end; `most` is not looked at. Returns false without memory.
 */
bool data_buffer_append(struct data_buffer *buffer, const void *bytes,
                        size_t size);

/* "folder/name" in memory of its own, or NULL without memory. */
char *data_path_join(const char *folder, const char *name);

/* Whether a name ends so, in lower or upper case, behind something else. */
bool data_path_ends_with(const char *path, const char *ending);

bool data_path_is_folder(const char *path);
bool data_path_exists(const char *path);

/* Whether `folder` holds something, or a folder, of that name. Needs no memory,
 * so that nothing is overlooked for want of it. */
bool data_folder_holds(const char *folder, const char *name);
bool data_folder_holds_folder(const char *folder, const char *name);

/* Replace the buffer's content by the file's. Refuses what is not a regular
 * file. On failure the buffer stays valid; its content is undefined. */
enum data_status data_file_read(const char *path, struct data_buffer *buffer,
                                struct data_error *err);

/* Replace the buffer's content by the inflated gzip data; `name` is for the
 * error. Memory grows with what was really inflated, never with what a header
 * claims. If the data stops early that is no error yet: *truncated is set and
 * the buffer holds what there was, so that the caller can say what is missing.
 */
enum data_status data_gunzip(const uint8_t *bytes, size_t size,
                             const char *name, struct data_buffer *buffer,
                             bool *truncated, struct data_error *err);

/* data_file_read(), then data_gunzip() if the content starts as gzip does.
 * *truncated is false for a plain file. */
enum data_status data_file_read_gzip(const char *path,
                                     struct data_buffer *buffer,
                                     bool *truncated, struct data_error *err);

#endif
