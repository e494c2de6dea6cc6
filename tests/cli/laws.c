/* See laws.h. */
#include "laws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/taper-laws-XXXXXX";

const char *in_folder(const char *name)
{
    static char paths[16][128];
    static unsigned turn;
    char *const path = paths[turn++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

int remove_folder(void **state)
{
    char command[96];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

const char *write_file(const char *name, const char *text)
{
    const char *const path = in_folder(name);
    FILE *const f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    return path;
}

cJSON *json_of(const struct outcome *o)
{
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    if (!json) fail_msg("no JSON: %.400s", o->out);
    return json;
}

double number(const cJSON *json, const char *name)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!cJSON_IsNumber(item)) fail_msg("no number %s", name);
    return item->valuedouble;
}

const cJSON *member(const cJSON *json, const char *name)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!item) fail_msg("no member %s", name);
    return item;
}

void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.10g, not %.10g within %g", got, want, tolerance);
}

void assert_refused(const struct outcome *o, int status, const char *part)
{
    assert_status(o, status);
    assert_says(o->err, part);
    const char *const end = strchr(o->err, '\n');
    if (!end || end[1]) fail_msg("not one line: %s", o->err);
    assert_string_equal(o->out, "");
}
