/* See studies.h. */
#define _XOPEN_SOURCE 700
#include "studies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ARGS 64

static char folder[PATH_SIZE];

int make_folder(void **state)
{
    (void)state;
    const char *const tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/taper-study-XXXXXX",
                   tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(folder)) return -1;
    return setenv("HERE", folder, 1);
}

int remove_folder(void **state)
{
    (void)state;
    char command[PATH_SIZE + 16];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

const char *in_folder(const char *name)
{
    static char paths[4][2 * PATH_SIZE];
    static size_t next;
    char *const path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* Fills args with the arguments of a study, and a NULL. */
static void arguments(const char *command, const char *const *more,
                      const char *args[MOST_ARGS])
{
    const char *const first[] = {"compare",
                                 "--exec",
                                 command,
                                 "--steps",
                                 "10",
                                 "--db",
                                 in_folder("study.db")};
    size_t n = 0;
    for (; n < sizeof first / sizeof first[0]; n++)
        args[n] = first[n];
    while (*more && n + 1 < MOST_ARGS)
        args[n++] = *more++;
    args[n] = NULL;
}

const struct outcome *compare_exec(const char *command, const char *const *more)
{
    const char *args[MOST_ARGS];
    arguments(command, more, args);
    return run_program(NULL, args);
}

pid_t begin_compare(const char *command, const char *const *more)
{
    const char *args[MOST_ARGS];
    char *argv[MOST_ARGS + 1];
    size_t n = 0;
    arguments(command, more, args);
    argv[n++] = strdup("taper");
    for (size_t k = 0; args[k]; k++)
        argv[n++] = strdup(args[k]);
    argv[n] = NULL;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int out = open("/dev/null", O_WRONLY);
        const int err =
            open(in_folder("stderr"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
            execv(TAPER_PROGRAM, argv);
        _exit(126);
    }
    while (n)
        free(argv[--n]);
    return pid;
}

size_t count_lines(const char *name)
{
    FILE *const f = fopen(in_folder(name), "r");
    size_t lines = 0;
    for (int c; f && (c = fgetc(f)) != EOF;)
        lines += c == '\n';
    if (f) fclose(f);
    return lines;
}

cJSON *show_study(void)
{
    const struct outcome *const o =
        TAPER("study", "show", in_folder("study.db"), "--json");
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    assert_non_null(json);
    return json;
}

size_t count_state(const char *state)
{
    cJSON *const study = show_study();
    const cJSON *trial;
    size_t count = 0;
    cJSON_ArrayForEach(trial, cJSON_GetObjectItem(study, "trials"))
    {
        const char *const s =
            cJSON_GetStringValue(cJSON_GetObjectItem(trial, "state"));
        assert_non_null(s);
        count += strcmp(s, state) == 0;
    }
    cJSON_Delete(study);
    return count;
}

void write_file(const char *name, const char *text)
{
    FILE *const f = fopen(in_folder(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}
