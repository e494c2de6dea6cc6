/* See print.h. */
#include "cli/print.h"

#include <string.h>
#include <taper.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "plot/glyph.h"

void cli_print_number(FILE *out, double value)
{
    char text[TAPER_NUMBER_SIZE];
    const size_t n = taper_format_number(value, text);
    fwrite(text, 1, n, out);
}

void cli_print_field(FILE *out, const char *text)
{
    if (!text) return;
    if (!text[strcspn(text, ",\"\r\n")]) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"') (void)fputc('"', out);
        (void)fputc(*c, out);
    }
    (void)fputc('"', out);
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

char *cli_json_text(const cJSON *object)
{
    char *const text = object ? cJSON_Print(object) : NULL;
    if (text) plot_glyph_clean(text);
    return text;
}

int cli_print_json(cJSON *object)
{
    char *text = cli_json_text(object);
    cJSON_Delete(object);
    if (!text) return cli_failed("out of memory");
    puts(text);
    cJSON_free(text);
    return CLI_DONE;
}
