/* Numbers, fields of CSV and JSON as the program prints them. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

/* The shortest text that reads back to the same double. */
void cli_print_number(FILE *out, double value);

/* A field of CSV (RFC 4180), in quotes where it needs them; nothing for NULL.
 */
void cli_print_field(FILE *out, const char *text);

/* What makes "step" or "update" agree with a count: "" for one, else "s". */
const char *cli_plural(int64_t count);

/* Adds a number to a JSON object, as text that reads back to the same double:
 * cJSON's own numbers are only near. NULL results, for want of memory, are
 * found by cli_print_json. */
cJSON *cli_json_number(double value);

/* The object as JSON, which is UTF-8 even where names of files in it are not:
 * their bytes become question marks. To be given to cJSON_free; NULL when
 * memory runs out, and for NULL. */
char *cli_json_text(const cJSON *object);

/* Prints the object and a newline, deletes it and returns CLI_DONE; or
 * CLI_FAILED, with a complaint, when memory ran out. NULL is legal. */
int cli_print_json(cJSON *object);

#endif
