/* Runs the built program and keeps what it said. */
#ifndef TEST_CLI_PROGRAM_H
#define TEST_CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

struct outcome {
    int status;      /* exit status, or 1000 + the signal that ended it */
    char out[65536]; /* standard output, with a NUL */
    size_t out_size;
    char err[16384]; /* standard error, with a NUL */
};

/* Runs taper with the arguments up to a NULL. `stdout_path` replaces its
 * standard output by that file if it is not NULL. The result is overwritten by
 * the next call. */
const struct outcome *run_program(const char *stdout_path,
                                  const char *const *args);

#define TAPER(...) run_program(NULL, (const char *const[]){__VA_ARGS__, NULL})

/* The same with a pseudo-terminal of 100 columns and 30 rows as its standard
 * output, which is what `out` then holds. */
const struct outcome *run_on_terminal(const char *const *args);

/* Fails the test, showing everything, unless the status is as expected. */
void assert_status(const struct outcome *o, int status);

/* Fails the test, showing everything, unless `text` contains `part`. */
void assert_says(const char *text, const char *part);

#endif
