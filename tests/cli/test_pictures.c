/* taper plot: what is drawn, over which steps, and for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (const char *c = text; *c; c++)
        n += *c == '\n';
    return n;
}

static int use_utf8(void **state)
{
    (void)state;
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm-256color", 1);
    return setenv("LC_ALL", "C.UTF-8", 1);
}

static void a_pipe_gets_plain_text_of_eighty_columns(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("plot", "cosine(0.1, 0, 1000)");
    assert_status(o, 0);
    assert_null(strchr(o->out, '\x1b'));
    assert_says(o->out, "cosine(0.1, 0, 1000)\n");
    assert_says(o->out, "Learning Rate\n");
    assert_says(o->out, "Steps\n");
    assert_says(o->out, "1000\n");
    assert_in_range(count_lines(o->out), 18, 24);
}

static void a_terminal_gets_colour_and_its_own_width(void **state)
{
    (void)state;
    static const char *const args[] = {"plot", "cosine(0.1, 0, 1000)", NULL};
    const struct outcome *o = run_on_terminal(args);
    assert_status(o, 0);
    assert_says(o->out, "\x1b[38;5;");
    /* A corner and 94 dashes or ticks, of three bytes each. */
    const char *corner = strstr(o->out, "\u2514");
    assert_non_null(corner);
    assert_int_equal(strcspn(corner, "\x1b") / 3, 1 + 100 - 6);
    setenv("NO_COLOR", "1", 1);
    o = run_on_terminal(args);
    assert_null(strchr(o->out, '\x1b'));
}

static void without_utf8_the_picture_is_ascii(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    const struct outcome *o = TAPER("plot", "a=cosine(0.1, 0, 9)", "b=0.05");
    assert_status(o, 0);
    for (const char *c = o->out; *c; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
}

static void names_go_into_the_legend(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("plot", "slow one=poly(0.1, 0, 200, power=2)",
              "linear(to=0, from=1, over=9)");
    assert_status(o, 0);
    assert_says(o->out, "A  slow one\n");
    assert_says(o->out, "B  linear(to=0, from=1, over=9)\n");
}

static void the_longest_schedule_says_how_many_steps(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("plot", "linear(1, 0, 50)", "linear(1, 0, 300)", "0.5");
    assert_status(o, 0);
    assert_says(o->out, " 300\n");
    assert_string_equal(o->err, "");
}

static void endless_schedules_are_drawn_over_a_stated_number(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("plot", "exp(0.1, rate=0.99)");
    assert_status(o, 0);
    assert_says(o->out, " 1000\n");
    assert_says(o->err, "note: taking 1000 steps");
    o = TAPER("plot", "exp(0.1, rate=0.99)", "--steps", "40");
    assert_says(o->out, " 40\n");
    assert_string_equal(o->err, "");
}

static void a_logarithmic_axis_needs_something_above_zero(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("plot", "0", "--log");
    assert_status(o, 1);
    assert_says(o->err, "leave out --log");
    o = TAPER("plot", "linear(1, 1e-4, 500)", "--log");
    assert_status(o, 0);
    assert_says(o->out, "1e-4");
}

static void lengths_at_both_ends_of_the_range_can_be_drawn(void **state)
{
    (void)state;
    static const char *const steps[] = {"1", "2", "30", "31",
                                        "9007199254740992"};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++)
        assert_status(TAPER("plot", "cosine(0.1, 0)", "--steps", steps[k]), 0);
    assert_status(TAPER("plot", "hold(0.1, 0)"), 0);
}

/* The one high step of a million must be seen. */
static void no_peak_is_lost(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("plot", "hold(1, 654321) then hold(50, 1) then hold(1, 345678)");
    assert_status(o, 0);
    assert_says(o->out, " 40\u2524");
}

static void a_missing_gnuplot_is_one_clear_line(void **state)
{
    (void)state;
    const char *found = getenv("PATH");
    char *path = strdup(found ? found : "");
    setenv("PATH", "/nonexistent", 1);
    const struct outcome *o = TAPER("plot", "0.1", "-o", "/tmp/x-taper.png");
    setenv("PATH", path, 1);
    free(path);
    assert_status(o, 1);
    assert_says(o->err, "install gnuplot-nox");
    assert_int_equal(access("/tmp/x-taper.png", F_OK), -1);
}

/* A gnuplot in this folder that does what the shell makes of the lines. */
static void put_gnuplot(const char *lines)
{
    FILE *f = fopen("gnuplot", "w");
    assert_non_null(f);
    assert_true(fprintf(f, "#!/bin/sh\n%s", lines) > 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod("gnuplot", 0755), 0);
}

/* A file must not be opened in the place of a stream that was closed. */
static void closed_streams_do_not_mix_with_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/taper-closed-XXXXXX", command[512];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    put_gnuplot("echo 'line 3: bad thing' >&2\nexit 1\n");
    snprintf(command, sizeof command,
             "PATH=.:$PATH; %s plot 0.1 --steps 9 -o x.svg "
             "<&- 2>&1",
             TAPER_PROGRAM);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char text[256] = "";
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    unlink("gnuplot");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_says(text, "bad thing");
}

/* Some of those who start programs ignore the ends of children, which is
 * inherited: whether gnuplot succeeded could then not be asked. */
static void a_caller_who_ignores_children_gets_a_picture(void **state)
{
    (void)state;
    char folder[] = "/tmp/taper-ignore-XXXXXX", path[4096];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    put_gnuplot("cat > /dev/null\necho picture\n");
    snprintf(path, sizeof path, ".:%s", getenv("PATH"));
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGCHLD, SIG_IGN);
        (void)setenv("PATH", path, 1);
        execl(TAPER_PROGRAM, "taper", "plot", "0.1", "--steps", "9", "-o",
              "x.svg", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    const int drawn = access("x.svg", F_OK);
    unlink("x.svg"), unlink("gnuplot");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(status, 0);
    assert_int_equal(drawn, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_pipe_gets_plain_text_of_eighty_columns,
                               use_utf8),
        cmocka_unit_test_setup(a_terminal_gets_colour_and_its_own_width,
                               use_utf8),
        cmocka_unit_test_setup(without_utf8_the_picture_is_ascii, use_utf8),
        cmocka_unit_test_setup(names_go_into_the_legend, use_utf8),
        cmocka_unit_test_setup(the_longest_schedule_says_how_many_steps,
                               use_utf8),
        cmocka_unit_test_setup(endless_schedules_are_drawn_over_a_stated_number,
                               use_utf8),
        cmocka_unit_test_setup(a_logarithmic_axis_needs_something_above_zero,
                               use_utf8),
        cmocka_unit_test_setup(lengths_at_both_ends_of_the_range_can_be_drawn,
                               use_utf8),
        cmocka_unit_test_setup(no_peak_is_lost, use_utf8),
        cmocka_unit_test_setup(closed_streams_do_not_mix_with_files, use_utf8),
        cmocka_unit_test_setup(a_caller_who_ignores_children_gets_a_picture,
                               use_utf8),
        cmocka_unit_test_setup(a_missing_gnuplot_is_one_clear_line, use_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
