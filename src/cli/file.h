/* Small files that a person names on the command line. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes that such a file may have. */
#define CLI_FILE_MAX (64L << 20)

/* Whether it is "-", which is standard input where a file is read, and standard
 * output where a table is written. */
bool cli_is_standard(const char *path);

/* What messages call a file that is read: "standard input" for "-". */
const char *cli_file_name(const char *path);

/* Load a file, or standard input for "-". Returns NULL, and *out, which has
 * `size` bytes and a NUL behind them, is the caller's to free; or why it cannot
 * be read, as strerror says it. */
const char *cli_load_file(const char *path, char **out, size_t *size);

/* Read a text file, or standard input for "-". On failure prints the complaint
 * and returns CLI_FAILED, with *out NULL; else CLI_GO, and *out, which ends in
 * NUL and holds no other, is the caller's to free. */
int cli_read_file(const char *path, char **out);

#endif
