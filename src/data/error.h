/* How the data folder reports what went wrong: a status to act on and one line
 * to show. Nothing here prints; the program decides what to do with the line.
 */
#ifndef TAPER_DATA_ERROR_H
#define TAPER_DATA_ERROR_H

enum data_status {
    DATA_OK,
    DATA_E_NOT_FOUND, /* no such data set, folder or file */
    DATA_E_READ,      /* the system refused: permissions, a directory, I/O */
    DATA_E_FORMAT,    /* the file is not what its name promises */
    DATA_E_ARGUMENT,  /* an option is out of its range */
    DATA_E_MEMORY,
    DATA_E_THREAD /* the system gave no thread */
};

/* One line without a newline, e.g.
 *   "train-images-idx3-ubyte.gz: ends after 1234 of 47040016 bytes".
 * Control characters of file names read as '?', long paths keep their end. */
struct data_error {
    enum data_status status;
    char message[1024];
};

#if defined(__GNUC__)
#define DATA_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define DATA_PRINTF(text, first)
#endif

/* Fill `err`, unless it is NULL, with "path: text", or with the text alone if
 * `path` is NULL. Returns `status`, so that a function can end on it. */
enum data_status data_fail(struct data_error *err, enum data_status status,
                           const char *path, const char *format, ...)
    DATA_PRINTF(4, 5);

/* Fill `err`, unless it is NULL, with "path: what: reason", where the reason is
 * the system's for errno's value `code`. Returns DATA_E_NOT_FOUND for ENOENT,
 * else DATA_E_READ. */
enum data_status data_fail_system(struct data_error *err, const char *path,
                                  const char *what, int code);

#endif
