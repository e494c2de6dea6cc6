/* See program.h. */
#define _XOPEN_SOURCE 700
#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_ARGS 4096

static struct outcome result;

/* Becomes the program; never returns. */
static void become(const char *const *args, int out, int err)
{
    static char name[] = "taper";
    static char *argv[MOST_ARGS + 2] = {name};
    for (size_t k = 0; args[k] && k < MOST_ARGS; k++)
        argv[k + 1] = strdup(args[k]);
    if (dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
        execv(TAPER_PROGRAM, argv);
    _exit(126);
}

static size_t read_back(FILE *f, char *into, size_t cap)
{
    rewind(f);
    const size_t n = fread(into, 1, cap - 1, f);
    into[n] = '\0';
    fclose(f);
    return n;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

const struct outcome *run_program(const char *stdout_path,
                                  const char *const *args)
{
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    int target = fileno(out);
    if (stdout_path) target = open(stdout_path, O_WRONLY);
    assert_true(target >= 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) become(args, target, fileno(err));
    result.status = wait_for(pid);
    if (stdout_path) close(target);
    result.out_size = read_back(out, result.out, sizeof result.out);
    read_back(err, result.err, sizeof result.err);
    return &result;
}

const struct outcome *run_on_terminal(const char *const *args)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    const struct winsize size = {.ws_row = 30, .ws_col = 100};
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    FILE *err = tmpfile();
    assert_non_null(err);

    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) become(args, slave, fileno(err));
    close(slave);
    /* Reading fails with EIO once the last writer has closed its end. */
    result.out_size = 0;
    ssize_t n = 0;
    while ((n = read(master, result.out + result.out_size,
                     sizeof result.out - 1 - result.out_size)) > 0)
        result.out_size += (size_t)n;
    result.out[result.out_size] = '\0';
    close(master);
    result.status = wait_for(pid);
    read_back(err, result.err, sizeof result.err);
    return &result;
}

void assert_status(const struct outcome *o, int status)
{
    if (o->status != status)
        fail_msg("status %d, not %d\nstdout: %.300s\nstderr: %.300s", o->status,
                 status, o->out, o->err);
}

void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in:\n%.2000s", part, text);
}
