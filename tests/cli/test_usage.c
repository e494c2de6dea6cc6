/* Usage: options, help, and messages that say what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static void help_is_no_error_and_shows_an_example(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("--help");
    assert_status(o, 0);
    assert_says(o->out, "explain");
    assert_says(o->out, "taper list");
    static const char *const names[] = {"at", "table", "plot", "explain"};
    for (size_t k = 0; k < 4; k++) {
        o = TAPER(names[k], "--help");
        assert_status(o, 0);
        assert_says(o->out, "usage: taper ");
        assert_says(o->out, "--steps N");
        assert_says(o->out, "example:\n  taper ");
        assert_string_equal(o->err, "");
    }
    char plot[sizeof o->out];
    strcpy(plot, TAPER("plot", "--help")->out);
    assert_string_equal(TAPER("help", "plot")->out, plot);
    assert_string_equal(TAPER("--help", "plot")->out, plot);
    o = TAPER("--version");
    assert_status(o, 0);
    assert_string_equal(o->out, "taper 0.1.0\n");
}

/* Runs the lines below "example:" of a subcommand's help, as a shell would
 * run them with taper in its path. */
static void run_examples(const char *name)
{
    const struct outcome *o = TAPER(name, "--help");
    char *help = strdup(strstr(o->out, "example:\n") + 9);
    size_t count = 0;
    for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n")) {
        char command[512];
        assert_memory_equal(line, "  taper ", 8);
        snprintf(command, sizeof command,
                 "d=$(mktemp -d) && cd \"$d\" && %s %s >/dev/null; s=$?; "
                 "rm -r \"$d\"; exit $s",
                 TAPER_PROGRAM, line + 8);
        count++;
        if (strstr(line, ".png") && system("command -v gnuplot >/dev/null"))
            continue;
        if (system(command) != 0) fail_msg("this fails: %s", line);
    }
    assert_true(count > 0);
    free(help);
}

static void examples_of_the_help_work(void **state)
{
    (void)state;
    run_examples("at");
    run_examples("table");
    run_examples("plot");
    run_examples("explain");
    run_examples("list");
}

static void wrong_usage_exits_2_with_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *args[6];
        const char *says;
    } cases[] = {
        {{NULL}, "--help"},
        {{"plto"}, "did you mean 'plot'?"},
        {{"frobnicate"}, "unknown command 'frobnicate'"},
        {{"at"}, "at needs a schedule"},
        {{"at", "0.1"}, "at least one step"},
        {{"at", "0.1", "x"}, "'x' is no step"},
        {{"at", "0.1", "1", "--jsno"}, "did you mean '--json'?"},
        {{"at", "0.1", "1", "--zzzzzzzz"}, "taper at --help"},
        {{"at", "0.1", "1", "-z"}, "unknown option '-z'"},
        {{"at", "-cosine(1, 0, 9)", "1"}, "is '-1 * cosine(1, 0, 9)'"},
        {{"at", "0.1", "1", "--steps"}, "--steps needs a value"},
        {{"at", "0.1", "1", "--steps", "0"}, "--steps needs a whole number"},
        {{"at", "0.1", "1", "--steps", "1.5"}, "not '1.5'"},
        {{"at", "0.1", "1", "--steps", "1e17"}, "not '1e17'"},
        {{"at", "0.1", "1", "--steps="}, "not ''"},
        {{"at", "0.1", "1", "--epoch", "0"}, "--epoch needs a number above 0"},
        {{"at", "0.1", "1", "--epoch", "nan"}, "not 'nan'"},
        {{"at", "0.1", "1", "--json=yes"}, "--json takes no value"},
        {{"help", "plto"}, "did you mean 'plot'?"},
        {{"table", "0.1"}, "no end, so the table needs one: give --steps N"},
        {{"table", "hold(1, 0)"}, "over at step 0"},
        {{"table", "1", "--steps=5", "--from", "5"}, "last step is 4"},
        {{"table", "hold(1, 5)", "--from", "7"}, "--from 7 leaves no row"},
        {{"table", "0.1", "0.2", "--steps", "5"},
         "one schedule or plan, not 2"},
        {{"table", "0.1", "--format", "xml"}, "csv, json, npy"},
        {{"plot"}, "plot needs a schedule"},
        {{"plot", "0.1", "-o", "x.html"}, ".png, .svg, .pdf"},
        {{"plot", "=0.1"}, "no name before"},
        {{"explain"}, "explain needs one schedule"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const struct outcome *o = run_program(NULL, cases[k].args);
        assert_status(o, 2);
        assert_says(o->err, cases[k].says);
        assert_string_equal(o->out, "");
        assert_int_equal(strcspn(o->err, "\n"), strlen(o->err) - 1);
    }
}

