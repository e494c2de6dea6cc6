/* Numbers and JSON on standard output. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

/* The shortest text that reads back to the same double. */
void cli_print_number(FILE *out, double value);

/* What makes "step" or "update" agree with a count: "" for one, else "s". */
const char *cli_plural(int64_t count);

/* Adds a number to a JSON object, as text that reads back to the same double:
 * cJSON's own numbers are only near. NULL results, for want of memory, are
 * found by cli_print_json. */
cJSON *cli_json_number(double value);

/* Prints the object and a newline, deletes it and returns CLI_DONE; or
 * CLI_FAILED, with a complaint, when memory ran out. NULL is legal. */
int cli_print_json(cJSON *object);

#endif
