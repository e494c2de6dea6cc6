/* Studies in a folder of their own, run by the built program with trainings
 * that are a line of shell. */
#ifndef TEST_CLI_STUDIES_H
#define TEST_CLI_STUDIES_H

#include <stddef.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "program.h"

enum { PATH_SIZE = 256 };

/* cmocka's setup and teardown of a test: a fresh folder, and none. */
int make_folder(void **state);
int remove_folder(void **state);

/* The path of a file in the folder; valid until the fourth call after. */
const char *in_folder(const char *name);

/* Runs `taper compare --exec COMMAND --steps 10 --db study.db` in the folder,
 * with the further arguments up to a NULL. COMMAND sees the folder as $HERE. */
const struct outcome *compare_exec(const char *command,
                                   const char *const *more);
#define COMPARE(command, ...) \
    compare_exec(command, (const char *const[]){__VA_ARGS__, NULL})

/* Two schedules, as arguments. */
#define TWO_SCHEDULES \
    "--schedule", "falling=cosine(0.1, 0)", "--schedule", "level=0.1"

/* Starts the same and does not wait; its output is thrown away. */
pid_t begin_compare(const char *command, const char *const *more);

/* The lines of a file of the folder; 0 if there is none. */
size_t count_lines(const char *name);

/* How many trials of study.db are in a state. */
size_t count_state(const char *state);

/* `taper study show study.db --json`; the caller deletes it. */
cJSON *show_study(void);

void write_file(const char *name, const char *text);

#endif
