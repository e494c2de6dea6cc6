/* See print.h. */
#include "cli/print.h"

#include <taper.h>

#include "cli/command.h"
#include "cli/complain.h"

void cli_print_number(FILE *out, double value)
{
    char text[TAPER_NUMBER_SIZE];
    const size_t n = taper_format_number(value, text);
    fwrite(text, 1, n, out);
}

const char *cli_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

cJSON *cli_json_number(double value)
{
    char text[TAPER_NUMBER_SIZE];
    taper_format_number(value, text);
    return cJSON_CreateRaw(text);
}

int cli_print_json(cJSON *object)
{
    char *text = object ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    if (!text) return cli_failed("out of memory");
    puts(text);
    cJSON_free(text);
    return CLI_DONE;
}