static void options_may_stand_anywhere_and_in_both_forms(void **state)
{
    (void)state;
    static const char *const forms[][6] = {
        {"at", "--steps", "100", "linear(0, 1)", "50"},
        {"at", "linear(0, 1)", "--steps=100", "50"},
        {"at", "linear(0, 1)", "50", "--steps", "0.1k"},
        {"at", "--steps=100", "--", "linear(0, 1)", "50"}};
    for (size_t k = 0; k < 4; k++) {
        const struct outcome *o = run_program(NULL, forms[k]);
        assert_status(o, 0);
        assert_string_equal(o->out, "0.5\n");
    }
}

static void negative_numbers_are_no_options(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("at", "linear(1, 0, 10)", "-5", "-.5");
    assert_status(o, 0);
    assert_string_equal(o->out, "1\n1\n");
    o = TAPER("at", "linear(1, 0, 10)", "--", "-5", "-1k");
    assert_status(o, 0);
    assert_string_equal(o->out, "1\n1\n");
    /* What follows -- is no option even if it looks like one. */
    o = TAPER("at", "0.1", "--", "--json");
    assert_status(o, 2);
    assert_says(o->err, "'--json' is no step");
}

static void a_mistake_in_a_schedule_is_marked(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("at", "cosin(0.1, 0, 10)", "1");
    assert_status(o, 2);
    assert_says(o->err, "did you mean 'cosine'");
    assert_says(o->err, "\n  cosin(0.1, 0, 10)\n  ^~~~~\n");

    o = TAPER("at", "linear(0, 1, 5ep)", "1");
    assert_says(o->err, "give --epoch N");
    assert_says(o->err, "\n  linear(0, 1, 5ep)\n               ^");

    /* At the end of the text the mark stands behind it. */
    o = TAPER("at", "0.1 *", "1");
    assert_says(o->err, "\n  0.1 *\n       ^\n");
}

static void control_bytes_in_a_schedule_are_shown_escaped(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("at", "0.1 \x1b[31m", "1");
    assert_status(o, 2);
    assert_null(strchr(o->err, '\x1b'));
    assert_says(o->err, "\n  0.1 \\x1b[31m\n      ^");
    /* Wide characters before the mark move it by what they take. */
    o = TAPER("at", "(\u5b66)", "1");
    assert_says(o->err, "\n  (\u5b66)\n   ^");
    /* So do arguments of other kinds. */
    o = TAPER("at", "0.1", "1", "--a\x1b[2J");
    assert_null(strchr(o->err, '\x1b'));
    o = TAPER("\x1b[2J");
    assert_null(strchr(o->err, '\x1b'));
}

/* Wherever the mistake is in a long text, the mark stands below it. */
static void a_long_schedule_is_shown_around_the_mistake(void **state)
{
    (void)state;
    for (size_t at = 0; at < 60; at++) {
        char text[4096] = "";
        for (size_t k = 0; k < 60; k++)
            strcat(text, k == at ? "hodl(1, 10) then " : "hold(1, 10) then ");
        strcat(text, "1");
        const struct outcome *o = TAPER("at", text, "1");
        assert_status(o, 2);
        const char *line = strchr(o->err, '\n') + 1;
        const char *marks = strchr(line, '\n') + 1;
        assert_in_range(strcspn(line, "\n"), 20, 84);
        const size_t column = strcspn(marks, "^");
        assert_memory_equal(line + column, "hodl", 4);
        assert_memory_equal(marks + column, "^~~~\n", 5);
    }
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
    (void)state;
    static const char *const args[][5] = {{"at", "0.1", "1"},
                                          {"table", "0.1", "--steps", "100000"},
                                          {"plot", "cosine(1, 0, 9)"},
                                          {"explain", "0.1", "--json"},
                                          {"--help"}};
    for (size_t k = 0; k < 5; k++) {
        const struct outcome *o = run_program("/dev/full", args[k]);
        assert_status(o, 1);
        assert_says(o->err, "taper: cannot write the output: No space left");
    }
}

