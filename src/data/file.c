/* Whole files into memory. Every failure names the file and the reason the
 * system gave. */
#include "data/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

void data_buffer_free(struct data_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct data_buffer){.most = buffer->most};
}

/* Make room for `capacity` bytes; what is in use is kept. */
static bool reserve(struct data_buffer *buffer, size_t capacity)
{
    if (capacity <= buffer->capacity) return true;

    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (!bytes) return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool data_buffer_append(struct data_buffer *buffer, const void *bytes,
                        size_t size)
{
    if (size > buffer->capacity - buffer->size) {
        if (size > SIZE_MAX / 4 - buffer->size) return false;
        const size_t least = buffer->size + size;
        const size_t twice = 2 * buffer->capacity;
        if (!reserve(buffer, twice > least ? twice : least)) return false;
    }
    if (size > 0) memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}

char *data_path_join(const char *folder, const char *name)
{
    const size_t a = strlen(folder), b = strlen(name);
    char *path = malloc(a + b + 2);
    if (!path) return NULL;

    const size_t slash = a > 0 && folder[a - 1] != '/';
    memcpy(path, folder, a);
    path[a] = '/';
    memcpy(path + a + slash, name, b + 1);
    return path;
}

bool data_path_ends_with(const char *path, const char *ending)
{
    const size_t a = strlen(path), b = strlen(ending);
    return a > b && strcasecmp(path + a - b, ending) == 0;
}

bool data_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool data_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static bool look_up(const char *folder, const char *name, struct stat *info)
{
    const int open_folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (open_folder < 0) return false;
    const bool found = fstatat(open_folder, name, info, 0) == 0;
    close(open_folder);
    return found;
}

bool data_folder_holds(const char *folder, const char *name)
{
    struct stat info;
    return look_up(folder, name, &info);
}

bool data_folder_holds_folder(const char *folder, const char *name)
{
    struct stat info;
    return look_up(folder, name, &info) && S_ISDIR(info.st_mode);
}

static enum data_status fail_large(struct data_error *err, const char *path,
                                   size_t most)
{
    return data_fail(err, DATA_E_FORMAT, path,
                     "holds more than the %zu bytes that are read at most",
                     most);
}

/* Read `size` bytes, the length the system gave; a file that shrinks meanwhile
 * is an error rather than a wrong result. */
static enum data_status read_all(int file, const char *path, size_t size,
                                 struct data_buffer *buffer,
                                 struct data_error *err)
{
    buffer->size = 0;
    if (!reserve(buffer, size))
        return data_fail(err, DATA_E_MEMORY, path,
                         "no memory for its %zu bytes", size);
    while (buffer->size < size) {
        const ssize_t n =
            read(file, buffer->bytes + buffer->size, size - buffer->size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return data_fail_system(err, path, "cannot be read", errno);
        if (n == 0)
            return data_fail(err, DATA_E_READ, path,
                             "ends after %zu of %zu bytes", buffer->size, size);
        buffer->size += (size_t)n;
    }
    return DATA_OK;
}

enum data_status data_file_read(const char *path, struct data_buffer *buffer,
                                struct data_error *err)
{
    /* O_NONBLOCK keeps a named pipe without a writer from blocking for ever;
     * for regular files it has no effect. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return data_fail_system(err, path, "cannot be opened", errno);

    enum data_status status;
    struct stat info;
    if (fstat(file, &info) != 0)
        status = data_fail_system(err, path, "cannot be read", errno);
    else if (S_ISDIR(info.st_mode))
        status = data_fail(err, DATA_E_READ, path,
                           "is a folder where a file should be");
    else if (!S_ISREG(info.st_mode))
        status = data_fail(err, DATA_E_READ, path, "is not a regular file");
    else if ((uintmax_t)info.st_size > SIZE_MAX / 2)
        status = data_fail(err, DATA_E_READ, path, "is too large to read");
    else if (buffer->most > 0 && (size_t)info.st_size > buffer->most)
        status = fail_large(err, path, buffer->most);
    else
        status = read_all(file, path, (size_t)info.st_size, buffer, err);
    close(file);
    return status;
}

/* A gzip file may hold several members one after another. */
static bool is_gzip(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Double the room when it is used up. Returns false without memory. */
static bool make_room(struct data_buffer *buffer)
{
    if (buffer->size < buffer->capacity) return true;
    if (buffer->capacity > SIZE_MAX / 4) return false;
    return reserve(buffer, buffer->capacity ? 2 * buffer->capacity : 65536);
}

static enum data_status inflate_all(z_stream *z, const char *name,
                                    struct data_buffer *buffer, size_t left,
                                    bool *truncated, struct data_error *err)
{
    const size_t most = (size_t)1 << 30; /* zlib counts in unsigned int */

    for (;;) {
        if (!make_room(buffer))
            return data_fail(err, DATA_E_MEMORY, name,
                             "no memory after inflating %zu bytes",
                             buffer->size);
        const size_t in = left < most ? left : most;
        const size_t room = buffer->capacity - buffer->size;
        const size_t out = room < most ? room : most;
        z->avail_in = (uInt)in;
        z->avail_out = (uInt)out;
        z->next_out = buffer->bytes + buffer->size;
        const int code = inflate(z, Z_NO_FLUSH);
        left -= in - z->avail_in;
        buffer->size += out - z->avail_out;
        if (buffer->most > 0 && buffer->size > buffer->most)
            return fail_large(err, name, buffer->most);

        if (code == Z_STREAM_END) {
            if (left == 0) return DATA_OK;
            if (!is_gzip(z->next_in, left))
                return data_fail(err, DATA_E_FORMAT, name,
                                 "has %zu bytes after the gzip data", left);
            inflateReset(z);
        } else if (code == Z_MEM_ERROR) {
            return data_fail(err, DATA_E_MEMORY, name, "no memory to inflate");
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return data_fail(err, DATA_E_FORMAT, name,
                             "corrupt gzip data after %zu inflated bytes (%s)",
                             buffer->size, z->msg ? z->msg : "unknown method");
        } else if (left == 0 && z->avail_out > 0) {
            *truncated = true;
            return DATA_OK;
        }
    }
}

enum data_status data_gunzip(const uint8_t *bytes, size_t size,
                             const char *name, struct data_buffer *buffer,
                             bool *truncated, struct data_error *err)
{
    *truncated = false;
    buffer->size = 0;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes};
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: gzip, not zlib */
        return data_fail(err, DATA_E_MEMORY, name, "no memory to inflate");

    const enum data_status status =
        inflate_all(&z, name, buffer, size, truncated, err);
    inflateEnd(&z);
    return status;
}

enum data_status data_file_read_gzip(const char *path,
                                     struct data_buffer *buffer,
                                     bool *truncated, struct data_error *err)
{
    *truncated = false;
    enum data_status status = data_file_read(path, buffer, err);
    if (status != DATA_OK || !is_gzip(buffer->bytes, buffer->size))
        return status;

    struct data_buffer inflated = {.most = buffer->most};
    status = data_gunzip(buffer->bytes, buffer->size, path, &inflated,
                         truncated, err);
    data_buffer_free(buffer);
    *buffer = inflated;
    return status;
}
