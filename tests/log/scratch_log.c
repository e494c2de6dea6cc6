/* See scratch_log.h. */
#include "scratch_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static void remove_file(void)
{
    (void)unlink(path);
}

const char *scratch_log(const void *bytes, size_t size)
{
    if (!path[0]) {
        (void)snprintf(path, sizeof path, "/tmp/taper-log-XXXXXX");
        const int fd = mkstemp(path);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(atexit(remove_file), 0);
    }
    FILE *const f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return path;
}

static enum log_status read_text(const char *text, const char *columns,
                                 struct log_run *run, struct log_error *err)
{
    struct log_names names;
    const enum log_status status = log_names_parse(columns, &names, err);
    if (status != LOG_OK) return status;
    return log_read(scratch_log(text, strlen(text)), &names, LOG_LOSS, run,
                    err);
}

struct log_run log_of(const char *text, const char *columns)
{
    struct log_run run;
    struct log_error err;
    if (read_text(text, columns, &run, &err) != LOG_OK)
        fail_msg("%s", err.message);
    return run;
}

struct log_run norms_of(const char *text)
{
    struct log_run run;
    struct log_error err;
    if (log_read(scratch_log(text, strlen(text)), NULL, LOG_NORM, &run, &err) !=
        LOG_OK)
        fail_msg("%s", err.message);
    return run;
}

void assert_refused(const char *text, const char *columns,
                    enum log_status status, const char *part)
{
    struct log_run run;
    struct log_error err = {LOG_OK, ""};
    assert_int_equal(read_text(text, columns, &run, &err), status);
    assert_int_equal(err.status, status);
    assert_null(strchr(err.message, '\n'));
    if (!strstr(err.message, part))
        fail_msg("no '%s' in: %s", part, err.message);
}
