/* See compare_result.h. */
#include "cli/compare_result.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/print.h"
#include "report/report.h"

enum { PLAIN_COLUMNS = 100 }; /* where no terminal says how many it has */

static size_t columns(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0)
        return size.ws_col;
    return PLAIN_COLUMNS;
}

int compare_print_result(struct study_store *store, bool json)
{
    struct report report;
    struct study_error err = {STUDY_OK, ""};
    if (report_load(store, false, 0.0, &report, &err) != STUDY_OK)
        return cli_failed("%s", err.message);
    int status = CLI_DONE;
    if (json)
        status = cli_print_json(report_json(&report));
    else if (!report_text(&report, columns(), stdout))
        status = cli_failed("out of memory");
    report_close(&report);
    return status;
}
