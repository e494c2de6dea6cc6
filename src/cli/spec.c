/* See spec.h. */
#include "cli/spec.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"

int cli_read_schedule(const char *text, const taper_run *run,
                      taper_schedule **out)
{
    taper_error err;
    const taper_status status =
        taper_parse(text, strlen(text), run, NULL, out, &err);
    if (status == TAPER_OK) return CLI_GO;
    if (status == TAPER_E_NOMEM) return cli_failed("%s", err.message);
    cli_complain_schedule(text, &err);
    return CLI_WRONG;
}

char *cli_describe(const taper_schedule *s)
{
    const size_t len = taper_describe(s, NULL, 0);
    char *text = malloc(len + 1);
    if (text)
        taper_describe(s, text, len + 1);
    else
        cli_complain("out of memory");
    return text;
}