/* A reader that goes away ends the program without a word. */
static void a_closed_pipe_is_quiet(void **state)
{
    (void)state;
    FILE *pipe =
        popen(TAPER_PROGRAM " table 0.1 --steps 10M 2>&1 | head -1", "r");
    assert_non_null(pipe);
    char text[256] = "";
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    assert_string_equal(text, "step,value\n");
    /* Neither does it speak where SIGPIPE is ignored; the status says it. */
    pipe = popen("trap '' PIPE; { { " TAPER_PROGRAM
                 " table 0.1 --steps 1M; echo status $? >&2; }"
                 " | head -1 >/dev/null; } 2>&1",
                 "r");
    assert_non_null(pipe);
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    assert_string_equal(text, "status 1\n");
}

/* The limit of ulimit -f is an error like a full disk, not the end by a signal
 * without a word; a shell says 128 + the signal for that. */
static void a_file_that_reaches_the_limit_is_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *command, *says;
    } cases[] = {{"table 0.1 --steps 1M -o large.csv",
                  "taper: cannot write 'large.csv': File too large\n"},
                 {"table 0.1 --steps 1M >large.csv; status=$?; rm large.csv;"
                  "(exit $status)",
                  "taper: cannot write the output: File too large\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[512], text[512] = "";
        (void)snprintf(line, sizeof line,
                       "{ ulimit -f 8; " TAPER_PROGRAM
                       " %s; echo status $?; ls large.csv 2>/dev/null; } 2>&1",
                       cases[i].command);
        FILE *const pipe = popen(line, "r");
        assert_non_null(pipe);
        text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
        pclose(pipe);
        char want[256];
        (void)snprintf(want, sizeof want, "%sstatus 1\n", cases[i].says);
        assert_string_equal(text, want);
    }
}

static void a_closed_standard_output_is_a_failure(void **state)
{
    (void)state;
    const int status = system(TAPER_PROGRAM " at 0.1 1 >&- 2>/dev/null");
    assert_int_equal(status, 1 << 8);
}

/* What comes from a pipe is named as such, and not by the - that asks for it.
 */
static void standard_input_is_called_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *input, *args, *says;
    } cases[] = {
        {"lr = cosin(1, 0)", "at --plan - 3", "standard input, line 1: "},
        {"", "at --plan - 3", "standard input, line 1: "},
        {"step,lr,loss\\n1,0.1,2\\n", "fit -", "standard input: 1 point is "},
        {"step,loss\\n1,2\\n", "fit -", "standard input has no column of "},
        {"[1]", "predict --model - 1e-3", "standard input is no model"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[512], text[512] = "";
        (void)snprintf(line, sizeof line, "printf '%s' | %s %s 2>&1",
                       cases[i].input, TAPER_PROGRAM, cases[i].args);
        FILE *const pipe = popen(line, "r");
        assert_non_null(pipe);
        text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
        pclose(pipe);
        assert_says(text, cases[i].says);
    }
}

static void train_is_there_or_says_what_it_needs(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("train", "--help");
    if (o->status == 0) return;
    assert_status(o, 1);
    assert_says(o->err, "libdnnl-dev");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_is_no_error_and_shows_an_example),
        cmocka_unit_test(examples_of_the_help_work),
        cmocka_unit_test(wrong_usage_exits_2_with_one_line),
        cmocka_unit_test(options_may_stand_anywhere_and_in_both_forms),
        cmocka_unit_test(negative_numbers_are_no_options),
        cmocka_unit_test(a_mistake_in_a_schedule_is_marked),
        cmocka_unit_test(control_bytes_in_a_schedule_are_shown_escaped),
        cmocka_unit_test(a_long_schedule_is_shown_around_the_mistake),
        cmocka_unit_test(output_that_cannot_be_written_is_a_failure),
        cmocka_unit_test(a_closed_pipe_is_quiet),
        cmocka_unit_test(a_file_that_reaches_the_limit_is_one_line),
        cmocka_unit_test(a_closed_standard_output_is_a_failure),
        cmocka_unit_test(standard_input_is_called_by_its_name),
        cmocka_unit_test(train_is_there_or_says_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
