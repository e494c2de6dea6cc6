/* What the tests of fit, predict, optimize, bound and refine share: a folder of
 * their own, and looks at what the program said. */
#ifndef TEST_CLI_LAWS_H
#define TEST_CLI_LAWS_H

#include <cjson/cJSON.h>

#include "program.h"

/* cmocka's setup and teardown of a group: a fresh folder, and none. */
int make_folder(void **state);
int remove_folder(void **state);

/* "folder/name" in one of 16 buffers, which are used in turn. */
const char *in_folder(const char *name);

/* Writes a file of the folder; its path. */
const char *write_file(const char *name, const char *text);

/* What the program printed, which must have succeeded; the caller deletes it.
 */
cJSON *json_of(const struct outcome *o);

/* A member, which must be there. */
double number(const cJSON *json, const char *name);
const cJSON *member(const cJSON *json, const char *name);

void assert_near(double got, double want, double tolerance);

/* That the program ended with `status`, nothing printed and one line on
 * standard error, which holds `part`. */
void assert_refused(const struct outcome *o, int status, const char *part);

#endif
