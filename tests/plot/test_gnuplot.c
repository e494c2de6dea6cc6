/* Running gnuplot, or what stands under its name: files appear whole or not at
 * all, and every failure is one line that says what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plot/aside.h"
#include "plot/gnuplot.h"

static const double xs[] = {0, 1}, ys[] = {1, 2};
static const struct plot_curve curve = {.x = xs, .y = ys, .n = 2};
static const struct plot_panel panel = {.curves = &curve, .count = 1};
static const struct plot_figure figure = {.panels = &panel, .count = 1};

/* A folder of its own for each test; tests run inside it. */
static char folder[] = "/tmp/taper-plot-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(name, mode), 0);
}

static void assert_holds(const char *name, const char *text)
{
    char found[256] = "";
    FILE *f = fopen(name, "r");
    assert_non_null(f);
    found[fread(found, 1, sizeof found - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(found, text);
}

static void an_unknown_extension_lists_the_known_ones(void **state)
{
    (void)state;
    struct plot_error err;
    enum plot_format format;
    static const char *const bad[] = {"x.html", "x", "a.png/x", ".", ""};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        assert_false(plot_file_format(bad[k], &format, &err));
        assert_int_equal(err.status, PLOT_E_FORMAT);
        assert_non_null(strstr(err.message, ".png, .svg, .pdf"));
    }
    assert_true(plot_file_format("dir.x/A.PDF", &format, NULL));
    assert_int_equal(format, PLOT_PDF);
}

static void a_missing_gnuplot_says_what_to_install(void **state)
{
    (void)state;
    struct plot_error err;
    setenv("PATH", folder, 1);
    assert_false(plot_file(&figure, "x.png", &err));
    assert_int_equal(err.status, PLOT_E_GNUPLOT);
    assert_non_null(strstr(err.message, "gnuplot-nox"));
    assert_int_equal(access("x.png", F_OK), -1);
}

static void a_failing_gnuplot_leaves_the_old_file(void **state)
{
    (void)state;
    struct plot_error err;
    write_file("gnuplot",
               "#!/bin/sh\necho half a picture\n"
               "echo '  \"stdin\" line 3: bad thing' >&2\nexit 1\n",
               0755);
    write_file("x.png", "old", 0644);
    setenv("PATH", folder, 1);
    assert_false(plot_file(&figure, "x.png", &err));
    assert_int_equal(err.status, PLOT_E_FAILED);
    assert_non_null(strstr(err.message, "bad thing"));
    assert_holds("x.png", "old");
    unlink("x.png");
    unlink("gnuplot");
}

/* A gnuplot that dies at once must not take the caller along by SIGPIPE. */
static void a_gnuplot_that_reads_nothing_is_no_signal(void **state)
{
    (void)state;
    struct plot_error err;
    write_file("gnuplot", "#!/bin/sh\nexec <&-\nexit 3\n", 0755);
    setenv("PATH", folder, 1);
    /* More commands than any socket holds. */
    enum { N = 20000, CURVES = 20 };
    static double x[N], y[N];
    struct plot_curve curves[CURVES];
    for (int i = 0; i < N; i++) {
        x[i] = i;
        y[i] = i * 7919 % 1009;
    }
    for (int k = 0; k < CURVES; k++)
        curves[k] = (struct plot_curve){.x = x, .y = y, .n = N};
    const struct plot_panel noise = {.curves = curves, .count = CURVES};
    const struct plot_figure f = {.panels = &noise, .count = 1};
    assert_false(plot_file(&f, "x.svg", &err));
    assert_int_equal(err.status, PLOT_E_FAILED);
    unlink("gnuplot");
}

static void
a_good_picture_replaces_the_old_one_and_keeps_its_rights(void **state)
{
    (void)state;
    struct plot_error err;
    struct stat found;
    write_file("gnuplot", "#!/bin/sh\n/bin/cat >/dev/null\necho new\n", 0755);
    write_file("x.png", "old", 0640);
    setenv("PATH", folder, 1);
    assert_true(plot_file(&figure, "x.png", &err));
    assert_holds("x.png", "new\n");
    assert_int_equal(stat("x.png", &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    unlink("x.png");
    unlink("gnuplot");
}

static void what_cannot_be_written_is_named(void **state)
{
    (void)state;
    struct plot_aside a;
    struct plot_error err;
    static const char *const bad[] = {"missing/x", ".", ""};
    for (size_t k = 0; k < 3; k++) {
        assert_false(plot_aside_open(&a, bad[k], &err));
        assert_int_equal(err.status, PLOT_E_WRITE);
        assert_non_null(strstr(err.message, bad[k]));
        plot_aside_abandon(&a);
    }
    if (access("/dev/full", W_OK) != 0) return;
    assert_true(plot_aside_open(&a, "/dev/full", &err));
    assert_true(fputs("x", a.file) >= 0);
    assert_false(plot_aside_commit(&a, &err));
    assert_non_null(strstr(err.message, "/dev/full"));
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    (void)state;
    struct plot_aside a;
    assert_true(plot_aside_open(&a, "x", NULL));
    assert_int_equal(access(a.aside.temporary, F_OK), 0);
    plot_aside_abandon(&a);
    assert_int_equal(access("x", F_OK), -1);
    /* leave() fails if anything is left in the folder. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_extension_lists_the_known_ones),
        cmocka_unit_test(a_missing_gnuplot_says_what_to_install),
        cmocka_unit_test(a_failing_gnuplot_leaves_the_old_file),
        cmocka_unit_test(a_gnuplot_that_reads_nothing_is_no_signal),
        cmocka_unit_test(
            a_good_picture_replaces_the_old_one_and_keeps_its_rights),
        cmocka_unit_test(what_cannot_be_written_is_named),
        cmocka_unit_test(an_abandoned_file_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
